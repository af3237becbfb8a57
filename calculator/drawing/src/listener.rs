//! What makes an action happen, as a listener of the page.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent, MouseEvent};
use yew::AttrValue;
use yew::virtual_dom::{Listener, ListenerKind};

use crate::Act;

/// What makes an action happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trigger {
    Press,
    /// As [`Trigger::Press`], but the browser does not do what it would.
    Unfold,
    /// A text was typed, and the action takes it.
    Type,
    /// Something was chosen, and the action takes it if it takes a text.
    Choose,
    Escape,
    /// A key was pressed that the action knows.
    Key,
    /// An event of this kind happened, and the action takes it.
    Happen(Happening),
    /// Nothing happens, not even what the browser would do.
    Submit,
}

/// Events whose content an action reads itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Something is dragged over the element, and may be dropped there.
    DragOver,
    /// Something was dropped.
    Drop,
    /// A pointer goes down on the element.
    PointerDown,
    /// A pointer moves over it.
    PointerMove,
    /// A pointer goes up.
    PointerUp,
    /// The browser took the pointer for something else, as for scrolling: it will not go up.
    PointerCancel,
    /// Something was chosen: the files of a file field.
    Change,
}

/// A trigger, the action it makes happen, and where that is sent.
pub(crate) struct Reaction<A> {
    pub(crate) trigger: Trigger,
    pub(crate) action: A,
    pub(crate) send: Rc<dyn Fn(A)>,
}

impl<A: Act> Listener for Reaction<A> {
    fn kind(&self) -> ListenerKind {
        match self.trigger {
            Trigger::Press | Trigger::Unfold => ListenerKind::onclick,
            Trigger::Type => ListenerKind::oninput,
            Trigger::Choose | Trigger::Happen(Happening::Change) => ListenerKind::onchange,
            Trigger::Escape | Trigger::Key => ListenerKind::onkeydown,
            Trigger::Submit => ListenerKind::onsubmit,
            Trigger::Happen(Happening::DragOver) => ListenerKind::ondragover,
            Trigger::Happen(Happening::Drop) => ListenerKind::ondrop,
            Trigger::Happen(Happening::PointerDown) => ListenerKind::onpointerdown,
            Trigger::Happen(Happening::PointerMove) => ListenerKind::onpointermove,
            Trigger::Happen(Happening::PointerUp) => ListenerKind::onpointerup,
            Trigger::Happen(Happening::PointerCancel) => ListenerKind::onpointercancel,
        }
    }

    fn handle(&self, event: Event) {
        // A link that is to open elsewhere is the browser's business.
        let is_elsewhere = |event: &MouseEvent| event.ctrl_key() || event.meta_key() || event.shift_key();
        if self.trigger == Trigger::Unfold && event.dyn_ref::<MouseEvent>().is_some_and(is_elsewhere) {
            return;
        }
        let action = self.action.clone();
        let key = || event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key).unwrap_or_default();
        let action = match self.trigger {
            Trigger::Press | Trigger::Unfold => Some(action),
            Trigger::Type | Trigger::Choose => Some(action.with_text(typed(&event))),
            Trigger::Escape => (key() == "Escape").then_some(action),
            Trigger::Key => action.with_key(&key()),
            Trigger::Happen(_) => action.with_event(&event),
            Trigger::Submit => None,
        };
        let is_ours = match self.trigger {
            Trigger::Press | Trigger::Type | Trigger::Choose => false,
            Trigger::Unfold | Trigger::Submit => true,
            Trigger::Escape | Trigger::Key | Trigger::Happen(_) => action.is_some(),
        };
        if is_ours {
            event.prevent_default();
        }
        if let Some(action) = action {
            (self.send)(action);
        }
    }

    fn passive(&self) -> bool {
        false
    }
}

/// What the control that an event came from says.
fn typed(event: &Event) -> AttrValue {
    let target = event.target();
    let target = target.as_ref();
    let text = target.and_then(|target| target.dyn_ref::<HtmlInputElement>()).map(HtmlInputElement::value);
    let chosen = || target.and_then(|target| target.dyn_ref::<HtmlSelectElement>()).map(HtmlSelectElement::value);
    let long = || target.and_then(|target| target.dyn_ref::<HtmlTextAreaElement>()).map(HtmlTextAreaElement::value);
    text.or_else(chosen).or_else(long).unwrap_or_default().into()
}
