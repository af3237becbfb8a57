//! Numbers that open how they came about: the formula, the user's numbers in it, the source, other published rules.

use sizing::quantity::{Number, Unit};
use sizing::value::Rule;
use sizing::{Input, Quantity, Value};
use yew::AttrValue;

use crate::action::Action;
use crate::view::{Drawing, View, joined};

/// A text to keep.
fn kept(text: &str) -> AttrValue {
    AttrValue::from(text.to_owned())
}

impl View<'_> {
    /// A value's number as a button that opens its derivation in a panel, or closes it.
    pub(crate) fn number(&self, to: &mut Drawing, panel: &str, value: &Value, class: &str) {
        let is_open = self.state.trail(panel).first().is_some_and(|id| **id == *value.id);
        let unbroken = if value.quantity.number().is_some() { " unbroken" } else { "" };
        to.element(
            "button",
            &[
                ("type", "button"),
                ("class", &joined(&["number ", class, unbroken])),
                ("id", &joined(&[panel, "-", &value.id])),
                ("title", "How this number comes about"),
                ("data-value-id", &value.id),
                ("data-value", &exact(&value.quantity)),
                ("aria-controls", panel),
            ],
            |to| {
                to.state("aria-expanded", is_open);
                to.on_press(if is_open {
                    Action::Close(kept(panel))
                } else {
                    Action::Open(kept(panel), kept(&value.id))
                });
                to.text(&value.quantity.to_string());
            },
        );
    }

    /// The element in which the derivations of some numbers open.
    pub(crate) fn panel(&self, to: &mut Drawing, panel: &str) {
        let trail = self.state.trail(panel);
        let value = trail.last().and_then(|id| self.plan().value(id));
        to.element("div", &[("id", panel), ("class", "derivation-slot"), ("tabindex", "-1")], |to| {
            to.flag("hidden", value.is_none());
            if let Some(value) = value {
                to.on_escape(Action::Close(kept(panel)));
                self.derivation(to, panel, value, trail.len() > 1);
            }
        });
    }

    fn derivation(&self, to: &mut Drawing, panel: &str, value: &Value, was_followed: bool) {
        let label = joined(&["How “", &value.name, "” comes about"]);
        let derivation = &value.derivation;
        to.element("div", &[("class", "derivation"), ("role", "group"), ("aria-label", &label)], |to| {
            to.element("div", &[("class", "derivation-head")], |to| {
                to.element("span", &[], |to| {
                    to.flag("hidden", !was_followed);
                    to.button("quiet", "‹ Back", Action::Back(kept(panel)));
                });
                to.element("p", &[("class", "derivation-name")], |to| {
                    to.text(&value.name);
                    to.text(" ");
                    to.words("code", &[], &value.id);
                });
                to.element("button", &[("type", "button"), ("class", "quiet close"), ("aria-label", "Close")], |to| {
                    to.on_press(Action::Close(kept(panel)));
                    to.text("×");
                });
            });
            to.words("p", &[("class", "formula")], &derivation.formula);
            to.element("p", &[("class", "formula result-line")], |to| {
                to.text("= ");
                if let Some(numbers) = derivation.with_numbers() {
                    to.text(&numbers);
                    to.text(" = ");
                }
                to.words("strong", &[], &with_unit(&value.quantity));
            });
            to.element("dl", &[("class", "operands")], |to| {
                self.operands(to, panel, value);
            });
            source(to, &derivation.source);
            for rule in &value.rules {
                other_rule(to, rule);
            }
        });
    }

    /// The operands of a formula: values lead to their own derivations, inputs to their fields.
    fn operands(&self, to: &mut Drawing, panel: &str, value: &Value) {
        for (id, quantity) in &value.derivation.operands {
            let (name, action) = if let Some(value) = self.plan().value(id) {
                (value.name.as_ref(), Some(Action::Follow(kept(panel), kept(id))))
            } else if let Ok(input) = Input::find(id) {
                (input.name, Some(Action::Visit(input.id)))
            } else {
                (id.as_ref(), None)
            };
            to.element("div", &[], |to| {
                to.key(id);
                to.element("dt", &[], |to| {
                    if let Some(action) = action {
                        to.button("link", name, action);
                        to.text(" ");
                        to.words("code", &[], id);
                    } else {
                        to.text(name);
                    }
                });
                to.words("dd", &[], &with_unit(quantity));
            });
        }
    }
}

fn source(to: &mut Drawing, source: &sizing::source::Source) {
    to.words("p", &[("class", "source")], &joined(&["Source: ", &source.to_string()]));
}

/// Another published rule for the same number.
fn other_rule(to: &mut Drawing, rule: &Rule) {
    to.element("div", &[("class", "rule")], |to| {
        to.element("p", &[], |to| {
            to.text("Documented: ");
            to.words("strong", &[], &with_unit(&rule.quantity));
            to.words("span", &[("class", "soft")], &joined(&[" = ", rule.formula]));
        });
        to.words("p", &[], rule.why);
        source(to, &rule.source);
    });
}

/// The number exactly as the plan's JSON has it; empty where there is none.
fn exact(quantity: &Quantity) -> String {
    match (quantity, quantity.number()) {
        (Quantity::Name(name), _) => name.clone(),
        (Quantity::Date(date), _) => date.to_string(),
        (_, Some(Number::Whole(whole))) => whole.to_string(),
        (_, Some(Number::Signed(signed))) => signed.to_string(),
        (_, Some(Number::Real(real))) => shortest(real),
        (_, None) => String::new(),
    }
}

/// What reads back the same, as JSON does.  The browser can write it; the code that Rust has for it is large.
fn shortest(real: f64) -> String {
    if cfg!(target_arch = "wasm32") {
        js_sys::Number::from(real).to_string_with_radix(10).map_or_else(|_| String::new(), String::from)
    } else {
        real.to_string()
    }
}

/// The quantity with the word for what is counted, where the number does not say it.
fn with_unit(quantity: &Quantity) -> String {
    let mut text = quantity.to_string();
    if quantity.number().is_some() && quantity.unit() == Unit::Connections {
        text.push_str(if text == "1" { " connection" } else { " connections" });
    }
    text
}
