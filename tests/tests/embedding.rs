//! The calculator inside other pages: plain ones, strict ones, and those that real tools for books build.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::path::Path;
use std::process::Command;

use fantoccini::Locator;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::browser::{Browser, Theme};
use tests::command_line::headroom;
use tests::folder::copy;
use xtask::paths;
use xtask::site::{Site, listen};

/// What every page of the tests notes.
const NOTES: &str = "
    window.changes = [];
    addEventListener('headroom-change', (event) => changes.push({ id: event.target.id, ...event.detail }));
    window.messages = [];
    addEventListener('message', (event) => messages.push(event.data));
    window.violations = [];
    addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective + event.blockedURI));
    window.shifts = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shifts += entry.value)))
        .observe({ type: 'layout-shift', buffered: true });
    window.frame = (id) => document.getElementById(id).shadowRoot?.querySelector('iframe');
    window.isReady = (id) => frame(id)?.className === '';
    window.link = (id) => document.getElementById(id).shadowRoot?.querySelector('a');
    window.isLinked = (id) => link(id).checkVisibility();
";

/// A page with the calculator in it, and the two sites.
struct Host {
    browser: Browser,
    calculator: Site,
    page: Site,
    folder: TempDir,
}

impl Host {
    /// A page of this body, in which `http://calculator.example` stands for the calculator's site.
    async fn start(body: &str) -> Self {
        Self::start_with(&paths::site(), body, "").await
    }

    /// A page with rules for its headers, around a calculator's site of these files.
    async fn start_with(site: &Path, body: &str, rules: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let page = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title>\
             <meta name=viewport content='width=device-width'><link rel=icon href='data:,'><script src=notes.js></script><main><h1>A page</h1>{body}</main>"
        );
        fs::write(folder.path().join("index.html"), page).expect("writable");
        fs::write(folder.path().join("notes.js"), NOTES).expect("writable");
        fs::write(folder.path().join("_headers"), rules).expect("writable");
        let root = folder.path().to_owned();
        Self::of(site, folder, &root).await
    }

    /// The pages of a folder, in which `http://calculator.example` stands for the calculator's site, and
    /// `http://site.example` for their own.
    async fn of(site: &Path, folder: TempDir, root: &Path) -> Self {
        assert!(site.join("embed.js").exists(), "there is no built site: run `cargo xtask build page`");
        let calculator = Site::serve(site, listen(0, "--port").await.expect("a port")).expect("it is served");
        let page = Site::serve(root, listen(0, "--port").await.expect("a port")).expect("it is served");
        replace(root, "http://calculator.example", &calculator.url());
        replace(root, "http://site.example", &page.url());
        let browser = Browser::at(&page.url()).await;
        Self { browser, calculator, page, folder }
    }

    /// Opens a page, and waits until the calculator of this id is there.
    async fn open(&self, rest: &str, id: &str) {
        self.browser.open_until(rest, &format!("#{id}")).await;
        self.until_ready(id).await;
    }

    async fn until_ready(&self, id: &str) {
        self.browser.until(&format!("{id} is ready"), &format!("isReady('{id}')")).await;
    }

    /// Goes into the frame of a calculator; [`Host::leave`] goes back.
    async fn enter(&self, id: &str) {
        let element = self.browser.wait_for(&format!("#{id}")).await;
        let shadow = element.shadow_root().await.expect("a shadow");
        let frame = shadow.find(Locator::Css("iframe")).await.expect("a frame");
        frame.enter_frame().await.expect("the frame is entered");
    }

    async fn leave(&self) {
        self.browser.client.enter_parent_frame().await.expect("the frame is left");
    }

    /// What a script says inside the frame of a calculator.
    async fn inside(&self, id: &str, script: &str) -> Value {
        self.enter(id).await;
        let answer = self.browser.script(script).await;
        self.leave().await;
        answer
    }

    /// Waits until a script says something true inside the frame of a calculator.
    async fn until_inside(&self, id: &str, what: &str, script: &str) {
        self.enter(id).await;
        self.browser.until(what, script).await;
        self.leave().await;
    }

    async fn number(&self, script: &str) -> f64 {
        self.browser.script(&format!("return {script}")).await.as_f64().unwrap_or_else(|| panic!("no number: {script}"))
    }

    async fn end(self) {
        let calculator = self.calculator.url();
        self.browser.end_among(&[&calculator]).await;
        drop((self.page, self.folder));
    }
}

