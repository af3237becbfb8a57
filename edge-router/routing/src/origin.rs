//! Where a cluster is reached: scheme, host and port of an absolute URL, checked for what an edge fetch accepts.
//!
//! Checked here and not with a URL parser: an origin is a small part of a URL, a general parser repairs (`127.1`, stray
//! tabs, backslashes, upper case, percent escapes in host names) what a configuration should rather be told about, and
//! its tables for international names would be most of the worker's weight.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::json::Quoted;

/// Scheme, host and port, in the form `https://vault.example.com:8200`: no user, no path, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// Why a text is not the URL of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// No `scheme://`.
    #[error("an absolute URL such as https://vault.example.com is needed")]
    NotAbsolute,
    /// Another scheme than http and https.
    #[error("the scheme is {}; only https, and http on a loopback address, are allowed", Quoted(scheme))]
    Scheme {
        /// The scheme read.
        scheme: String,
    },
    /// Nothing between `//` and what follows.
    #[error("the host is missing")]
    NoHost,
    /// A user name or password.
    #[error("a user name or password in a URL is not allowed; put credentials into `headers`, from a secret")]
    UserInfo,
    /// A path other than `/`.
    #[error("a path is not allowed: the path of the request is sent")]
    Path,
    /// A query or a fragment.
    #[error("a query or fragment is not allowed")]
    QueryOrFragment,
    /// A port that is not a number from 1 to 65535.
    #[error("the port is {}; 1 to 65535 is allowed", Quoted(port))]
    Port {
        /// The port read.
        port: String,
    },
    /// Something that is no host name.
    #[error(
        "the host {} is no host name; labels of a-z, 0-9, `-` and `_` with dots between them are allowed, others in their xn-- form",
        Quoted(host)
    )]
    Host {
        /// The host read.
        host: String,
    },
    /// A literal address, which an edge fetch refuses.
    #[error(
        "the host {} is a literal IP address, which fetch refuses at the edge; a host name is needed, or a loopback address in development",
        Quoted(host)
    )]
    IpAddress {
        /// The host read.
        host: String,
    },
    /// Plain http to a host that is not this machine.
    #[error("http is allowed on a loopback address only; use https")]
    PlainHttp,
}

impl Origin {
    /// Reads the URL of a cluster; a path of `/` and upper case in scheme and host are accepted and dropped.
    ///
    /// # Errors
    /// When the text is not an absolute http(s) URL of a bare host and port, names a literal IP address other than
    /// loopback, or uses plain http to a host other than loopback.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::NotAbsolute)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(OriginError::Scheme { scheme });
        }
        if rest.contains(['?', '#']) {
            return Err(OriginError::QueryOrFragment);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err(OriginError::UserInfo);
        }
        if !path.is_empty() {
            return Err(OriginError::Path);
        }
        let (host, port) = split_port(authority);
        let host = host.to_ascii_lowercase();
        let is_loopback = check_host(&host)?;
        if scheme == "http" && !is_loopback {
            return Err(OriginError::PlainHttp);
        }
        let default_port = if scheme == "https" { 443 } else { 80 };
        match port.map(check_port).transpose()? {
            Some(port) if port != default_port => Ok(Self(format!("{scheme}://{host}:{port}"))),
            _ => Ok(Self(format!("{scheme}://{host}"))),
        }
    }

    /// The origin as text, without a trailing slash: append a path that starts with one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The colons of an IPv6 address stand in brackets and separate no port.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.starts_with('[') || host.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn check_port(port: &str) -> Result<u16, OriginError> {
    let is_decimal = port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(number) if is_decimal && number > 0 => Ok(number),
        _ => Err(OriginError::Port { port: port.to_owned() }),
    }
}

