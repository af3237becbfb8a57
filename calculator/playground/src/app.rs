//! The one component: what is to be seen, and what happens to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use drawing::{Act, Drawing};
use gloo::timers::callback::{Interval, Timeout};
use routing::{Coordinates, Milliseconds, Role, Topology, TopologyError};
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, Event, HtmlInputElement, PointerEvent};
use yew::{AttrValue, Component, Context, Html, Properties};

use crate::city::{self, CITIES};
use crate::condition::Condition;
use crate::draft::Draft;
use crate::page;
use crate::preset::{PRESETS, Preset};
use crate::projection::{self, HEIGHT, WIDTH};
use crate::simulation::{Journey, Request, Simulation};
use crate::view::View;
use crate::words;

/// How often a running clock moves, in milliseconds.
const BEAT: u32 = 100;
/// How long nothing new is to be said before the last thing is, in milliseconds.
const BEFORE_SPEAKING: u32 = 800;
/// How long it is said that something was copied.
const BEFORE_FORGETTING: u32 = 4_000;
/// What is passed before anything is shown: every cluster has been probed, every region has heard.
const WARM_UP: Milliseconds = Milliseconds::new(10_000);

/// What a press on the map does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tap {
    Read,
    Write,
    Add,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Beat,
    Play(bool),
    Speed(u64),
    Step(u64),
    Preset(AttrValue),
    Reset,
    Undo,
    Tap(Tap),
    Pointer(Pointer, f64, f64, Option<String>),
    Key(String, AttrValue),
    Select(String),
    City(AttrValue),
    Send(bool),
    Condition(String, AttrValue),
    Drain(String, bool),
    Secondary(String, bool),
    Role(String, AttrValue),
    Remove(String),
    Promote(String),
    Readmit(String),
    /// A text is being typed into a field.
    Type(String, AttrValue),
    /// It is finished.
    Enter(Field, AttrValue),
    AddCity,
    Steady(bool),
    Replay,
    Clear,
    Import,
    /// A file was dropped or chosen.
    Files(Option<web_sys::File>),
    Imported(Result<String, String>),
    Copy,
    Copied(bool),
    Forget,
    Download,
    Speak,
    Nothing,
}

/// What a pointer does on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pointer {
    Down,
    Move,
    Up,
    /// It will not go up: the browser scrolls with it.
    Cancel,
}

/// A field whose text is taken when it is finished.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Latitude(String),
    Longitude(String),
    Lag(String),
    Setting { section: &'static str, key: &'static str, is_text: bool },
}

impl Field {
    /// Its name in the page.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Latitude(id) => ["pg-latitude-", id].concat(),
            Self::Longitude(id) => ["pg-longitude-", id].concat(),
            Self::Lag(id) => ["pg-lag-", id].concat(),
            Self::Setting { section, key, .. } => ["pg-", section, "-", key].concat(),
        }
    }
}

impl Act for Action {
    fn with_text(self, text: AttrValue) -> Self {
        match self {
            Self::Preset(_) => Self::Preset(text),
            Self::City(_) => Self::City(text),
            Self::Condition(id, _) => Self::Condition(id, text),
            Self::Role(id, _) => Self::Role(id, text),
            Self::Type(id, _) => Self::Type(id, text),
            Self::Enter(field, _) => Self::Enter(field, text),
            other => other,
        }
    }

    fn with_key(self, key: &str) -> Option<Self> {
        match self {
            Self::Key(id, _) => {
                let is_ours = matches!(key, "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" | "Enter" | " ");
                is_ours.then(|| Self::Key(id, key.to_owned().into()))
            }
            _ => None,
        }
    }

    fn with_event(self, event: &Event) -> Option<Self> {
        match self {
            Self::Pointer(what, ..) => {
                let pointer = event.dyn_ref::<PointerEvent>()?;
                let target = event.target()?.dyn_into::<Element>().ok()?;
                let map = target.closest("svg").ok()??;
                let bounds = map.get_bounding_client_rect();
                let share =
                    |at: i32, from: f64, length: f64| if length > 0.0 { (f64::from(at) - from) / length } else { 0.0 };
                let x = share(pointer.client_x(), bounds.left(), bounds.width()) * WIDTH;
                let y = share(pointer.client_y(), bounds.top(), bounds.height()) * HEIGHT;
                let cluster = target.closest("[data-cluster]").ok()?;
                let cluster = cluster.and_then(|cluster| cluster.get_attribute("data-cluster"));
                if matches!(what, Pointer::Down | Pointer::Up) && pointer.button() != 0 {
                    return None;
                }
                if what == Pointer::Down && cluster.is_some() {
                    // What is dragged over the edge comes back.
                    map.set_pointer_capture(pointer.pointer_id()).ok()?;
                }
                Some(Self::Pointer(what, x, y, cluster))
            }
            Self::Files(_) => {
                let dropped = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
                let field = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                let chosen = || field.as_ref()?.files();
                let files = dropped.and_then(|dropped| dropped.files()).or_else(chosen);
                let file = files.and_then(|files| files.get(0));
                if let Some(field) = &field {
                    // The same file is news when it is chosen again.
                    field.set_value("");
                }
                Some(Self::Files(file))
            }
            other => Some(other),
        }
    }
}