/// Replaces a word in every text file of a folder.
fn replace(folder: &Path, word: &str, by: &str) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            replace(&path, word, by);
        } else if let Ok(text) = fs::read_to_string(&path)
            && text.contains(word)
        {
            fs::write(&path, text.replace(word, by)).expect("writable");
        }
    }
}

const SCRIPT: &str = "<script src='http://calculator.example/embed.js' async></script>";

/// Three calculators, one after the other.
const THREE: &str = "
    <headroom-calculator id=a view=pool pods=4 pool-size=20 max-overflow=10 class=x data-x=y></headroom-calculator>
    <headroom-calculator id=b view=memory ram=8GiB cpus=4></headroom-calculator>
    <headroom-calculator id=c view=growth pods=3></headroom-calculator>";

/// The calculator's own scroll bars: where its content is higher or wider than its frame.
const OVERFLOW: &str = "return [document.documentElement.scrollHeight - innerHeight, \
                        Math.max(0, document.documentElement.scrollWidth - innerWidth)]";

#[tokio::test]
async fn three_on_one_page_are_on_their_own() {
    let host = Host::start(&format!("{SCRIPT}{THREE}")).await;
    let browser = &host.browser;
    browser.look(1280, 3000, Theme::Light).await;
    host.open("", "a").await;
    for (id, view, fragment) in [
        ("a", "pool", "#v=1&pods=4&pool_size=20&max_overflow=10"),
        ("b", "memory", "#v=1&ram=8GiB&cpus=4"),
        ("c", "growth", "#v=1&pods=3"),
    ] {
        browser.script(&format!("document.getElementById('{id}').scrollIntoView()")).await;
        host.until_ready(id).await;
        let address = host.inside(id, "return [new URLSearchParams(location.search).get('view'), location.hash]").await;
        assert_eq!(address, json!([view, fragment]), "{id}");
        browser.until("it has told its plan", &format!("changes.some((change) => change.id === '{id}')")).await;
        assert_eq!(host.inside(id, "return document.querySelectorAll('.notices li').length").await, json!(0), "{id}");
        // The page around it is gone, the heading remains for those who go by headings.
        let gone = "return ['.page-foot', '.skip', '.page-head p'].filter((c) => document.querySelector(c)?.checkVisibility())";
        assert_eq!(host.inside(id, gone).await, json!([]), "{id}");
        let link = host.inside(id, "return document.querySelector('.embed-foot a').href").await;
        assert_eq!(link, json!(format!("{}/?view={view}{fragment}", host.calculator.url())));
    }
    browser.until("all have the height they need", "messages.filter((m) => m.type === 'height').length >= 3").await;
    for id in ["a", "b", "c"] {
        assert_eq!(host.inside(id, OVERFLOW).await, json!([0, 0]), "{id}");
    }
    host.end().await;
}

