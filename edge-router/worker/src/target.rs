//! The path and query of a request: all of its URL that is ever used.

/// Path and query of a URL, starting with a slash.  Scheme and host are dropped: where a request goes is the topology's
/// to say, not the client's, so no `Host` header and no absolute-form target can name another place.
#[derive(Clone, Copy)]
pub(crate) struct Target<'u>(&'u str);

impl<'u> Target<'u> {
    /// The target of a URL as the platform writes it: absolute and normalised.
    pub(crate) fn of_url(url: &'u str) -> Self {
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        let start = rest.find('/').unwrap_or(rest.len());
        let target = rest.get(start..).unwrap_or_default();
        let target = target.split('#').next().unwrap_or_default();
        Self(if target.is_empty() { "/" } else { target })
    }

    /// Path and query.
    pub(crate) fn as_str(self) -> &'u str {
        self.0
    }

    /// The path alone.
    pub(crate) fn path(self) -> &'u str {
        self.0.split('?').next().unwrap_or_default()
    }
}
