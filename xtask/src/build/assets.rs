//! References between the files of the site: found, checked, and rewritten to names that carry a hash of the content.
//!
//! The sources name each other plainly (`styles.css`).  In the built site the files that a browser may keep for ever
//! are called after their content (`styles-0123456789.css`), and everything that names them says so.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::fingerprint::hex;

/// How many hexadecimal digits of the hash a name carries.
const HASH_DIGITS: usize = 10;

/// Files by their path in the site, with `/` between folders.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The site with its references settled.
#[derive(Debug)]
pub(crate) struct Linked {
    /// Every file, under its final path.
    pub(crate) files: Files,
    /// The final paths of what a browser loads before the page at `index.html` works.
    pub(crate) first_load: Vec<String>,
    /// The final paths of what it loads once somebody does something there.
    pub(crate) later: Vec<String>,
}

/// Gives the files for which `hashed` holds a name after their content, and rewrites every reference to them.  Those for
/// which `later` holds are no part of the first load, whoever names them.
///
/// # Errors
/// When a file refers to one that is not in the site, or hashed files refer to each other in a circle.
pub(crate) fn link(files: &Files, hashed: impl Fn(&str) -> bool, is_later: impl Fn(&str) -> bool) -> Result<Linked> {
    let mut linker = Linker { files, hashed: &hashed, done: BTreeMap::new(), under_way: Vec::new() };
    for path in files.keys() {
        linker.settle(path)?;
    }
    let (later, first_load) = linker.loaded().into_iter().partition::<Vec<_>, _>(|(plain, _)| is_later(plain));
    let paths = |loaded: Vec<(String, String)>| loaded.into_iter().map(|(_, path)| path).collect();
    let files = linker.done.into_values().map(|file| (file.path, file.content)).collect();
    Ok(Linked { files, first_load: paths(first_load), later: paths(later) })
}

struct Linker<'a> {
    files: &'a Files,
    hashed: &'a dyn Fn(&str) -> bool,
    done: BTreeMap<String, Settled>,
    under_way: Vec<String>,
}

struct Settled {
    path: String,
    content: Vec<u8>,
    /// The plain paths of what is loaded together with this file.
    loads: Vec<String>,
}

impl Linker<'_> {
    fn settle(&mut self, path: &str) -> Result<()> {
        if self.done.contains_key(path) {
            return Ok(());
        }
        let content = self.files.get(path).with_context(|| format!("no such file: {path}"))?;
        if self.under_way.iter().any(|other| other == path) {
            bail!("{path} refers to itself, by way of {}", self.under_way.join(", "));
        }
        self.under_way.push(path.to_owned());
        let mut settled = Settled { path: path.to_owned(), content: content.clone(), loads: Vec::new() };
        if let Some(language) = Language::of(path)
            && let Ok(text) = std::str::from_utf8(content)
        {
            self.rewrite(path, language, text, &mut settled)?;
        }
        if (self.hashed)(path) {
            settled.path = hashed_path(path, &settled.content);
        }
        self.under_way.pop();
        self.done.insert(path.to_owned(), settled);
        Ok(())
    }

    fn rewrite(&mut self, path: &str, language: Language, text: &str, settled: &mut Settled) -> Result<()> {
        let mut rewritten = String::with_capacity(text.len());
        let mut copied = 0;
        for reference in language.references(text) {
            let written = text.get(reference.span.clone()).unwrap_or_default();
            let Some(wanted) = resolve(path, written) else { continue };
            if !self.files.contains_key(&wanted) {
                if language.may_mean_something_else(&wanted) {
                    continue;
                }
                bail!("{path} refers to `{written}`, but the site has no {wanted}");
            }
            if reference.loads {
                settled.loads.push(wanted.clone());
            }
            if !(self.hashed)(&wanted) {
                continue;
            }
            self.settle(&wanted)?;
            let name = self.done.get(&wanted).map(|file| file_name(&file.path)).unwrap_or_default();
            rewritten.push_str(text.get(copied..reference.span.start).unwrap_or_default());
            rewritten.push_str(&written.replacen(file_name(&wanted), name, 1));
            copied = reference.span.end;
        }
        rewritten.push_str(text.get(copied..).unwrap_or_default());
        settled.content = rewritten.into_bytes();
        Ok(())
    }

    /// Everything that the page loads: its plain path and its final one.
    fn loaded(&self) -> BTreeMap<String, String> {
        let mut seen = BTreeMap::new();
        let mut open = vec!["index.html".to_owned()];
        while let Some(path) = open.pop() {
            if let Some(file) = self.done.get(&path)
                && seen.insert(path, file.path.clone()).is_none()
            {
                open.extend(file.loads.iter().cloned());
            }
        }
        seen
    }
}