#[tokio::test]
async fn the_event_says_what_the_command_line_says() {
    let host = Host::start(&format!("{SCRIPT}{THREE}")).await;
    let browser = &host.browser;
    host.open("", "a").await;
    browser.until("the plan is told", "changes.length > 0").await;
    let is_told = async |scenario: &str| {
        let file = host.folder.path().join("scenario.json");
        fs::write(&file, scenario).expect("writable");
        let answer = Command::new(headroom()).args(["plan", "--format", "json"]).arg(&file).output().expect("it runs");
        let plan = String::from_utf8(answer.stdout).expect("UTF-8");
        let same = format!(
            "(({{ plan, scenario }} = {{}}) => JSON.stringify(plan) === JSON.stringify(JSON.parse({})) &&
             JSON.stringify(scenario) === JSON.stringify(JSON.parse({})))(changes.findLast(({{ id }}) => id === 'a'))",
            json!(plan),
            json!(scenario)
        );
        browser.until("the plan told is the command line's", &same).await;
    };
    is_told(r#"{"max_overflow": 10, "pods": 4, "pool_size": 20, "version": 1}"#).await;

    // Typed inside.
    host.enter("a").await;
    browser.type_into("pods", "6").await;
    host.leave().await;
    is_told(r#"{"max_overflow": 10, "pods": 6, "pool_size": 20, "version": 1}"#).await;

    // Changed from outside, without loading anything anew.
    host.inside("a", "window.mark = 1").await;
    browser.script("document.getElementById('a').setAttribute('pods', '9')").await;
    is_told(r#"{"max_overflow": 10, "pods": 9, "pool_size": 20, "version": 1}"#).await;
    browser.script("document.getElementById('a').removeAttribute('max-overflow')").await;
    is_told(r#"{"pods": 9, "pool_size": 20, "version": 1}"#).await;
    assert_eq!(host.inside("a", "return [window.mark, location.hash]").await, json!([1, "#v=1&pods=9&pool_size=20"]));
    assert_eq!(browser.script("return link('a').hash").await, json!("#v=1&pods=9&pool_size=20"));

    browser.script("document.getElementById('a').setAttribute('view', 'memory')").await;
    host.until_inside("a", "the other view", "location.search.includes('view=memory')").await;
    assert_eq!(host.inside("a", "return window.mark").await, json!(1), "nothing was loaded anew");

    // A mistake is named where it was made, and nothing else.
    browser.script("document.getElementById('a').setAttribute('pod', '9')").await;
    host.until_inside("a", "the mistake is named", "document.body.innerText.includes('pod')").await;
    host.end().await;
}

#[tokio::test]
async fn it_takes_the_height_it_needs_and_no_more() {
    let host = Host::start(&format!(
        "{SCRIPT}<headroom-calculator id=a view=pool pods=4></headroom-calculator><p id=below>Below</p>"
    ))
    .await;
    let browser = &host.browser;
    host.open("", "a").await;
    let count = "messages.filter((message) => message.type === 'height').length";
    let settle = async || {
        let mut before = -1.0;
        loop {
            let now = host.number(count).await;
            if (now - before).abs() < 0.5 {
                return now;
            }
            before = now;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    };
    let heights = settle().await;
    assert!((1.0..=6.0).contains(&heights), "{heights} heights until it rests");
    assert_eq!(host.inside("a", OVERFLOW).await, json!([0, 0]));

    // Narrower, so that it needs more height.
    let wide = host.number("frame('a').offsetHeight").await;
    browser.look(400, 900, Theme::Light).await;
    browser.until("it grows", &format!("frame('a').offsetHeight > {wide}")).await;
    let narrow = settle().await;
    assert!(narrow - heights <= 8.0, "{} more heights until it rests", narrow - heights);
    assert_eq!(host.inside("a", OVERFLOW).await, json!([0, 0]));

    // Content that is always higher than its frame must not push it for ever.
    host.inside("a", "document.body.style.minHeight = 'calc(100vh + 50px)'").await;
    let pushed = settle().await;
    assert!((1.0..=8.0).contains(&(pushed - narrow)), "{} heights in a circle", pushed - narrow);

    // No height is taken from anybody else, and none beyond reason.
    let before = host.number("frame('a').offsetHeight").await;
    browser.script("postMessage({ headroom: 1, type: 'height', height: 9999 }, '*')").await;
    host.inside("a", "parent.postMessage({ headroom: 2, type: 'height', height: 9998 }, '*')").await;
    browser.until("both are here", "messages.filter((m) => m.height >= 9998).length === 2").await;
    assert_eq!(host.number("frame('a').offsetHeight").await, before);
    host.inside("a", "parent.postMessage({ headroom: 1, type: 'height', height: 1e9 }, '*')").await;
    browser.until("as high as it gets", "frame('a').offsetHeight === 16384").await;
    host.end().await;
}

#[tokio::test]
async fn the_theme_is_the_pages_or_the_one_asked_for() {
    let host =
        Host::start(&format!("{SCRIPT}<headroom-calculator id=a pods=4 theme=auto></headroom-calculator>")).await;
    let browser = &host.browser;
    host.open("", "a").await;
    let is_dark = "getComputedStyle(document.body).color === 'rgb(236, 238, 245)'";
    let is_light = "getComputedStyle(document.body).color === 'rgb(26, 27, 34)'";
    for (change, expected, reason) in [
        ("", is_light, "as the system says"),
        ("document.documentElement.style.colorScheme = 'dark'", is_dark, "the page is dark"),
        ("document.documentElement.style.colorScheme = 'light dark'", is_light, "the page leaves it to the system"),
        ("document.getElementById('a').setAttribute('theme', 'dark')", is_dark, "asked for"),
        ("document.documentElement.style.colorScheme = 'light'", is_dark, "asked for, whatever the page is"),
        ("document.getElementById('a').setAttribute('theme', 'light')", is_light, "asked for"),
        ("document.getElementById('a').removeAttribute('theme')", is_light, "as the page"),
        ("document.documentElement.style.colorScheme = ''", is_light, "as the system says"),
    ] {
        browser.script(change).await;
        host.until_inside("a", reason, expected).await;
    }
    browser.look(1280, 900, Theme::Dark).await;
    host.until_inside("a", "the system turns dark", is_dark).await;
    browser.script("document.getElementById('a').setAttribute('theme', 'light')").await;
    host.until_inside("a", "light on a dark system", is_light).await;
    host.end().await;
}

#[tokio::test]
async fn nothing_is_asked_for_before_it_is_about_to_be_seen() {
    let host = Host::start(&format!(
        "{SCRIPT}<svg width=10 height=5000></svg>
         <headroom-calculator id=a view=pool pods=4></headroom-calculator><svg width=10 height=5000></svg>"
    ))
    .await;
    let browser = &host.browser;
    browser.open_until("", "#a").await;
    browser.until("the element is defined", "customElements.get('headroom-calculator')").await;
    let asked = format!(
        "performance.getEntriesByType('resource').map((e) => e.name).filter((name) => name.startsWith('{}'))",
        host.calculator.url()
    );
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let only_script = json!([format!("{}/embed.js", host.calculator.url())]);
    assert_eq!(browser.script(&format!("return {asked}")).await, only_script);
    assert_eq!(browser.script("return frame('a')").await, Value::Null);
    // Its place is kept, and the way to the whole calculator is there already.
    assert!(host.number("document.getElementById('a').offsetHeight").await >= 512.0);
    assert_eq!(browser.script("return isLinked('a')").await, json!(true));
    let whole = format!("{}/?view=pool#v=1&pods=4", host.calculator.url());
    assert_eq!(browser.script("return link('a').href").await, json!(whole));

    browser.script("document.getElementById('a').scrollIntoView({ block: 'center' })").await;
    host.until_ready("a").await;
    assert_eq!(browser.script("return isLinked('a')").await, json!(false));
    host.end().await;
}

#[tokio::test]
async fn where_it_cannot_run_there_is_a_link() {
    // No script at all.
    let fallback = "<headroom-calculator id=a pods=4>\
                    <a href='http://calculator.example/#v=1&amp;pods=4'>Calculate</a></headroom-calculator>";
    let host = Host::start_with(
        &paths::site(),
        &format!("{SCRIPT}{fallback}"),
        "/*\n  Content-Security-Policy: script-src 'none'\n",
    )
    .await;
    host.browser.open_until("", "#a a").await;
    assert_eq!(host.browser.text("#a").await, "Calculate");
    host.browser.client.clone().close().await.expect("it closes");

    // The element is there, and its frame finds no WebAssembly.
    let broken = tempfile::tempdir().expect("a temporary folder");
    for entry in fs::read_dir(paths::site()).expect("the site") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        if path.is_file() && !name.contains(".wasm") {
            fs::copy(&path, broken.path().join(name)).expect("copied");
        }
    }
    let body = format!("{SCRIPT}<headroom-calculator id=a view=pool pods=4>In <b>words</b>.</headroom-calculator>");
    let host = Host::start_with(broken.path(), &body, "").await;
    host.browser.open_until("", "#a").await;
    host.browser.until("the frame says so", "messages.some((message) => message.type === 'failed')").await;
    let link = host.browser.script("return [isLinked('a'), link('a').href, isReady('a')]").await;
    assert_eq!(link, json!([true, format!("{}/?view=pool#v=1&pods=4", host.calculator.url()), false]));
    assert!(host.browser.text("#a").await.contains("In words."), "what the page says in its place is seen");
    host.browser.client.clone().close().await.expect("it closes");

    // It stops later: the link has what was typed until then.
    let host = Host::start(&body).await;
    host.open("", "a").await;
    host.enter("a").await;
    host.browser.type_into("pods", "7").await;
    host.browser.until("the address follows", "location.hash === '#v=1&pods=7'").await;
    host.browser
        .script("dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }))")
        .await;
    host.leave().await;
    host.browser.until("the link takes its place", "isLinked('a') && !isReady('a')").await;
    let link = host.browser.script("return link('a').href").await;
    assert_eq!(link, json!(format!("{}/?view=pool#v=1&pods=7", host.calculator.url())));
    host.end().await;
}

#[tokio::test]
async fn it_comes_and_goes_without_leaving_anything_behind() {
    let host = Host::start(&format!(
        "<headroom-calculator id=a pods=4></headroom-calculator>{SCRIPT}{SCRIPT}
         <script type=module src='http://calculator.example/embed.js'></script><div id=elsewhere></div>"
    ))
    .await;
    let browser = &host.browser;
    host.open("", "a").await;
    let listeners = async || {
        let window = browser.devtools("Runtime.evaluate", json!({ "expression": "window" })).await;
        let object = json!({ "objectId": window["result"]["objectId"] });
        let found = browser.devtools("DOMDebugger.getEventListeners", object).await;
        found["listeners"].as_array().expect("listeners").len()
    };
    let before = listeners().await;
    browser.script("window.a = document.getElementById('a'); a.remove()").await;
    assert_eq!(browser.script("return a.shadowRoot.querySelector('iframe')").await, Value::Null);
    assert_eq!(listeners().await, before - 1, "nobody listens for a calculator that is gone");
    // Changes of what is not in the page are not followed, and not lost.
    browser.script("a.setAttribute('pods', '5')").await;
    browser
        .script("for (let i = 0; i < 20; i++) { elsewhere.append(a); document.body.append(a); } elsewhere.append(a)")
        .await;
    host.until_ready("a").await;
    assert_eq!(listeners().await, before);
    assert_eq!(host.number("a.shadowRoot.querySelectorAll('iframe').length").await, 1.0);
    assert_eq!(host.inside("a", "return location.hash").await, json!("#v=1&pods=5"));
    // A new one, made by a script.
    browser
        .script(
            "const b = document.createElement('headroom-calculator'); b.id = 'b'; b.setAttribute('pods', '6'); \
             a.replaceWith(b)",
        )
        .await;
    host.until_ready("b").await;
    assert_eq!(host.inside("b", "return location.hash").await, json!("#v=1&pods=6"));
    assert_eq!(listeners().await, before);
    host.end().await;
}

#[tokio::test]
async fn a_strict_policy_has_nothing_to_complain_about() {
    let rules = "/*\n  Content-Security-Policy: default-src 'none'; img-src data:; \
                 script-src 'self' http://calculator.example; frame-src http://calculator.example; \
                 base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'\n  \
                 Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n";
    let body = format!("{SCRIPT}<headroom-calculator id=a view=pool pods=4></headroom-calculator>");
    let host = Host::start_with(&paths::site(), &body, rules).await;
    let browser = &host.browser;
    host.open("", "a").await;
    assert_eq!(browser.script("return self.crossOriginIsolated").await, json!(true), "the page is an isolated one");
    browser.until("it has its height", "frame('a').offsetHeight > 600").await;
    host.enter("a").await;
    browser.type_into("pods", "8").await;
    host.leave().await;
    browser.until("what is typed is told", "changes.at(-1)?.scenario.pods === 8").await;
    browser.script("document.getElementById('a').setAttribute('theme', 'dark')").await;
    host.until_inside("a", "it turns dark", "document.documentElement.dataset.theme === 'dark'").await;
    assert_eq!(browser.script("return violations").await, json!([]));

    // The frame cannot lead the page elsewhere.
    host.inside("a", "try { top.location = 'about:blank' } catch {}").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(browser.address().await, format!("{}/", host.page.url()));
    // The refusal is an error in the browser's log, which this test is about.
    host.browser.client.clone().close().await.expect("it closes");
}

#[tokio::test]
async fn a_bare_frame_works() {
    let host = Host::start(
        "<iframe id=a title=Headroom width=800 height=600 src='http://calculator.example/?view=pool&amp;embed=1#v=1&amp;pods=4'></iframe>",
    )
    .await;
    let browser = &host.browser;
    browser.open_until("", "#a").await;
    let frame = browser.wait_for("#a").await;
    frame.enter_frame().await.expect("it is entered");
    browser.until("the calculator runs", "document.querySelector('#verdict')").await;
    assert_eq!(browser.field("pods").await, "4");
    assert_eq!(
        browser
            .script(
                "return [document.documentElement.scrollHeight > innerHeight, \
                        getComputedStyle(document.documentElement).overflowY]"
            )
            .await,
        json!([true, "visible"]),
        "it scrolls, because nobody gives it the height it asks for"
    );
    host.leave().await;
    host.end().await;
}

#[tokio::test]
async fn below_a_folder_and_by_name_it_finds_its_site() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = folder.path().join("tools/headroom");
    copy(&paths::site(), &site, &|_| true);
    // A module from another origin needs this of any host.
    let rules = "/tools/headroom/embed.js\n  Access-Control-Allow-Origin: *\n";
    fs::write(folder.path().join("_headers"), rules).expect("writable");
    let calculator = Site::serve(folder.path(), listen(0, "--port").await.expect("a port")).expect("it is served");
    let prefix = format!("{}/tools/headroom/", calculator.url());
    for (body, reason) in [
        (
            format!("<script src='{prefix}embed.js?v=2'></script><headroom-calculator id=a></headroom-calculator>"),
            "a script",
        ),
        (
            format!(
                "<script type=module src='{prefix}embed.js'></script><headroom-calculator id=a></headroom-calculator>"
            ),
            "a module",
        ),
        (
            format!("{SCRIPT}<headroom-calculator id=a src='{prefix}'></headroom-calculator>"),
            "a copy of the script from elsewhere",
        ),
    ] {
        let host = Host::start(&body).await;
        host.open("", "a").await;
        let path = host.inside("a", "return location.origin + location.pathname").await;
        assert_eq!(path, json!(prefix), "{reason}");
        let elsewhere = format!("{}/", host.calculator.url());
        host.browser.script(&format!("document.getElementById('a').setAttribute('src', {})", json!(elsewhere))).await;
        let frame = "document.getElementById('a').shadowRoot.querySelector('iframe')";
        host.browser.script("document.getElementById('a').setAttribute('src', 'http://')").await;
        host.browser.script(&format!("document.getElementById('a').setAttribute('src', {})", json!(elsewhere))).await;
        let moved = format!("{frame}?.className === '' && {frame}.src.startsWith({})", json!(elsewhere));
        host.browser.until("another site is another frame", &moved).await;
        host.browser.client.clone().close().await.expect("it closes");
    }
}

#[tokio::test]
async fn axe_finds_nothing_inside_the_frame() {
    let host = Host::start(&format!("{SCRIPT}{THREE}")).await;
    let browser = &host.browser;
    browser.look(1280, 3000, Theme::Light).await;
    host.open("", "a").await;
    for theme in ["light", "dark"] {
        for id in ["a", "b", "c"] {
            browser
                .script(&format!(
                    "const it = document.getElementById('{id}'); it.scrollIntoView(); it.setAttribute('theme', '{theme}')"
                ))
                .await;
            host.until_ready(id).await;
            host.until_inside(id, "the theme", &format!("document.documentElement.dataset.theme === '{theme}'")).await;
            host.enter(id).await;
            assert_eq!(browser.axe().await, json!([]), "{id}, {theme}");
            host.leave().await;
        }
    }
    assert_eq!(browser.axe().await, json!([]), "the page around");
    host.end().await;
}

/// The sources of a book, for a tool to make pages of.
fn book() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&paths::root().join("tests/books"), folder.path(), &|_| true);
    folder
}

