//! What can happen to the page.

use sizing::input::Group;
use sizing::pool::chain::Situation;
use sizing::preset::Preset;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Event, FileList, HtmlInputElement};
use yew::AttrValue;

use crate::later::Later;
use crate::tab::Tab;

/// What can happen to the state.
#[derive(Clone, PartialEq)]
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
    /// Values that belong together: a finding's fix.
    Apply(Vec<(&'static str, String)>),
    /// A preset takes the place of what the fields say.
    Start(&'static Preset),
    /// Things go back to how they were before the last fix, preset or file.
    Undo,
    /// The address changed: its fragment, its view, and for an entry of the history that the page wrote, how many
    /// addresses it had loaded by then.
    Load(AttrValue, &'static Tab, Option<u32>),
    /// The notices have been read.
    Dismiss,
    /// Another view.
    Go(&'static Tab),
    /// A way to start opens or closes.
    Begin(Beginning),
    /// The questions have been answered.
    Answered,
    /// Files were chosen or dropped; they are still to be read.
    Files(Option<FileList>),
    /// What is pasted is now this.
    Paste(AttrValue),
    /// What was pasted is to be taken.
    ReadPasted,
    /// A file's text: its name and what it says.
    Read(AttrValue, AttrValue),
    /// The scenario is kept to be compared with, or no longer.
    Pin,
    Unpin,
    /// The scenario that was kept and the present one change places.
    Swap,
    /// The files are shown.
    Configure,
    /// Another kind of file is shown.
    Export(&'static str),
    /// What the file is compared with.
    Against(Against),
    /// The chain is looked at in another situation.
    Look(Situation),
    /// The values of a section unfold or fold.
    Show(&'static str),
    /// The page is to be printed.
    Paper,
    /// Everything is drawn, for paper, while something has the focus; or no longer.
    Print(Option<AttrValue>),
    /// The steps of an option unfold or fold.
    Detail(&'static str),
    /// In a panel, the derivation of a value opens, on its own or after the one it was reached from.
    Open(AttrValue, AttrValue),
    Follow(AttrValue, AttrValue),
    /// In a panel, the derivation closes, or goes back to the one it was reached from.
    Close(AttrValue),
    Back(AttrValue),
    /// The model has arrived.
    Arrive(Later),
    /// It could not be had.
    Miss,
    /// It is to be tried again.
    Retry,
    /// Typing has paused: the details follow.
    Settle,
    /// The verdict has been the same for a while.
    Speak,
    /// Something is to be copied or saved.
    Take(Thing, Way),
    /// That was done, or has to be done by hand.
    Taken(Thing, Way),
    ByHand,
    /// It has been said for long enough that something was copied.
    Forget,
}

/// The ways to start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    Preset,
    Files,
    Questions,
}

/// What can be taken away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    Link,
    /// The report as Markdown.
    Report,
    /// Scenario and plan as JSON.
    Json,
    /// The file that is shown.
    Export,
}

/// How something is taken away.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Copy,
    Save,
}

/// What an exported file is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    Nothing,
    Defaults,
    Imported,
}

impl drawing::Act for Action {
    fn with_text(self, text: AttrValue) -> Self {
        match self {
            Self::Type(id, _) => Self::Type(id, text),
            Self::Paste(_) => Self::Paste(text),
            other => other,
        }
    }

    fn with_event(self, event: &Event) -> Option<Self> {
        let dropped = || event.dyn_ref::<DragEvent>()?.data_transfer()?.files();
        let chosen = || event.target()?.dyn_ref::<HtmlInputElement>()?.files();
        match self {
            Self::Files(_) => dropped().or_else(chosen).map(|files| Self::Files(Some(files))),
            _ => None,
        }
    }
}