/// `guide/styles.css` → `guide/styles-0123456789.css`.
fn hashed_path(path: &str, content: &[u8]) -> String {
    let hash: String = hex(&Sha256::digest(content)).chars().take(HASH_DIGITS).collect();
    match path.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{path}-{hash}"),
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The path in the site that `written` means in the file at `from`; `None` where it leaves the site.
fn resolve(from: &str, written: &str) -> Option<String> {
    let end = written.find(['?', '#']).unwrap_or(written.len());
    let path = written.get(..end)?;
    let scheme = path.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    if path.is_empty() || scheme || path.starts_with("//") {
        return None;
    }
    let folder = if path.starts_with('/') { "" } else { from.rsplit_once('/').map_or("", |(folder, _)| folder) };
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path == "." || path.ends_with("..");
    if is_folder {
        parts.push("index.html");
    }
    Some(parts.join("/"))
}

/// How a kind of file names others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Html,
    Css,
    JavaScript,
    Headers,
}

/// Where one file names another.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    span: Range<usize>,
    /// Whether the other one is loaded at once, and not only when somebody follows a link.
    loads: bool,
}

impl Language {
    fn of(path: &str) -> Option<Self> {
        if path == "_headers" {
            return Some(Self::Headers);
        }
        match path.rsplit_once('.')?.1 {
            "html" | "svg" => Some(Self::Html),
            "css" => Some(Self::Css),
            "js" | "mjs" => Some(Self::JavaScript),
            _ => None,
        }
    }

    fn references(self, text: &str) -> Vec<Reference> {
        match self {
            Self::Html => html_references(text),
            Self::Css => css_references(text),
            Self::JavaScript => javascript_references(text),
            Self::Headers => header_references(text),
        }
    }

    /// A text in a script may only look like a path, and a pattern for headers may match what is not a file.
    fn may_mean_something_else(self, wanted: &str) -> bool {
        match self {
            Self::Html | Self::Css => false,
            Self::JavaScript => !wanted.ends_with(".wasm") && !wanted.ends_with(".css"),
            Self::Headers => true,
        }
    }
}

/// A place in a text, moving forward.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, word: &str) -> bool {
        let here = self.rest().starts_with(word);
        if here {
            self.at += word.len();
        }
        here
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> Range<usize> {
        let from = self.at;
        let rest = self.rest();
        self.at += rest.find(|c| !keep(c)).unwrap_or(rest.len());
        from..self.at
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    /// Moves behind the next `word`, or to the end.
    fn skip_past(&mut self, word: &str) -> bool {
        let found = self.rest().find(word);
        self.at = found.map_or(self.text.len(), |offset| self.at + offset + word.len());
        found.is_some()
    }

    /// A quoted text, without its quotes; the cursor stands behind it.
    fn quoted(&mut self) -> Option<Range<usize>> {
        let quote = self.next().filter(|c| matches!(c, '"' | '\''))?;
        self.at += 1;
        let span = self.take_while(|c| c != quote);
        self.at = (self.at + 1).min(self.text.len());
        Some(span)
    }
}

fn html_references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(text);
    while cursor.skip_past("<") {
        if cursor.eat("!--") {
            cursor.skip_past("-->");
            continue;
        }
        let tag = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '-');
        let tag = text.get(tag).unwrap_or_default().to_ascii_lowercase();
        if tag.is_empty() {
            continue;
        }
        attributes(&mut cursor, &tag, &mut found);
        if matches!(tag.as_str(), "script" | "style") {
            cursor.skip_past(&format!("</{tag}"));
        }
    }
    found
}

