//! One field: label, unit, control, message, and on demand what the input means and how to measure it.

use sizing::Input;
use sizing::choice::Choice;
use sizing::input::Kind;
use web_sys::{HtmlInputElement, HtmlSelectElement, InputEvent};
use yew::{AttrValue, Event, Html, TargetCast, html};

use crate::page;
use crate::state::{Action, Entry};
use crate::view::{View, flag, joined};

impl View<'_> {
    pub(crate) fn field(&self, entry: &Entry) -> Html {
        let input = entry.input;
        let id = input.id;
        let problem = entry.shown_problem();
        let is_explained = self.state.explained.contains(&id);
        let default = entry.default_for_people();
        let class = joined(&[
            "field",
            if is_wide(input) { " wide" } else { "" },
            if entry.is_changed { " changed" } else { "" },
            if problem.is_some() { " invalid" } else { "" },
        ]);
        html! {
            <div {class} key={id} data-input={id}>
                <div class="label">
                    <label for={page::control_id(id)}>{ input.name }</label>
                    <button type="button" class="about" onclick={self.on_press(Action::Explain(id))}
                        aria-label={joined(&["About ", input.name])} aria-expanded={flag(is_explained)}
                        aria-controls={joined(&["about-", id])}>
                        { "?" }
                    </button>
                </div>
                <p class="hint" id={joined(&["hint-", id])}>{ hint(input) }</p>
                <div class="control">
                    { self.control(entry) }
                    <button type="button" class="reset" onclick={self.on_press(Action::Reset(id))}
                        hidden={!entry.is_changed} aria-label={joined(&["Reset ", input.name, " to ", default])}
                        title={joined(&["Reset to ", default])}>
                        { "↺" }
                    </button>
                </div>
                <p class="problem" id={joined(&["problem-", id])} hidden={problem.is_none()}>{ problem }</p>
                <div class="explanation" id={joined(&["about-", id])} hidden={!is_explained}>
                    { is_explained.then(|| explanation(input, default)) }
                </div>
            </div>
        }
    }

    fn control(&self, entry: &Entry) -> Html {
        let input = entry.input;
        let id = input.id;
        let send = self.send.clone();
        let described_by = joined(&["hint-", id, " problem-", id]);
        let is_invalid = flag(entry.shown_problem().is_some());
        if let Kind::Choice(choices) = input.kind {
            let onchange = move |event: Event| {
                if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                    send.dispatch(Action::Type(id, select.value().into()));
                }
            };
            return html! {
                <select id={page::control_id(id)} {onchange} aria-describedby={described_by} aria-invalid={is_invalid}>
                    { for options(choices, entry.text.trim()) }
                </select>
            };
        }
        let oninput = move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlInputElement>() {
                send.dispatch(Action::Type(id, field.value().into()));
            }
        };
        html! {
            <input type="text" id={page::control_id(id)} inputmode={keyboard(input)} autocomplete="off"
                autocapitalize="off" spellcheck="false" value={&entry.text} {oninput} aria-describedby={described_by}
                aria-invalid={is_invalid} />
        }
    }
}

/// The text is long, as sentences and lists are.
fn is_wide(input: &Input) -> bool {
    const LONG: usize = 20;
    match input.kind {
        Kind::Choice(choices) => choices.iter().any(|choice| choice.meaning.len() > LONG),
        Kind::Pools { .. } => true,
        _ => false,
    }
}

/// Every choice, and what a link said even where there is no such choice.
fn options(choices: &'static [Choice], text: &str) -> Vec<Html> {
    let mut options = Vec::with_capacity(choices.len() + 1);
    let mut push = |word: &str, meaning: &str| {
        let (word, meaning) = (word.to_owned(), meaning.to_owned());
        options.push(html! { <option key={word.clone()} value={word}>{ meaning }</option> });
    };
    for choice in choices {
        push(choice.word, choice.meaning);
    }
    if !choices.iter().any(|choice| choice.word == text) {
        push(text, text);
    }
    options
}

/// What a field says below its label: the unit, and the word for none.
fn hint(input: &Input) -> AttrValue {
    match (input.kind, input.none) {
        (Kind::Pools { .. }, _) => AttrValue::from("name:size:overflow:database, separated by commas"),
        (_, Some(none)) => joined(&[input.unit, ", ", none.word, " for ", none.meaning]),
        (_, None) => AttrValue::from(input.unit),
    }
}

/// What the input means, how to measure it, what is allowed.
fn explanation(input: &Input, default: &str) -> Html {
    html! {
        <>
            <p>{ input.help }</p>
            <p><strong>{ "How to measure it: " }</strong>{ input.measure }</p>
            <p class="source">
                { joined(&["Allowed is ", &input.allowed(), ". Default: ", default, ". Source: "]) }
                { input.source.to_string() }{ "." }
            </p>
        </>
    }
}

/// The keyboard that a phone shows: one that has every character the input allows.
fn keyboard(input: &Input) -> &'static str {
    let none_is_digits = input.none.is_none_or(|none| none.word.bytes().all(|byte| byte.is_ascii_digit()));
    match input.kind {
        Kind::Whole { .. } if none_is_digits => "numeric",
        Kind::Real { .. } if none_is_digits => "decimal",
        _ => "text",
    }
}
