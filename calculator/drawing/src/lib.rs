//! Draws elements one after the other, as they stand in a page.
//!
//! Yew's `html!` expands every element to hundreds of bytes of WebAssembly, a call here takes a dozen: drawn with the
//! macro, the page would be a tenth larger to download.  What was drawn is nodes for Yew, and HTML for what is made
//! before anybody opens the page ([`html`]).

#[cfg(not(target_arch = "wasm32"))]
pub mod html;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement, KeyboardEvent, MouseEvent};
use yew::virtual_dom::{Key, Listener, ListenerKind, VList, VNode, VTag, VText};
use yew::{AttrValue, Html};

/// What can happen to a page.  What the browser tells of it is filled in when it happens.
pub trait Act: Clone + 'static {
    /// The same with what was typed or chosen.
    #[must_use]
    fn with_text(self, _text: AttrValue) -> Self {
        self
    }

    /// The same with the key that was pressed; `None` where the key means nothing.
    #[must_use]
    fn with_key(self, _key: &str) -> Option<Self> {
        None
    }

    /// The same with the event itself, for what is to be read of it otherwise; `None` where it means nothing.
    #[must_use]
    fn with_event(self, _event: &Event) -> Option<Self> {
        None
    }
}

/// What has been drawn so far; `A` is what can happen.
pub struct Drawing<A> {
    send: Rc<dyn Fn(A)>,
    done: VList,
    /// The elements around the next one, the innermost last.
    open: Vec<VTag>,
}

/// What makes an action happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trigger {
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

struct Reaction<A> {
    trigger: Trigger,
    action: A,
    send: Rc<dyn Fn(A)>,
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

impl<A: Act> Drawing<A> {
    /// Nothing drawn yet; what happens to what will be is sent there.
    pub fn new(send: Rc<dyn Fn(A)>) -> Self {
        Self { send, done: VList::new(), open: Vec::new() }
    }

    /// For what nobody can do anything with: HTML that is made beforehand.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn still() -> Self {
        Self::new(Rc::new(|_| ()))
    }

    /// Everything that was drawn.
    pub fn finish(self) -> Html {
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
    pub fn element(
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
    pub fn words(&mut self, name: &'static str, attributes: &[(&'static str, &str)], text: &str) {
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
    pub fn set(&mut self, name: &'static str, value: &str) {
        if let Some(element) = self.open.last_mut() {
            element.add_attribute(name, AttrValue::Rc(Rc::from(value)));
        }
    }

    /// An attribute that is there or not: `hidden`, `disabled`.
    pub fn flag(&mut self, name: &'static str, is_set: bool) {
        if is_set {
            self.set(name, "");
        }
    }

    /// An attribute that says `true` or `false`, as accessibility attributes do.
    pub fn state(&mut self, name: &'static str, is_so: bool) {
        self.set(name, if is_so { "true" } else { "false" });
    }

    /// What tells the element from its siblings.
    pub fn key(&mut self, key: &str) {
        if let Some(element) = self.open.last_mut() {
            element.key = Some(Key::from(key));
        }
    }

    /// What a text field says.
    pub fn value(&mut self, value: &AttrValue) {
        if let Some(element) = self.open.last_mut() {
            element.set_value(Some(value.clone()));
        }
    }

    /// Whether a radio button is chosen.
    pub fn checked(&mut self, is_checked: bool) {
        if let Some(element) = self.open.last_mut() {
            element.set_checked(is_checked);
        }
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.add(VText::new(AttrValue::Rc(Rc::from(text))).into());
    }

    fn react(&mut self, trigger: Trigger, action: A) {
        let send = Rc::clone(&self.send);
        if let Some(element) = self.open.last_mut() {
            element.add_listener(Rc::new(Reaction { trigger, action, send }));
        }
    }

    /// What happens when the element is pressed.
    pub fn on_press(&mut self, action: A) {
        self.react(Trigger::Press, action);
    }

    /// What happens when the summary of something folded is pressed, in place of unfolding it.
    pub fn on_unfold(&mut self, action: A) {
        self.react(Trigger::Unfold, action);
    }

    /// What happens when something is typed.
    pub fn on_type(&mut self, action: A) {
        self.react(Trigger::Type, action);
    }

    /// What happens when something is chosen.
    pub fn on_choose(&mut self, action: A) {
        self.react(Trigger::Choose, action);
    }

    /// What happens when Escape is pressed inside the element.
    pub fn on_escape(&mut self, action: A) {
        self.react(Trigger::Escape, action);
    }

    /// What happens when a key is pressed inside the element that the action knows.
    pub fn on_key(&mut self, action: A) {
        self.react(Trigger::Key, action);
    }

    /// What happens when something else happens that the action makes sense of.
    pub fn on(&mut self, happening: Happening, action: A) {
        self.react(Trigger::Happen(happening), action);
    }

    /// Keeps the browser from sending a form anywhere.
    pub fn never_submit(&mut self, action: A) {
        self.react(Trigger::Submit, action);
    }

    /// Where what happens is sent.
    #[must_use]
    pub fn sender(&self) -> Rc<dyn Fn(A)> {
        Rc::clone(&self.send)
    }

    /// Nodes made elsewhere: HTML that stands in the page already.
    pub fn node(&mut self, node: VNode) {
        self.add(node);
    }

    /// A button with a text on it.
    pub fn button(&mut self, class: &str, text: &str, action: A) {
        self.element("button", &[("type", "button"), ("class", class)], |to| {
            to.on_press(action);
            to.text(text);
        });
    }
}
