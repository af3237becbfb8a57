//! One field of the form: its text as typed, and whether that is allowed.

use sizing::{Input, InputError, Scenario};
use yew::AttrValue;

/// One field.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) input: &'static Input,
    /// Exactly what was typed.
    pub(crate) text: AttrValue,
    /// The text of the input's default.
    pub(crate) default: AttrValue,
    /// Why the text is not allowed.
    problem: Option<AttrValue>,
    /// Typing has paused since, so that the problem may be shown.
    is_told: bool,
    /// It says something other than the default.
    pub(crate) is_changed: bool,
}

impl Entry {
    /// A field that says its default.
    pub(crate) fn blank(scenario: &Scenario, input: &'static Input) -> Self {
        let default = AttrValue::from(scenario.text(input.id).unwrap_or_default());
        Self { input, text: default.clone(), default, problem: None, is_told: false, is_changed: false }
    }

    /// Takes a text, and puts it into the scenario if it is allowed.
    pub(crate) fn take(&mut self, scenario: &mut Scenario, text: AttrValue) {
        let id = self.input.id;
        self.problem = scenario.set(id, &text).err().map(|error| problem(&error).into());
        self.text = text;
        self.is_told &= self.problem.is_some();
        self.is_changed = self.problem.is_some() || scenario.text(id).as_deref() != Some(&*self.default);
    }

    /// Why the text is not allowed, once it may be shown.
    pub(crate) fn shown_problem(&self) -> Option<&AttrValue> {
        self.problem.as_ref().filter(|_| self.is_told)
    }

    /// The scenario says what the text says.
    pub(crate) const fn is_allowed(&self) -> bool {
        self.problem.is_none()
    }

    /// There is a problem that has not been shown yet.
    pub(crate) const fn is_untold(&self) -> bool {
        self.problem.is_some() && !self.is_told
    }

    /// From now on its problem may be shown.
    pub(crate) const fn tell(&mut self) {
        self.is_told = true;
    }

    /// The default as a word to read.
    pub(crate) fn default_for_people(&self) -> &str {
        if self.default.is_empty() { "nothing" } else { &self.default }
    }
}

/// Why a text is not allowed, next to its field: the field needs no naming.
fn problem(error: &InputError) -> String {
    match error {
        InputError::NotAllowed { read, allowed, .. } if read.trim().is_empty() => ["Give ", allowed, "."].concat(),
        InputError::NotAllowed { read, allowed, .. } => {
            ["“", &shortened(read.trim()), "” is not allowed. Give ", allowed, "."].concat()
        }
        InputError::Unknown { .. } => sentence(&error.to_string()),
    }
}

/// Enough of a text to recognise it.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "…"].concat(),
        None => text.to_owned(),
    }
}

/// An error as a sentence of its own.
pub(crate) fn sentence(error: &str) -> String {
    let end = if error.ends_with(['.', '?', '!']) { "" } else { "." };
    let mut sentence = [error, end].concat();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}