/// Whether the host is a loopback address or name, or why it is no host.
fn check_host(host: &str) -> Result<bool, OriginError> {
    if host.is_empty() {
        return Err(OriginError::NoHost);
    }
    let not_a_host = || OriginError::Host { host: host.to_owned() };
    let require_loopback = |is_loopback: bool| {
        if is_loopback { Ok(true) } else { Err(OriginError::IpAddress { host: host.to_owned() }) }
    };
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').and_then(|address| address.parse::<Ipv6Addr>().ok());
        return require_loopback(address.ok_or_else(not_a_host)?.is_loopback());
    }
    // URL parsers take every host whose last label is a number for an IPv4 address, `127.1` and `0x7f000001` included
    // (WHATWG URL, "ends in a number checker"); of these only the plain dotted form is understood here.
    let last_label = host.rsplit('.').next().unwrap_or(host);
    let is_number = |label: &str| {
        let digits = label.strip_prefix("0x");
        digits.map_or(!label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()), |digits| {
            digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    if is_number(last_label) {
        return require_loopback(host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()));
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(not_a_host());
    }
    Ok(host == "localhost" || host.ends_with(".localhost"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(Origin::parse(text).unwrap().as_str(), expected);
        }
        check("https://vault.example.com", "https://vault.example.com");
        check("https://vault.example.com/", "https://vault.example.com"); // a bare slash is no path
        check("HTTPS://Vault.Example.COM", "https://vault.example.com");
        check("https://vault.example.com:8200", "https://vault.example.com:8200");
        check("https://vault.example.com:443", "https://vault.example.com"); // the scheme's own port
        check("http://127.0.0.1:9101", "http://127.0.0.1:9101"); // development
        check("http://localhost:80/", "http://localhost");
        check("http://eu.localhost:9102", "http://eu.localhost:9102");
        check("http://[::1]:9103", "http://[::1]:9103");
        check("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example");
        check("https://vault_eu.internal.example", "https://vault_eu.internal.example");
    }

    #[test]
    fn refused() {
        #[track_caller]
        fn check(text: &str, expected: &OriginError) {
            assert_eq!(&Origin::parse(text).unwrap_err(), expected, "{text:?}");
        }
        let host = |host: &str| OriginError::Host { host: host.to_owned() };
        let address = |host: &str| OriginError::IpAddress { host: host.to_owned() };
        let port = |port: &str| OriginError::Port { port: port.to_owned() };
        check("", &OriginError::NotAbsolute);
        check("vault.example.com", &OriginError::NotAbsolute);
        check("//vault.example.com", &OriginError::NotAbsolute);
        check("https:vault.example.com", &OriginError::NotAbsolute);
        check("ftp://vault.example.com", &OriginError::Scheme { scheme: "ftp".to_owned() });
        check("javascript://vault.example.com", &OriginError::Scheme { scheme: "javascript".to_owned() });
        check("https://", &OriginError::NoHost);
        check("https:///v1", &OriginError::Path);
        check("https://:8200", &OriginError::NoHost);
        check("https://user:secret@vault.example.com", &OriginError::UserInfo);
        check("https://vault.example.com@evil.example", &OriginError::UserInfo);
        check("https://vault.example.com/v1", &OriginError::Path);
        check("https://vault.example.com//", &OriginError::Path);
        check("https://vault.example.com?x", &OriginError::QueryOrFragment);
        check("https://vault.example.com/#x", &OriginError::QueryOrFragment);
        check("https://vault.example.com:0", &port("0"));
        check("https://vault.example.com:65536", &port("65536"));
        check("https://vault.example.com:", &port(""));
        check("https://vault.example.com:+80", &port("+80"));
        check("https://vault..example.com", &host("vault..example.com"));
        check("https://-vault.example.com", &host("-vault.example.com"));
        check("https://vault.example.com\\@evil.example", &OriginError::UserInfo);
        check("https://vault.example.com\\evil", &host("vault.example.com\\evil"));
        check("https://vault example.com", &host("vault example.com"));
        check("https://vault%2eexample.com", &host("vault%2eexample.com"));
        check("https://m\u{fc}nchen.example", &host("m\u{fc}nchen.example"));
        check("https://10.0.0.1", &address("10.0.0.1"));
        check("https://1.1.1.1:443", &address("1.1.1.1"));
        check("https://[2001:db8::1]", &address("[2001:db8::1]"));
        check("https://[::1", &host("[::1"));
        check("http://127.1", &address("127.1")); // shorthand for an address
        check("http://2130706433", &address("2130706433"));
        check("http://0x7f000001", &address("0x7f000001"));
        check("http://vault.example.com", &OriginError::PlainHttp);
        check("http://localhost.example.com", &OriginError::PlainHttp);
    }
}
