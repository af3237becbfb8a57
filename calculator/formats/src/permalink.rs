//! The fragment of a permalink: `v=1&pods=4&pool_mode=session`, only what differs from the defaults.

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sizing::{Input, InputError, Scenario};

/// The version of the fragment's layout.
const VERSION: &str = "1";

/// What a fragment cannot hold as it is, or what separates its parts.
const ESCAPED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'&').add(b'#').add(b'%').add(b'=');

/// What a fragment says.
#[derive(Debug, Clone, PartialEq)]
pub struct Permalink {
    /// The scenario of all the inputs that were allowed; the others have their defaults.
    pub scenario: Scenario,
    /// Every input that was given, with its text as it was given, allowed or not.
    pub texts: Vec<(&'static str, String)>,
    /// What was not taken.
    pub errors: Vec<PermalinkError>,
}

/// A part of a fragment that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermalinkError {
    /// An input that does not exist, or a text it does not allow.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A layout this version does not know.
    #[error("the link has version \"{0}\", allowed is {VERSION}: it may not mean what it says")]
    Version(String),
}

/// The fragment for a scenario, without the `#`.
#[must_use]
pub fn write(scenario: &Scenario) -> String {
    let mut fragment = format!("v={VERSION}");
    for (input, text) in scenario.changed() {
        fragment.push('&');
        fragment.push_str(input.id);
        fragment.push('=');
        fragment.extend(utf8_percent_encode(&text, ESCAPED));
    }
    fragment
}

/// Reads a fragment, with or without the `#`.  Each part is read on its own: what cannot be taken is named, the rest
/// applies.
#[must_use]
pub fn read(fragment: &str) -> Permalink {
    let mut link = Permalink { scenario: Scenario::default(), texts: Vec::new(), errors: Vec::new() };
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    for part in fragment.split('&').filter(|part| !part.is_empty()) {
        let (key, text) = part.split_once('=').unwrap_or((part, ""));
        let (key, text) = (percent_decode_str(key).decode_utf8_lossy(), percent_decode_str(text).decode_utf8_lossy());
        if key == "v" {
            if text != VERSION {
                link.errors.push(PermalinkError::Version(text.into_owned()));
            }
            continue;
        }
        if let Ok(input) = Input::find(&key) {
            link.texts.retain(|(id, _)| *id != input.id);
            link.texts.push((input.id, text.clone().into_owned()));
        }
        if let Err(error) = link.scenario.set(&key, &text) {
            link.errors.push(error.into());
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments() {
        let rows: &[(&str, &str, &[&str], &str)] = &[
            ("", "v=1", &[], "nothing said"),
            ("#v=1&pods=4", "v=1&pods=4", &[], "with the sign"),
            ("pods=4", "v=1&pods=4", &[], "without a version: the only one there is"),
            ("v=1&pods=3", "v=1", &[], "a default is not repeated"),
            ("v=1&surge=25%25&pods=5", "v=1&pods=5", &[], "a percent sign is escaped"),
            ("v=1&surge=50%25", "v=1&surge=50%25", &[], "and written so"),
            ("v=1&pools=a:1:0:primary,b:2:-1:x", "v=1&pools=a:1:0:primary,b:2:-1:x", &[], "readable as it is"),
            (
                "v=1&pods=zero&pool_size=7",
                "v=1&pool_size=7",
                &[r#"pods: read "zero", allowed is a whole number from 1 to 100,000"#],
                "one bad value, the others apply",
            ),
            ("v=1&pod=4", "v=1", &[r#"unknown input "pod": did you mean "pods"?"#], "an unknown key is named"),
            (
                "v=2&pods=4",
                "v=1&pods=4",
                &["the link has version \"2\", allowed is 1: it may not mean what it says"],
                "another layout",
            ),
            ("v=1&pods=4&pods=5", "v=1&pods=5", &[], "the last one wins"),
            (
                "v=1&&=&pods",
                "v=1",
                &[r#"unknown input """#, r#"pods: read "", allowed is a whole number from 1 to 100,000"#],
                "scraps",
            ),
            ("%ff=%ff", "v=1", &["unknown input \"\u{fffd}\""], "not UTF-8"),
        ];
        for (fragment, written, errors, reason) in rows {
            let link = read(fragment);
            assert_eq!(write(&link.scenario), *written, "{fragment}: {reason}");
            let named: Vec<String> = link.errors.iter().map(ToString::to_string).collect();
            assert_eq!(named, *errors, "{fragment}: {reason}");
        }
    }

    #[test]
    fn what_was_typed_is_kept() {
        let link = read("v=1&pods=zero&pods=none&hold_ms=x");
        assert_eq!(link.texts, [("pods", "none".to_owned()), ("hold_ms", "x".to_owned())]);
    }
}
