//! What was drawn as HTML: for the page as it is before any script runs, and for tests.

use yew::virtual_dom::{VNode, VTag};

use crate::{Act, Drawing};

/// Elements that have no content and no end.
const VOID: [&str; 8] = ["br", "col", "hr", "img", "input", "link", "meta", "wbr"];

/// What was drawn, as a text.
#[must_use]
pub fn of<A: Act>(drawing: &Drawing<A>) -> String {
    let mut text = String::new();
    drawing.record.plain_nodes(&drawing.send).iter().for_each(|node| write(node, &mut text));
    text
}

fn write(node: &VNode, text: &mut String) {
    match node {
        VNode::VTag(element) => tag(element, text),
        VNode::VText(words) => escape(&words.text, text),
        VNode::VList(list) => list.iter().for_each(|node| write(node, text)),
        VNode::VRaw(raw) => text.push_str(&raw.html),
        // Drawings consist of nothing else.
        _ => {}
    }
}

fn tag(element: &VTag, text: &mut String) {
    let name = element.tag();
    text.push('<');
    text.push_str(name);
    for (name, value) in element.attributes.iter() {
        attribute(name, value, text);
    }
    if let Some(value) = element.value().filter(|value| name == "input" && !value.is_empty()) {
        attribute("value", value, text);
    }
    if element.checked() == Some(true) {
        attribute("checked", "", text);
    }
    text.push('>');
    if VOID.contains(&name) {
        return;
    }
    if let Some(value) = element.value().filter(|_| name == "textarea") {
        escape(value, text);
    }
    if let Some(children) = element.children() {
        write(children, text);
    }
    text.push_str("</");
    text.push_str(name);
    text.push('>');
}

fn attribute(name: &str, value: &str, text: &mut String) {
    text.push(' ');
    text.push_str(name);
    if !value.is_empty() {
        text.push_str("=\"");
        escape(value, text);
        text.push('"');
    }
}

fn escape(words: &str, text: &mut String) {
    for character in words.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, PartialEq)]
    struct Nothing;
    impl Act for Nothing {}

    #[track_caller]
    fn check(draw: impl FnOnce(&mut Drawing<Nothing>), expected: &str, reason: &str) {
        let mut drawing = Drawing::still();
        draw(&mut drawing);
        assert_eq!(of(&drawing), expected, "{reason}");
    }

    #[test]
    fn drawings_are_written_as_html() {
        check(
            |to| to.words("p", &[("class", "a")], "x < y & z"),
            "<p class=\"a\">x &lt; y &amp; z</p>",
            "escaped text",
        );
        check(|to| to.words("b", &[("title", "\"")], ""), "<b title=\"&quot;\"></b>", "escaped attributes");
        check(|to| to.element("hr", &[], |_| {}), "<hr>", "elements without an end");
        check(|to| to.element("p", &[], |to| to.flag("hidden", true)), "<p hidden></p>", "attributes that are there");
        check(
            |to| to.element("input", &[("id", "a")], |to| to.value("20")),
            "<input id=\"a\" value=\"20\">",
            "what a field says",
        );
        check(
            |to| to.element("input", &[("type", "radio")], |to| to.checked(true)),
            "<input type=\"radio\" checked>",
            "what is chosen",
        );
        check(
            |to| to.button("link", "Press", Nothing),
            "<button type=\"button\" class=\"link\">Press</button>",
            "no listeners",
        );
        check(
            |to| {
                to.text("a");
                to.element("ul", &[], |to| to.words("li", &[], "b"));
            },
            "a<ul><li>b</li></ul>",
            "one after the other, one in the other",
        );
        check(
            |to| {
                to.element("ul", &[], |to| {
                    to.part("first", |to| to.words("li", &[], "a"));
                    to.part("second", |to| to.part("inner", |to| to.words("li", &[("class", "b")], "b")));
                });
                to.text("c");
            },
            "<ul><li>a</li><li class=\"b\">b</li></ul>c",
            "parts are elements as well",
        );
    }
}
