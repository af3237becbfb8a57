//! What can be done with the answer: share it, take it away, print it.

use yew::AttrValue;

use crate::action::{Action, Thing, Way};
use crate::embed;
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
                    // The page around an embedded one does not let it.
                    to.flag("hidden", matches!(action, Action::Paper) && embed::is_embedded());
                    to.on_press(action);
                    to.text(label);
                });
            }
            to.words(
                "span",
                &[("role", "status"), ("class", "copied")],
                match (state.taken, state.is_by_hand) {
                    (Some((_, Way::Save)), _) => "Saved",
                    (Some((Thing::Link, _)), _) => "Link copied",
                    (Some((Thing::Report, _)), _) => "Report copied",
                    (Some(_), _) => "File copied",
                    (None, true) => "The browser does not let this page copy: here it is",
                    (None, false) => "",
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
