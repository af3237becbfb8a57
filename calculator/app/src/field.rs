//! One field: label, unit, control, message, and on demand what the input means and how to measure it.

use sizing::Input;
use sizing::choice::Choice;
use sizing::input::{Kind, NoneWord};
use yew::AttrValue;

use crate::action::Action;
use crate::entry::Entry;
use crate::page;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    pub(crate) fn field(&self, to: &mut Drawing, entry: &Entry) {
        let input = entry.input;
        let id = input.id;
        let problem = entry.shown_problem();
        let is_explained = self.state.explained.contains(&id);
        let default = entry.default_for_people();
        let about = joined(&["about-", id]);
        let class = joined(&[
            "field",
            if is_explained || is_wide(input) { " wide" } else { "" },
            if entry.is_changed { " changed" } else { "" },
            if problem.is_some() { " invalid" } else { "" },
        ]);
        to.element("div", &[("class", &class), ("data-input", id)], |to| {
            to.element("div", &[("class", "label")], |to| {
                to.words("label", &[("for", &page::control_id(id))], input.name);
                to.element(
                    "button",
                    &[
                        ("type", "button"),
                        ("class", "about"),
                        ("aria-controls", &about),
                        ("aria-label", &joined(&["About ", input.name])),
                    ],
                    |to| {
                        to.state("aria-expanded", is_explained);
                        to.on_press(Action::Explain(id));
                        to.text("?");
                    },
                );
            });
            to.words("p", &[("class", "hint"), ("id", &joined(&["hint-", id]))], &hint(input));
            to.element("div", &[("class", "control")], |to| {
                control(to, entry, &page::control_id(id), &joined(&["hint-", id, " problem-", id]));
                to.element(
                    "button",
                    &[
                        ("type", "button"),
                        ("class", "reset"),
                        ("title", &joined(&["Reset to ", default])),
                        ("aria-label", &joined(&["Reset ", input.name, " to ", default])),
                    ],
                    |to| {
                        to.flag("hidden", !entry.is_changed);
                        to.on_press(Action::Reset(id));
                        to.text("↺");
                    },
                );
            });
            to.element("p", &[("class", "problem"), ("id", &joined(&["problem-", id]))], |to| {
                to.flag("hidden", problem.is_none());
                to.text(problem.map_or("", |problem| problem));
            });
            to.element("div", &[("class", "explanation"), ("id", &about)], |to| {
                to.flag("hidden", !is_explained);
                if is_explained {
                    explanation(to, input, default);
                }
            });
        });
    }

    /// The same field where it is asked for by a question: its name, its unit, its problem.
    pub(crate) fn answer(&self, to: &mut Drawing, entry: &Entry) {
        let id = entry.input.id;
        let control_id = page::answer_id(id);
        let (hint_id, problem_id) = (joined(&["answer-hint-", id]), joined(&["answer-problem-", id]));
        to.element("div", &[("class", "field"), ("data-answer", id)], |to| {
            to.key(id);
            to.element("div", &[("class", "label")], |to| to.words("label", &[("for", &control_id)], entry.input.name));
            to.words("p", &[("class", "hint"), ("id", &hint_id)], &hint(entry.input));
            let described_by = joined(&[&hint_id, " ", &problem_id]);
            to.element("div", &[("class", "control")], |to| control(to, entry, &control_id, &described_by));
            let problem = entry.shown_problem().map_or("", |problem| problem);
            to.words("p", &[("class", "problem"), ("id", &problem_id)], problem);
        });
    }
}

/// What the field is typed or chosen in, with its id and the ids of what describes it.
fn control(to: &mut Drawing, entry: &Entry, control: &str, described_by: &str) {
    let id = entry.input.id;
    let name = if let Kind::Choice(_) = entry.input.kind { "select" } else { "input" };
    to.element(name, &[("id", control), ("aria-describedby", described_by)], |to| {
        to.state("aria-invalid", entry.shown_problem().is_some());
        if let Kind::Choice(choices) = entry.input.kind {
            to.on_choose(Action::Type(id, entry.text.clone()));
            options(to, choices, entry.input.none, entry.text.trim());
        } else {
            to.set("type", "text");
            to.set("inputmode", keyboard(entry.input));
            to.set("autocomplete", "off");
            to.set("autocapitalize", "off");
            to.set("spellcheck", "false");
            to.on_type(Action::Type(id, AttrValue::default()));
            to.value(&entry.text);
        }
    });
}

/// Every choice, none where that is one, and what a link said even where there is no such choice.
fn options(to: &mut Drawing, choices: &[Choice], none: Option<NoneWord>, text: &str) {
    let none = none.map(|none| Choice { word: none.word, meaning: none.meaning });
    let other = Choice { word: "", meaning: "" };
    let is_known = none.iter().chain(choices).any(|choice| choice.word == text);
    for choice in none.iter().chain(choices).chain((!is_known).then_some(&other)) {
        let is_other = choice.word.is_empty();
        let (word, meaning) = if is_other { (text, text) } else { (choice.word, choice.meaning) };
        to.element("option", &[("value", word)], |to| {
            to.key(word);
            to.flag("selected", word == text);
            to.text(meaning);
        });
    }
}

/// The text is long, as sentences and lists are.
fn is_wide(input: &Input) -> bool {
    const LONG: usize = 20;
    match input.kind {
        Kind::Choice(choices) => choices.iter().any(|choice| choice.meaning.len() > LONG),
        Kind::Pools { .. } | Kind::Forecast { .. } => true,
        _ => false,
    }
}

/// What a field says below its label: the unit, and the word for none.
fn hint(input: &Input) -> String {
    match (input.kind, input.none) {
        (Kind::Pools { .. }, _) => "name:size:overflow:database, separated by commas".to_owned(),
        (Kind::Forecast { .. }, _) => "month:users:rate:secrets:leases:storage, separated by commas".to_owned(),
        (Kind::Date, Some(none)) => joined(&["year-month-day, ", none.word, " for ", none.meaning]),
        // Its words say it all.
        (Kind::Choice(_), _) => input.unit.to_owned(),
        (_, Some(none)) if input.unit.is_empty() => joined(&[none.word, " for ", none.meaning]),
        (_, Some(none)) => joined(&[input.unit, ", ", none.word, " for ", none.meaning]),
        (_, None) => input.unit.to_owned(),
    }
}

/// What the input means, how to measure it, what is allowed.
fn explanation(to: &mut Drawing, input: &Input, default: &str) {
    to.words("p", &[], input.help);
    to.element("p", &[], |to| {
        to.words("strong", &[], "How to measure it: ");
        to.text(input.measure);
    });
    let allowed = joined(&["Allowed is ", &input.allowed(), ". Default: ", default, ". Source: "]);
    to.words("p", &[("class", "source")], &joined(&[&allowed, &input.source.to_string(), "."]));
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
