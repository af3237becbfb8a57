//! Markdown to HTML: headings that can be linked to, tables that scroll, examples that are run.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::example::Examples;

/// What the first column of a table is called whose rows are entries of the reference.
const ENTRIES: &[&str] = &["id", "code"];
/// No longer than what search engines show of it.
const LONGEST_DESCRIPTION: usize = 220;

/// A text as a part of a page.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// What the heading of the first level says.
    pub(super) title: String,
    /// The beginning of the first paragraph, in whole sentences.
    pub(super) description: String,
    /// Sections, by id and text.
    pub(super) sections: Vec<(String, String)>,
    /// Where the first section begins in `html`.
    pub(super) first_section: usize,
    /// Every place that can be linked to.
    pub(super) ids: BTreeSet<String>,
    /// Every link, as written in the page.
    pub(super) links: Vec<String>,
    pub(super) html: String,
}

/// Renders a text; `destination` says what a link in it becomes.
///
/// # Errors
/// When there is no title or no first paragraph, a link leads nowhere, an example fails, or the text holds HTML.
pub(super) fn render(
    text: &str,
    destination: &dyn Fn(&str) -> Result<String>,
    examples: &Examples,
) -> Result<Rendered> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut renderer = Renderer { page: Rendered::default(), level: 1, destination, examples };
    let events: Vec<Event<'_>> = Parser::new_ext(text, options).collect();
    renderer.claim(&events)?;
    renderer.blocks(&events)?;
    let page = renderer.page;
    ensure!(!page.title.is_empty(), "it has no heading of the first level");
    ensure!(!page.description.is_empty(), "it has no first paragraph to describe it by");
    Ok(page)
}

struct Renderer<'a> {
    page: Rendered,
    /// The level of the last heading.
    level: u8,
    destination: &'a dyn Fn(&str) -> Result<String>,
    examples: &'a Examples,
}

