//! The `_headers` file of a Cloudflare static site: which response headers each path gets.
//!
//! A line that begins with `/` or a scheme opens a rule; the lines below it add a header (`Name: value`) or take one
//! away (`! Name`).  `*` in a path stands for any text, `:name` for one segment, and both can be used in values.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The rules of a `_headers` file, in order.
#[derive(Debug, Default)]
pub struct Headers {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    pattern: Vec<Token>,
    unset: Vec<HeaderName>,
    /// Values may still hold placeholders.
    set: Vec<(HeaderName, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Literal(String),
    Splat,
    Placeholder(String),
}

impl Headers {
    /// Reads a `_headers` file.
    ///
    /// # Errors
    /// Names the first line that is no rule, no header and no comment.
    pub fn parse(text: &str) -> Result<Self> {
        let mut headers = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            let at = || format!("_headers, line {number}: `{line}`");
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // A rule for another host matches nothing here, but has to be written well all the same.
            let elsewhere = line.split_once("://").is_some_and(|(scheme, _)| !scheme.contains([' ', ':']));
            if elsewhere || line.starts_with('/') {
                let pattern = pattern(if elsewhere { "" } else { line }).with_context(at)?;
                headers.rules.push(Rule { pattern, unset: Vec::new(), set: Vec::new() });
                continue;
            }
            let rule = headers.rules.last_mut().context("a header before any path").with_context(at)?;
            rule.add(line).with_context(at)?;
        }
        Ok(headers)
    }

    /// Changes the headers of a response to `path` as the rules say: the first value set replaces the server's own,
    /// further ones are joined to it.
    pub fn apply(&self, path: &str, response: &mut HeaderMap) {
        let mut set_before: Vec<&HeaderName> = Vec::new();
        for rule in &self.rules {
            let Some(captures) = matches(&rule.pattern, path) else { continue };
            for name in &rule.unset {
                response.remove(name);
            }
            for (name, value) in &rule.set {
                let mut value = fill(value, &captures).into_owned();
                if set_before.contains(&name)
                    && let Some(first) = response.get(name).and_then(|first| first.to_str().ok())
                {
                    value = format!("{first}, {value}");
                }
                if let Ok(value) = HeaderValue::from_str(&value) {
                    response.insert(name, value);
                    set_before.push(name);
                }
            }
        }
    }
}

impl Rule {
    fn add(&mut self, line: &str) -> Result<()> {
        if let Some(name) = line.strip_prefix('!') {
            self.unset.push(header_name(name)?);
            return Ok(());
        }
        let (name, value) = line.split_once(':').context("expected `Name: value`")?;
        let (name, value) = (header_name(name)?, value.trim());
        HeaderValue::from_str(value)
            .ok()
            .filter(|value| !value.is_empty())
            .context("the value is empty or not text")?;
        match self.set.iter_mut().find(|(other, _)| *other == name) {
            Some((_, first)) => *first = format!("{first}, {value}"),
            None => self.set.push((name, value.to_owned())),
        }
        Ok(())
    }
}

fn header_name(text: &str) -> Result<HeaderName> {
    let text = text.trim();
    text.parse().with_context(|| format!("`{text}` is no name of a header"))
}

fn pattern(path: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('*') {
            if tokens.contains(&Token::Splat) {
                bail!("only one `*` is allowed in a path");
            }
            tokens.push(Token::Splat);
            rest = after;
            continue;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let named = rest.strip_prefix(':').filter(|after| after.starts_with(|c: char| c.is_ascii_alphabetic()));
        let (start, split) = match named {
            Some(after) => (after, after.find(|c| !is_name(c)).unwrap_or(after.len())),
            None => {
                let first = rest.chars().next().map_or(0, char::len_utf8);
                let next = rest.get(first..).and_then(|tail| tail.find(['*', ':'])).map(|offset| offset + first);
                (rest, next.unwrap_or(rest.len()))
            }
        };
        let (text, after) = start.split_at_checked(split).unwrap_or((start, ""));
        tokens.push(if named.is_some() {
            Token::Placeholder(text.to_owned())
        } else {
            Token::Literal(text.to_owned())
        });
        rest = after;
    }
    Ok(tokens)
}

