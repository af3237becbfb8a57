//! Path patterns of `operations` and `deny`: one path, or everything below a prefix.

use crate::json::Quoted;
use crate::path;

/// A path as it is (`/v1/sys/seal`) or a prefix with a trailing `*` (`/v1/transit/*`); a `*` inside stands for one
/// whole segment (`/v1/auth/*/oidc/callback`).
///
/// Written decoded and in normal form; a trailing slash makes no difference, upper and lower case do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    /// Up to the first `*`; without a trailing slash where that is the end, so that it is empty for the root.
    head: Box<[u8]>,
    /// What follows each segment left open, up to the next one or to the end; again without a trailing slash.
    tails: Box<[Box<[u8]>]>,
    extent: Extent,
    /// The first eight bytes of the head, and which of them it has.
    first: u64,
    first_mask: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The path itself.
    Exact,
    /// The path itself and everything below it: `/a/*`.
    Below,
    /// Everything that starts so, in the middle of a segment too: `/a*`.
    Prefix,
}

/// Why a text is not a path pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathPatternError {
    /// A path starts with a slash.
    #[error("a path pattern starts with `/`")]
    NotAbsolute,
    /// A `*` that is neither the end nor a whole segment before the end.
    #[error("`*` is allowed at the end of a path pattern, and inside in the place of a whole segment")]
    InnerStar,
    /// Only paths are matched.
    #[error("a path pattern has no query and no fragment")]
    QueryOrFragment,
    /// Escapes, dot segments, doubled slashes or path parameters: requests are normalised, so this could never match.
    #[error("a path pattern is written decoded and without `//`, dot segments, `\\` and `;`: {}", Quoted(normal))]
    NotNormal {
        /// The pattern as it would have to be written.
        normal: String,
    },
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is not an absolute path in normal form, or has a `*` that is neither at its end nor a whole
    /// segment before the end.
    pub fn parse(text: &str) -> Result<Self, PathPatternError> {
        let (prefix, is_open) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
        if !text.starts_with('/') {
            return Err(PathPatternError::NotAbsolute);
        }
        // The last segment has none: at the end of a pattern a `*` has the other meaning, with a slash behind it too.
        let mut segments = prefix.strip_suffix('/').filter(|_| !is_open).unwrap_or(prefix).split('/');
        let has_star = |segment: &str| segment.contains('*');
        if segments.next_back().is_some_and(has_star) || segments.any(|segment| has_star(segment) && segment != "*") {
            return Err(PathPatternError::InnerStar);
        }
        if prefix.contains(['?', '#']) {
            return Err(PathPatternError::QueryOrFragment);
        }
        let normal = path::lenient(prefix.as_bytes());
        if normal != prefix.as_bytes() {
            let star = if is_open { "*" } else { "" };
            return Err(PathPatternError::NotNormal { normal: format!("{}{star}", String::from_utf8_lossy(&normal)) });
        }
        let (stem, is_directory) = prefix.strip_suffix('/').map_or((prefix, false), |stem| (stem, true));
        let extent = match (is_open, is_directory) {
            (false, _) => Extent::Exact,
            (true, true) => Extent::Below,
            (true, false) => Extent::Prefix,
        };
        let mut pieces = stem.split('*').map(|piece| Box::from(piece.as_bytes()));
        let head = pieces.next().unwrap_or_default();
        let (mut first, mut first_mask) = ([0; 8], [0; 8]);
        for ((byte, mask), head) in first.iter_mut().zip(&mut first_mask).zip(&head) {
            (*byte, *mask) = (*head, u8::MAX);
        }
        let (first, first_mask) = (u64::from_le_bytes(first), u64::from_le_bytes(first_mask));
        Ok(Self { text: text.to_owned(), head, tails: pieces.collect(), extent, first, first_mask })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a path in normal form matches.
    #[inline]
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        match (self.after_stem(path), self.extent) {
            (Some(rest), Extent::Exact) => matches!(rest, b"" | b"/"),
            (Some(rest), Extent::Below) => matches!(rest, b"" | [b'/', ..]),
            (Some(_), Extent::Prefix) => true,
            (None, _) => false,
        }
    }

    /// What follows the pattern's segments in a path that begins with them.
    #[inline]
    fn after_stem<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        // Most paths differ from most patterns in their first eight bytes: one comparison spares the others.
        if let Some(first) = path.first_chunk()
            && (u64::from_le_bytes(*first) ^ self.first) & self.first_mask != 0
        {
            return None;
        }
        let mut rest = path.strip_prefix(&*self.head)?;
        for tail in &self.tails {
            let segment = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            rest = rest.get(segment..).filter(|_| segment > 0)?.strip_prefix(&**tail)?;
        }
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matching() {
        #[track_caller]
        fn check(pattern: &str, path: &str, expected: bool) {
            let pattern = PathPattern::parse(pattern).unwrap();
            assert_eq!(pattern.matches(path.as_bytes()), expected, "{pattern:?} on {path}");
        }
        check("/v1/sys/seal", "/v1/sys/seal", true);
        check("/v1/sys/seal", "/v1/sys/seal/", true); // a trailing slash makes no difference
        check("/v1/sys/seal/", "/v1/sys/seal", true);
        check("/v1/sys/seal", "/v1/sys/seal-status", false); // exact means exact
        check("/v1/sys/seal", "/v1/sys/seal/x", false);
        check("/v1/sys/seal", "/v1/sys/SEAL", false); // case makes a difference
        check("/v1/transit/*", "/v1/transit/keys/a", true);
        check("/v1/transit/*", "/v1/transit/", true);
        check("/v1/transit/*", "/v1/transit", true);
        check("/v1/transit/*", "/v1/transition", false);
        check("/v1/tra*", "/v1/transition", true); // a prefix inside a segment
        check("/v1/tra*", "/v1/tr", false);
        check("/*", "/", true);
        check("/*", "/x", true);
        check("/", "/", true);
        check("/", "/x", false);
        check("/caf\u{e9}", "/caf\u{e9}", true);
        check("/v1/auth/*/oidc/callback", "/v1/auth/work/oidc/callback", true); // a star inside is one segment
        check("/v1/auth/*/oidc/callback", "/v1/auth/work/oidc/callback/", true);
        check("/v1/auth/*/oidc/callback", "/v1/auth/oidc/callback", false); // not none
        check("/v1/auth/*/oidc/callback", "/v1/auth/a/b/oidc/callback", false); // not two
        check("/v1/auth/*/oidc/callback", "/v1/auth/work/oidc/callback/x", false);
        check("/v1/auth/*/oidc/callback", "/v1/auth/work", false); // shorter than the pattern
        check("/v1/*/creds/*", "/v1/database/creds/app", true); // one inside and one at the end
        check("/v1/*/creds/*", "/v1/database/creds", true);
        check("/v1/*/creds/*", "/v1/creds/app", false);
        check("/v1/*/creds/*", "/v1/creds/creds/app", true);
        check("/v1/*/roles/*/x", "/v1/a/roles/b/x", true); // two inside
        check("/v1/*/roles/*/x", "/v1/a/roles/b/c/x", false);
        check("/*/seal", "/sys/seal", true);
        check("/v1/*/*", "/v1/x", true); // at least one segment
        check("/v1/*/*", "/v1/x/y/z", true);
        check("/v1/*/*", "/v1", false);
        check("/v1/*/*", "/v1/", false);
        check("/v1/*/s*", "/v1/x/seal", true);
        check("/v1/*/s*", "/v1/x/y/seal", false);
    }

    #[test]
    fn refused() {
        #[track_caller]
        fn check(pattern: &str, expected: &str) {
            assert_eq!(PathPattern::parse(pattern).map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
        check("", "a path pattern starts with `/`");
        check("v1/*", "a path pattern starts with `/`");
        check("*", "a path pattern starts with `/`");
        let star = "`*` is allowed at the end of a path pattern, and inside in the place of a whole segment";
        check("/v1/**", star);
        check("/v1/*/", star); // would be taken for `/v1/*`
        check("/v1/a*/seal", star);
        check("/v1/*a/seal", star);
        check("/v1/**/seal", star);
        check("/v1/*a", star);
        check("/v1/*/a*b", star);
        check("/v1?list=true", "a path pattern has no query and no fragment");
        let normal = |text: &str| {
            format!("a path pattern is written decoded and without `//`, dot segments, `\\` and `;`: {text:?}")
        };
        check("/v1//seal", &normal("/v1/seal"));
        check("/v1/%73eal", &normal("/v1/seal"));
        check("/v1/x/../seal*", &normal("/v1/seal*"));
        check("/v1/seal;x", &normal("/v1/seal"));
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use super::*;
        use proptest::prelude::*;

        /// The rule said plainly: segment by segment, `*` for whichever; nothing may be left, or anything after `/*`.
        fn reference(pattern: &str, path: &str) -> bool {
            let segments = |text: &str| text.split('/').skip(1).map(str::to_owned).collect::<Vec<_>>();
            let (mut pattern, mut path) = (segments(pattern), segments(path));
            if path.last().is_some_and(String::is_empty) {
                path.pop();
            }
            let open = pattern.pop_if(|last| last.ends_with('*'));
            let beginning = open.as_deref().and_then(|last| last.strip_suffix('*'));
            let alike = |(pattern, path): (&String, &String)| pattern == "*" || pattern == path;
            match beginning {
                None => pattern.len() == path.len() && pattern.iter().zip(&path).all(alike),
                Some("") => pattern.len() <= path.len() && pattern.iter().zip(&path).all(alike),
                Some(beginning) => {
                    pattern.iter().zip(&path).all(alike)
                        && path.get(pattern.len()).is_some_and(|segment| segment.starts_with(beginning))
                }
            }
        }

        proptest! {
            #[test]
            fn it_matches_what_it_says(
                pattern in "(/(a|b|ab|[*])){0,3}/(a|b|ab)[*]?|(/(a|b|[*])){0,3}/[*]", path in "(/(a|b|ab)){0,5}/?",
            ) {
                prop_assume!(path.starts_with('/'));
                let matcher = PathPattern::parse(&pattern).unwrap();
                let expected = reference(&pattern, &path);
                prop_assert_eq!(matcher.matches(path.as_bytes()), expected, "{} on {}", pattern, path);
            }

            #[test]
            fn a_text_is_a_pattern_or_says_why(text in "[/a*?%;.]{0,12}") {
                if let Ok(pattern) = PathPattern::parse(&text) {
                    prop_assert_eq!(pattern.as_str(), text);
                }
            }
        }
    }
}
