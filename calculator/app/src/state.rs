//! What the page knows: the text of every field as typed, the scenario of the last allowed ones, and its plan.

use std::rc::Rc;

use formats::import::{Given, Problem};
use formats::permalink::{self, PermalinkError};
use sizing::input::Group;
use sizing::pool::chain::Situation;
use sizing::preset::Preset;
use sizing::{INPUTS, Input, InputError, Plan, Scenario};
use yew::{AttrValue, Reducible, UseReducerDispatcher};

use crate::action::{Action, Against, Beginning, Thing, Way};
use crate::entry::{Entry, sentence};
use crate::later::Later;
use crate::page;
use crate::tab::Tab;

/// Changes the state from anywhere on the page.
pub(crate) type Dispatcher = UseReducerDispatcher<State>;

/// The id of the form's heading.
pub(crate) const HEADING: &str = "form-heading";
/// The id of the line that says what was applied.
pub(crate) const APPLIED: &str = "applied";
/// The id of the field that holds the link where it has to be copied by hand.
pub(crate) const LINK: &str = "link";
/// The id of the heading of the files.
pub(crate) const FILES: &str = "exports-heading";
/// The id of the heading of what is shown.
pub(crate) const VIEW: &str = "view-heading";

/// The value whose derivation is open in one panel of the page, and those it was reached from.
#[derive(Clone)]
struct Trail {
    panel: AttrValue,
    ids: Vec<AttrValue>,
}

/// What was applied last, and how things were before it.
#[derive(Clone)]
struct Applied {
    what: AttrValue,
    /// Files were read: what is read next is undone together with them.
    is_reading: bool,
    entries: Vec<Entry>,
    scenario: Rc<Scenario>,
}

/// A scenario that was kept to be compared with.
#[derive(Clone)]
pub(crate) struct Pinned {
    entries: Vec<Entry>,
    pub(crate) scenario: Rc<Scenario>,
    pub(crate) plan: Rc<Plan>,
}

/// A file that was read.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) name: AttrValue,
    /// What it is, or why it cannot be read.
    pub(crate) problems: Vec<Problem>,
    pub(crate) refused: Option<AttrValue>,
    /// How many inputs it gave.
    pub(crate) taken: usize,
    pub(crate) settings: Vec<Given>,
}

/// Everything the page knows.
#[derive(Clone)]
pub(crate) struct State {
    /// One for each input, in the order of the table.
    pub(crate) entries: Vec<Entry>,
    /// What the plan is for: every input as it was last allowed.
    pub(crate) scenario: Rc<Scenario>,
    /// What follows from it, once the model is there.
    pub(crate) plan: Option<Rc<Plan>>,
    pub(crate) later: Option<Later>,
    /// All of this as the details show it: not every key is worth drawing them.
    pub(crate) settled: Option<Rc<State>>,
    /// The second part of the program could not be had.
    pub(crate) is_missing: bool,
    /// What is shown of it.
    pub(crate) tab: &'static Tab,
    /// What the link said that could not be taken and belongs to no field.
    pub(crate) notices: Vec<AttrValue>,
    applied: Option<Applied>,
    pub(crate) pinned: Option<Rc<Pinned>>,
    /// The address no longer says what the fields say.
    pub(crate) is_edited: bool,
    /// How often an address was loaded.
    pub(crate) loads: u32,
    /// The way to start that is open.
    pub(crate) beginning: Option<Beginning>,
    /// What was pasted and not taken yet.
    pub(crate) pasted: AttrValue,
    /// The files that were read, the last one first.
    pub(crate) files: Vec<File>,
    /// The kind of file that is shown, and what it is compared with.
    pub(crate) export: &'static str,
    pub(crate) against: Against,
    /// The groups whose rarely needed fields are unfolded.
    pub(crate) unfolded: Vec<Group>,
    /// The inputs whose explanation is open.
    pub(crate) explained: Vec<&'static str>,
    trails: Vec<Trail>,
    /// When the chain is looked at.
    pub(crate) situation: Situation,
    /// The sections whose values are unfolded.
    pub(crate) shown: Vec<&'static str>,
    /// Everything is drawn, for paper.
    pub(crate) is_printing: bool,
    /// What had the focus before that.
    left: AttrValue,
    /// The options whose steps are unfolded.
    pub(crate) detailed: Vec<&'static str>,
    /// What is to be copied or saved next, and how often something was.
    pub(crate) wanted: Option<(Thing, Way)>,
    pub(crate) wishes: u32,
    /// What was copied or saved last.
    pub(crate) taken: Option<(Thing, Way)>,
    /// The browser does not let pages copy: the link is shown, to be copied by hand.
    pub(crate) is_by_hand: bool,
    /// The verdict as it was last spoken.
    pub(crate) spoken: AttrValue,
    /// The id of the element that has to get the focus, and how often the focus was moved.
    pub(crate) focus: (AttrValue, u32),
}

