//! The page on every screen and on paper: nothing is cut off, nothing overlaps, everything is large enough.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::json;
use sizing::preset::PRESETS;
use tests::browser::{Browser, Theme};
use tests::views::{BUSY, VIEWS, full, scenario};

/// By how much the page is wider than the screen, and what is, although nothing around it scrolls.
const TOO_WIDE: &str = "return [document.documentElement.scrollWidth - document.documentElement.clientWidth,
    Array.from(document.querySelectorAll('body *'))
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1
            && !e.closest('.scroll, pre, .visually-hidden, nav.views, svg'))
        .map((e) => e.outerHTML.slice(0, 160))]";

/// Everything that can be pressed and is smaller than 24 px, links in sentences aside.
const SMALL_TARGETS: &str =
    "return Array.from(document.querySelectorAll('button, summary, select, input, textarea, nav a, .switch label'))
    .map((e) => [e, e.getBoundingClientRect()])
    .filter(([e, box]) => box.width > 0 && (box.height < 24 || box.width < 8) && !e.matches('.switch input, .link'))
    .map(([e, box]) => `${e.outerHTML.slice(0, 120)} ${box.width} × ${box.height}`)";

#[tokio::test]
async fn every_view_fits_every_screen() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    browser.unfold_fields().await;
    for view in &VIEWS {
        browser.look(1280, 800, Theme::Light).await;
        browser.go(view.word).await;
        browser.unfold_everything().await;
        browser.script("document.querySelector('.view[data-view] button.number').click()").await;
        for width in [320, 360, 768, 1280, 1920] {
            browser.look(width, 800, Theme::Light).await;
            assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "{}: {width} px", view.word);
            assert_eq!(browser.script(SMALL_TARGETS).await, json!([]), "{}: {width} px", view.word);
        }
        // Texts twice as large, on a tablet's and on a desk's screen.
        browser.script("document.documentElement.style.fontSize = '200%'").await;
        for width in [768, 1280] {
            browser.look(width, 800, Theme::Light).await;
            assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "{}: {width} px, 200 %", view.word);
        }
        browser.script("document.documentElement.style.fontSize = ''").await;
    }
    browser.end().await;
}

/// The spacing that readers may ask for, whatever the page's is (WCAG 1.4.12).
const SPACING: &str = "const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }'
        + 'p { margin-bottom: 2em !important }');
    document.adoptedStyleSheets = [sheet];";

/// Texts that end at an edge beyond which they go on.
const CUT_OFF: &str = "return Array.from(document.querySelectorAll('#app *'))
    .filter((e) => e.checkVisibility() && e.innerText?.trim() && !e.closest('.visually-hidden, svg, select, input')
        && ['hidden', 'clip'].includes(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1)
    .map((e) => e.outerHTML.slice(0, 160))";

#[tokio::test]
async fn texts_may_be_spaced_as_the_reader_likes() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    browser.unfold_fields().await;
    browser.script(SPACING).await;
    for view in &VIEWS {
        browser.look(1280, 800, Theme::Light).await;
        browser.go(view.word).await;
        browser.unfold_everything().await;
        for width in [360, 1280] {
            browser.look(width, 800, Theme::Light).await;
            assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "{}: {width} px", view.word);
            assert_eq!(browser.script(CUT_OFF).await, json!([]), "{}: {width} px", view.word);
        }
    }
    browser.end().await;
}

#[tokio::test]
async fn every_way_to_start_fits_the_smallest_screen() {
    let browser = Browser::start().await;
    browser.look(360, 800, Theme::Light).await;
    for preset in &PRESETS {
        browser.open("").await;
        browser.preset(preset.id).await;
        browser.unfold_everything().await;
        assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "{}", preset.id);
    }
    for way in ["preset", "configuration", "questions"] {
        browser.begin(way).await;
        assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "{way}");
        assert_eq!(browser.script(SMALL_TARGETS).await, json!([]), "{way}");
    }
    browser.press_button("Pin to compare").await;
    browser.type_into("pods", "77").await;
    assert_eq!(browser.script(TOO_WIDE).await, json!([0, []]), "the comparison");
    browser.end().await;
}

#[tokio::test]
async fn the_themes_are_the_systems() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    for theme in Theme::ALL {
        browser.look(1280, 800, theme).await;
        let ground = browser.script("return getComputedStyle(document.body).backgroundColor").await;
        let is_dark = ground.as_str().is_some_and(|colour| colour.starts_with("rgb(1"));
        assert_eq!(is_dark, theme == Theme::Dark, "{theme}: {ground}");
    }
    browser.end().await;
}

