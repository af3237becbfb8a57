//! The guide: static pages from Markdown, with worked examples taken from the same code when the site is built.

mod example;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::page::write;
use crate::paths;
use example::Examples;
use markdown::{Rendered, escape};

/// The folder of the pages, in `www` and in the site.
const FOLDER: &str = "guide";
/// What every page is put into, in that folder.
const TEMPLATE: &str = "template.html";
/// From how many sections a page begins with a list of them.
const LISTED_SECTIONS: usize = 3;

/// Where the text of a page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// `www/guide/NAME.md`.
    Guide,
    /// A document of the workspace.
    Document(&'static str),
    /// A part of the reference, which is generated from the code: what stands below this heading, and its first words.
    Reference(&'static str, &'static str),
}

/// A page: its name in the address, what the navigation calls it, and its text.
type Page = (&'static str, &'static str, Source);

/// The reference of every input, value, finding and action.
const REFERENCE: &str = "calculator/REFERENCE.md";

/// Every page in the order to read them, in chapters.
const CHAPTERS: &[(&str, &[Page])] = &[
    ("Begin", &[("index", "Start here", Source::Guide), ("faq", "Questions", Source::Guide)]),
    (
        "The calculators",
        &[
            ("connections", "Connections", Source::Guide),
            ("waiting", "Waiting", Source::Guide),
            ("memory", "Memory", Source::Guide),
            ("nodes", "Nodes", Source::Guide),
            ("storage", "Storage", Source::Guide),
            ("growth", "Growth", Source::Guide),
            ("routing", "Routing", Source::Guide),
            ("advisor", "Advisor", Source::Guide),
            ("model", "The model and its limits", Source::Guide),
        ],
    ),
    (
        "Taking it elsewhere",
        &[
            ("configuration", "Configuration in and out", Source::Guide),
            ("embedding", "Embedding", Source::Guide),
            ("deploying-the-site", "Deploying the site", Source::Guide),
        ],
    ),
    (
        "The router",
        &[
            ("deploying-the-router", "The router in short", Source::Guide),
            ("router-deploy", "Deploying the router", Source::Document("edge-router/DEPLOY.md")),
            ("router-operate", "Operating it", Source::Document("edge-router/OPERATE.md")),
            ("router-topology", "The topology", Source::Document("edge-router/TOPOLOGY.md")),
            ("router-clients", "Its clients", Source::Document("edge-router/CLIENTS.md")),
            ("router-status", "Status and metrics", Source::Document("edge-router/STATUS.md")),
        ],
    ),
    (
        "Reference",
        &[
            ("reference", "About the reference", Source::Guide),
            (
                "reference-inputs",
                "Inputs",
                Source::Reference(
                    "Inputs",
                    "Every input of a scenario: what it means, what it allows, its default, and how to measure it.",
                ),
            ),
            (
                "reference-values",
                "Values",
                Source::Reference(
                    "Values",
                    "Every value of a plan, with its unit, its formula and the source of that formula.",
                ),
            ),
            (
                "reference-series",
                "Series",
                Source::Reference(
                    "Series",
                    "Every series of a plan: what is drawn over the months and over other axes.",
                ),
            ),
            (
                "reference-findings",
                "Findings",
                Source::Reference(
                    "Findings",
                    "Every finding: how severe it can be, an example of what it says, and what to do about it.",
                ),
            ),
            (
                "reference-actions",
                "Actions",
                Source::Reference(
                    "Actions",
                    "Every action that the advisor can recommend, by the code it has in a plan.",
                ),
            ),
            (
                "reference-statements",
                "The documents' own statements",
                Source::Reference("The documents' own statements", ""),
            ),
        ],
    ),
];

/// Files that pages link to and the site has no other way to, with their names in the guide's folder.
const ENCLOSED: &[(&str, &str)] = &[("edge-router/alerts.yml", "alerts.yml")];