/// Runs a tool that makes a book.
fn make(tool: &str, arguments: &[&str], folder: &Path) {
    let program = paths::book_tools().join("bin").join(tool);
    let made = Command::new(&program).args(arguments).current_dir(folder).output();
    let made = made.unwrap_or_else(|error| panic!("{}: {error}: run `cargo xtask setup`", program.display()));
    assert!(made.status.success(), "{tool}: {}", String::from_utf8_lossy(&made.stderr));
}

/// Waits for the calculator of a book's page, and for what it computes.
async fn shows(host: &Host, pods: u64) {
    let found = "document.querySelector('headroom-calculator')";
    host.browser
        .until("the calculator is ready", &format!("{found}?.shadowRoot?.querySelector('iframe')?.className === ''"))
        .await;
    host.browser.script(&format!("{found}.id = 'a'")).await;
    host.until_inside("a", "the scenario", &format!("document.getElementById('input-pods')?.value === '{pods}'")).await;
    assert_eq!(host.inside("a", OVERFLOW).await, json!([0, 0]));
}

#[tokio::test]
async fn it_works_in_a_book_of_mdbook() {
    let folder = book();
    make("mdbook", &["build", "mdbook", "--dest-dir", "made"], folder.path());
    let root = folder.path().join("made");
    let host = Host::of(&paths::site(), folder, &root).await;
    let browser = &host.browser;
    browser.open_until("", "headroom-calculator").await;
    shows(&host, 4).await;
    host.until_inside("a", "light as the book", "document.documentElement.dataset.theme === 'light'").await;
    // The book's own switch of colours.
    browser.script("document.getElementById('mdbook-theme-navy').click()").await;
    host.until_inside("a", "dark as the book", "document.documentElement.dataset.theme === 'dark'").await;
    host.end().await;
}