/// A cluster that is being dragged over the map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drag {
    pub(crate) id: String,
    from: (f64, f64),
    /// Where it is, once it has been moved.
    pub(crate) at: Option<(f64, f64)>,
}

/// A request that was sent by hand, and from where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    pub(crate) from: String,
    pub(crate) journey: Journey,
    /// Its number, which tells one arc from the next.
    pub(crate) number: u64,
}

/// Paths that never change.
#[derive(Debug)]
pub(crate) struct Backdrop {
    pub(crate) land: String,
    pub(crate) graticule: String,
    pub(crate) globe: String,
}

/// Everything that is to be seen.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) draft: Draft,
    /// An edited file that another one took the place of.
    pub(crate) left: Option<Draft>,
    pub(crate) simulation: Simulation,
    pub(crate) preset: usize,
    pub(crate) speed: u64,
    pub(crate) is_playing: bool,
    pub(crate) tap: Tap,
    pub(crate) city: &'static str,
    pub(crate) selected: Option<String>,
    pub(crate) sent: Option<Sent>,
    pub(crate) drag: Option<Drag>,
    /// Whether a pointer went down on the map where no cluster is.
    is_pressed: bool,
    /// What is typed and not taken, by the field, and why it was not.
    pub(crate) typed: BTreeMap<String, AttrValue>,
    pub(crate) problems: BTreeMap<String, String>,
    /// What the last wish was refused for.
    pub(crate) refused: Option<String>,
    pub(crate) import_errors: Vec<String>,
    pub(crate) is_copied: Option<bool>,
    /// What the live region says.
    pub(crate) spoken: String,
    pub(crate) backdrop: Backdrop,
    seed: u64,
    sent_so_far: u64,
    to_say: String,
    told: Option<u64>,
}

/// The field that a file is pasted into.
pub(crate) const IMPORT: &str = "pg-import";

impl State {
    fn new(seed: u64) -> Option<Self> {
        let preset = PRESETS.first()?;
        let (draft, topology) = Draft::read(preset.text).ok()?;
        let mut simulation = Simulation::new(topology, seed);
        simulation.pass(WARM_UP);
        Some(Self {
            draft,
            left: None,
            simulation,
            preset: 0,
            speed: 1,
            is_playing: false,
            tap: Tap::Read,
            city: "Paris",
            selected: None,
            sent: None,
            drag: None,
            is_pressed: false,
            typed: BTreeMap::new(),
            problems: BTreeMap::new(),
            refused: None,
            import_errors: Vec::new(),
            is_copied: None,
            spoken: String::new(),
            backdrop: Backdrop {
                land: projection::land(),
                graticule: projection::graticule(),
                globe: projection::globe(),
            },
            seed,
            sent_so_far: 0,
            to_say: String::new(),
            told: None,
        })
    }

    /// Starts anew with another file.  What somebody made of the one before is kept.
    fn start(&mut self, draft: Draft, topology: Topology) {
        let before = std::mem::replace(&mut self.draft, draft);
        let is_preset = |preset: &Preset| Draft::read(preset.text).is_ok_and(|(draft, _)| draft == before);
        if before != self.draft && !PRESETS.iter().any(is_preset) {
            self.left = Some(before);
        }
        self.simulation = Simulation::new(topology, self.seed);
        self.simulation.pass(WARM_UP);
        (self.selected, self.sent, self.drag, self.refused) = (None, None, None, None);
        self.typed.clear();
        self.problems.clear();
        self.import_errors.clear();
        self.told = None;
    }

    /// Goes back to the edited file that was left.
    fn undo(&mut self) {
        let Some(Ok((draft, topology))) = self.left.take().map(|left| Draft::read(&left.text())) else { return };
        self.start(draft, topology);
        self.preset = PRESETS.len();
        self.say("The edited topology is back".to_owned());
    }