/// Turns the Markdown in the stage's folder into pages.
///
/// # Errors
/// When an example fails, a page or an anchor that a page links to does not exist, or a page does not stand in the
/// navigation.
pub(super) fn build(stage: &Path) -> Result<()> {
    let folder = stage.join(FOLDER);
    let examples = Examples::of_command_line()?;
    let template = take(&folder.join(TEMPLATE))?;
    let mut texts = Vec::new();
    for page @ (name, _, source) in pages() {
        let text = match source {
            Source::Guide => take(&folder.join(format!("{name}.md")))?,
            Source::Document(path) => read(&paths::root().join(path))?,
            Source::Reference(heading, lead) => section(&read(&paths::root().join(REFERENCE))?, heading, lead)?,
        };
        texts.push((page, text));
    }
    refuse_left_over(&folder)?;
    for (path, name) in ENCLOSED {
        write(&folder.join(name), read(&paths::root().join(path))?.as_bytes())?;
    }
    for (name, html) in assemble(&texts, &template, &examples)? {
        write(&folder.join(name), html.as_bytes())?;
    }
    Ok(())
}

fn pages() -> impl Iterator<Item = Page> {
    CHAPTERS.iter().flat_map(|(_, pages)| pages.iter().copied())
}

/// Every page by its file's name, with its links checked.
fn assemble(texts: &[(Page, String)], template: &str, examples: &Examples) -> Result<BTreeMap<String, String>> {
    let mut rendered = BTreeMap::new();
    for ((name, _, source), text) in texts {
        let page = markdown::render(text, &|link| destination(*source, link), examples);
        rendered.insert(*name, page.with_context(|| format!("the guide's page {name}"))?);
    }
    check_links(&rendered)?;
    let order: Vec<Page> = texts.iter().map(|(page, _)| *page).collect();
    let mut files = BTreeMap::new();
    for (place, (name, ..)) in order.iter().enumerate() {
        let page = rendered.get(name).context("every page is rendered")?;
        let before = place.checked_sub(1).and_then(|place| order.get(place));
        let html = fill(
            template,
            &[
                ("title", &escape(&page.title)),
                ("description", &escape(&page.description)),
                ("navigation", &navigation(name)),
                ("content", &with_sections(page)),
                ("neighbours", &neighbours(before, order.get(place + 1))),
            ],
        )?;
        files.insert(format!("{name}.html"), html);
    }
    Ok(files)
}

/// Where a link in a text leads to, written as the page writes it.
fn destination(source: Source, link: &str) -> Result<String> {
    let (path, fragment) = link.split_once('#').map_or((link, None), |(path, fragment)| (path, Some(fragment)));
    let elsewhere = path.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    // The page of the calculators, and what else the site has: its references are checked when they are settled.
    if path.is_empty() || elsewhere || (source == Source::Guide && path.starts_with("../")) {
        return Ok(link.to_owned());
    }
    let target = match source {
        Source::Guide => {
            let name = path.strip_suffix(".md").unwrap_or(path);
            pages().find(|(other, ..)| *other == name).map(|(name, ..)| format!("{name}.html"))
        }
        Source::Document(own) => {
            let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
            let wanted = format!("{folder}/{path}");
            let is_it = |source: Source| matches!(source, Source::Document(path) if path == wanted);
            let page = pages().find(|(.., other)| is_it(*other)).map(|(name, ..)| format!("{name}.html"));
            let enclosed = || ENCLOSED.iter().find(|(path, _)| *path == wanted).map(|(_, name)| (*name).to_owned());
            page.or_else(enclosed)
        }
        Source::Reference(..) => None,
    };
    let target = target.with_context(|| format!("a link to `{link}`, which is no page of the guide"))?;
    Ok(fragment.map_or_else(|| target.clone(), |fragment| format!("{target}#{fragment}")))
}

/// Fails where a page links to a place in the guide that there is not.
fn check_links(pages: &BTreeMap<&str, Rendered>) -> Result<()> {
    let mut broken = BTreeSet::new();
    for (name, page) in pages {
        for link in &page.links {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { Some(*name) } else { path.strip_suffix(".html") };
            let Some(target) = target.and_then(|target| pages.get(target)) else { continue };
            if !fragment.is_empty() && !target.ids.contains(fragment) {
                broken.insert(format!("{name}: `{link}` names a place that is not there"));
            }
        }
    }
    ensure!(broken.is_empty(), "the guide's links:\n    {}", broken.into_iter().collect::<Vec<_>>().join("\n    "));
    Ok(())
}