#[tokio::test]
async fn forced_colours_hide_nothing() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    let forced = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    browser.devtools("Emulation.setEmulatedMedia", forced).await;
    assert_eq!(browser.script("return matchMedia('(forced-colors: active)').matches").await, json!(true));
    for view in &VIEWS {
        browser.go(view.word).await;
        // Shapes that would be painted in the colour of what is behind them.
        let lost = "const ground = getComputedStyle(document.body).backgroundColor;
            const none = (colour) => colour === 'none' || colour === ground || colour === 'rgba(0, 0, 0, 0)';
            return Array.from(document.querySelectorAll('.bar rect.fill, .meter .fill, .meter .limit, .chart .line, .chart .bar, .chart .limit, .sign :not(.sign-mark)'))
                .filter((e) => e.checkVisibility() && none(getComputedStyle(e).fill) && none(getComputedStyle(e).stroke))
                .map((e) => e.outerHTML.slice(0, 160))";
        assert_eq!(browser.script(lost).await, json!([]), "{}", view.word);
        let edges = "return Array.from(document.querySelectorAll('#app .quiet, #app .primary, #app input[type=text], #app select'))
            .filter((e) => e.checkVisibility() && getComputedStyle(e).borderStyle === 'none').map((e) => e.outerHTML.slice(0, 160))";
        assert_eq!(browser.script(edges).await, json!([]), "{}: what can be pressed has an edge", view.word);
    }
    browser.end().await;
}

/// What is drawn when a browser has told that it prints, which takes no longer than what was queued by then; and what is
/// drawn a while later.
const PAPER: &str = "const done = arguments[arguments.length - 1];
    const drawn = () => [document.querySelectorAll('.view[data-view] tbody tr').length,
        document.querySelector('.print-only').textContent.length];
    dispatchEvent(new Event('beforeprint'));
    (async () => {
        for (let times = 0; times < 50; times++) await null;
        const at_once = drawn();
        setTimeout(() => done([at_once, drawn()]), 300);
    })()";

#[tokio::test]
async fn paper_waits_for_nobody() {
    let browser = Browser::start().await;
    browser.open("?view=memory#v=1&pods=40&pools=audit:10:5:audit&nodes=5").await;
    browser.unfold_values().await;
    browser.script("document.querySelector('.values button.number').focus()").await;
    let focus = browser.focus().await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 })).await;
    let found = browser.client.execute_async(PAPER, Vec::new()).await.expect("a script");
    assert_eq!(found[0], found[1], "rows and letters, at once and later");
    assert!(found[0][0].as_u64() > Some(200) && found[0][1].as_u64() > Some(100), "{found}");
    browser.draw_everything(false).await;
    assert_eq!(browser.focus().await, focus, "the focus is where it was");
    browser.end().await;
}

#[tokio::test]
async fn a_printed_report_is_complete() {
    let browser = Browser::start().await;
    for link in [BUSY.to_owned(), full(), "#v=1&system=secret-store&nodes=5".to_owned()] {
        let plan = sizing::plan(&scenario(&link));
        browser.open(&link).await;
        let charts = async || {
            let ids = "return Array.from(document.querySelectorAll('figure.chart'), (e) => e.className)";
            let ids = browser.script(ids).await;
            ids.as_array().expect("a list").iter().map(|id| id.as_str().expect("a text").to_owned()).collect::<Vec<_>>()
        };
        let mut expected = Vec::new();
        for view in VIEWS.iter().filter(|view| view.says_something(&plan)) {
            browser.go(view.word).await;
            expected.extend(charts().await);
        }
        browser.go("pool").await;
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
        browser.draw_everything(true).await;

        let views = "return Array.from(document.querySelectorAll('.view[data-view]'), (e) => e.dataset.view)";
        let says_something: Vec<&str> = VIEWS
            .iter()
            .filter(|view| view.word == "pool" || view.says_something(&plan))
            .map(|view| view.word)
            .collect();
        assert_eq!(browser.script(views).await, json!(says_something), "{link}");
        assert_eq!(charts().await, expected, "{link}: every chart");
        let hidden = "return Array.from(document.querySelectorAll(
                'figure.chart .chart-canvas, figure.chart table, .values details:not([hidden]) table, .options pre'))
            .filter((e) => !(e.checkVisibility() && e.getBoundingClientRect().height > 0))
            .map((e) => e.outerHTML.slice(0, 120))";
        assert_eq!(browser.script(hidden).await, json!([]), "{link}: charts, tables and steps are on the paper");

        // Sentences may stand in lines of their own.
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = flat(&browser.text("body").await);
        let values = plan.values.iter().map(|value| &*value.id);
        let findings = plan.findings.iter().map(|finding| &*finding.message);
        let rest = [&*plan.verdict, "Inputs that differ", link.trim_start_matches('#')];
        for part in values.chain(findings).chain(rest) {
            assert!(text.contains(&flat(part)), "{link}: {part}");
        }
        for part in ["Reset all", "Copy link", "Pin to compare", "Set Server pool size", "As a table"] {
            assert!(!text.contains(part), "{part} is of no use on paper");
        }
        browser.draw_everything(false).await;
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
        assert_eq!(browser.script(views).await, json!(["pool"]), "and back");
    }
    browser.end().await;
}