impl State {
    /// The state that a permalink's fragment describes.
    pub(crate) fn read(fragment: &str, tab: Result<&'static Tab, String>) -> Self {
        let scenario = Scenario::default();
        let mut state = Self {
            entries: INPUTS.iter().map(|input| Entry::blank(&scenario, input)).collect(),
            scenario: Rc::new(scenario),
            plan: None,
            later: None,
            settled: None,
            is_missing: false,
            tab: *tab.as_ref().unwrap_or(&crate::tab::FIRST),
            notices: Vec::new(),
            applied: None,
            pinned: None,
            is_edited: false,
            loads: 0,
            beginning: None,
            pasted: AttrValue::default(),
            files: Vec::new(),
            export: "",
            against: Against::Nothing,
            unfolded: Vec::new(),
            explained: Vec::new(),
            trails: Vec::new(),
            situation: Situation::Steady,
            shown: Vec::new(),
            is_printing: false,
            left: AttrValue::default(),
            detailed: Vec::new(),
            wanted: None,
            wishes: 0,
            taken: None,
            is_by_hand: false,
            spoken: AttrValue::default(),
            focus: (AttrValue::default(), 0),
        };
        state.load(fragment);
        if let Err(view) = tab {
            let view = crate::entry::shortened(&view);
            state.notices.push(["There is no view called “", &view, "”: these are the connections."].concat().into());
        }
        state.catch_up();
        state
    }

    /// Whether the details still say what they said before the last keys.
    pub(crate) fn is_behind(&self) -> bool {
        self.settled.as_ref().is_some_and(|settled| !Rc::ptr_eq(&settled.scenario, &self.scenario))
    }

    /// Has the details show what there is now.
    fn catch_up(&mut self) {
        self.settled = None;
        self.settled = Some(Rc::new(self.clone()));
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

    /// What was applied and can be undone, as a sentence.
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
        let before = Rc::clone(&self.scenario);
        entry.take(Rc::make_mut(&mut self.scenario), text);
        if !entry.is_allowed() {
            // The same one, for those who only look whether it is another.
            self.scenario = before;
        }
        self.applied = None;
    }

    /// Has the second part of the program do what it is for.
    pub(crate) fn arrive(&mut self, later: Later) {
        self.later = Some(later);
        self.settle();
    }

    /// The plan for the scenario as it is now.
    fn settle(&mut self) {
        self.plan = self.later.map(|later| Rc::new((later.plan)(&self.scenario)));
    }

    /// Whether the plan has anything to say in a view.
    pub(crate) fn says_something(&self, tab: &Tab) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.values.iter().any(|value| tab.has(&value.id)))
    }

    /// Whether a field is folded away until asked for: the rarely needed ones, and all of what neither the scenario nor
    /// the view is about.
    pub(crate) fn is_folded(&self, input: &Input) -> bool {
        let is_about = match input.group {
            Group::Traffic => true,
            Group::Application | Group::Pooler | Group::Database => self.scenario.has_database(),
            Group::SecretStore => self.scenario.has_secret_store(),
            group => group == self.tab.group,
        };
        input.rare || !is_about
    }

    /// Unfolds the fields among which an input is.
    fn unfold(&mut self, input: &Input) {
        if self.is_folded(input) && !self.unfolded.contains(&input.group) {
            self.unfolded.push(input.group);
        }
    }

    /// Shows every problem.
    fn tell(&mut self) {
        let mut told = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_untold()) {
            entry.tell();
            told.push(entry.input);
        }
        told.into_iter().for_each(|input| self.unfold(input));
    }

    /// Moves the focus to a field, wherever it is folded away.
    fn visit(&mut self, id: &str) {
        if let Ok(input) = Input::find(id) {
            self.unfold(input);
        }
        self.focus(page::control_id(id).into());
    }

    fn reset_all(&mut self) {
        let scenario = Scenario::default();
        self.entries = INPUTS.iter().map(|input| Entry::blank(&scenario, input)).collect();
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
        Applied { what, is_reading: false, entries: self.entries.clone(), scenario: Rc::clone(&self.scenario) }
    }

    /// Loads a preset, and keeps how things were.
    fn start(&mut self, preset: &Preset) {
        let applied = self.as_it_was(&["Loaded: ", preset.title, ". ", preset.what, " Assumed: ", preset.assumed]);
        self.reset_all();
        for (id, text) in preset.inputs {
            self.take(id, AttrValue::Static(text));
        }
        self.applied = Some(applied);
        self.beginning = None;
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

    /// Takes what a file says over what the fields say, and keeps how things were.
    fn read_file(&mut self, name: AttrValue, text: &str) {
        let Some(later) = self.later else { return };
        self.files.retain(|file| file.name != name);
        let mut file = File { name, problems: Vec::new(), refused: None, taken: 0, settings: Vec::new() };
        match (later.read)(&file.name, text) {
            Err(why) => file.refused = Some(why.into()),
            Ok(imported) => {
                file.taken = imported.inputs.len();
                let count = file.taken.to_string();
                let said = ["Read ", &file.name, ": ", &count, " inputs taken."].concat();
                let applied = match self.applied.take().filter(|applied| applied.is_reading) {
                    Some(before) => Applied { what: [&*before.what, " ", &said].concat().into(), ..before },
                    None => Applied { is_reading: true, ..self.as_it_was(&[&said]) },
                };
                for given in imported.inputs {
                    self.take(&given.name, given.text.into());
                }
                self.tell();
                self.applied = Some(applied);
                file.problems = imported.problems;
                file.settings = imported.settings;
                self.pasted = AttrValue::default();
            }
        }
        self.files.insert(0, file);
        self.focus("files-read".into());
    }

    fn swap(&mut self) {
        let (Some(pinned), Some(plan)) = (self.pinned.take(), self.plan.clone()) else { return };
        self.pinned =
            Some(Rc::new(Pinned { entries: self.entries.clone(), scenario: Rc::clone(&self.scenario), plan }));
        self.entries.clone_from(&pinned.entries);
        self.scenario = Rc::clone(&pinned.scenario);
        self.applied = None;
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = Rc::unwrap_or_clone(self);
        let is_typing = matches!(action, Action::Type(..) | Action::Paste(..));
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
                let is_found =
                    next.plan.as_ref().is_some_and(|plan| plan.findings.iter().any(|found| found.fix == fix));
                // What was typed since has made another one of it, which is drawn now.
                if is_found {
                    next.apply(fix);
                }
                is_found
            }
            Action::Start(preset) => {
                next.start(preset);
                true
            }
            Action::Read(name, text) => {
                next.read_file(name, &text);
                true
            }
            Action::ReadPasted => {
                let text = next.pasted.clone();
                next.read_file("Pasted text".into(), &text);
                true
            }
            Action::Undo => {
                if let Some(applied) = next.applied.take() {
                    next.entries = applied.entries;
                    next.scenario = applied.scenario;
                }
                next.focus(VIEW.into());
                true
            }
            Action::Swap => {
                next.swap();
                true
            }
            // The way back to another view of the same scenario: what was typed since stays.
            Action::Load(_, tab, Some(loads)) if loads == next.loads => {
                next.tab = tab;
                false
            }
            Action::Load(fragment, tab, _) => {
                next.load(&fragment);
                next.tab = tab;
                next.is_edited = false;
                next.loads = next.loads.wrapping_add(1);
                false
            }
            Action::Arrive(later) => {
                next.arrive(later);
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
        if !is_typing {
            next.catch_up();
        }
        Rc::new(next)
    }
}

