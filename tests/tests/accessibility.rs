//! What axe-core finds: nothing, on any view, in any state, in either theme.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use fantoccini::key::Key;
use serde_json::{Value, json};
use tests::browser::{Browser, Theme};
use tests::views::{BUSY, VIEWS, full};

/// Asks axe-core in both themes, and once on a narrow screen.
async fn check(browser: &Browser, state: &str) {
    for (width, theme) in [(1280, Theme::Light), (1280, Theme::Dark), (360, Theme::Dark)] {
        browser.look(width, 800, theme).await;
        assert_eq!(browser.axe().await, json!([]), "{state}, {width} px, {theme}");
    }
    browser.look(1280, 800, Theme::Light).await;
}

#[tokio::test]
async fn every_view_is_for_everyone() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    for view in &VIEWS {
        browser.go(view.word).await;
        check(&browser, view.word).await;
    }
    browser.end().await;
}

#[tokio::test]
async fn unfolded_views_are_for_everyone() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    for view in &VIEWS {
        browser.go(view.word).await;
        browser.unfold_values().await;
        browser
            .script("document.querySelectorAll('.result details:not([open]) > summary').forEach((s) => s.click())")
            .await;
        browser.script("document.querySelector('.view[data-view] button.number').click()").await;
        browser.wait_for(".derivation").await;
        check(&browser, view.word).await;
    }
    browser.end().await;
}

#[tokio::test]
async fn every_field_is_for_everyone() {
    let browser = Browser::start().await;
    for (state, rest) in [("full", full().as_str()), ("garbage", "#v=1&pods=x&hold_ms=y&pooler=z&podz=4&ram=lots")] {
        browser.open(rest).await;
        browser.unfold_fields().await;
        browser.press("[data-input=pods] .about").await;
        check(&browser, state).await;
    }
    browser.end().await;
}

#[tokio::test]
async fn every_other_state_is_for_everyone() {
    let browser = Browser::start().await;
    browser.open(BUSY).await;
    for way in ["preset", "configuration", "questions"] {
        browser.begin(way).await;
        check(&browser, way).await;
    }
    browser.begin("configuration").await;
    browser.script("document.getElementById('paste').focus()").await;
    browser.script("document.execCommand('insertText', false, 'max_connections = 250\\nwork_mem = lots\\n')").await;
    browser.press("#beginning .drop .primary").await;
    browser.wait_for("#files-read .problem").await;
    check(&browser, "a file with an error").await;

    browser.press_button("Pin to compare").await;
    browser.preset("audit-api").await;
    check(&browser, "a preset beside a pinned scenario").await;

    browser.go("advisor").await;
    browser.script("document.querySelector('[name=against][value=\"Against the defaults\"]').click()").await;
    browser.wait_for(".differences").await;
    check(&browser, "a file beside the defaults").await;
    browser.end().await;
}

/// What is wrong with how the focus shows: nothing around what has it, or something in front of all of it.  Nothing
/// where the focus has left the page.
const FOCUS: &str = "const e = document.activeElement;
    if (e === document.body) return null;
    const is_outlined = (e) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(e);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
    };
    const box = e.getBoundingClientRect();
    const is_seen = [[.5, .5], [.1, .2], [.9, .8]].some(([across, down]) => {
        const there = document.elementFromPoint(box.left + across * box.width, box.top + down * box.height);
        return there && (e.contains(there) || e.labels?.[0]?.contains(there));
    });
    const marked = [e, e.nextElementSibling, e.parentElement].some((e) => e && is_outlined(e));
    return [e.outerHTML.slice(0, 120), [marked ? '' : 'no outline', is_seen ? '' : 'out of sight']]";

#[tokio::test]
async fn what_has_the_focus_is_seen() {
    let browser = Browser::start().await;
    for (width, theme) in [(360, Theme::Dark), (1280, Theme::Light)] {
        browser.open(&full()).await;
        browser.look(width, 800, theme).await;
        browser.unfold_fields().await;
        browser.script("scrollTo(0, 0); document.activeElement.blur()").await;
        let mut places = 0;
        loop {
            browser.key(Key::Tab, 1).await;
            let found = browser.script(FOCUS).await;
            if found == Value::Null {
                break;
            }
            assert_eq!(found[1], json!(["", ""]), "{width} px: {}", found[0]);
            places += 1;
        }
        assert!(places > 100, "{width} px: only {places} places have the focus");
    }
    browser.end().await;
}

/// How far the edges of what can be typed into or pressed stand out from what is around them: the smallest contrast.
const EDGES: &str = "const channel = (value) => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
    const light = (colour) => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).map((value) => channel(value / 255));
        return .2126 * red + .7152 * green + .0722 * blue;
    };
    const ground = (e) => {
        const { backgroundColor } = getComputedStyle(e);
        return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(e.parentElement) : backgroundColor;
    };
    const contrasts = Array.from(document.querySelectorAll('#app input[type=text], #app select, #app .quiet'))
        .filter((e) => e.checkVisibility() && !e.disabled)
        .map((e) => [light(getComputedStyle(e).borderTopColor), light(ground(e.parentElement))].sort((a, b) => b - a))
        .map(([lighter, darker]) => (lighter + .05) / (darker + .05));
    return [contrasts.length, Math.min(...contrasts)]";

#[tokio::test]
async fn edges_stand_out() {
    let browser = Browser::start().await;
    browser.open(&full()).await;
    for theme in Theme::ALL {
        browser.look(1280, 800, theme).await;
        let found = browser.script(EDGES).await;
        let (count, least) = (found[0].as_u64().expect("a number"), found[1].as_f64().expect("a contrast"));
        assert!(count > 20 && least >= 3.0, "{theme}: {least} : 1 is the least of {count}");
    }
    browser.end().await;
}