impl Renderer<'_> {
    /// The entries of the reference have their own ids, whatever headings are called.
    fn claim(&mut self, events: &[Event<'_>]) -> Result<()> {
        let tables = events.iter().enumerate().filter(|(_, event)| matches!(event, Event::Start(Tag::Table(_))));
        for (at, _) in tables {
            let rest = events.get(at..).unwrap_or_default();
            let rows = rows(rest.get(..span(rest)).unwrap_or_default());
            let mut ids = rows.iter().filter_map(|row| row.first()).map(|cell| words(cell));
            if !ids.next().is_some_and(|name| ENTRIES.contains(&name.as_str())) {
                continue;
            }
            for id in ids {
                ensure!(self.page.ids.insert(id.clone()), "`{id}` stands there twice");
            }
        }
        Ok(())
    }

    fn blocks(&mut self, events: &[Event<'_>]) -> Result<()> {
        let mut plain = Vec::new();
        let mut at = 0;
        while let Some(event) = events.get(at) {
            let rest = events.get(at..).unwrap_or_default();
            let taken = match event {
                Event::Start(tag @ (Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_))) => {
                    let length = span(rest);
                    let inside = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
                    self.flush(&mut plain);
                    match tag {
                        Tag::Heading { level, .. } => self.heading(*level, inside)?,
                        Tag::CodeBlock(kind) => self.code(kind, inside)?,
                        _ => self.table(inside)?,
                    }
                    length
                }
                Event::Start(Tag::Paragraph) if self.page.description.is_empty() && self.level == 1 => {
                    self.page.description = description(&words(rest.get(..span(rest)).unwrap_or_default()));
                    plain.push(event.clone());
                    1
                }
                _ => {
                    plain.push(self.inline(event)?);
                    1
                }
            };
            at += taken;
        }
        self.flush(&mut plain);
        Ok(())
    }

    fn flush(&mut self, events: &mut Vec<Event<'_>>) {
        html::push_html(&mut self.page.html, events.drain(..));
    }

    /// What stands inside a paragraph, with links led to where they go.
    fn inline<'e>(&mut self, event: &Event<'e>) -> Result<Event<'e>> {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let link = (self.destination)(dest_url)?;
                self.page.links.push(link.clone());
                let (link_type, title, id) = (*link_type, title.clone(), id.clone());
                Ok(Event::Start(Tag::Link { link_type, dest_url: link.into(), title, id }))
            }
            Event::Html(text) | Event::InlineHtml(text) => bail!("HTML in the text, `{text}`: write Markdown"),
            Event::Start(Tag::Image { dest_url, .. }) => {
                bail!("a picture, `{dest_url}`, which the guide has no place for")
            }
            other => Ok(other.clone()),
        }
    }

    fn inlines(&mut self, events: &[Event<'_>]) -> Result<String> {
        let mut written = Vec::new();
        for event in events {
            written.push(self.inline(event)?);
        }
        let mut text = String::new();
        html::push_html(&mut text, written.into_iter());
        Ok(text)
    }

    fn heading(&mut self, level: HeadingLevel, inside: &[Event<'_>]) -> Result<()> {
        let text = words(inside);
        let content = self.inlines(inside)?;
        self.level = level as u8;
        if level == HeadingLevel::H1 {
            ensure!(self.page.title.is_empty(), "a second heading of the first level: {text}");
            self.page.html.push_str(&format!("<h1>{content}</h1>\n"));
            self.page.title = text;
            return Ok(());
        }
        let id = self.free_id(&slug(&text));
        if level == HeadingLevel::H2 {
            if self.page.sections.is_empty() {
                self.page.first_section = self.page.html.len();
            }
            self.page.sections.push((id.clone(), text.clone()));
        }
        let label = escape(&text);
        self.page.html.push_str(&format!(
            "<{level} id=\"{id}\">{content} <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to {label}\">#</a></{level}>\n"
        ));
        Ok(())
    }

    /// The id, or the first of `id-1`, `id-2` that is not taken.
    fn free_id(&mut self, id: &str) -> String {
        let further = (1..).map(|number| format!("{id}-{number}"));
        let mut candidates = std::iter::once(id.to_owned()).chain(further);
        let free = candidates.find(|candidate| !self.page.ids.contains(candidate)).unwrap_or_default();
        self.page.ids.insert(free.clone());
        free
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, inside: &[Event<'_>]) -> Result<()> {
        let text = words(inside);
        let info = match kind {
            CodeBlockKind::Fenced(info) => info.as_ref(),
            CodeBlockKind::Indented => "",
        };
        if let Some(example) = self.examples.show(info, &text)? {
            self.page.html.push_str(&example);
            return Ok(());
        }
        self.page.html.push_str(&block(&text));
        Ok(())
    }

    fn table(&mut self, inside: &[Event<'_>]) -> Result<()> {
        let rows = rows(inside);
        let (head, body) = rows.split_first().context("a table without a head")?;
        let names: Vec<String> = head.iter().map(|cell| words(cell)).collect();
        if names.first().is_some_and(|name| ENTRIES.contains(&name.as_str())) {
            return self.entries(&names, body);
        }
        let label = escape(&names.join(", "));
        let mut table = format!(
            "<div class=\"scroll\" role=\"group\" aria-label=\"Table: {label}\" tabindex=\"0\"><table>\n<thead><tr>"
        );
        for cell in head {
            let content = self.inlines(cell)?;
            let tag = if content.is_empty() { "td" } else { "th scope=\"col\"" };
            table.push_str(&format!("<{tag}>{content}</{}>", tag.get(..2).unwrap_or_default()));
        }
        table.push_str("</tr></thead>\n<tbody>\n");
        for row in body {
            table.push_str("<tr>");
            for cell in row {
                table.push_str(&format!("<td>{}</td>", self.inlines(cell)?));
            }
            table.push_str("</tr>\n");
        }
        table.push_str("</tbody>\n</table></div>\n");
        self.page.html.push_str(&table);
        Ok(())
    }

    /// A table of the reference: a row is an entry that can be linked to by its id.
    fn entries(&mut self, names: &[String], body: &[Vec<&[Event<'_>]>]) -> Result<()> {
        let level = self.level + 1;
        for row in body {
            let (first, others) = row.split_first().context("a row without cells")?;
            let id = escape(&words(first));
            let mut entry = format!(
                "<div class=\"entry\"><h{level} id=\"{id}\"><code>{id}</code> \
                 <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to {id}\">#</a></h{level}>\n<dl>\n"
            );
            for (name, cell) in names.iter().skip(1).zip(others) {
                let content = self.inlines(cell)?;
                if !content.is_empty() {
                    entry.push_str(&format!("<div><dt>{}</dt><dd>{content}</dd></div>\n", escape(name)));
                }
            }
            entry.push_str("</dl></div>\n");
            self.page.html.push_str(&entry);
        }
        Ok(())
    }
}

/// A block of code, which scrolls where its lines are long.
pub(super) fn block(text: &str) -> String {
    format!("<pre tabindex=\"0\"><code>{}</code></pre>\n", escape(text))
}

/// How many events the first one opens and closes, itself included.
fn span(events: &[Event<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    events.len()
}

/// The cells of a table, row by row; the head is the first.
fn rows<'t, 'e>(events: &'t [Event<'e>]) -> Vec<Vec<&'t [Event<'e>]>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut start = 0;
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::TableCell) => start = at + 1,
            Event::End(TagEnd::TableCell) => row.push(events.get(start..at).unwrap_or_default()),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
            _ => {}
        }
    }
    rows
}

