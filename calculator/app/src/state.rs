//! What the page knows: the text of every field as typed, the scenario of the last allowed ones, and its plan.

use std::rc::Rc;

use formats::permalink::{self, PermalinkError};
use sizing::input::Group;
use sizing::pool::chain::Situation;
use sizing::preset::Preset;
use sizing::{INPUTS, Input, InputError, Plan, Scenario, Section};
use yew::{AttrValue, Reducible, UseReducerDispatcher};

use crate::later::Later;
use crate::page;

/// Changes the state from anywhere on the page.
pub(crate) type Dispatcher = UseReducerDispatcher<State>;

/// The id of the form's heading.
pub(crate) const HEADING: &str = "form-heading";
/// The id of the line that says which fix was applied.
pub(crate) const APPLIED: &str = "applied";
/// The id of the field that holds the link where it has to be copied by hand.
pub(crate) const LINK: &str = "link";

/// One field.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) input: &'static Input,
    /// Exactly what was typed.
    pub(crate) text: AttrValue,
    /// The text of the input's default.
    default: AttrValue,
    /// Why the text is not allowed.
    problem: Option<AttrValue>,
    /// Typing has paused since, so that the problem may be shown.
    is_told: bool,
    /// It says something other than the default.
    pub(crate) is_changed: bool,
}

impl Entry {
    /// Why the text is not allowed, once it may be shown.
    pub(crate) fn shown_problem(&self) -> Option<&AttrValue> {
        self.problem.as_ref().filter(|_| self.is_told)
    }

    /// There is a problem that has not been shown yet.
    pub(crate) const fn is_untold(&self) -> bool {
        self.problem.is_some() && !self.is_told
    }

    /// The default as a word to read.
    pub(crate) fn default_for_people(&self) -> &str {
        if self.default.is_empty() { "nothing" } else { &self.default }
    }
}

/// How far copying the link has come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    Idle,
    /// The button was pressed.
    Wanted,
    Copied,
    /// The browser does not let pages copy: the link is shown, to be copied by hand.
    ByHand,
}

/// The value whose derivation is open in one panel of the page, and those it was reached from.
#[derive(Clone)]
struct Trail {
    panel: AttrValue,
    ids: Vec<AttrValue>,
}

/// The fix that was applied last, and how things were before it.
#[derive(Clone)]
struct Applied {
    what: AttrValue,
    entries: Vec<Entry>,
    scenario: Rc<Scenario>,
}

/// Everything the page knows.
#[derive(Clone)]
pub(crate) struct State {
    /// One for each input, in the order of the table.
    pub(crate) entries: Vec<Entry>,
    /// What the plan is for: every input as it was last allowed.
    pub(crate) scenario: Rc<Scenario>,
    /// What follows from the scenario, once the arithmetic is here.
    pub(crate) plan: Option<Rc<Plan>>,
    later: Option<&'static Later>,
    /// The second part of the program could not be had.
    pub(crate) is_missing: bool,
    /// What the link said that could not be taken and belongs to no field.
    pub(crate) notices: Vec<AttrValue>,
    applied: Option<Applied>,
    /// The address no longer says what the fields say.
    pub(crate) is_edited: bool,
    /// The groups whose rarely needed fields are unfolded.
    pub(crate) unfolded: Vec<Group>,
    /// The inputs whose explanation is open.
    pub(crate) explained: Vec<&'static str>,
    trails: Vec<Trail>,
    /// When the chain is looked at.
    pub(crate) situation: Situation,
    /// The sections whose values are unfolded.
    pub(crate) shown: Vec<&'static str>,
    /// The options whose steps are unfolded.
    pub(crate) detailed: Vec<&'static str>,
    pub(crate) sharing: Sharing,
    /// The verdict as it was last spoken.
    pub(crate) spoken: AttrValue,
    /// The id of the element that has to get the focus, and how often the focus was moved.
    pub(crate) focus: (AttrValue, u32),
}