/// Links to every page; the one that is shown is marked.
fn navigation(current: &str) -> String {
    let mut html = String::new();
    for (title, pages) in CHAPTERS {
        html.push_str(&format!("<h2>{}</h2>\n<ul>\n", escape(title)));
        for (name, label, _) in *pages {
            let mark = if *name == current { " aria-current=\"page\"" } else { "" };
            html.push_str(&format!("<li><a href=\"{name}.html\"{mark}>{}</a></li>\n", escape(label)));
        }
        html.push_str("</ul>\n");
    }
    html
}

/// The content, with a list of its sections before the first of them where there are many.
fn with_sections(page: &Rendered) -> String {
    if page.sections.len() < LISTED_SECTIONS {
        return page.html.clone();
    }
    let mut list = "<nav class=\"sections\" aria-labelledby=\"on-this-page\">\n\
                    <p id=\"on-this-page\">On this page</p>\n<ul>\n"
        .to_owned();
    for (id, text) in &page.sections {
        list.push_str(&format!("<li><a href=\"#{id}\">{}</a></li>\n", escape(text)));
    }
    list.push_str("</ul>\n</nav>\n");
    let (before, after) = page.html.split_at_checked(page.first_section).unwrap_or((&page.html, ""));
    format!("{before}{list}{after}")
}

fn neighbours(before: Option<&Page>, after: Option<&Page>) -> String {
    let link = |page: Option<&Page>, relation: &str, word: &str| {
        page.map_or_else(String::new, |(name, label, _)| {
            format!("<a rel=\"{relation}\" href=\"{name}.html\"><span>{word}</span> {}</a>\n", escape(label))
        })
    };
    link(before, "prev", "Before:") + &link(after, "next", "Next:")
}

/// Puts texts in the place of `{{name}}`.
fn fill(template: &str, texts: &[(&str, &str)]) -> Result<String> {
    let mut html = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").context("the guide's template: a {{ without its }}")?;
        let text = texts.iter().find(|(other, _)| *other == name);
        html.push_str(before);
        html.push_str(text.with_context(|| format!("the guide's template: nothing is called {name}"))?.1);
        rest = after;
    }
    html.push_str(rest);
    Ok(html)
}

