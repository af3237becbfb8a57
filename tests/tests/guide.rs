//! The guide as people read it: in a real browser, from the built site, with the headers of production.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;

use formats::part::part;
use formats::permalink;
use serde_json::{Value, json};
use tests::browser::{Browser, Theme};
use url::Url;
use xtask::paths;
use xtask::site::Site;

/// Every page of the guide as it was built: `guide/index.html`.
fn pages() -> Vec<String> {
    let folder = paths::site().join("guide");
    let files = fs::read_dir(&folder).expect("the guide is built: run `cargo xtask build page`");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut pages: Vec<String> =
        names.filter(|name| name.ends_with(".html")).map(|name| format!("guide/{name}")).collect();
    pages.sort();
    assert!(pages.len() > 20, "pages: {pages:?}");
    pages
}

/// What reaches beyond the screen although nothing around it scrolls.
const TOO_WIDE: &str = "return [document.documentElement.scrollWidth > innerWidth ? 'the page' : []].concat(
    Array.from(document.querySelectorAll('body *'))
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, pre, .skip'))
    .map((e) => e.outerHTML.slice(0, 160))).flat()";

#[tokio::test]
async fn every_page_can_be_read_by_everybody() {
    let browser = Browser::start().await;
    for page in pages() {
        browser.look(1280, 900, Theme::Light).await;
        browser.open_until(&page, "main h1").await;
        for theme in Theme::ALL {
            browser.look(1280, 900, theme).await;
            assert_eq!(browser.axe().await, json!([]), "{page}, {theme}");
        }
        browser.look(360, 800, Theme::Light).await;
        assert_eq!(browser.script(TOO_WIDE).await, json!([]), "{page} at 360 px");
        let about = "const of = (css) => document.querySelector(css);
            return [document.title, of('meta[name=description]').content,
                    of('main h1').innerText, document.querySelectorAll('h1').length,
                    document.querySelectorAll('[aria-current=page]').length,
                    document.querySelectorAll('script, style, [style], [onclick]').length]";
        let Value::Array(about) = browser.script(about).await else { panic!("a list") };
        let [title, description, heading, headings, current, inline] = about.as_slice() else { panic!("{about:?}") };
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        assert_eq!(text(title), format!("{} · Headroom guide", text(heading)), "{page}");
        assert!((40..=230).contains(&text(description).chars().count()), "{page}: {description}");
        assert_eq!((headings, current, inline), (&json!(1), &json!(1), &json!(0)), "{page}");
    }
    browser.end().await;
}

#[tokio::test]
async fn every_link_within_the_site_leads_somewhere() {
    let browser = Browser::start().await;
    let site = Site::built().await.expect("a site");
    let mut wanted = BTreeSet::new();
    for page in pages() {
        browser.open_until(&page, "main h1").await;
        let links = "return Array.from(document.querySelectorAll('a[href], link[href]'), (link) => link.href)";
        let Value::Array(links) = browser.script(links).await else { panic!("a list") };
        let here = Url::parse(&browser.address().await).expect("an address");
        let links = links.iter().map(|link| Url::parse(link.as_str().expect("a text")).expect("an address"));
        for mut link in links.filter(|link| link.origin() == here.origin()) {
            link.set_fragment(None);
            wanted.insert(link.path().to_owned());
        }
        let dead = "return Array.from(document.querySelectorAll('a[href^=\"#\"]'), (link) => link.hash.slice(1))
            .filter((id) => !document.getElementById(decodeURIComponent(id)))";
        assert_eq!(browser.script(dead).await, json!([]), "{page}: links to places that it does not have");
    }
    assert!(wanted.contains("/guide/alerts.yml") && wanted.contains("/"), "{wanted:?}");
    for path in wanted {
        let answer = reqwest::get(format!("{}{path}", site.url())).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let policy = answer.headers().get("content-security-policy").expect("a policy");
        assert!(policy.to_str().expect("text").starts_with("default-src 'none'"), "{path}");
    }
    browser.end().await;
}

#[tokio::test]
async fn an_example_opens_the_calculator_with_the_same_answer() {
    let browser = Browser::start().await;
    let (mut opened, mut compared) = (0, 0);
    for page in pages() {
        browser.open_until(&page, "main h1").await;
        let examples = "return Array.from(document.querySelectorAll('.example:has(.verdict)'), (example) =>
            [example.querySelector('.open').getAttribute('href'), example.querySelector('.verdict').innerText,
             Array.from(example.querySelectorAll('tbody tr'), (row) =>
                 [row.querySelector('th code').innerText, row.querySelector('td').innerText])])";
        let Value::Array(examples) = browser.script(examples).await else { panic!("a list") };
        for example in &examples {
            let (link, verdict) = (example[0].as_str().expect("a link"), example[1].as_str().expect("a text"));
            let rest = link.strip_prefix("../").expect("a relative link");
            let (view, fragment) = rest.split_once('#').expect("a scenario");
            let read = permalink::read(fragment);
            assert!(read.errors.is_empty(), "{page}: {:?}", read.errors);
            let plan = sizing::plan(&read.scenario);
            browser.open(rest).await;
            let says = format!("document.getElementById('verdict')?.textContent === {}", json!(plan.verdict));
            browser.until(&page, &says).await;
            // The command of a view speaks of its part alone; that of the advisor is the plan's own.
            let about = match view {
                "?view=advisor" => plan.verdict.clone(),
                "?view=storage" => part(&read.scenario, &plan, &["storage", "cache", "replica"]).verdict,
                view => part(&read.scenario, &plan, &[view.strip_prefix("?view=").expect("a view")]).verdict,
            };
            assert_eq!(verdict, about, "{page}: {view}");
            for row in example[2].as_array().expect("rows") {
                let (id, shown) = (row[0].as_str().expect("an id"), row[1].as_str().expect("a text"));
                let value = plan.value(id).unwrap_or_else(|| panic!("{page}: the plan has no {id}"));
                assert_eq!(shown, value.quantity.to_string(), "{page}: {id}");
                compared += 1;
            }
            opened += 1;
        }
    }
    assert!(opened >= 7, "one for each calculator: {opened}");
    assert!(compared > 30, "some for each: {compared}");
    browser.end().await;
}
