//! What can happen to the playground.

use drawing::Act;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, Event, HtmlInputElement, PointerEvent};
use yew::AttrValue;

use crate::projection::{HEIGHT, WIDTH};

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
