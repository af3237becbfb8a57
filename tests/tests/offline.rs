//! The site without a network, in a new version, below a path, and on the plainest of hosts.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::browser::Browser;
use tests::folder::copy;
use tokio::runtime::Runtime;
use tokio::time::sleep;
use xtask::paths;
use xtask::site::{Site, listen};

const SCENARIO: &str = "#v=1&max_connections=200&pods=4&pool_size=20";

/// Every view, with something that only it shows.
const VIEWS: [(&str, &str); 8] = [
    ("pool", ".chain"),
    ("queue", ".chart"),
    ("memory", ".chart"),
    ("nodes", ".figures"),
    ("storage", ".figures"),
    ("growth", ".chart"),
    ("routing", ".figures"),
    ("advisor", ".exports"),
];

/// The site, served from a folder of its own until it is told to stop.
struct Host {
    folder: TempDir,
    url: String,
    /// Serves; what it has begun ends with it.
    runtime: Option<Runtime>,
    _site: Site,
}

impl Host {
    async fn start() -> Self {
        Self::below("").await
    }

    /// Serves the site below a path, and nothing else.
    async fn below(path: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&built(), &folder.path().join(path), &|_| true);
        let root = folder.path().to_owned();
        let (runtime, site) = tokio::task::spawn_blocking(move || {
            let runtime = Runtime::new().expect("a runtime");
            let site = runtime
                .block_on(async { Site::serve(&root, listen(0, "--port").await.expect("a free port")) })
                .expect("it is served");
            (runtime, site)
        })
        .await
        .expect("it starts");
        Self { folder, url: site.url(), runtime: Some(runtime), _site: site }
    }

    /// Whoever asks now finds nobody.
    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let address = self.url.trim_start_matches("http://");
        let end = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(address).is_ok() {
            assert!(Instant::now() < end, "the server goes on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Puts another build in the place of the site: one with another heading.
    fn renew(&self) {
        change(self.folder.path(), "index.html", "<h1>Headroom</h1>", "<h1>Headroom, the next</h1>");
        change(self.folder.path(), "service-worker.js", "const BUILD=\"", "const BUILD=\"next");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn built() -> std::path::PathBuf {
    let site = paths::site();
    assert!(site.join("service-worker.js").exists(), "there is no built site: run `cargo xtask build page`");
    site
}

/// Changes a word in a file, which is not compressed any more then.
fn change(folder: &Path, name: &str, word: &str, by: &str) {
    let text = fs::read_to_string(folder.join(name)).expect("a file");
    assert_eq!(text.matches(word).count(), 1, "{name}: {word}");
    fs::write(folder.join(name), text.replace(word, by)).expect("writable");
    for compressed in ["gz", "br"] {
        let path = folder.join(format!("{name}.{compressed}"));
        if path.exists() {
            fs::remove_file(path).expect("writable");
        }
    }
}

/// What a promise of the page comes to.
async fn promised(browser: &Browser, expression: &str) -> Value {
    let script = format!("const done = arguments[arguments.length - 1]; ({expression}).then(done)");
    browser.client.execute_async(&script, Vec::new()).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
}

/// The addresses of the workers of this origin.
async fn scopes(browser: &Browser) -> Value {
    promised(browser, "navigator.serviceWorker.getRegistrations().then((all) => all.map((one) => one.scope))").await
}

/// Waits until the worker has all it keeps.
async fn until_kept(browser: &Browser) {
    browser.until("the worker has the page", "navigator.serviceWorker.controller?.state === 'activated'").await;
}

/// The page does everything it is for: each view, a change, an export.
async fn works(browser: &Browser, rest: &str) {
    for (view, shown) in VIEWS {
        browser.open(&format!("{rest}?view={view}{SCENARIO}")).await;
        browser.wait_for(&format!(".view[data-view={view}] {shown}")).await;
    }
    browser.wait_for(".exports .file").await;
    assert!(!browser.text(".exports .file").await.is_empty(), "an export is written");
    browser.open(&format!("{rest}{SCENARIO}")).await;
    let before = browser.text("#verdict").await;
    browser.type_into("pods", "40").await;
    assert_ne!(browser.text("#verdict").await, before, "a change is computed");
}

/// The playground is there, and so are its map and its program.
async fn plays(browser: &Browser, rest: &str) {
    browser.open(&format!("{rest}?view=routing")).await;
    browser.press("#open-playground").await;
    browser.wait_for(".pg-map").await;
}

#[tokio::test]
async fn the_page_works_without_a_network() {
    let mut host = Host::start().await;
    let browser = Browser::at(&host.url).await;

    browser.open_until("", "#verdict").await;
    browser.until_marked("started").await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(scopes(&browser).await, json!([]), "nobody did anything");
    browser.open(SCENARIO).await;
    until_kept(&browser).await;
    let verdict = browser.text("#verdict").await;
    browser.open_until("guide/memory.html", "main h1").await;
    let heading = browser.text("main h1").await;

    host.stop();
    browser.open(SCENARIO).await;
    assert_eq!(browser.text("#verdict").await, verdict);
    browser.client.refresh().await.expect("a reload");
    browser.until_marked("complete").await;
    assert_eq!(browser.text("#verdict").await, verdict);
    works(&browser, "").await;
    plays(&browser, "").await;
    browser.open_until("guide/memory.html", "main h1").await;
    assert_eq!(browser.text("main h1").await, heading, "what was read of the guide can be read again");
    let is_styled = "getComputedStyle(document.querySelector('.columns')).display !== 'block'";
    assert_eq!(browser.script(&format!("return {is_styled}")).await, json!(true));
    browser.close().await;
}

#[tokio::test]
async fn a_new_version_waits_until_somebody_wants_it() {
    let host = Host::start().await;
    let browser = Browser::at(&host.url).await;
    browser.open(SCENARIO).await;
    until_kept(&browser).await;
    browser.type_into("pods", "7").await;
    browser.until("the address follows", "location.hash.includes('pods=7')").await;
    let verdict = browser.text("#verdict").await;
    let caches = promised(&browser, "caches.keys()").await;
    assert_eq!(caches.as_array().expect("names").len(), 1, "{caches}");

    host.renew();
    browser.client.refresh().await.expect("a reload");
    browser.until_marked("complete").await;
    assert_eq!(browser.text("h1").await, "Headroom", "nothing changes by itself");
    browser.script("navigator.serviceWorker.getRegistration().then((it) => it.update())").await;
    browser.until_text(".update[role=status]", "A new version is ready.").await;
    assert_eq!(browser.script("return scrollY").await, json!(0));
    let covers = "getComputedStyle(document.querySelector('.update')).position === 'fixed'";
    assert_eq!(browser.script(&format!("return {covers}")).await, json!(true), "nothing moves");
    assert_eq!(browser.axe().await, json!([]));

    // By keys, as whatever stands last in the page.
    browser
        .script("document.querySelector('.page-foot').tabIndex = -1; document.querySelector('.page-foot').focus()")
        .await;
    browser.key(fantoccini::key::Key::Tab, 1).await;
    assert_eq!(browser.focus().await, "Reload");
    browser.key(fantoccini::key::Key::Enter, 1).await;
    browser.until("the new version runs", "document.querySelector('h1')?.innerText === 'Headroom, the next'").await;
    browser.until_marked("complete").await;
    assert_eq!(browser.field("pods").await, "7", "the scenario is kept");
    assert_eq!(browser.text("#verdict").await, verdict);
    let renewed = promised(&browser, "caches.keys()").await;
    assert_eq!(renewed.as_array().expect("names").len(), 1, "the old files are gone: {renewed}");
    assert_ne!(renewed, caches);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(browser.script("return document.querySelector('.update')").await, Value::Null);
    browser.end().await;
}

#[tokio::test]
async fn a_new_version_can_wait() {
    let host = Host::start().await;
    let browser = Browser::at(&host.url).await;
    browser.open(SCENARIO).await;
    until_kept(&browser).await;
    host.renew();
    browser.script("navigator.serviceWorker.getRegistration().then((it) => it.update())").await;
    browser.wait_for(".update .quiet").await;
    browser.press(".update .quiet").await;
    assert_eq!(browser.script("return document.querySelector('.update')").await, Value::Null);
    assert_eq!(browser.text("h1").await, "Headroom");
    browser.type_into("pods", "9").await;
    browser.client.refresh().await.expect("a reload");
    browser.until_text(".update", "A new version is ready.").await;
    // Inside another page nobody is asked, and the newest is shown.
    browser.open_until(&format!("?embed=1{SCENARIO}"), "#verdict").await;
    assert_eq!(browser.text("h1").await, "Headroom, the next");
    browser.until_marked("complete").await;
    assert_eq!(browser.script("return document.querySelector('.update')").await, Value::Null);
    browser.end().await;
}

#[tokio::test]
async fn a_guest_keeps_nothing() {
    let host = Host::start().await;
    let browser = Browser::at(&host.url).await;
    // On the site itself, where a worker of the frame would be one of the page's.
    let page =
        format!("<!doctype html><title>Host</title><link rel=icon href='data:,'><iframe src='./{SCENARIO}'></iframe>");
    fs::write(host.folder.path().join("host.html"), page).expect("writable");
    // The policy of the site's own pages has no frames.
    fs::remove_file(host.folder.path().join("_headers")).expect("it was there");
    for rest in [format!("?embed=1{SCENARIO}"), "host.html".to_owned()] {
        browser.open_until(&rest, "body").await;
        if rest == "host.html" {
            browser.wait_for("iframe").await.enter_frame().await.expect("the frame is entered");
        }
        browser.until_marked("complete").await;
        sleep(Duration::from_secs(2)).await;
        assert_eq!(scopes(&browser).await, json!([]), "{rest}");
        assert_eq!(promised(&browser, "caches.keys()").await, json!([]), "{rest}");
    }
    browser.client.enter_parent_frame().await.expect("the frame is left");
    browser.end().await;
}

#[tokio::test]
async fn everything_works_below_a_path() {
    let mut host = Host::below("some/prefix").await;
    let browser = Browser::at(&host.url).await;
    works(&browser, "some/prefix/").await;
    plays(&browser, "some/prefix/").await;
    assert_eq!(scopes(&browser).await, json!([format!("{}/some/prefix/", host.url)]));
    until_kept(&browser).await;
    browser.open("some/prefix/").await;
    browser.press(".guide-link").await;
    browser.wait_for(".to-calculator").await;
    let links = browser.script("return Array.from(document.links, (link) => link.href)").await;
    let outside = links.as_array().expect("links").iter().filter_map(Value::as_str);
    let outside: Vec<&str> =
        outside.filter(|link| link.starts_with(&host.url) && !link.contains("/some/prefix/")).collect();
    assert!(outside.is_empty(), "{outside:?}");
    browser.press(".to-calculator").await;
    browser.until("the calculator is there", "document.getElementById('verdict')").await;
    assert_eq!(browser.address().await, format!("{}/some/prefix/", host.url));
    let loaded = "performance.getEntriesByType('resource').filter((it) => !it.name.includes('/some/prefix/'))";
    assert_eq!(browser.script(&format!("return {loaded}.map((it) => it.name)")).await, json!([]));
    host.stop();
    browser.open(&format!("some/prefix/index.html{SCENARIO}")).await;
    works(&browser, "some/prefix/").await;
    browser.close().await;
}

/// The server that comes with Python, as people start it in a folder: it knows no headers and no compression.
struct Plain {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Plain {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&built(), folder.path(), &|_| true);
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let child = Command::new("python3")
            .args(["-m", "http.server", &port.to_string(), "--bind", "127.0.0.1", "--directory"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`python3` is not installed: run `cargo xtask setup`");
        let plain = Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder };
        let end = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            sleep(Duration::from_millis(20)).await;
        }
        plain
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn any_server_of_files_will_do() {
    let plain = Plain::start().await;
    let browser = Browser::at(&plain.url).await;
    works(&browser, "").await;
    plays(&browser, "").await;
    until_kept(&browser).await;
    browser.open_until("guide/", "main h1").await;
    let url = plain.url.clone();
    drop(plain);
    browser.open(SCENARIO).await;
    assert!(browser.address().await.starts_with(&url));
    works(&browser, "").await;
    browser.close().await;
}

#[tokio::test]
async fn a_wrong_address_leads_back() {
    let host = Host::start().await;
    let browser = Browser::at(&host.url).await;
    for (rest, up) in [("nothing-here", ""), ("guide/nothing-here.html", "guide/")] {
        browser.open_until(rest, "h1").await;
        assert_eq!(browser.text("h1").await, "There is no such page");
        assert_eq!(browser.script("return document.links[0].href").await, json!(format!("{}/{up}", host.url)));
    }
    browser.press("a").await;
    browser.wait_for(".to-calculator").await;
    browser.close().await;
}