/// The words alone.
fn words(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    text
}

/// Whole sentences of a paragraph as long as they are short enough; where the first is longer, its words.
fn description(paragraph: &str) -> String {
    let ends = paragraph.match_indices(". ").map(|(at, _)| at + 1).chain([paragraph.len()]);
    let words = paragraph.match_indices(' ').map(|(at, _)| at);
    let end = ends.filter(|end| *end <= LONGEST_DESCRIPTION).max();
    let end = end.or_else(|| words.filter(|end| *end <= LONGEST_DESCRIPTION).max()).unwrap_or(paragraph.len());
    let text = paragraph.get(..end).unwrap_or(paragraph).trim_end_matches([',', ':', ' ']);
    if text.ends_with('.') { text.to_owned() } else { format!("{text}…") }
}

/// `1. Account and tools` → `1-account-and-tools`, as repositories on the web show their Markdown.
fn slug(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A text as it stands in HTML, inside attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(text: &str) -> Result<Rendered> {
        let text = format!("# T\n\nFirst words.\n\n{text}");
        render(&text, &|link| Ok(link.replace(".md", ".html")), &Examples::of(Vec::new()))
    }

    #[track_caller]
    fn check(text: &str, expected: &str, reason: &str) {
        let page = rendered(text).unwrap_or_else(|error| panic!("{reason}: {error:#}"));
        assert_eq!(page.html.strip_prefix("<h1>T</h1>\n<p>First words.</p>\n"), Some(expected), "{reason}");
    }

    #[test]
    fn blocks_become_html() {
        check("a [b](c.md#d)", "<p>a <a href=\"c.html#d\">b</a></p>\n", "links are led to pages");
        check(
            "## A & `b`",
            "<h2 id=\"a--b\">A &amp; <code>b</code> <a class=\"anchor\" href=\"#a--b\" aria-label=\"Link to A &amp; b\">#</a></h2>\n",
            "a heading can be linked to",
        );
        check("```sh\na <b>\n```", "<pre tabindex=\"0\"><code>a &lt;b&gt;\n</code></pre>\n", "code is shown as it is");
        check(
            "|  | x |\n| --- | --- |\n| *1* | 2 |",
            "<div class=\"scroll\" role=\"group\" aria-label=\"Table: , x\" tabindex=\"0\"><table>\n\
             <thead><tr><td></td><th scope=\"col\">x</th></tr></thead>\n<tbody>\n\
             <tr><td><em>1</em></td><td>2</td></tr>\n</tbody>\n</table></div>\n",
            "a table scrolls by itself, and an empty head is none",
        );
        check(
            "| id | name | unit |\n| --- | --- | --- |\n| `a.b` | A | |",
            "<div class=\"entry\"><h2 id=\"a.b\"><code>a.b</code> \
             <a class=\"anchor\" href=\"#a.b\" aria-label=\"Link to a.b\">#</a></h2>\n<dl>\n\
             <div><dt>name</dt><dd>A</dd></div>\n</dl></div>\n",
            "a row of the reference is an entry, without what is empty",
        );
    }

    #[test]
    fn what_the_guide_has_no_place_for_is_refused() {
        for (text, part) in [
            ("# T", "second heading"),
            ("<b>x</b>", "HTML in the text"),
            ("a <br> b", "HTML in the text"),
            ("![x](y.png)", "a picture"),
            ("| id |\n| --- |\n| a |\n| a |", "twice"),
        ] {
            let error = rendered(text).expect_err(text);
            assert!(format!("{error:#}").contains(part), "{text}: {error:#}");
        }
        let nothing = render("# T\n", &|link| Ok(link.to_owned()), &Examples::of(Vec::new()));
        assert!(nothing.is_err(), "a page that says nothing");
    }

    #[test]
    fn places_are_told_apart() {
        let page = rendered("## Same\n\n### Same\n\n## Other").expect("rendered");
        assert_eq!(page.ids.into_iter().collect::<Vec<_>>(), ["other", "same", "same-1"]);
        let sections: Vec<&str> = page.sections.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(sections, ["same", "other"], "only the second level is listed");
        assert!(page.html.get(page.first_section..).is_some_and(|rest| rest.starts_with("<h2 id=\"same\"")));
    }

    #[test]
    fn a_page_is_described_by_whole_sentences() {
        let long = format!("One. {}.", "word ".repeat(80).trim());
        for (paragraph, expected) in
            [("One. Two.", "One. Two."), (long.as_str(), "One."), ("How to, and so on:", "How to, and so on…")]
        {
            assert_eq!(description(paragraph), expected);
        }
        let words = description(&"word ".repeat(80));
        assert!(words.len() <= LONGEST_DESCRIPTION + 3 && words.ends_with("word…"), "{words}");
    }
}