    /// Takes an edited file into force; what is wrong with it is said at the field that did it.
    fn deploy(&mut self, field: Option<&Field>, edited: Result<(Draft, Topology), Vec<TopologyError>>) -> bool {
        let id = field.map(Field::id);
        match edited {
            Ok((draft, topology)) => {
                if let Some(id) = &id {
                    self.problems.remove(id);
                    self.typed.remove(id);
                }
                self.draft = draft;
                self.simulation.deploy(topology);
                self.sent = None;
                true
            }
            Err(errors) => {
                let words = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
                match id {
                    Some(id) => drop(self.problems.insert(id, words)),
                    None => self.refuse(words),
                }
                false
            }
        }
    }

    fn say(&mut self, words: String) {
        self.to_say = words;
    }

    fn refuse(&mut self, why: String) {
        self.say(why.clone());
        self.refused = Some(why);
    }

    fn send(&mut self, from: Coordinates, city: Option<&'static city::City>, is_write: bool) {
        let colo = city.and_then(city::City::colo);
        let journey = self.simulation.send(Request::at(from, colo, is_write));
        let from = city.map_or_else(|| words::place(from), |city| city.name.to_owned());
        self.sent_so_far = self.sent_so_far.saturating_add(1);
        let sent = Sent { from, journey, number: self.sent_so_far };
        self.say(words::sentence(&sent));
        self.sent = Some(sent);
    }

    fn pointer(&mut self, what: Pointer, x: f64, y: f64, cluster: Option<String>) -> bool {
        match (what, &mut self.drag) {
            (Pointer::Down, drag) => {
                let is_cluster = cluster.is_some();
                self.is_pressed = !is_cluster;
                *drag = cluster.map(|id| Drag { id, from: (x, y), at: None });
                is_cluster
            }
            (Pointer::Move, Some(drag)) => {
                let is_far = (x - drag.from.0).abs() + (y - drag.from.1).abs() > 3.0;
                if is_far || drag.at.is_some() {
                    drag.at = Some((x, y));
                }
                drag.at.is_some()
            }
            (Pointer::Move, None) => false,
            (Pointer::Up, drag) => {
                let drag = drag.take();
                match drag {
                    Some(Drag { id, at: Some((x, y)), .. }) => {
                        if let Some(place) = projection::unproject(x, y) {
                            self.move_to(&id, place);
                        }
                    }
                    Some(Drag { id, at: None, .. }) => self.selected = Some(id),
                    None => {
                        let is_pressed = std::mem::take(&mut self.is_pressed);
                        let Some(place) = projection::unproject(x, y).filter(|_| is_pressed) else { return false };
                        self.tapped(place);
                    }
                }
                true
            }
            (Pointer::Cancel, drag) => {
                self.is_pressed = false;
                drag.take().is_some()
            }
        }
    }

    fn tapped(&mut self, place: Coordinates) {
        match self.tap {
            Tap::Read | Tap::Write => self.send(place, None, self.tap == Tap::Write),
            Tap::Add => self.add(place),
        }
    }

    fn add(&mut self, place: Coordinates) {
        let (id, edited) = self.draft.with_new(place);
        if self.deploy(None, edited) {
            self.say([&id, " is added, a replica at ", &words::place(place)].concat());
            self.selected = Some(id);
            self.refused = None;
        }
    }

    fn move_to(&mut self, id: &str, place: Coordinates) {
        let edited = self.draft.moved(id, place);
        if self.deploy(None, edited) {
            self.say([id, " is at ", &words::place(place)].concat());
        }
    }

    /// A key was pressed on a cluster of the map.
    fn key(&mut self, id: &str, key: &str) {
        let Some(place) = self.simulation.topology().named(id).map(|cluster| cluster.coordinates) else { return };
        let (north, east) = match key {
            "ArrowUp" => (1.0, 0.0),
            "ArrowDown" => (-1.0, 0.0),
            "ArrowLeft" => (0.0, -1.0),
            "ArrowRight" => (0.0, 1.0),
            _ => {
                self.selected = Some(id.to_owned());
                page::focus(&["pg-card-", id].concat());
                return;
            }
        };
        let longitude = libm::remainder(place.longitude() + east, 360.0);
        let latitude = (place.latitude() + north).clamp(-60.0, 85.0);
        if let Some(place) = Coordinates::from_degrees(latitude, longitude) {
            self.move_to(id, place);
        }
    }

