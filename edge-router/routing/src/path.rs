//! The path of a request in the forms in which an upstream may understand it, for matching only.

use std::borrow::Cow;

/// A path as a strict and as a lenient upstream would read it.  Both are normal: one slash at a time, no dot segments,
/// starting with a slash.  What is forwarded is the original.
///
/// - **strict**: escapes are decoded once, except those of `/`, `\`, `;` and `%`, which are data to such a server
///   (RFC 3986, sections 2.3, 2.4 and 6.2.2).
/// - **lenient**: escapes are decoded until none is left, `\` counts as `/`, and path parameters (`;...`, RFC 3986,
///   section 3.3) are cut off.  Whatever a chain of careless servers makes of a path without dot segments, this form
///   shows it.
///
/// Dot segments that only some servers see (`..;`, `..%2f`, `%252e%252e`) have no such form: which segments they take
/// away differs from server to server.  A path that has any is known for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readings<'p> {
    strict: Cow<'p, [u8]>,
    /// `None` where it is the same as the strict form.
    lenient: Option<Vec<u8>>,
    hides_dots: bool,
}

impl<'p> Readings<'p> {
    pub(crate) fn of(path: &'p str) -> Self {
        let bytes = path.as_bytes();
        if is_normal(bytes) {
            return Self { strict: Cow::Borrowed(bytes), lenient: None, hides_dots: false };
        }
        let strict = strict(bytes);
        let bare = bare(bytes);
        let hides_dots = dot_segments(&bare) > honest_dot_segments(bytes);
        let lenient = resolve(&bare);
        let lenient = (lenient != strict).then_some(lenient);
        Self { strict: Cow::Owned(strict), lenient, hides_dots }
    }

    /// Whether it has dot segments that some servers see and others do not.
    pub(crate) fn hides_dots(&self) -> bool {
        self.hides_dots
    }

    pub(crate) fn strict(&self) -> &[u8] {
        &self.strict
    }

    pub(crate) fn lenient(&self) -> &[u8] {
        self.lenient.as_deref().unwrap_or(&self.strict)
    }

    /// Whether every upstream reads it alike.
    pub(crate) fn is_unambiguous(&self) -> bool {
        self.lenient.is_none() && !self.hides_dots
    }
}

/// Whether nothing in the path could make its forms differ from it: the common case, decided without allocating.
fn is_normal(path: &[u8]) -> bool {
    path.first() == Some(&b'/')
        && !path.iter().any(|byte| matches!(byte, b'%' | b'\\' | b';'))
        && !path.windows(2).any(|pair| matches!(pair, b"//" | b"/."))
}

fn strict(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            decoded.push(first);
        } else if let [high, low, after @ ..] = after
            && let Some(byte) = escaped_byte(*high, *low)
        {
            match byte {
                b'/' => decoded.extend_from_slice(b"%2F"),
                b'\\' => decoded.extend_from_slice(b"%5C"),
                b';' => decoded.extend_from_slice(b"%3B"),
                b'%' => decoded.extend_from_slice(b"%25"),
                byte => decoded.push(byte),
            }
            rest = after;
        } else {
            // A percent sign that starts no escape: written as one, so that what follows cannot complete it.
            decoded.extend_from_slice(b"%25");
        }
    }
    resolve(&decoded)
}

pub(crate) fn lenient(path: &[u8]) -> Vec<u8> {
    resolve(&bare(path))
}

/// How many segments of a decoded path are `.` or `..`.
fn dot_segments(path: &[u8]) -> usize {
    path.split(|byte| *byte == b'/').filter(|segment| matches!(*segment, b"." | b"..")).count()
}

/// How many segments every server takes for `.` or `..`: written so, or with escaped dots, which the URL standard reads
/// alike.
fn honest_dot_segments(path: &[u8]) -> usize {
    let is_dots = |segment: &[u8]| {
        let text = String::from_utf8_lossy(segment).to_ascii_lowercase().replace("%2e", ".");
        matches!(text.as_str(), "." | "..")
    };
    path.split(|byte| *byte == b'/').filter(|segment| is_dots(segment)).count()
}

/// The path with every escape decoded, one kind of slash, and no path parameters.
fn bare(path: &[u8]) -> Vec<u8> {
    let mut decoded: Vec<u8> = Vec::with_capacity(path.len());
    for &byte in path {
        decoded.push(byte);
        // A decoded byte may complete another escape (`%2535` is `%35` is `5`): one pass that looks back, so that a long
        // run of nested escapes costs no more than its length.
        while let [before @ .., b'%', high, low] = decoded.as_slice() {
            let Some(byte) = escaped_byte(*high, *low) else { break };
            let length = before.len();
            decoded.truncate(length);
            decoded.push(byte);
        }
    }
    for byte in &mut decoded {
        if *byte == b'\\' {
            *byte = b'/';
        }
    }
    let mut bare = Vec::with_capacity(decoded.len());
    for (index, segment) in decoded.split(|byte| *byte == b'/').enumerate() {
        if index > 0 {
            bare.push(b'/');
        }
        bare.extend(segment.iter().take_while(|byte| **byte != b';'));
    }
    bare
}

