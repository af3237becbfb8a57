//! What was drawn, as it was drawn: quick to note, quick to compare, and all it takes to make nodes of it.

use std::cell::RefCell;
use std::rc::Rc;

use yew::AttrValue;
use yew::virtual_dom::{AttributeOrProperty, Attributes, Key, Listener, VList, VNode, VTag, VText};

use crate::Act;
use crate::listener::{Reaction, Trigger};
use crate::part;

/// The length of a text.  The texts themselves stand one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words(usize);

/// One step of drawing.  What does not fit in it stands in a list of its kind, in the order of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Open(&'static str),
    Key(Words),
    Attribute(&'static str, Words),
    Value(Words),
    Checked(bool),
    React(Trigger),
    Text(Words),
    Part(Words),
    Node,
    Close,
}

/// All steps.
pub(crate) struct Record<A> {
    steps: Vec<Step>,
    texts: String,
    actions: Vec<A>,
    parts: Vec<Rc<Record<A>>>,
    nodes: Vec<VNode>,
}

impl<A> Default for Record<A> {
    fn default() -> Self {
        Self { steps: Vec::new(), texts: String::new(), actions: Vec::new(), parts: Vec::new(), nodes: Vec::new() }
    }
}

impl<A: PartialEq> PartialEq for Record<A> {
    /// Whether the same was drawn.  What nodes made elsewhere stand for cannot be seen.
    fn eq(&self, other: &Self) -> bool {
        self.nodes.is_empty()
            && other.nodes.is_empty()
            && self.texts == other.texts
            && self.steps == other.steps
            && self.actions == other.actions
            && self.parts == other.parts
    }
}

impl<A> Record<A> {
    pub(crate) fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Notes a text for the next step.
    pub(crate) fn words(&mut self, text: &str) -> Words {
        self.texts.push_str(text);
        Words(text.len())
    }

    pub(crate) fn react(&mut self, trigger: Trigger, action: A) {
        self.actions.push(action);
        self.step(Step::React(trigger));
    }

    pub(crate) fn part(&mut self, key: &str, part: Self) {
        self.parts.push(Rc::new(part));
        let key = self.words(key);
        self.step(Step::Part(key));
    }

    pub(crate) fn node(&mut self, node: VNode) {
        self.nodes.push(node);
        self.step(Step::Node);
    }
}

impl<A: Act> Record<A> {
    /// Everything as nodes, the parts as components that compare.
    pub(crate) fn nodes(&self, send: &Rc<dyn Fn(A)>) -> VList {
        self.made(send, &|key, record| part::node(key, record, send))
    }

    /// Everything as nodes, the parts among them.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn plain_nodes(&self, send: &Rc<dyn Fn(A)>) -> VList {
        self.made(send, &|_, record| record.plain_nodes(send).into())
    }

    fn made(&self, send: &Rc<dyn Fn(A)>, part: &dyn Fn(&str, &Rc<Self>) -> VNode) -> VList {
        let mut texts = self.texts.as_str();
        let mut text = |Words(length): Words| {
            let (text, rest) = texts.split_at_checked(length).unwrap_or_default();
            texts = rest;
            text
        };
        let (mut actions, mut parts, mut nodes) = (self.actions.iter(), self.parts.iter(), self.nodes.iter());
        let mut done = VList::new();
        let mut open: Vec<Element> = Vec::new();
        for step in &self.steps {
            let node = match (*step, open.last_mut()) {
                (Step::Open(name), _) => {
                    open.push(Element::new(name));
                    None
                }
                (Step::Close, _) => open.pop().map(|element| element.finish().into()),
                (Step::Text(length), _) => Some(VText::new(owned(text(length))).into()),
                (Step::Part(length), _) => {
                    let key = text(length);
                    parts.next().map(|record| part(key, record))
                }
                (Step::Node, _) => nodes.next().cloned(),
                (Step::React(trigger), element) => {
                    let action = actions.next().cloned();
                    if let (Some(action), Some(element)) = (action, element) {
                        let send = Rc::clone(send);
                        element.listeners.push(Some(Rc::new(Reaction { trigger, action, send })));
                    }
                    None
                }
                (Step::Attribute(name, length), element) => {
                    let value = text(length);
                    if let Some(element) = element {
                        element.set(name, value);
                    }
                    None
                }
                (Step::Key(length), element) => {
                    let key = text(length);
                    if let Some(element) = element {
                        element.tag.key = Some(Key::from(key));
                    }
                    None
                }
                (Step::Value(length), element) => {
                    let value = text(length);
                    if let Some(element) = element {
                        element.tag.set_value(Some(owned(value)));
                    }
                    None
                }
                (Step::Checked(is_checked), element) => {
                    if let Some(element) = element {
                        element.tag.set_checked(is_checked);
                    }
                    None
                }
            };
            if let Some(node) = node {
                match open.last_mut() {
                    Some(element) => element.tag.add_child(node),
                    None => done.add_child(node),
                }
            }
        }
        done
    }
}

