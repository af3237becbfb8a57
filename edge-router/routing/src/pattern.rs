//! Path patterns of `operations` and `deny`: one path, or everything below a prefix.

use crate::path;

/// A path as it is (`/v1/sys/seal`) or a prefix with a trailing `*` (`/v1/transit/*`).
///
/// Written decoded and in normal form; a trailing slash makes no difference, upper and lower case do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    /// Without the `*` and without a trailing slash; empty for the root.
    stem: Vec<u8>,
    extent: Extent,
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
    /// A `*` anywhere but at the end.
    #[error("`*` is allowed at the end of a path pattern only")]
    InnerStar,
    /// Only paths are matched.
    #[error("a path pattern has no query and no fragment")]
    QueryOrFragment,
    /// Escapes, dot segments, doubled slashes or path parameters: requests are normalised, so this could never match.
    #[error("a path pattern is written decoded and without `//`, dot segments, `\\` and `;`: {normal:?}")]
    NotNormal {
        /// The pattern as it would have to be written.
        normal: String,
    },
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the text is not an absolute path in normal form with at most one `*`, at its end.
    pub fn parse(text: &str) -> Result<Self, PathPatternError> {
        let (prefix, is_open) = text.strip_suffix('*').map_or((text, false), |prefix| (prefix, true));
        if !text.starts_with('/') {
            return Err(PathPatternError::NotAbsolute);
        }
        if prefix.contains('*') {
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
        Ok(Self { text: text.to_owned(), stem: stem.as_bytes().to_vec(), extent })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a path in normal form matches.
    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        match (path.strip_prefix(self.stem.as_slice()), self.extent) {
            (Some(rest), Extent::Exact) => matches!(rest, b"" | b"/"),
            (Some(rest), Extent::Below) => matches!(rest, b"" | [b'/', ..]),
            (Some(_), Extent::Prefix) => true,
            (None, _) => false,
        }
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
        check("/v1/*/seal", "`*` is allowed at the end of a path pattern only");
        check("/v1/**", "`*` is allowed at the end of a path pattern only");
        check("/v1?list=true", "a path pattern has no query and no fragment");
        let normal = |text: &str| {
            format!("a path pattern is written decoded and without `//`, dot segments, `\\` and `;`: {text:?}")
        };
        check("/v1//seal", &normal("/v1/seal"));
        check("/v1/%73eal", &normal("/v1/seal"));
        check("/v1/x/../seal*", &normal("/v1/seal*"));
        check("/v1/seal;x", &normal("/v1/seal"));
    }
}
