//! The way from view to view, each with a sign where something is wrong.

use crate::action::Action;
use crate::icon;
use crate::tab::TABS;
use crate::url;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    pub(crate) fn navigation(&self, to: &mut Drawing) {
        to.element("nav", &[("class", "views"), ("aria-label", "Views")], |to| {
            let fragment = url::fragment_of(&self.state.scenario);
            to.element("ul", &[], |to| {
                for tab in &TABS {
                    let severity = tab.severity(self.plan());
                    let way = url::way_to(tab, &fragment);
                    to.element("li", &[], |to| {
                        to.key(tab.word);
                        to.element("a", &[("href", &way), ("data-tab", tab.word)], |to| {
                            if tab == self.state.tab {
                                to.set("aria-current", "page");
                            }
                            to.on_unfold(Action::Go(tab));
                            to.text(tab.name);
                            if severity.is_some() {
                                icon::sign(to, severity);
                                let word = joined(&[" (", icon::word(severity), ")"]);
                                to.words("span", &[("class", "visually-hidden")], &word);
                            }
                        });
                    });
                }
            });
        });
    }
}