    fn entered(&mut self, field: &Field, text: &str) {
        self.typed.insert(field.id(), text.to_owned().into());
        match field {
            Field::Setting { section, key, is_text } => {
                let edited = self.draft.with_setting(section, key, *is_text, text);
                self.deploy(Some(field), edited);
            }
            Field::Lag(id) => match number(text, 0.0, 86_400.0, "a number of seconds") {
                Ok(seconds) => {
                    let lag = Milliseconds::new(crate::link::whole(seconds * 1_000.0));
                    self.simulation.change(id, |cluster| cluster.lag = lag);
                    self.problems.remove(&field.id());
                    self.typed.remove(&field.id());
                }
                Err(why) => drop(self.problems.insert(field.id(), why)),
            },
            Field::Latitude(id) | Field::Longitude(id) => {
                let Some(at) = self.simulation.topology().named(id).map(|cluster| cluster.coordinates) else { return };
                let is_latitude = matches!(field, Field::Latitude(_));
                let limit = if is_latitude { 90.0 } else { 180.0 };
                let read = number(text, -limit, limit, "a number of degrees").and_then(|degrees| {
                    let place = if is_latitude { (degrees, at.longitude()) } else { (at.latitude(), degrees) };
                    Coordinates::from_degrees(place.0, place.1).ok_or_else(String::new)
                });
                match read {
                    Ok(place) => {
                        let edited = self.draft.moved(id, place);
                        self.deploy(Some(field), edited);
                    }
                    Err(why) => drop(self.problems.insert(field.id(), why)),
                }
            }
        }
        if let Some(why) = self.problems.get(&field.id()) {
            self.say(why.clone());
        }
    }

    /// What came of reading a file.
    fn imported(&mut self, read: Result<String, String>) {
        match read {
            Ok(text) => self.import(&text),
            Err(why) => {
                self.say([&why, "; nothing was changed"].concat());
                self.import_errors = vec![why];
            }
        }
    }

    fn import(&mut self, text: &str) {
        match Draft::read(text) {
            Ok((draft, topology)) => {
                let count = topology.len();
                self.start(draft, topology);
                self.preset = PRESETS.len();
                self.say(["Imported: ", &words::count(count, "cluster", "clusters")].concat());
            }
            Err(errors) => {
                self.import_errors = errors.iter().map(ToString::to_string).collect();
                self.say(
                    [&words::count(errors.len(), "error", "errors"), " in the file; nothing was changed"].concat(),
                );
                self.typed.insert(IMPORT.to_owned(), text.to_owned().into());
            }
        }
    }

    /// Does what an operator wants, and keeps why not.
    fn wish(&mut self, done: Result<(), String>) {
        match done {
            Ok(()) => self.refused = None,
            Err(why) => self.refuse(why),
        }
    }

    /// What is new in the journal is worth saying.
    fn hear(&mut self) {
        let Some(last) = self.simulation.changes.last() else { return };
        if self.told.is_some_and(|told| told < last.number) {
            let words = last.words.clone();
            self.told = Some(last.number);
            self.say(words);
        }
        self.told = Some(self.simulation.changes.last().map_or(0, |last| last.number));
    }
}

/// A number that somebody typed; why not, in words.
fn number(text: &str, min: f64, max: f64, what: &str) -> Result<f64, String> {
    let number = text.trim().replace('\u{2212}', "-").parse::<f64>().ok();
    let is_allowed = |number: &f64| (min..=max).contains(number);
    number.filter(is_allowed).ok_or_else(|| {
        let (min, max) = (min.to_string(), max.to_string());
        ["“", text.trim(), "” was read; ", what, " from ", &min, " to ", &max, " is allowed"].concat()
    })
}

/// What the component is opened with.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct Opening {
    pub(crate) seed: u64,
}

/// The component.
pub(crate) struct App {
    state: Option<State>,
    clock: Option<Interval>,
    speak: Option<Timeout>,
    forget: Option<Timeout>,
}

impl Component for App {
    type Message = Action;
    type Properties = Opening;

    fn create(context: &Context<Self>) -> Self {
        Self { state: State::new(context.props().seed), clock: None, speak: None, forget: None }
    }

