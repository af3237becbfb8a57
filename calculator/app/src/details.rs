//! What takes longer to draw than a key may take: what is to be done, findings, pictures, tables, files, the comparison,
//! and the signs beside the views follow when typing pauses.
//!
//! Until then they say what they said before it, all of them, so that they agree with each other.

use std::rc::Rc;

use yew::virtual_dom::{Key, VComp};
use yew::{Html, Properties, component};

use crate::action::Action;
use crate::state::State;
use crate::tab::Tab;
use crate::view::{Drawing, View, joined};

/// Draws some of the details of a view.
type Draw = fn(&View<'_>, &Tab, &mut Drawing);

#[derive(Properties)]
struct Subject {
    state: Rc<State>,
    tab: &'static Tab,
    /// The same at the same place.
    draw: Draw,
    send: Rc<dyn Fn(Action)>,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.state, &other.state) && self.tab == other.tab
    }
}

/// A component, which Yew leaves as it is for as long as the state is the same.
#[component]
fn Details(subject: &Subject) -> Html {
    let mut drawing = Drawing::new(Rc::clone(&subject.send));
    (subject.draw)(&View { state: &subject.state }, subject.tab, &mut drawing);
    drawing.finish()
}

impl View<'_> {
    /// Draws details as they were when typing paused last.  The key tells them from their siblings.
    pub(crate) fn details(&self, to: &mut Drawing, key: &str, tab: &'static Tab, draw: Draw) {
        match &self.state.settled {
            Some(state) if cfg!(target_arch = "wasm32") => {
                // A browser prints what is there when it has told of it.  What is new is drawn by then; what only
                // changes, Yew may draw a moment later.
                let key = if self.state.is_printing { &joined(&[key, "-paper"]) } else { key };
                let subject = Subject { state: Rc::clone(state), tab, draw, send: to.sender() };
                to.node(VComp::new::<Details>(Rc::new(subject), Some(Key::from(key))).into());
            }
            // On the machine that builds the page, nobody types.
            _ => draw(self, tab, to),
        }
    }
}
