//! The document around the elements that Yew draws.

use gloo::utils::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use yew::AttrValue;

use crate::tab::Tab;

/// The element with an id.
pub(crate) fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// The id of an input's control.
pub(crate) fn control_id(input: &str) -> String {
    ["input-", input].concat()
}

/// The id of the same control where a question asks for it.
pub(crate) fn answer_id(input: &str) -> String {
    ["answer-", input].concat()
}

/// The id of what has the focus; nothing where it has none.
pub(crate) fn focused() -> AttrValue {
    document().active_element().map(|element| element.id()).unwrap_or_default().into()
}

/// Moves the focus.
pub(crate) fn focus(id: &str) {
    let Some(element) = element(id) else { return };
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        // An element that cannot have the focus leaves it where it is.
        let _ = element.focus();
    }
    if let Some(field) = element.dyn_ref::<HtmlInputElement>().filter(|field| field.read_only()) {
        field.select();
    }
}

/// Shows what is chosen in a `select`; the options alone only say so when they are made.
pub(crate) fn choose(id: &str, text: &str) {
    let select = element(id).and_then(|element| element.dyn_into::<HtmlSelectElement>().ok());
    if let Some(select) = select.filter(|select| select.value() != text) {
        select.set_value(text);
    }
}

/// Opens the browser's way to print; where there is none, nothing happens.
pub(crate) fn print() {
    let _ = gloo::utils::window().print();
}

/// Tells the document which view is shown, for what stands beside the calculator.
pub(crate) fn show(tab: &Tab) {
    if let Some(root) = document().document_element() {
        // Only a name that is none is refused.
        let _ = root.set_attribute("data-view", tab.word);
    }
}