    fn update(&mut self, context: &Context<Self>, action: Action) -> bool {
        let Some(state) = &mut self.state else { return false };
        let link = context.link();
        let mut changed = true;
        match action {
            Action::Beat => {
                state.simulation.pass(Milliseconds::new(u64::from(BEAT).saturating_mul(state.speed)));
                state.hear();
            }
            Action::Play(is_playing) => {
                state.is_playing = is_playing;
                let link = link.clone();
                self.clock = is_playing.then(|| Interval::new(BEAT, move || link.send_message(Action::Beat)));
            }
            Action::Speed(speed) => state.speed = speed,
            Action::Step(seconds) => {
                state.simulation.pass(Milliseconds::new(seconds.saturating_mul(1_000)));
                state.hear();
                let clock = words::clock(state.simulation.elapsed());
                if state.to_say.is_empty() {
                    state.say(["The clock is at ", &clock].concat());
                }
            }
            Action::Preset(index) => {
                if let Some((index, preset)) =
                    index.parse().ok().and_then(|index: usize| Some((index, PRESETS.get(index)?)))
                    && let Ok((draft, topology)) = Draft::read(preset.text)
                {
                    state.start(draft, topology);
                    state.preset = index;
                    state.say([preset.name, " is loaded"].concat());
                }
            }
            Action::Reset => {
                let preset = PRESETS.get(state.preset).or(PRESETS.first());
                if let Some(Ok((draft, topology))) = preset.map(|preset| Draft::read(preset.text)) {
                    state.start(draft, topology);
                    state.preset = if state.preset < PRESETS.len() { state.preset } else { 0 };
                    (state.speed, state.is_playing, self.clock) = (1, false, None);
                    state.say("Everything is as it was at the beginning".to_owned());
                }
            }
            Action::Undo => {
                state.undo();
                page::focus("pg-preset");
            }
            Action::Tap(tap) => state.tap = tap,
            Action::Pointer(what, x, y, cluster) => changed = state.pointer(what, x, y, cluster),
            Action::Key(id, key) => state.key(&id, &key),
            Action::Select(id) => state.selected = Some(id),
            Action::City(name) => {
                if let Some(city) = city::named(&name) {
                    state.city = city.name;
                }
            }
            Action::Send(is_write) => {
                let city = CITIES.iter().find(|city| city.name == state.city);
                if let Some((city, place)) = city.and_then(|city| Some((city, city.coordinates()?))) {
                    state.send(place, Some(city), is_write);
                }
            }
            Action::AddCity => {
                if let Some(place) = city::named(state.city).and_then(city::City::coordinates) {
                    state.add(place);
                }
            }
            Action::Condition(id, name) => {
                if let Some(condition) = Condition::named(&name) {
                    state.simulation.change(&id, |cluster| cluster.condition = condition);
                    state.say([&id, " is ", condition.name(), " now"].concat());
                }
            }
            Action::Drain(id, draining) => {
                let done = state.simulation.drain(&id, draining);
                state.wish(done);
                state.hear();
            }
            Action::Secondary(id, is_secondary) => {
                state.simulation.change(&id, |cluster| cluster.is_secondary = is_secondary);
            }
            Action::Role(id, role) => {
                let roles = [Role::Primary, Role::Replica, Role::Standby];
                if let Some(role) = roles.into_iter().find(|known| known.as_str() == role.as_str()) {
                    state.refused = None;
                    let edited = state.draft.with_role(&id, role);
                    state.deploy(None, edited);
                }
            }
            Action::Remove(id) => {
                state.refused = None;
                let edited = state.draft.without(&id);
                if state.deploy(None, edited) {
                    state.say([&id, " is removed"].concat());
                    page::focus("pg-clusters-heading");
                }
            }
            Action::Promote(id) => {
                let done = state.simulation.promote(&id);
                state.wish(done);
                state.hear();
            }
            Action::Readmit(id) => {
                let done = state.simulation.readmit(&id);
                state.wish(done);
                state.hear();
            }
            Action::Type(id, text) => drop(state.typed.insert(id, text)),
            Action::Enter(field, text) => state.entered(&field, &text),
            Action::Steady(is_busy) => state.simulation.set_busy(is_busy),
            Action::Replay => {
                let was_busy = state.simulation.is_busy();
                state.simulation.set_busy(true);
                state.simulation.pass(Milliseconds::new(60_000));
                state.simulation.set_busy(was_busy);
                state.hear();
                let words = words::traffic(&state.simulation.tally);
                state.say(words);
            }
            Action::Clear => state.simulation.tally = crate::tally::Tally::default(),
            Action::Import => {
                let text = state.typed.get(IMPORT).cloned().unwrap_or_default();
                state.import(&text);
            }
            Action::Files(file) => {
                changed = false;
                if let Some(file) = file {
                    let link = link.clone();
                    page::read(&file, move |read| link.send_message(Action::Imported(read)));
                }
            }
            Action::Imported(read) => state.imported(read),
            Action::Copy => {
                changed = false;
                let link = link.clone();
                page::copy(&state.draft.text(), move |is_copied| link.send_message(Action::Copied(is_copied)));
            }
            Action::Copied(is_copied) => {
                state.is_copied = Some(is_copied);
                let link = link.clone();
                self.forget = Some(Timeout::new(BEFORE_FORGETTING, move || link.send_message(Action::Forget)));
            }
            Action::Forget => state.is_copied = None,
            Action::Download => {
                changed = false;
                page::download("topology.json", &state.draft.text());
            }
            Action::Speak => state.spoken = std::mem::take(&mut state.to_say),
            Action::Nothing => changed = false,
        }
        if !state.to_say.is_empty() {
            let link = link.clone();
            self.speak = Some(Timeout::new(BEFORE_SPEAKING, move || link.send_message(Action::Speak)));
        }
        changed
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let link = context.link().clone();
        let mut drawing = Drawing::new(Rc::new(move |action| link.send_message(action)));
        if let Some(state) = &self.state {
            View { state }.draw(&mut drawing);
        }
        drawing.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> State {
        State::new(1).unwrap()
    }

    /// What a file says, by the number of its clusters.
    fn clusters(state: &State) -> usize {
        state.simulation.topology().len()
    }

    fn preset(state: &mut State, index: usize) {
        let (draft, topology) = Draft::read(PRESETS[index].text).unwrap();
        state.start(draft, topology);
        state.preset = index;
    }

    #[test]
    fn an_edited_file_that_was_left_comes_back() {
        let mut state = opened();
        preset(&mut state, 1);
        assert_eq!(state.left, None, "nobody made anything of it");
        state.add(Coordinates::from_degrees(10.0, 10.0).unwrap());
        let edited = state.draft.clone();
        preset(&mut state, 0);
        preset(&mut state, 2);
        assert_eq!(state.left.as_ref(), Some(&edited), "a file that is handed out takes nothing away");
        state.undo();
        assert_eq!((&state.draft, clusters(&state), state.preset), (&edited, 4, PRESETS.len()));
        assert_eq!(state.left, None);
    }

    #[test]
    fn an_unreadable_file_changes_nothing() {
        let mut state = opened();
        let draft = state.draft.clone();
        state.imported(Err("it could not be read".to_owned()));
        assert_eq!(state.import_errors, ["it could not be read"]);
        assert_eq!((&state.draft, state.typed.get(IMPORT)), (&draft, None));
        state.imported(Ok(PRESETS[2].text.to_owned()));
        assert_eq!((state.import_errors.len(), clusters(&state)), (0, 3));
    }

    #[test]
    fn a_press_on_the_map_is_one_that_went_down_there() {
        let (x, y) = projection::project(0.0, 10.0);
        let mut state = opened();
        assert!(!state.pointer(Pointer::Up, x, y, None), "it went down elsewhere");
        state.pointer(Pointer::Down, x, y, None);
        state.pointer(Pointer::Cancel, x, y, None);
        assert!(!state.pointer(Pointer::Up, x, y, None), "the browser scrolled with it");
        assert_eq!(state.sent, None);
        state.pointer(Pointer::Down, x, y, None);
        assert!(state.pointer(Pointer::Up, x, y, None));
        assert!(state.sent.is_some());
    }

    #[test]
    fn a_cluster_is_dragged_over_the_map_and_not_below_it() {
        let mut state = opened();
        let draft = state.draft.clone();
        let mut drag = |end: Pointer, x: f64, y: f64| {
            state.pointer(Pointer::Down, 100.0, 50.0, Some("eu-west".to_owned()));
            state.pointer(Pointer::Move, x, y, None);
            state.pointer(end, x, y, None);
            assert_eq!(state.drag, None);
            state.draft != draft
        };
        assert!(!drag(Pointer::Up, 200.0, HEIGHT + 5.0), "below the edge");
        assert!(!drag(Pointer::Cancel, 200.0, 100.0), "called off");
        assert!(drag(Pointer::Up, 200.0, 100.0));
    }

    #[test]
    fn the_journal_of_another_file_is_not_what_was_told() {
        let mut state = opened();
        state.simulation.drain("eu-west", true).unwrap();
        state.hear();
        assert!(state.told.is_some());
        preset(&mut state, 1);
        assert_eq!(state.told, None);
    }
}
