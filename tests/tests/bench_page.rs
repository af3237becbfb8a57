//! The page under a slow network and on a slow processor, which `cargo xtask bench page` prints and judges.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::path::Path;
use std::time::Duration;

use formats::permalink;
use serde_json::{Value, json};
use sizing::preset::Preset;
use tempfile::TempDir;
use tests::browser::Browser;
use tests::folder::copy;
use tokio::time::sleep;
use xtask::bench::{PAGE_VIEWS, PageFigure};
use xtask::build::sizes::gzip;
use xtask::paths;
use xtask::site::{Site, listen};

/// Fresh profiles for each figure, of which the median counts.
const PROFILES: usize = 5;
/// Keystrokes on each view.
const KEYS: usize = 200;
/// Keystrokes before those, until the browser has compiled what they call.
const WARM_UP: usize = 20;
/// Keystrokes after those, with a pause after each.
const PAUSES: usize = 20;

/// What is noted from the very beginning.
const NOTES: &str = "
    window.shifts = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) shifts += entry.value; })
        .observe({ type: 'layout-shift', buffered: true });
    addEventListener('keydown', (event) => { window.pressed ??= event.timeStamp; }, true);";

/// For each key: when its result stood there, laid out, when that was painted, and when the details had followed.
const WATCH: &str = "
    const [id] = arguments;
    window.samples = [];
    let sample;
    const since = (start) => {
        document.body.offsetHeight;
        return performance.now() - start;
    };
    const view = document.querySelector('.view');
    new MutationObserver(() => {
        if (sample && view.ariaBusy === 'false') sample.details ??= since(sample.start);
    }).observe(view, { attributeFilter: ['aria-busy'] });
    addEventListener('keydown', ({ timeStamp }) => {
        const own = sample = { start: timeStamp };
        requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => { own.painted = performance.now() - own.start; samples.push(own); };
            port2.postMessage(0);
        });
    }, true);
    // The program draws in a microtask of its own, which was queued before this one; on a slow processor it goes on in
    // a task after it.
    addEventListener('input', () => Promise.resolve().then(() => { sample.result = since(sample.start); }));
    const results = new MutationObserver(() => {
        if (view.ariaBusy === 'false') return;
        sample.is_changed = true;
        sample.result = since(sample.start);
    });
    for (const result of document.querySelectorAll('.verdict, .view > .figures')) {
        results.observe(result, { subtree: true, childList: true, characterData: true, attributes: true });
    }
    if (!document.getElementById(id)) {
        const field = Object.assign(document.createElement('input'), { id, value: '1000' });
        field.setAttribute('aria-label', 'Nobody listens');
        document.querySelector('.page-foot').append(field);
    }
    const field = document.getElementById(id);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);";

/// The site as a folder of its own, compressed by gzip alone.
fn gzipped_site() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(paths::site().join("index.html").exists(), "there is no built site: run `cargo xtask build page`");
    let is_gzipped = |path: &Path| path.extension().is_none_or(|extension| extension != "br");
    copy(&paths::site(), folder.path(), &is_gzipped);
    folder
}

/// Takes what is drawn at build time out of the page, which its program then draws.
fn draw_nothing(site: &Path) {
    let index = site.join("index.html");
    let page = fs::read_to_string(&index).expect("a page");
    let (head, rest) = page.split_once("<div id=\"app\">").expect("a place for the program");
    let (_, foot) = rest.split_once("<section class=\"playground-place\"").expect("an end of it");
    let bare = format!("{head}<div id=\"app\"></div><section class=\"playground-place\"{foot}");
    fs::write(site.join("index.html.gz"), gzip(bare.as_bytes()).expect("compressed")).expect("writable");
    fs::write(&index, bare).expect("writable");
}

/// A fresh profile behind a mobile network on a slow processor.
async fn slow(site: &Site) -> Browser {
    let browser = Browser::at(&site.url()).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": NOTES })).await;
    browser.devtools("Network.enable", json!({})).await;
    let network = json!({ "offline": false, "latency": 150, "downloadThroughput": 1.6e6 / 8.0,
                          "uploadThroughput": 750e3 / 8.0 });
    browser.devtools("Network.emulateNetworkConditions", network).await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
    browser
}

async fn number(browser: &Browser, script: &str) -> f64 {
    let answer = browser.script(&format!("return {script}")).await;
    answer.as_f64().unwrap_or_else(|| panic!("{script}: {answer}"))
}

async fn marked(browser: &Browser, mark: &str) -> f64 {
    browser.until_marked(mark).await;
    number(browser, &format!("performance.getEntriesByName('{mark}')[0].startTime")).await
}