fn attributes(cursor: &mut Cursor<'_>, tag: &str, found: &mut Vec<Reference>) {
    loop {
        cursor.take_while(|c| c.is_whitespace() || c == '/');
        let name = cursor.take_while(|c| !c.is_whitespace() && !matches!(c, '=' | '>' | '/'));
        if name.is_empty() {
            return;
        }
        cursor.skip_space();
        if !cursor.eat("=") {
            continue;
        }
        cursor.skip_space();
        let span = match cursor.quoted() {
            Some(span) => span,
            None => cursor.take_while(|c| !c.is_whitespace() && c != '>'),
        };
        let name = cursor.text.get(name).unwrap_or_default();
        if ["href", "src"].iter().any(|wanted| name.eq_ignore_ascii_case(wanted)) {
            found.push(Reference { span, loads: tag != "a" });
        }
    }
}

fn css_references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut cursor = Cursor::new(text);
    while cursor.skip_past("url(") {
        cursor.skip_space();
        let span = match cursor.quoted() {
            Some(span) => span,
            None => cursor.take_while(|c| !c.is_whitespace() && c != ')'),
        };
        found.push(Reference { span, loads: true });
    }
    found
}

/// Texts that are a path to a file which a page may load.
fn javascript_references(text: &str) -> Vec<Reference> {
    const EXTENSIONS: &[&str] = &[".wasm", ".css", ".js", ".svg", ".html"];
    let mut found = Vec::new();
    for quote in ['"', '\'', '`'] {
        let mut from = 0;
        for piece in text.split(quote) {
            let span = from..from + piece.len();
            from = span.end + quote.len_utf8();
            let path_like = piece.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-'));
            if path_like && EXTENSIONS.iter().any(|extension| piece.ends_with(extension)) {
                found.push(Reference { span, loads: piece.ends_with(".wasm") || piece.ends_with(".css") });
            }
        }
    }
    found.sort_by_key(|reference| reference.span.start);
    found
}

