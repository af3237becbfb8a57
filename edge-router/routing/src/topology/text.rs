//! The texts of a topology file that have a syntax: identifiers, URLs, paths, methods, headers.

use super::error::InvalidText;
use super::field::{TextKind, referenced};
use crate::origin::Origin;
use crate::pattern::PathPattern;

pub(crate) const ID: TextKind = TextKind {
    what: "an id",
    // A label of a host name: ids appear in header values and metric labels.
    max: 63,
    regex: referenced("^[a-z0-9-]+$"),
    check: |text| {
        let is_valid = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_valid { Ok(()) } else { Err(InvalidText::Id) }
    },
};

pub(crate) const ORIGIN: TextKind = TextKind {
    what: "a URL",
    max: 300,
    regex: referenced("^[hH][tT][tT][pP][sS]?://[^/?#@]+/?$"),
    check: |text| Ok(Origin::parse(text).map(drop)?),
};

pub(crate) const PATH_PATTERN: TextKind = TextKind {
    what: "a path pattern",
    max: 2_000,
    regex: referenced("^(/[*]|/[^*/?#%;\\\\]*)*/[^*/?#%;\\\\]*[*]?$"),
    check: |text| Ok(PathPattern::parse(text).map(drop)?),
};

pub(crate) const REQUEST_TARGET: TextKind = TextKind {
    what: "a path with an optional query",
    max: 2_000,
    regex: referenced("^/[!-~]*$"),
    check: |text| {
        let is_valid = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if is_valid { Ok(()) } else { Err(InvalidText::RequestTarget) }
    },
};

pub(crate) const JSON_POINTER: TextKind = TextKind {
    what: "a JSON pointer",
    max: 1_000,
    // RFC 6901, section 3.
    regex: referenced("^(/([^/~]|~[01])*)*$"),
    check: |text| {
        let is_escaped = |tail: &str| tail.starts_with(['0', '1']);
        let is_valid = (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(is_escaped);
        if is_valid { Ok(()) } else { Err(InvalidText::JsonPointer) }
    },
};

pub(crate) const METHOD: TextKind = TextKind {
    what: "a method",
    max: 40,
    regex: referenced("^([A-Z][A-Z0-9-]*|[*])$"),
    check: |text| {
        let is_valid = text == "*"
            || (text.starts_with(|first: char| first.is_ascii_uppercase())
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-'));
        if is_valid { Ok(()) } else { Err(InvalidText::Method) }
    },
};

pub(crate) const HEADER_NAME: TextKind = TextKind {
    what: "a header name",
    max: 200,
    regex: referenced("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"),
    check: |text| {
        let is_token = !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token {
            return Err(InvalidText::HeaderName);
        }
        let name = text.to_ascii_lowercase();
        if name.starts_with("x-headroom-") || CONNECTION_HEADERS.contains(&name.as_str()) {
            return Err(InvalidText::ReservedHeader);
        }
        Ok(())
    },
};

/// Headers that belong to the connection or are made by whoever sends the request (RFC 9110, sections 7.2, 7.6.1, 8.6).
const CONNECTION_HEADERS: [&str; 11] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

pub(crate) const HEADER_VALUE: TextKind = TextKind {
    what: "a header value",
    max: 4_000,
    regex: referenced("^([^$].*|[$][A-Za-z_][A-Za-z0-9_]*)?$"),
    check: |text| {
        if let Some(name) = text.strip_prefix('$') {
            let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return if is_name { Ok(()) } else { Err(InvalidText::SecretName) };
        }
        let is_valid = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && text.trim() == text;
        if is_valid { Ok(()) } else { Err(InvalidText::HeaderValue) }
    },
};
