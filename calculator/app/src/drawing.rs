//! Draws elements one after the other, as they stand in the page.
//!
//! Yew's `html!` expands every element to hundreds of bytes of WebAssembly, a call here takes a dozen: drawn with the
//! macro, the page would be a tenth larger to download.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, KeyboardEvent};
use yew::virtual_dom::{Key, Listener, ListenerKind, VList, VNode, VTag, VText};
use yew::{AttrValue, Html};

use crate::state::{Action, Dispatcher};

/// What has been drawn so far.
pub(crate) struct Drawing {
    send: Dispatcher,
    done: VList,
    /// The elements around the next one, the innermost last.
    open: Vec<VTag>,
}

/// What makes an action happen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trigger {
    Press,
    /// As [`Trigger::Press`], but the browser does not do what it would.
    Unfold,
    /// A text was typed, and the action takes it.
    Type,
    /// Something was chosen, and the action takes it if it takes a text.
    Choose,
    Escape,
    /// Nothing happens, not even what the browser would do.
    Submit,
}

struct Reaction {
    trigger: Trigger,
    action: Action,
    send: Dispatcher,
}

impl Listener for Reaction {
    fn kind(&self) -> ListenerKind {
        match self.trigger {
            Trigger::Press | Trigger::Unfold => ListenerKind::onclick,
            Trigger::Type => ListenerKind::oninput,
            Trigger::Choose => ListenerKind::onchange,
            Trigger::Escape => ListenerKind::onkeydown,
            Trigger::Submit => ListenerKind::onsubmit,
        }
    }

    fn handle(&self, event: Event) {
        let is_escape = || event.dyn_ref::<KeyboardEvent>().is_some_and(|event| event.key() == "Escape");
        match self.trigger {
            Trigger::Escape if !is_escape() => return,
            Trigger::Submit => return event.prevent_default(),
            Trigger::Escape | Trigger::Unfold => event.prevent_default(),
            Trigger::Press | Trigger::Type | Trigger::Choose => {}
        }
        self.send.dispatch(match &self.action {
            Action::Type(id, _) => Action::Type(id, typed(&event)),
            action => action.clone(),
        });
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
    text.or_else(chosen).unwrap_or_default().into()
}

impl Drawing {
    pub(crate) fn new(send: &Dispatcher) -> Self {
        Self { send: send.clone(), done: VList::new(), open: Vec::new() }
    }

    /// Everything that was drawn.
    pub(crate) fn finish(self) -> Html {
        self.done.into()
    }

    fn add(&mut self, node: VNode) {
        match self.open.last_mut() {
            Some(element) => element.add_child(node),
            None => self.done.add_child(node),
        }
    }

    /// An element: its name, its attributes, and what draws its content.
    // Inlined, the content is not compiled as a function of its own.
    #[inline(always)]
    pub(crate) fn element(
        &mut self,
        name: &'static str,
        attributes: &[(&'static str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        content(self);
        self.close();
    }

    /// An element with nothing but a text in it.
    pub(crate) fn words(&mut self, name: &'static str, attributes: &[(&'static str, &str)], text: &str) {
        self.element(name, attributes, |to| to.text(text));
    }

    fn open(&mut self, name: &'static str, attributes: &[(&'static str, &str)]) {
        self.open.push(VTag::new(name));
        for (name, value) in attributes {
            self.set(name, value);
        }
    }

    fn close(&mut self) {
        if let Some(element) = self.open.pop() {
            self.add(element.into());
        }
    }

    /// An attribute of the element.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        if let Some(element) = self.open.last_mut() {
            element.add_attribute(name, AttrValue::Rc(Rc::from(value)));
        }
    }

    /// An attribute that is there or not: `hidden`, `disabled`.
    pub(crate) fn flag(&mut self, name: &'static str, is_set: bool) {
        if is_set {
            self.set(name, "");
        }
    }

    /// An attribute that says `true` or `false`, as accessibility attributes do.
    pub(crate) fn state(&mut self, name: &'static str, is_so: bool) {
        self.set(name, if is_so { "true" } else { "false" });
    }

    /// What tells the element from its siblings.
    pub(crate) fn key(&mut self, key: &str) {
        if let Some(element) = self.open.last_mut() {
            element.key = Some(Key::from(key));
        }
    }

    /// What a text field says.
    pub(crate) fn value(&mut self, value: &AttrValue) {
        if let Some(element) = self.open.last_mut() {
            element.set_value(Some(value.clone()));
        }
    }

    /// Whether a radio button is chosen.
    pub(crate) fn checked(&mut self, is_checked: bool) {
        if let Some(element) = self.open.last_mut() {
            element.set_checked(is_checked);
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, text: &str) {
        self.add(VText::new(AttrValue::Rc(Rc::from(text))).into());
    }

    fn react(&mut self, trigger: Trigger, action: Action) {
        let send = self.send.clone();
        if let Some(element) = self.open.last_mut() {
            element.add_listener(Rc::new(Reaction { trigger, action, send }));
        }
    }

    /// What happens when the element is pressed.
    pub(crate) fn on_press(&mut self, action: Action) {
        self.react(Trigger::Press, action);
    }

    /// What happens when the summary of something folded is pressed, in place of unfolding it.
    pub(crate) fn on_unfold(&mut self, action: Action) {
        self.react(Trigger::Unfold, action);
    }

    /// What happens when something is typed.
    pub(crate) fn on_type(&mut self, input: &'static str) {
        self.react(Trigger::Type, Action::Type(input, AttrValue::default()));
    }

    /// What happens when something is chosen.
    pub(crate) fn on_choose(&mut self, action: Action) {
        self.react(Trigger::Choose, action);
    }

    /// What happens when Escape is pressed inside the element.
    pub(crate) fn on_escape(&mut self, action: Action) {
        self.react(Trigger::Escape, action);
    }

    /// Keeps the browser from sending a form anywhere.
    pub(crate) fn never_submit(&mut self) {
        self.react(Trigger::Submit, Action::Tell);
    }

    /// A button with a text on it.
    pub(crate) fn button(&mut self, class: &str, text: &str, action: Action) {
        self.element("button", &[("type", "button"), ("class", class)], |to| {
            to.on_press(action);
            to.text(text);
        });
    }
}
