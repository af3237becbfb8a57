//! Numbers that open how they came about: the formula, the user's numbers in it, the source, other published rules.

use sizing::quantity::{Number, Unit};
use sizing::value::Rule;
use sizing::{Input, Quantity, Value};
use web_sys::KeyboardEvent;
use yew::{AttrValue, Html, html};

use crate::state::Action;
use crate::view::{View, flag, joined};

impl View<'_> {
    /// A value's number as a button that opens its derivation in a panel, or closes it.
    pub(crate) fn number(&self, panel: &str, value: &Value, class: &str) -> Html {
        let is_open = self.state.trail(panel).first().is_some_and(|id| **id == *value.id);
        let action = if is_open {
            Action::Close(panel.to_owned().into())
        } else {
            Action::Open(panel.to_owned().into(), value.id.to_string().into())
        };
        html! {
            <button type="button" class={joined(&["number ", class])} onclick={self.on_press(action)}
                id={joined(&[panel, "-", &value.id])} title="How this number comes about"
                data-value-id={value.id.to_string()} data-value={exact(&value.quantity)}
                aria-expanded={flag(is_open)} aria-controls={panel.to_owned()}>
                { value.quantity.to_string() }
            </button>
        }
    }

    /// The element in which the derivations of some numbers open.
    pub(crate) fn panel(&self, panel: &str) -> Html {
        let trail = self.state.trail(panel);
        let value = trail.last().and_then(|id| self.state.plan.value(id));
        html! {
            <div id={panel.to_owned()} class="derivation-slot" hidden={value.is_none()} tabindex="-1">
                { value.map(|value| self.derivation(panel, value, trail.len() > 1)) }
            </div>
        }
    }

    fn derivation(&self, panel: &str, value: &Value, was_followed: bool) -> Html {
        let close = self.on_press(Action::Close(panel.to_owned().into()));
        let onkeydown = {
            let (send, panel) = (self.send.clone(), AttrValue::from(panel.to_owned()));
            move |event: KeyboardEvent| {
                if event.key() == "Escape" {
                    event.prevent_default();
                    send.dispatch(Action::Close(panel.clone()));
                }
            }
        };
        let derivation = &value.derivation;
        let mut line = String::from("= ");
        if let Some(numbers) = derivation.with_numbers() {
            line.push_str(&numbers);
            line.push_str(" = ");
        }
        html! {
            <div class="derivation" role="group" aria-label={joined(&["How “", &value.name, "” comes about"])} {onkeydown}>
                <div class="derivation-head">
                    <span hidden={!was_followed}>{ self.button("quiet", "‹ Back", Action::Back(panel.to_owned().into())) }</span>
                    <p class="derivation-name">{ value.name.as_ref() }{ " " }<code>{ value.id.as_ref() }</code></p>
                    <button type="button" class="quiet close" onclick={close} aria-label="Close">{ "×" }</button>
                </div>
                <p class="formula">{ derivation.formula.as_ref() }</p>
                <p class="formula result-line">{ line }<strong>{ with_unit(&value.quantity) }</strong></p>
                <dl class="operands">{ for self.operands(panel, value) }</dl>
                { source(&derivation.source) }
                { for value.rules.iter().map(rule) }
            </div>
        }
    }

    /// The operands of a formula: values lead to their own derivations, inputs to their fields.
    fn operands(&self, panel: &str, value: &Value) -> Vec<Html> {
        let mut rows = Vec::new();
        for (id, quantity) in &value.derivation.operands {
            let (name, code) = if let Some(value) = self.state.plan.value(id) {
                let follow = Action::Follow(panel.to_owned().into(), value.id.to_string().into());
                (self.button("link", value.name.to_string(), follow), id.as_ref())
            } else if let Ok(input) = Input::find(id) {
                (self.button("link", input.name, Action::Visit(input.id)), id.as_ref())
            } else {
                (Html::from(id.to_string()), "")
            };
            rows.push(html! {
                <div key={id.to_string()}><dt>{ name }{ " " }<code>{ code }</code></dt><dd>{ with_unit(quantity) }</dd></div>
            });
        }
        rows
    }
}

fn source(source: &sizing::source::Source) -> Html {
    html! { <p class="source">{ "Source: " }{ source.to_string() }</p> }
}

/// Another published rule for the same number.
fn rule(rule: &Rule) -> Html {
    html! {
        <div class="rule">
            <p>
                { "Documented: " }<strong>{ with_unit(&rule.quantity) }</strong>
                <span class="soft">{ " = " }{ rule.formula }</span>
            </p>
            <p>{ rule.why }</p>
            { source(&rule.source) }
        </div>
    }
}

/// The number exactly as the plan's JSON has it; empty where there is none.
fn exact(quantity: &Quantity) -> AttrValue {
    let text = match (quantity, quantity.number()) {
        (Quantity::Name(name), _) => name.clone(),
        (_, Some(Number::Whole(whole))) => whole.to_string(),
        (_, Some(Number::Signed(signed))) => signed.to_string(),
        // The browser writes what reads back the same, as JSON does.
        (_, Some(Number::Real(real))) => {
            js_sys::Number::from(real).to_string_with_radix(10).map_or_else(|_| String::new(), String::from)
        }
        (_, None) => String::new(),
    };
    text.into()
}

/// The quantity with the word for what is counted, where the number does not say it.
fn with_unit(quantity: &Quantity) -> String {
    let mut text = quantity.to_string();
    if quantity.number().is_some() && quantity.unit() == Unit::Connections {
        text.push_str(if text == "1" { " connection" } else { " connections" });
    }
    text
}
