//! The state as elements; each part of the page adds its own function in its own file.

use yew::{AttrValue, Callback, Html, MouseEvent, html};

use crate::state::{Action, Dispatcher, State};

/// The state and the way to change it.
pub(crate) struct View<'s> {
    pub(crate) state: &'s State,
    pub(crate) send: &'s Dispatcher,
}

impl View<'_> {
    /// A callback that does something when it is pressed.
    pub(crate) fn on_press(&self, action: Action) -> Callback<MouseEvent> {
        let send = self.send.clone();
        Callback::from(move |_| send.dispatch(action.clone()))
    }

    /// A button with a text on it.
    pub(crate) fn button(&self, class: &'static str, text: impl Into<AttrValue>, action: Action) -> Html {
        self.plain_button(class, text.into(), action)
    }

    fn plain_button(&self, class: &'static str, text: AttrValue, action: Action) -> Html {
        html! { <button type="button" {class} onclick={self.on_press(action)}>{ text }</button> }
    }
}

/// "3 pods", "1 pod".
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let mut text = sizing::quantity::grouped(number);
    text.push(' ');
    text.push_str(noun);
    if number != 1 {
        text.push('s');
    }
    text
}

/// A length as a number to count with.
pub(crate) fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Several texts as one.
pub(crate) fn joined(parts: &[&str]) -> AttrValue {
    AttrValue::from(parts.concat())
}

/// "true" and "false", as accessibility attributes want them.
pub(crate) const fn flag(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}
