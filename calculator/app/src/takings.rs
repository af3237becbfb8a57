//! What can be done with the answer: share it, take it away, print it.

use yew::AttrValue;

use crate::action::{Action, Thing, Way};
use crate::state::LINK;
use crate::url;
use crate::view::{Drawing, View};

impl View<'_> {
    pub(crate) fn takings(&self, to: &mut Drawing) {
        let state = self.state;
        to.element("div", &[("class", "takings")], |to| {
            for (label, action) in [
                ("Configuration files", Action::Configure),
                ("Copy link", Action::Take(Thing::Link, Way::Copy)),
                ("Copy as Markdown", Action::Take(Thing::Report, Way::Copy)),
                ("Save as JSON", Action::Take(Thing::Json, Way::Save)),
                ("Print", Action::Paper),
            ] {
                to.element("button", &[("type", "button"), ("class", "quiet")], |to| {
                    to.key(label);
                    to.on_press(action);
                    to.text(label);
                });
            }
            to.words(
                "span",
                &[("role", "status"), ("class", "copied")],
                match state.copied {
                    None => "",
                    Some(Thing::Link) => "Link copied",
                    Some(Thing::Report) => "Report copied",
                    Some(Thing::Json) => "Saved",
                    Some(Thing::Export) => "File taken",
                },
            );
            to.element(
                "input",
                &[
                    ("class", "link-field"),
                    ("id", LINK),
                    ("type", "text"),
                    ("readonly", ""),
                    ("aria-label", "Link to this scenario"),
                ],
                |to| {
                    to.flag("hidden", !state.is_by_hand);
                    let link = if state.is_by_hand { url::link(state.tab, &state.scenario) } else { String::new() };
                    to.value(&AttrValue::from(link));
                },
            );
        });
    }
}
