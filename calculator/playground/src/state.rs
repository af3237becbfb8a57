//! What the playground knows, and what changes it.

use std::collections::BTreeMap;

use routing::{Coordinates, Milliseconds, Topology, TopologyError};
use yew::AttrValue;

use crate::action::{Field, Pointer, Tap};
use crate::city;
use crate::draft::Draft;
use crate::page;
use crate::preset::{PRESETS, Preset};
use crate::projection;
use crate::simulation::{Journey, Request, Simulation};
use crate::words;

/// What is passed before anything is shown: every cluster has been probed, every region has heard.
const WARM_UP: Milliseconds = Milliseconds::new(10_000);

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
    pub(crate) to_say: String,
    told: Option<u64>,
}

/// The field that a file is pasted into.
pub(crate) const IMPORT: &str = "pg-import";

impl State {
    pub(crate) fn new(seed: u64) -> Option<Self> {
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
    pub(crate) fn start(&mut self, draft: Draft, topology: Topology) {
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
    pub(crate) fn undo(&mut self) {
        let Some(Ok((draft, topology))) = self.left.take().map(|left| Draft::read(&left.text())) else { return };
        self.start(draft, topology);
        self.preset = PRESETS.len();
        self.say("The edited topology is back".to_owned());
    }

    /// Takes an edited file into force; what is wrong with it is said at the field that did it.
    pub(crate) fn deploy(
        &mut self,
        field: Option<&Field>,
        edited: Result<(Draft, Topology), Vec<TopologyError>>,
    ) -> bool {
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

    pub(crate) fn say(&mut self, words: String) {
        self.to_say = words;
    }

    pub(crate) fn refuse(&mut self, why: String) {
        self.say(why.clone());
        self.refused = Some(why);
    }

    pub(crate) fn send(&mut self, from: Coordinates, city: Option<&'static city::City>, is_write: bool) {
        let colo = city.and_then(city::City::colo);
        let journey = self.simulation.send(Request::at(from, colo, is_write));
        let from = city.map_or_else(|| words::place(from), |city| city.name.to_owned());
        self.sent_so_far = self.sent_so_far.saturating_add(1);
        let sent = Sent { from, journey, number: self.sent_so_far };
        self.say(words::sentence(&sent));
        self.sent = Some(sent);
    }

    pub(crate) fn pointer(&mut self, what: Pointer, x: f64, y: f64, cluster: Option<String>) -> bool {
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

    pub(crate) fn tapped(&mut self, place: Coordinates) {
        match self.tap {
            Tap::Read | Tap::Write => self.send(place, None, self.tap == Tap::Write),
            Tap::Add => self.add(place),
        }
    }

    pub(crate) fn add(&mut self, place: Coordinates) {
        let (id, edited) = self.draft.with_new(place);
        if self.deploy(None, edited) {
            self.say([&id, " is added, a replica at ", &words::place(place)].concat());
            self.selected = Some(id);
            self.refused = None;
        }
    }

    pub(crate) fn move_to(&mut self, id: &str, place: Coordinates) {
        let edited = self.draft.moved(id, place);
        if self.deploy(None, edited) {
            self.say([id, " is at ", &words::place(place)].concat());
        }
    }

    /// A key was pressed on a cluster of the map.
    pub(crate) fn key(&mut self, id: &str, key: &str) {
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

    pub(crate) fn entered(&mut self, field: &Field, text: &str) {
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
    pub(crate) fn imported(&mut self, read: Result<String, String>) {
        match read {
            Ok(text) => self.import(&text),
            Err(why) => {
                self.say([&why, "; nothing was changed"].concat());
                self.import_errors = vec![why];
            }
        }
    }

    pub(crate) fn import(&mut self, text: &str) {
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
    pub(crate) fn wish(&mut self, done: Result<(), String>) {
        match done {
            Ok(()) => self.refused = None,
            Err(why) => self.refuse(why),
        }
    }

    /// What is new in the journal is worth saying.
    pub(crate) fn hear(&mut self) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::HEIGHT;

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