/// The path at the start of a rule, and paths in `Link: </path>; rel=preload`.
fn header_references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let rule = line.trim_end();
        if rule.starts_with('/') && !rule.contains(['*', ':']) && !rule.ends_with('/') {
            found.push(Reference { span: from..from + rule.len(), loads: false });
        }
        let mut cursor = Cursor::new(line);
        while cursor.skip_past("<") {
            let span = cursor.take_while(|c| c != '>');
            found.push(Reference { span: from + span.start..from + span.end, loads: false });
        }
        from += line.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(language: Language, text: &str) -> Vec<(&str, bool)> {
        language
            .references(text)
            .into_iter()
            .map(|reference| (text.get(reference.span).unwrap_or("out of range"), reference.loads))
            .collect()
    }

    #[test]
    fn references_are_found_in_each_language() {
        use Language::{Css, Headers, Html, JavaScript};
        for (language, text, expected) in [
            (Html, r#"<link rel="stylesheet" href="styles.css">"#, vec![("styles.css", true)]),
            (Html, "<script type=module src=start.js></script>", vec![("start.js", true)]),
            (Html, "<a class='x' href='guide/'>", vec![("guide/", false)]),
            (Html, "<IMG SRC = 'a.png' alt>", vec![("a.png", true)]),
            (Html, "<!-- <link href=\"old.css\"> --><p data-src=\"x.js\">", vec![]),
            (Html, "<script>if (a<b) x='<a href=\"no.css\">'</script><a href=\"b\">", vec![("b", false)]),
            (Html, "<link href=\"unfinished", vec![("unfinished", true)]),
            (Html, "1 < 2 <", vec![]),
            (Css, "a{background:url(a.svg)}b{src:url( 'b.woff2' )}", vec![("a.svg", true), ("b.woff2", true)]),
            (JavaScript, "new URL(\"x_bg.wasm\",import.meta.url)", vec![("x_bg.wasm", true)]),
            (JavaScript, "f('./a.js',`b.css`)", vec![("./a.js", false), ("b.css", true)]),
            (JavaScript, "say(\"not a file.wasm\")", vec![]),
            (
                Headers,
                "/*\n  A: b\n/start.js\n  Link: </x.wasm>; rel=preload\n",
                vec![("/start.js", false), ("/x.wasm", false)],
            ),
        ] {
            assert_eq!(spans(language, text), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_resolved_as_a_browser_does() {
        for (from, written, expected) in [
            ("index.html", "styles.css", Some("styles.css")),
            ("index.html", "./styles.css?v=1#top", Some("styles.css")),
            ("guide/index.html", "../styles.css", Some("styles.css")),
            ("guide/index.html", "/styles.css", Some("styles.css")),
            ("guide/index.html", "a.css", Some("guide/a.css")),
            ("index.html", "guide/", Some("guide/index.html")),
            ("guide/a.html", "..", Some("index.html")),
            ("index.html", "/", Some("index.html")),
            ("index.html", "#results", None),
            ("index.html", "?view=pool", None),
            ("index.html", "https://example.com/x.css", None),
            ("index.html", "//example.com/x.css", None),
            ("index.html", "data:image/svg+xml,x", None),
        ] {
            assert_eq!(resolve(from, written).as_deref(), expected, "{from}: {written}");
        }
    }

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs.iter().map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec())).collect()
    }

    fn hashed(path: &str) -> bool {
        ["start.js", "styles.css", "page_bg.wasm"].contains(&path)
    }

    /// Settles a site of which `later.wasm` is loaded later.
    fn linked(pairs: &[(&str, &str)]) -> Result<Linked> {
        link(&files(pairs), hashed, |path| path == "later.wasm")
    }

    #[test]
    fn every_reference_follows_the_new_names() {
        let linked = linked(&[
            ("index.html", r#"<link href="styles.css"><script src="./start.js"></script><a href="embed.js">"#),
            ("styles.css", "a{background:url(icon.svg)}"),
            ("start.js", r#"load(new URL("page_bg.wasm",import.meta.url));then("later.wasm")"#),
            ("page_bg.wasm", "\0asm"),
            ("later.wasm", "\0asm"),
            ("icon.svg", "<svg/>"),
            ("embed.js", r#"open("/")"#),
            ("_headers", "/start.js\n  Link: </page_bg.wasm>; rel=preload\n/start-*\n  A: b\n"),
        ])
        .expect("every reference is to a file of the site");
        let names: Vec<&str> = linked.files.keys().map(String::as_str).collect();
        let [headers, embed, icon, index, later, wasm, start, styles] = names.as_slice() else { panic!("{names:?}") };
        assert_eq!([*headers, *embed, *icon, *index], ["_headers", "embed.js", "icon.svg", "index.html"]);
        assert_eq!(*later, "later.wasm");
        let text = |name: &str| String::from_utf8_lossy(&linked.files[name]).into_owned();
        assert_eq!(
            text("index.html"),
            format!("<link href=\"{styles}\"><script src=\"./{start}\"></script><a href=\"embed.js\">")
        );
        assert_eq!(text(start), format!("load(new URL(\"{wasm}\",import.meta.url));then(\"later.wasm\")"));
        assert_eq!(text("_headers"), format!("/{start}\n  Link: </{wasm}>; rel=preload\n/start-*\n  A: b\n"));
        assert_eq!(linked.first_load, [*icon, *index, *wasm, *start, *styles]);
        assert_eq!(linked.later, [*later]);
        assert_eq!(start.len(), "start-.js".len() + HASH_DIGITS);
    }

    #[test]
    fn a_name_changes_when_what_it_refers_to_does() {
        let site = |wasm: &str| {
            let linked = linked(&[("start.js", "u('page_bg.wasm')"), ("page_bg.wasm", wasm)]);
            linked.expect("complete").files.into_keys().find(|name| name.starts_with("start")).expect("it is there")
        };
        assert_eq!(site("1"), site("1"));
        assert_ne!(site("1"), site("2"));
    }

    #[test]
    fn what_does_not_exist_is_an_error() {
        for (path, content, complaint) in [
            ("index.html", "<link href=style.css>", "index.html refers to `style.css`, but the site has no style.css"),
            ("start.js", "u('gone_bg.wasm')", "start.js refers to `gone_bg.wasm`, but the site has no gone_bg.wasm"),
            ("styles.css", "a{b:url(no.svg)}", "styles.css refers to `no.svg`, but the site has no no.svg"),
            ("start.js", "u('start.js');u('styles.css')", "start.js refers to itself, by way of start.js"),
        ] {
            let error = linked(&[(path, content)]).expect_err(complaint);
            assert_eq!(error.to_string(), complaint);
        }
        linked(&[("start.js", "throw 'see lib.js'; name = 'lib.js'")]).expect("texts are no references");
    }
}