fn escaped_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}

/// Merges slashes and resolves dot segments (RFC 3986, section 5.2.4); a path that ends in a directory keeps its slash.
fn resolve(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    let mut is_directory = true;
    for segment in path.split(|byte| *byte == b'/') {
        is_directory = matches!(segment, b"" | b"." | b"..");
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut resolved = Vec::with_capacity(path.len() + 1);
    for segment in &segments {
        resolved.push(b'/');
        resolved.extend_from_slice(segment);
    }
    if is_directory || segments.is_empty() {
        resolved.push(b'/');
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, strict: &str, lenient: &str) {
        let readings = Readings::of(path);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!((text(readings.strict()), text(readings.lenient())), (strict.to_owned(), lenient.to_owned()));
    }

    #[test]
    fn readings() {
        check("/v1/sys/seal", "/v1/sys/seal", "/v1/sys/seal"); // nothing to do
        check("/v1//sys///seal", "/v1/sys/seal", "/v1/sys/seal"); // doubled slashes
        check("/v1/./sys/x/../seal", "/v1/sys/seal", "/v1/sys/seal"); // dot segments
        check("/../../v1", "/v1", "/v1"); // above the root there is nothing
        check("/v1/%73eal", "/v1/seal", "/v1/seal"); // an escaped letter
        check("/v1/%7Euser", "/v1/~user", "/v1/~user");
        check("/v1/%2e%2E/seal", "/seal", "/seal"); // escaped dots, either case
        check("/v1/a%2fb", "/v1/a%2Fb", "/v1/a/b"); // an escaped slash: data to one, a separator to the other
        check("/v1/a/..%2f..%2fseal", "/v1/a/..%2F..%2Fseal", "/seal");
        check("/v1/%2573eal", "/v1/%2573eal", "/v1/seal"); // escaped twice
        check("/v1/%25252573eal", "/v1/%25252573eal", "/v1/seal"); // and more often
        check("/v1\\sys\\seal", "/v1\\sys\\seal", "/v1/sys/seal"); // backslashes
        check("/v1%5csys%5Cseal", "/v1%5Csys%5Cseal", "/v1/sys/seal");
        check("/v1/sys;a=b/seal;c", "/v1/sys;a=b/seal;c", "/v1/sys/seal"); // path parameters
        check("/v1/x/..;/seal", "/v1/x/..;/seal", "/v1/seal");
        check("/v1/sys/", "/v1/sys/", "/v1/sys/"); // a trailing slash is kept
        check("/v1/sys/..", "/v1/", "/v1/");
        check("/100%", "/100%25", "/100%"); // a stray percent sign
        check("/%zz%4", "/%25zz%254", "/%zz%4");
        check("/%4%31", "/%2541", "/A"); // a stray one that what follows would complete
        check("", "/", "/");
        check("v1", "/v1", "/v1");
        check("/...", "/...", "/..."); // three dots are a name
        check("/.well-known/x", "/.well-known/x", "/.well-known/x");
    }

    #[test]
    fn hidden_dots() {
        for (path, expected, reason) in [
            ("/v1/x/../seal", false, "everybody sees them"),
            ("/v1/x/%2e%2E/seal", false, "and so escaped"),
            ("/v1/.../x", false, "three dots are a name"),
            ("/v1/a%2fb;c", false, "no dots at all"),
            ("/v1/sys/seal/..;%2f..", true, "a parameter on the dots, and an escaped slash"),
            ("/v1/sys/seal/%252e%252e%2f..", true, "escaped twice"),
            ("/v1/sys/seal/..%5cx%2f..", true, "behind a backslash"),
            ("/v1/x/..;/seal", true, "a parameter on the dots"),
            ("/v1/./%2e;x", true, "one that is seen does not cover for one that is not"),
        ] {
            assert_eq!(Readings::of(path).hides_dots(), expected, "{path}: {reason}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn both_forms_are_fixed_points(path in "(/|//|\\.|\\.\\.|%|%2[eEfF5]|%5[cC]|;|\\\\|[a-f0-9]|é|%[0-9a-f]{2}){0,24}") {
                let strict_once = strict(path.as_bytes());
                prop_assert_eq!(&strict(&strict_once), &strict_once);
                let lenient_once = lenient(path.as_bytes());
                prop_assert_eq!(&lenient(&lenient_once), &lenient_once);
            }

            #[test]
            fn a_normal_path_is_read_as_it_stands(path in "(/[a-z]{1,3}){1,6}/?") {
                let readings = Readings::of(&path);
                prop_assert_eq!(readings.strict(), path.as_bytes());
                prop_assert!(readings.is_unambiguous());
            }
        }
    }
}