/// What can happen to the state.
#[derive(Clone)]
pub(crate) enum Action {
    /// A field's text is now this.
    Type(&'static str, AttrValue),
    /// Problems may be shown.
    Tell,
    /// A field goes back to its default.
    Reset(&'static str),
    /// Every field goes back to its default.
    ResetAll,
    /// The rarely needed fields of a group unfold or fold.
    Unfold(Group),
    /// A field's explanation opens or closes.
    Explain(&'static str),
    /// The focus moves to a field.
    Visit(&'static str),
    /// A finding's fix.
    Apply(Vec<(&'static str, String)>),
    /// A preset takes the place of what the fields say.
    Start(&'static Preset),
    /// Things go back to how they were before the last fix or preset.
    Undo,
    /// The address changed.
    Load(AttrValue),
    /// The notices have been read.
    Dismiss,
    /// The chain is looked at in another situation.
    Look(Situation),
    /// The values of a section unfold or fold.
    Show(&'static str),
    /// The values of all sections unfold or fold.
    ShowAll(bool),
    /// The steps of an option unfold or fold.
    Detail(&'static str),
    /// In a panel, the derivation of a value opens, on its own or after the one it was reached from.
    Open(AttrValue, AttrValue),
    Follow(AttrValue, AttrValue),
    /// In a panel, the derivation closes, or goes back to the one it was reached from.
    Close(AttrValue),
    Back(AttrValue),
    /// The verdict has been the same for a while.
    Speak,
    /// The second part of the program is here.
    Arrive(&'static Later),
    /// It could not be had.
    Miss,
    /// It is to be tried again.
    Retry,
    /// The link is to be copied.
    CopyLink,
    Share(Sharing),
}

impl drawing::Act for Action {
    fn with_text(self, text: AttrValue) -> Self {
        match self {
            Self::Type(id, _) => Self::Type(id, text),
            other => other,
        }
    }
}

impl State {
    /// The state that a permalink's fragment describes.
    pub(crate) fn read(fragment: &str, view: Result<&[&'static str], String>) -> Self {
        let scenario = Scenario::default();
        let mut state = Self {
            entries: INPUTS.iter().map(|input| blank(&scenario, input)).collect(),
            plan: None,
            later: None,
            is_missing: false,
            scenario: Rc::new(scenario),
            notices: Vec::new(),
            applied: None,
            is_edited: false,
            unfolded: Vec::new(),
            explained: Vec::new(),
            trails: Vec::new(),
            situation: Situation::Steady,
            shown: Vec::new(),
            detailed: Vec::new(),
            sharing: Sharing::Idle,
            spoken: AttrValue::default(),
            focus: (AttrValue::default(), 0),
        };
        state.load(fragment);
        match view {
            Ok(sections) => state.shown = sections.into(),
            Err(view) => {
                let notice = ["There is no view called “", &shortened(&view), "”: this is the whole calculator."];
                state.notices.push(notice.concat().into());
            }
        }
        state
    }

    /// Takes over what a permalink's fragment says, and the defaults for what it does not say.
    fn load(&mut self, fragment: &str) {
        let link = permalink::read(fragment);
        self.reset_all();
        for (id, text) in &link.texts {
            self.take(id, text.as_str().to_owned().into());
        }
        self.tell();
        for error in &link.errors {
            if !matches!(error, PermalinkError::Input(InputError::NotAllowed { .. })) {
                self.notices.push(sentence(&error.to_string()).into());
            }
        }
        self.settle();
    }

    /// Has the second part of the program do what it is for.
    pub(crate) fn arrive(&mut self, later: &'static Later) {
        self.later = Some(later);
        self.settle();
    }

    /// The answer in one sentence.
    pub(crate) fn verdict(&self) -> &str {
        self.plan.as_ref().map_or("", |plan| &plan.verdict)
    }

    /// The second part of the program, with what it computed.
    pub(crate) fn later(&self) -> Option<(&'static Later, &Plan)> {
        self.later.zip(self.plan.as_deref())
    }

    /// The fix that can be undone, as a sentence.
    pub(crate) fn applied(&self) -> Option<&AttrValue> {
        self.applied.as_ref().map(|applied| &applied.what)
    }

    /// The value whose derivation is open in a panel, after those it was reached from.
    pub(crate) fn trail(&self, panel: &str) -> &[AttrValue] {
        self.trails.iter().find(|trail| *trail.panel == *panel).map_or(&[], |trail| &trail.ids)
    }

    fn trail_mut(&mut self, panel: &AttrValue) -> Option<&mut Trail> {
        self.trails.iter_mut().find(|trail| trail.panel == *panel)
    }

    /// Puts a text into a field, and into the scenario if it is allowed.
    fn take(&mut self, id: &str, text: AttrValue) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.input.id == id) else { return };
        let scenario = Rc::make_mut(&mut self.scenario);
        entry.problem = scenario.set(id, &text).err().map(|error| problem(&error).into());
        entry.text = text;
        entry.is_told &= entry.problem.is_some();
        entry.is_changed = entry.problem.is_some() || scenario.text(id).as_deref() != Some(&*entry.default);
        self.applied = None;
    }

    /// The plan for the scenario as it is now.
    fn settle(&mut self) {
        self.plan = self.later.map(|later| Rc::new((later.plan)(&self.scenario)));
    }

    /// Shows every problem.
    fn tell(&mut self) {
        for entry in &mut self.entries {
            if entry.is_untold() {
                entry.is_told = true;
                unfold(&mut self.unfolded, entry.input);
            }
        }
    }

    /// Moves the focus to a field, wherever it is folded away.
    fn visit(&mut self, id: &str) {
        if let Ok(input) = Input::find(id) {
            unfold(&mut self.unfolded, input);
        }
        self.focus(page::control_id(id).into());
    }

    fn reset_all(&mut self) {
        let scenario = Scenario::default();
        self.entries = INPUTS.iter().map(|input| blank(&scenario, input)).collect();
        self.scenario = Rc::new(scenario);
        self.notices = Vec::new();
        self.applied = None;
    }

    /// Moves the focus once the page has been drawn.
    fn focus(&mut self, id: AttrValue) {
        self.focus = (id, self.focus.1.wrapping_add(1));
    }

    /// How things are before something is applied.
    fn as_it_was(&self, what: &[&str]) -> Applied {
        let what = what.concat().into();
        Applied { what, entries: self.entries.clone(), scenario: Rc::clone(&self.scenario) }
    }

    /// Loads a preset, and keeps how things were.
    fn start(&mut self, preset: &Preset) {
        let applied = self.as_it_was(&["Loaded: ", preset.title, ". ", preset.what, " Assumed: ", preset.assumed]);
        self.reset_all();
        for (id, text) in preset.inputs {
            self.take(id, AttrValue::Static(text));
        }
        self.applied = Some(applied);
        self.focus(APPLIED.into());
    }

    /// Sets the inputs of a fix, and keeps how things were.
    fn apply(&mut self, fix: Vec<(&'static str, String)>) {
        let applied = self.as_it_was(&["Applied: ", &assignments(&fix), "."]);
        for (id, text) in fix {
            self.take(id, text.into());
        }
        self.applied = Some(applied);
        // The button that was pressed is gone with its finding: go on from what it did.
        self.focus(APPLIED.into());
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        let is_edit = match action {
            Action::Type(id, text) => {
                next.take(id, text);
                true
            }
            Action::Reset(id) => {
                if let Some(entry) = next.entries.iter().find(|entry| entry.input.id == id) {
                    next.take(id, entry.default.clone());
                }
                next.focus(page::control_id(id).into());
                true
            }
            Action::ResetAll => {
                next.reset_all();
                // The button is of no use any more.
                next.focus(HEADING.into());
                true
            }
            Action::Apply(fix) => {
                next.apply(fix);
                true
            }
            Action::Start(preset) => {
                next.start(preset);
                true
            }
            Action::Undo => {
                if let Some(applied) = next.applied.take() {
                    next.entries = applied.entries;
                    next.scenario = applied.scenario;
                }
                next.focus("findings-heading".into());
                true
            }
            Action::Load(fragment) => {
                next.load(&fragment);
                next.is_edited = false;
                false
            }
            other => {
                next.look(other);
                false
            }
        };
        if is_edit {
            next.is_edited = true;
            next.settle();
        }
        Rc::new(next)
    }
}

impl State {
    /// What changes how things are shown, and not the scenario.
    fn look(&mut self, action: Action) {
        match action {
            Action::Tell => self.tell(),
            Action::Explain(id) => toggle(&mut self.explained, id),
            Action::Visit(id) => self.visit(id),
            Action::Unfold(group) => toggle(&mut self.unfolded, group),
            Action::Dismiss => {
                self.notices.clear();
                self.focus(HEADING.into());
            }
            Action::Look(situation) => self.situation = situation,
            Action::Show(section) => toggle(&mut self.shown, section),
            Action::ShowAll(are_shown) => {
                let all = Section::ALL.map(|section| section.word);
                self.shown = if are_shown { all.into() } else { Vec::new() };
            }
            Action::Detail(option) => toggle(&mut self.detailed, option),
            Action::Open(panel, id) => {
                self.trails.retain(|trail| trail.panel != panel);
                self.trails.push(Trail { panel, ids: vec![id] });
            }
            Action::Follow(panel, id) => {
                if let Some(trail) = self.trail_mut(&panel) {
                    trail.ids.push(id);
                }
                self.focus(panel);
            }
            Action::Back(panel) => {
                if let Some(trail) = self.trail_mut(&panel) {
                    trail.ids.pop();
                }
                self.focus(panel);
            }
            Action::Close(panel) => {
                let opener = self.trail(&panel).first().map(|id| [&*panel, "-", id].concat());
                self.trails.retain(|trail| trail.panel != panel);
                self.focus(opener.unwrap_or_default().into());
            }
            Action::Speak => self.spoken = self.verdict().to_owned().into(),
            Action::Arrive(later) => self.arrive(later),
            Action::Miss => self.is_missing = true,
            Action::Retry => {
                self.is_missing = false;
                self.focus("result".into());
            }
            Action::CopyLink => self.sharing = Sharing::Wanted,
            Action::Share(sharing) => {
                self.sharing = sharing;
                if sharing == Sharing::ByHand {
                    self.focus(LINK.into());
                }
            }
            _ => {}
        }
    }
}

/// Puts something into a list, or takes it out of it.
fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    let before = list.len();
    list.retain(|other| *other != item);
    if list.len() == before {
        list.push(item);
    }
}

/// Whether a field is folded away until asked for: the rarely needed ones, and all of what not every scenario is about.
pub(crate) fn is_folded(input: &Input) -> bool {
    input.rare || !matches!(input.group, Group::Traffic | Group::Application | Group::Pooler | Group::Database)
}

/// Unfolds the fields among which an input is.
fn unfold(unfolded: &mut Vec<Group>, input: &Input) {
    if is_folded(input) && !unfolded.contains(&input.group) {
        unfolded.push(input.group);
    }
}

/// A field that says its default.
fn blank(scenario: &Scenario, input: &'static Input) -> Entry {
    let default = AttrValue::from(scenario.text(input.id).unwrap_or_default());
    Entry { input, text: default.clone(), default, problem: None, is_told: false, is_changed: false }
}

/// What a fix sets, as a phrase: "Pool size to 12 and Overflow to 0".
pub(crate) fn assignments(fix: &[(&'static str, String)]) -> String {
    let mut phrase = String::new();
    for (id, text) in fix {
        if !phrase.is_empty() {
            phrase.push_str(" and ");
        }
        phrase.push_str(Input::find(id).map_or(*id, |input| input.name));
        phrase.push_str(" to ");
        phrase.push_str(text);
    }
    phrase
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
fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "…"].concat(),
        None => text.to_owned(),
    }
}

/// An error as a sentence of its own.
fn sentence(error: &str) -> String {
    let end = if error.ends_with(['.', '?', '!']) { "" } else { "." };
    let mut sentence = [error, end].concat();
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}