/// Presses a key as a keyboard does.
async fn press(browser: &Browser, key: &str, text: &str) {
    let code = if text.is_empty() { 8 } else { u32::from(text.as_bytes()[0]) };
    let down = json!({ "type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code });
    browser.devtools("Input.dispatchKeyEvent", down).await;
    let up = json!({ "type": "keyUp", "key": key, "windowsVirtualKeyCode": code });
    browser.devtools("Input.dispatchKeyEvent", up).await;
}

/// One load that nobody touches for three seconds: bytes, first paint, fields live, shifts, over the take-over as well.
async fn untouched(site: &Site, figures: &mut Figures) -> Vec<(String, u64)> {
    let browser = slow(site).await;
    browser.open_until("", "#app").await;
    figures.add(PageFigure::Live, marked(&browser, "started").await);
    let paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime";
    figures.add(PageFigure::Paint, number(&browser, paint).await);
    sleep(Duration::from_secs(3)).await;
    let transferred = browser.transferred().await;
    figures.add(PageFigure::Bytes, transferred.iter().map(|(_, bytes)| *bytes).sum::<u64>() as f64);
    browser.script("dispatchEvent(new Event('pointermove'))").await;
    browser.until_marked("complete").await;
    sleep(Duration::from_secs(1)).await;
    figures.add(PageFigure::Shift, number(&browser, "shifts").await);
    browser.close().await;
    transferred
}

/// A key pressed as soon as fields are live, and its result.
async fn first_key(site: &Site, figures: &mut Figures) {
    let browser = slow(site).await;
    browser.open_until("", "#app").await;
    browser.until_marked("started").await;
    browser.script("const it = document.getElementById('input-pods'); it.focus(); it.setSelectionRange(9, 9)").await;
    press(&browser, "1", "1").await;
    browser.until("the key is taken", "document.querySelector('[data-input=pods].changed')").await;
    let complete = marked(&browser, "complete").await;
    assert_eq!(browser.field("pods").await, "31");
    figures.add(PageFigure::FirstKey, complete - number(&browser, "pressed").await);
    browser.close().await;
}

/// A link to a scenario, and its result.
async fn link(site: &Site, rest: &str, figures: &mut Figures) {
    let browser = slow(site).await;
    browser.open_until(rest, "#app").await;
    figures.add(PageFigure::Link, marked(&browser, "complete").await);
    browser.close().await;
}

/// Presses keys in a field, and tells how long each took, by what was waited for.
async fn keys(browser: &Browser, id: &str, is_heard: bool) -> Vec<(&'static str, f64)> {
    browser.client.execute(WATCH, vec![json!(id)]).await.expect("it is watched");
    for count in 1..=WARM_UP + KEYS + PAUSES {
        if count % 2 == 1 {
            press(browser, "1", "1").await
        } else {
            press(browser, "Backspace", "").await
        }
        browser.until("the key is painted", &format!("samples.length === {count}")).await;
        if is_heard && count > WARM_UP + KEYS {
            browser.until("the details follow", "samples.at(-1).details").await;
        }
    }
    let Value::Array(samples) = browser.script("return samples").await else { panic!("no samples") };
    let mut times = Vec::new();
    for (count, sample) in samples.iter().enumerate().skip(WARM_UP) {
        let mut add = |name| times.push((name, sample[name].as_f64().unwrap_or_else(|| panic!("{name}: {sample}"))));
        if count < WARM_UP + KEYS {
            assert_eq!(
                sample["is_changed"].as_bool().unwrap_or_default(),
                is_heard,
                "every key that is heard changes the result"
            );
            add("result");
            add("painted");
        } else if is_heard {
            add("details");
        }
    }
    times
}

/// Every sample of each figure.
#[derive(Default)]
struct Figures(Vec<(PageFigure, f64)>);

impl Figures {
    fn add(&mut self, figure: PageFigure, sample: f64) {
        self.0.push((figure, sample));
    }

    fn print(&self, site: &str) {
        for (figure, sample) in &self.0 {
            println!("page\t{site}\t{}\t{sample}", figure.name());
        }
    }
}

#[tokio::test]
#[ignore = "a measurement proves nothing by itself: cargo xtask bench page holds it to limits"]
async fn page() {
    let preset = Preset::get("ticketing").expect("a preset");
    let rest = format!("#{}", permalink::write(&preset.scenario()));
    let (folder, bare_folder) = (gzipped_site(), gzipped_site());
    draw_nothing(bare_folder.path());
    let serve = async |folder: &TempDir| {
        Site::serve(folder.path(), listen(0, "--port").await.expect("a free port")).expect("it is served")
    };
    let (site, bare) = (serve(&folder).await, serve(&bare_folder).await);
    let (mut figures, mut bare_figures) = (Figures::default(), Figures::default());
    for profile in 0..PROFILES {
        let files = untouched(&site, &mut figures).await;
        if profile == 0 {
            for (name, bytes) in files {
                println!("page\tfile\t{name}\t{bytes}");
            }
        }
        untouched(&bare, &mut bare_figures).await;
        first_key(&site, &mut figures).await;
        first_key(&bare, &mut bare_figures).await;
        link(&site, &rest, &mut figures).await;
        link(&bare, &rest, &mut bare_figures).await;
    }
    figures.print("page");
    bare_figures.print("bare");

    let browser = Browser::at(&site.url()).await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
    let fields = PAGE_VIEWS.map(|view| (view, view, "input-rate")).into_iter();
    for (view, name, field) in fields.chain([("pool", "nobody listens", "nobody-listens")]) {
        browser.open_until(&format!("?view={view}{rest}"), "#app").await;
        browser.until_marked("complete").await;
        // What follows a start has ended.
        sleep(Duration::from_secs(2)).await;
        for (kind, time) in keys(&browser, field, name == view).await {
            println!("page\tkey {kind}\t{name}\t{time}");
        }
    }
    browser.close().await;
}
