//! What stands in the place of the result where the second part of the program cannot be had.

use crate::action::Action;
use crate::url;
use crate::view::{Drawing, View};

impl View<'_> {
    pub(crate) fn missing(&self, to: &mut Drawing) {
        to.element("section", &[("class", "failure"), ("role", "alert")], |to| {
            to.words("h2", &[], "The result could not be loaded");
            to.words("p", &[], "The network may be gone, or there is a new version: then reload the page. What you typed is kept, here and in this link:");
            let link = url::link(self.state.tab, &self.state.scenario);
            to.element("p", &[], |to| to.words("a", &[("href", &link)], &link));
            to.button("primary", "Try again", Action::Retry);
        });
    }
}
