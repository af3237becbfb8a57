//! Draws elements one after the other, as they stand in a page.
//!
//! Yew's `html!` expands every element to hundreds of bytes of WebAssembly, a call here takes a dozen: drawn with the
//! macro, the page would be a tenth larger to download.  What is drawn is first noted as steps (`record.rs`), which costs
//! little beside making nodes: a [part](Drawing::part) of a drawing whose steps are the same as before is left as it is.
//! What was drawn is nodes for Yew, and HTML for what is made before anybody opens the page ([`html`]).

#[cfg(not(target_arch = "wasm32"))]
pub mod html;
mod listener;
mod part;
mod record;

use std::mem;
use std::rc::Rc;

pub use listener::Happening;
use listener::Trigger;
use record::{Record, Step};
use web_sys::Event;
use yew::virtual_dom::VNode;
use yew::{AttrValue, Html};

/// What can happen to a page.  What the browser tells of it is filled in when it happens.
pub trait Act: Clone + PartialEq + 'static {
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
    record: Record<A>,
}

impl<A: Act> Drawing<A> {
    /// Nothing drawn yet; what happens to what will be is sent there.
    pub fn new(send: Rc<dyn Fn(A)>) -> Self {
        Self { send, record: Record::default() }
    }

    /// For what nobody can do anything with: HTML that is made beforehand.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn still() -> Self {
        Self::new(Rc::new(|_| ()))
    }

    /// Everything that was drawn.
    pub fn finish(self) -> Html {
        self.record.nodes(&self.send).into()
    }

    /// Draws something that often stays the same while what is around it changes: it is made into nodes only where it
    /// differs from what it was.  The key tells it from its siblings.
    pub fn part(&mut self, key: &str, content: impl FnOnce(&mut Self)) {
        let around = mem::take(&mut self.record);
        content(self);
        let part = mem::replace(&mut self.record, around);
        self.record.part(key, part);
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
        self.record.step(Step::Open(name));
        for (name, value) in attributes {
            self.set(name, value);
        }
    }

    fn close(&mut self) {
        self.record.step(Step::Close);
    }

    /// An attribute of the element.
    pub fn set(&mut self, name: &'static str, value: &str) {
        let value = self.record.words(value);
        self.record.step(Step::Attribute(name, value));
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
        let key = self.record.words(key);
        self.record.step(Step::Key(key));
    }

    /// What a text field says.
    pub fn value(&mut self, value: &str) {
        let value = self.record.words(value);
        self.record.step(Step::Value(value));
    }

    /// Whether a radio button is chosen.
    pub fn checked(&mut self, is_checked: bool) {
        self.record.step(Step::Checked(is_checked));
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        let text = self.record.words(text);
        self.record.step(Step::Text(text));
    }

    fn react(&mut self, trigger: Trigger, action: A) {
        self.record.react(trigger, action);
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

    /// Nodes made elsewhere: HTML that stands in the page already.  A part with such in it is never the same.
    pub fn node(&mut self, node: VNode) {
        self.record.node(node);
    }

    /// A button with a text on it.
    pub fn button(&mut self, class: &str, text: &str, action: A) {
        self.element("button", &[("type", "button"), ("class", class)], |to| {
            to.on_press(action);
            to.text(text);
        });
    }
}