impl State {
    /// What changes how things are shown, and not the scenario.
    fn look(&mut self, action: Action) {
        match action {
            Action::Tell => self.tell(),
            Action::Miss => self.is_missing = true,
            Action::Retry => {
                self.is_missing = false;
                self.focus("result".into());
            }
            Action::Explain(id) => toggle(&mut self.explained, id),
            Action::Visit(id) => self.visit(id),
            Action::Unfold(group) => toggle(&mut self.unfolded, group),
            Action::Dismiss => {
                self.notices.clear();
                self.focus(HEADING.into());
            }
            Action::Go(tab) => {
                self.tab = tab;
                self.focus(VIEW.into());
            }
            Action::Configure => {
                self.tab = Tab::of("strategy.configuration");
                self.focus(FILES.into());
            }
            Action::Begin(way) => self.beginning = (self.beginning != Some(way)).then_some(way),
            Action::Answered => {
                self.beginning = None;
                if !self.says_something(self.tab) {
                    self.tab = Tab::of("nodes.recommended");
                }
                self.focus(VIEW.into());
            }
            Action::Paste(text) => self.pasted = text,
            Action::Pin => {
                let entries = self.entries.clone();
                let scenario = Rc::clone(&self.scenario);
                self.pinned = self.plan.clone().map(|plan| Rc::new(Pinned { entries, scenario, plan }));
            }
            Action::Unpin => {
                self.pinned = None;
                self.focus(VIEW.into());
            }
            Action::Export(kind) => self.export = kind,
            Action::Against(against) => self.against = against,
            Action::Look(situation) => self.situation = situation,
            Action::Show(section) => toggle(&mut self.shown, section),
            Action::Print(Some(focused)) => {
                self.is_printing = true;
                self.left = focused;
            }
            Action::Print(None) => {
                self.is_printing = false;
                // What was drawn for paper is gone, and the focus with it.
                self.focus(self.left.clone());
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
            Action::Speak => {
                if let Some(plan) = &self.plan {
                    self.spoken = plan.verdict.as_str().to_owned().into();
                }
            }
            Action::Take(thing, way) => {
                self.wanted = Some((thing, way));
                self.wishes = self.wishes.wrapping_add(1);
            }
            Action::Taken(thing, way) => {
                self.wanted = None;
                self.is_by_hand = false;
                self.taken = Some((thing, way));
            }
            Action::ByHand => {
                self.wanted = None;
                self.is_by_hand = true;
                self.focus(LINK.into());
            }
            Action::Forget => self.taken = None,
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