/// What stands below a heading of the second level, as a document of its own.
fn section(text: &str, heading: &str, lead: &str) -> Result<String> {
    let start = format!("\n## {heading}\n");
    let (_, after) = text.split_once(&start).with_context(|| format!("{REFERENCE} has no section {heading}"))?;
    let body = after.split_once("\n## ").map_or(after, |(body, _)| body);
    let mut document = format!("# {heading}\n\n{lead}\n");
    for line in body.lines() {
        // The level of a heading is that of its new place.
        document.push_str(line.strip_prefix('#').filter(|rest| rest.starts_with('#')).unwrap_or(line));
        document.push('\n');
    }
    Ok(document)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a file of the stage that is no file of the site.
fn take(path: &Path) -> Result<String> {
    let text = read(path)?;
    fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(text)
}

fn refuse_left_over(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry.with_context(|| format!("cannot list {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            bail!("{} does not stand in the guide's navigation", path.display());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Part;
    use super::*;

    const TEMPLATE: &str = "<title>{{title}}</title>{{description}}|{{navigation}}|{{content}}|{{neighbours}}";

    fn files(texts: &[(&'static str, Source, &str)]) -> Result<BTreeMap<String, String>> {
        let texts: Vec<(Page, String)> = texts
            .iter()
            .map(|(name, source, text)| ((*name, *name, *source), format!("# The {name}\n\nWords.\n\n{text}\n")))
            .collect();
        assemble(&texts, TEMPLATE, &Examples::of(Vec::new()))
    }

    #[test]
    fn links_between_pages_hold() {
        const OPERATE: Source = Source::Document("edge-router/OPERATE.md");
        let good = files(&[
            ("index", Source::Guide, "[a](waiting.md#here) [b](../?view=pool#v=1&pods=4) [c](https://x.example/y.md)"),
            ("waiting", Source::Guide, "## Here\n\n[d](#here) [e](router-operate.md#then) [f](index.md)"),
            ("router-operate", OPERATE, "## Then\n\n[g](alerts.yml) [h](OPERATE.md#then)"),
        ]);
        let good = good.expect("every place is there");
        for (page, link) in [
            ("index.html", "href=\"waiting.html#here\""),
            ("index.html", "href=\"../?view=pool#v=1&amp;pods=4\""),
            ("index.html", "href=\"https://x.example/y.md\""),
            ("waiting.html", "href=\"router-operate.html#then\""),
            ("waiting.html", "<a rel=\"prev\" href=\"index.html\">"),
            ("waiting.html", "<a rel=\"next\" href=\"router-operate.html\">"),
            ("router-operate.html", "href=\"alerts.yml\""),
            ("router-operate.html", "href=\"router-operate.html#then\""),
            ("index.html", "<li><a href=\"index.html\" aria-current=\"page\">Start here</a></li>"),
        ] {
            assert!(good.get(page).is_some_and(|html| html.contains(link)), "{page}: no {link}");
        }
        for (source, text, part) in [
            (Source::Guide, "[a](#there)", "`#there` names a place that is not there"),
            (Source::Guide, "[a](index.md#there)", "`index.html#there` names a place"),
            (Source::Guide, "[a](nowhere.md)", "`nowhere.md`, which is no page"),
            (Source::Guide, "[a](/index.html)", "no page of the guide"),
            (OPERATE, "[a](../README.md)", "`../README.md`, which is no page"),
        ] {
            let error = files(&[("index", source, text)]).expect_err(text);
            assert!(format!("{error:#}").contains(part), "{text}: {error:#}");
        }
    }

    #[test]
    fn a_long_page_lists_its_sections() {
        let page = |sections: usize| {
            let text: String = (0..sections).map(|number| format!("## S{number}\n\ntext\n\n")).collect();
            files(&[("index", Source::Guide, &text)]).expect("a page").remove("index.html").expect("it is there")
        };
        assert!(!page(LISTED_SECTIONS - 1).contains("class=\"sections\""));
        let long = page(LISTED_SECTIONS);
        let list = long.find("class=\"sections\"").expect("a list");
        assert!(list < long.find("<h2 id=\"s0\"").expect("a section") && list > long.find("Words.").expect("a lead"));
    }

    #[test]
    fn the_reference_is_cut_into_documents() {
        let text = "# R\n\n## A\n\nx\n\n### B\n\ny\n\n## C\n\nz\n";
        assert_eq!(section(text, "A", "Lead.").expect("there"), "# A\n\nLead.\n\nx\n\n## B\n\ny\n");
        assert!(section(text, "D", "").is_err());
        let reference = read(&paths::root().join(REFERENCE)).expect("it is there");
        for heading in reference.lines().filter_map(|line| line.strip_prefix("## ")) {
            assert!(
                pages().any(|(.., source)| matches!(source, Source::Reference(other, _) if other == heading)),
                "the reference's section {heading} is no page of the guide"
            );
        }
    }

    #[test]
    fn a_template_is_filled_or_refused() {
        assert_eq!(fill("a{{x}}b{{x}}", &[("x", "1")]).expect("filled"), "a1b1");
        assert!(fill("{{y}}", &[("x", "1")]).is_err() && fill("{{x", &[("x", "1")]).is_err());
    }

    #[test]
    fn the_sources_of_every_page_make_the_site_stale() {
        for (name, _, source) in pages() {
            let path = match source {
                Source::Guide => continue,
                Source::Document(path) => path,
                Source::Reference(..) => REFERENCE,
            };
            assert!(Part::Page.sources().contains(&path), "{name}: {path}");
        }
        assert!(ENCLOSED.iter().all(|(path, _)| Part::Page.sources().contains(path)));
    }
}
