//! The one component: each action is applied to the state, and what takes time is begun.

use std::rc::Rc;

use drawing::Drawing;
use gloo::timers::callback::{Interval, Timeout};
use routing::{Milliseconds, Role};
use yew::{Component, Context, Html, Properties};

use crate::action::Action;
use crate::city::{self, CITIES};
use crate::condition::Condition;
use crate::draft::Draft;
use crate::page;
use crate::preset::PRESETS;
use crate::state::{IMPORT, State};
use crate::view::View;
use crate::words;

/// How often a running clock moves, in milliseconds.
const BEAT: u32 = 100;
/// How long nothing new is to be said before the last thing is, in milliseconds.
const BEFORE_SPEAKING: u32 = 800;
/// How long it is said that something was copied.
const BEFORE_FORGETTING: u32 = 4_000;

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