#[tokio::test]
async fn it_works_in_pages_of_mkdocs_material() {
    let folder = book();
    make("mkdocs", &["build", "--quiet", "--config-file", "mkdocs/mkdocs.yml", "--site-dir", "../made"], folder.path());
    let root = folder.path().join("made");
    // The same map as the one beside it, of the addresses before they are replaced.
    fs::remove_file(root.join("sitemap.xml.gz")).expect("a map of the pages");
    let host = Host::of(&paths::site(), folder, &root).await;
    let browser = &host.browser;
    browser.open_until("", "headroom-calculator").await;
    shows(&host, 4).await;
    host.until_inside("a", "light as the page", "document.documentElement.dataset.theme === 'light'").await;
    browser.script("document.querySelector('[data-md-color-scheme=slate]:is(input)').click()").await;
    host.until_inside("a", "dark as the page", "document.documentElement.dataset.theme === 'dark'").await;

    // Material puts the next page into this one.
    browser.script("window.mark = 1; document.querySelector('.md-nav a[href*=growth]').click()").await;
    browser.until("the next page", "location.pathname.includes('growth') && document.title.includes('Growth')").await;
    shows(&host, 3).await;
    let links = "[...document.querySelectorAll('.md-nav a[href]')]";
    browser.script(&format!("{links}.find((link) => new URL(link.href).pathname === '/').click()")).await;
    browser.until("the first page again", "!location.pathname.includes('growth')").await;
    shows(&host, 4).await;
    assert_eq!(browser.script("return window.mark").await, json!(1), "nothing was loaded anew");
    host.end().await;
}