fn owned(text: &str) -> AttrValue {
    AttrValue::Rc(Rc::from(text))
}

/// An element that is not finished yet.
struct Element {
    tag: VTag,
    names: Vec<&'static str>,
    values: Vec<Option<AttributeOrProperty>>,
    listeners: Vec<Option<Rc<dyn Listener>>>,
}

impl Element {
    fn new(name: &'static str) -> Self {
        Self { tag: VTag::new(name), names: Vec::new(), values: Vec::new(), listeners: Vec::new() }
    }

    /// An attribute; the last of the same name counts.
    fn set(&mut self, name: &'static str, value: &str) {
        let value = Some(AttributeOrProperty::Attribute(owned(value)));
        match self.names.iter().zip(&mut self.values).find(|(other, _)| **other == name) {
            Some((_, other)) => *other = value,
            None => {
                self.names.push(name);
                self.values.push(value);
            }
        }
    }

    fn finish(self) -> VTag {
        let Self { mut tag, names, values, listeners } = self;
        if !names.is_empty() {
            tag.attributes = Attributes::Dynamic { keys: once(&names), values: values.into() };
        }
        if !listeners.is_empty() {
            tag.set_listeners(listeners.into());
        }
        tag
    }
}

/// The same list of names for the same names, kept for ever: lists that are the same list need no comparing.  There are
/// no more of them than there are ways to draw an element.
fn once(names: &[&'static str]) -> &'static [&'static str] {
    thread_local! {
        static LISTS: RefCell<Vec<&'static [&'static str]>> = const { RefCell::new(Vec::new()) };
    }
    LISTS.with_borrow_mut(|lists| {
        lists.iter().copied().find(|list| *list == names).unwrap_or_else(|| {
            let list: &'static [&'static str] = Box::leak(names.into());
            lists.push(list);
            list
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Drawing;

    #[derive(Clone, Debug, PartialEq)]
    struct Number(u32);
    impl Act for Number {}

    fn recorded(draw: impl FnOnce(&mut Drawing<Number>)) -> Record<Number> {
        let mut drawing = Drawing::still();
        draw(&mut drawing);
        drawing.record
    }

    fn one(to: &mut Drawing<Number>, name: &'static str, class: &str, number: u32, text: &str) {
        to.part("one", |to| {
            to.element(name, &[("class", class)], |to| {
                to.on_press(Number(number));
                to.text(text);
            });
        });
    }

    #[test]
    fn only_the_same_steps_are_the_same() {
        let before = recorded(|to| one(to, "p", "a", 1, "b"));
        for (name, class, number, text, is_same, reason) in [
            ("p", "a", 1, "b", true, "drawn once more"),
            ("b", "a", 1, "b", false, "another element"),
            ("p", "ab", 1, "", false, "the same letters elsewhere"),
            ("p", "a", 2, "b", false, "another action"),
            ("p", "a", 1, "c", false, "another text"),
        ] {
            let after = recorded(|to| one(to, name, class, number, text));
            assert_eq!(before == after, is_same, "{reason}");
        }
        let made_elsewhere = || recorded(|to| to.node(VNode::default()));
        assert!(made_elsewhere() != made_elsewhere(), "what a node stands for cannot be seen");
    }

    #[test]
    fn names_of_attributes_are_kept_once() {
        let (one, other) = (once(&["a", "b"]), once(&["a", "b"]));
        assert!(std::ptr::eq(one, other));
        assert_eq!((one, once(&["b"])), (&["a", "b"][..], &["b"][..]));
    }
}
