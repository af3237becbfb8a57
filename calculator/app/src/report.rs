//! What only a printed report needs: the inputs and the link, because the form is not printed.

use crate::url;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    pub(crate) fn report_inputs(&self, to: &mut Drawing) {
        let scenario = &self.state.scenario;
        to.element("section", &[("class", "print-only"), ("aria-hidden", "true")], |to| {
            to.key("report-inputs");
            if !self.state.is_printing {
                return;
            }
            to.words("h2", &[], "Inputs that differ from the defaults");
            to.element("dl", &[("class", "operands")], |to| {
                for (input, text) in scenario.changed() {
                    to.element("div", &[], |to| {
                        to.key(input.id);
                        to.words("dt", &[], input.name);
                        to.words("dd", &[], &joined(&[&text, " ", input.unit]));
                    });
                }
            });
            to.words("p", &[("class", "source")], &url::link(self.state.tab, scenario));
        });
    }
}