/// What the placeholders stand for, where the whole path matches.
fn matches<'a>(pattern: &'a [Token], path: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let Some((first, others)) = pattern.split_first() else {
        return path.is_empty().then(Vec::new);
    };
    let (name, least, most) = match first {
        Token::Literal(text) => return matches(others, path.strip_prefix(text.as_str())?),
        Token::Splat => ("splat", 0, path.len()),
        Token::Placeholder(name) => (name.as_str(), 1, path.find('/').unwrap_or(path.len())),
    };
    (least..=most).rev().find_map(|length| {
        let (text, after) = path.split_at_checked(length)?;
        let mut captures = matches(others, after)?;
        captures.push((name, text));
        Some(captures)
    })
}

fn fill<'a>(value: &'a str, captures: &[(&str, &str)]) -> Cow<'a, str> {
    captures.iter().fold(Cow::Borrowed(value), |value, (name, text)| {
        let placeholder = format!(":{name}");
        if value.contains(&placeholder) { Cow::Owned(value.replace(&placeholder, text)) } else { value }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_as_a_whole() {
        for (rule, path, expected) in [
            ("/", "/", true),
            ("/", "/index.html", false),
            ("/*", "/", true),
            ("/*", "/a/b.css", true),
            ("/start-*", "/start-0a1b.js", true),
            ("/start-*", "/guide/start-0a1b.js", false),
            ("/*.wasm", "/a/b_bg-01.wasm", true),
            ("/*.wasm", "/a.wasm.br", false),
            ("/guide/:page", "/guide/pools", true),
            ("/guide/:page", "/guide/pools/more", false),
            ("/guide/:page", "/guide/", false),
            ("/guide/:page.html", "/guide/pools.html", true),
            ("/a:1", "/a:1", true),
        ] {
            let pattern = pattern(rule).expect("a valid path");
            assert_eq!(matches(&pattern, path).is_some(), expected, "{rule} {path}");
        }
    }

    fn applied(rules: &str, path: &str) -> Vec<(String, String)> {
        let mut response = HeaderMap::new();
        response.insert("cache-control", HeaderValue::from_static("max-age=0"));
        Headers::parse(rules).expect("valid rules").apply(path, &mut response);
        let text = |value: &HeaderValue| value.to_str().expect("text").to_owned();
        let mut headers: Vec<_> = response.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        headers.sort_unstable();
        headers
    }

    #[test]
    fn rules_change_the_headers_of_a_response() {
        let keep = ("cache-control", "max-age=0");
        for (rules, path, expected, reason) in [
            ("", "/", vec![keep], "no rules"),
            ("# all\n/*\n  X-A: 1\n", "/x", vec![keep, ("x-a", "1")], "a header is added"),
            ("/*\n  Cache-Control: immutable\n", "/x", vec![("cache-control", "immutable")], "one is replaced"),
            ("/*\n  X-A: 1\n/x\n  X-A: 2\n", "/x", vec![keep, ("x-a", "1, 2")], "two rules are joined"),
            ("/*\n  X-A: 1\n  X-A: 2\n", "/x", vec![keep, ("x-a", "1, 2")], "two lines are joined"),
            ("/*\n  X-A: 1\n/x\n  ! X-A\n", "/x", vec![keep], "one is taken away again"),
            ("/x\n! Cache-Control\n", "/x", vec![], "the server's own is taken away; indentation means nothing"),
            ("/y\n  X-A: 1\n", "/x", vec![keep], "another path"),
            ("/:a/*\n  X-A: :a of :splat\n", "/b/c/d", vec![keep, ("x-a", "b of c/d")], "placeholders"),
            ("https://other.example/*\n  X-A: 1\n", "/x", vec![keep], "a rule for another host"),
            (
                "/*\n  Link: <https://a.example>; rel=x\n",
                "/x",
                vec![keep, ("link", "<https://a.example>; rel=x")],
                "a value with a scheme",
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            assert_eq!(applied(rules, path), expected, "{reason}");
        }
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (rules, complaint) in [
            ("X-A: 1\n", "_headers, line 1: `X-A: 1`: a header before any path"),
            ("/*\n\n  nonsense\n", "_headers, line 3: `nonsense`: expected `Name: value`"),
            ("/*\n  X A: 1\n", "_headers, line 2: `X A: 1`: `X A` is no name of a header: invalid HTTP header name"),
            ("/*\n  X-A:\n", "_headers, line 2: `X-A:`: the value is empty or not text"),
            ("/*/*\n", "_headers, line 1: `/*/*`: only one `*` is allowed in a path"),
        ] {
            let error = Headers::parse(rules).expect_err(complaint);
            assert_eq!(format!("{error:#}"), complaint);
        }
    }
}
