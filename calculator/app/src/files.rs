//! Files that were chosen or dropped: read in the browser, and nowhere else.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, FileList};

use crate::action::Action;
use crate::state::Dispatcher;

/// A configuration is a few hundred lines; what is larger than this is none.
const MOST_BYTES: f64 = 4_194_304.0;

/// What a server writes itself, which outranks what people wrote.
const OUTRANKS: &str = ".auto.conf";

/// Reads each file and says what it says, what outranks others last.
pub(crate) fn read(files: &FileList, send: &Dispatcher) {
    let mut files: Vec<File> = (0..files.length()).filter_map(|position| files.get(position)).collect();
    files.sort_by_key(|file| file.name().ends_with(OUTRANKS));
    let send = send.clone();
    spawn_local(async move {
        for file in files {
            // A file that cannot be read is refused by its reader, as one without text is.
            let is_small = file.size() <= MOST_BYTES;
            let text = if is_small { JsFuture::from(file.text()).await.ok() } else { None };
            let text = text.and_then(|text| text.as_string()).unwrap_or_default();
            send.dispatch(Action::Read(file.name().into(), text.into()));
        }
    });
}
