//! The built page in a real browser, driven as a person would: by keys, by what is to be seen, by what is read aloud.

use std::collections::BTreeMap;
use std::env;
use std::fmt::{self, Display};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::sleep;
use url::{ParseError, Url};
use xtask::paths;
use xtask::site::{Site, listen};

/// How long anything may take to show.
const PATIENCE: Duration = Duration::from_secs(10);

/// A browser of its own, mostly with a server of its own for the built site.
pub struct Browser {
    /// The session with the browser.
    pub client: Client,
    /// What addresses begin with.
    origin: String,
    /// Ends with the browser.
    _site: Option<Site>,
    driver: Driver,
}

/// Which colours the system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];
}

impl Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

/// `chromedriver` and the browser's profile.
struct Driver {
    child: Child,
    profile: TempDir,
}

impl Drop for Driver {
    /// Asks the driver to end, which takes the browser with it.
    fn drop(&mut self) {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            let _ = kill_process(pid, Signal::TERM);
            let end = Instant::now() + Duration::from_secs(5);
            while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(20));
            }
            // The driver leaves the browser behind where its session was not closed, as in a test that failed.
            for browser in processes_with(self.profile.path()) {
                let _ = kill_process(browser, Signal::KILL);
            }
            // The browser may still be writing to its profile when the driver has ended.
            while Instant::now() < end && std::fs::remove_dir_all(self.profile.path()).is_err() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// The processes that were started with a profile, which is a test's own.
fn processes_with(profile: &Path) -> Vec<Pid> {
    let argument = format!("--user-data-dir={}", profile.display());
    let mut found = Vec::new();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = process.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let is_ours = command.split(|byte| *byte == 0).any(|part| part == argument.as_bytes());
        found.extend(pid.filter(|_| is_ours));
    }
    found
}

impl Browser {
    /// Starts a browser and serves the built site.
    ///
    /// # Panics
    /// When something is missing; the message says how to get it.
    pub async fn start() -> Self {
        Self::start_with(&paths::site(), "build page").await
    }

    /// Starts a browser and serves a folder, which a command of `cargo xtask` makes.
    ///
    /// # Panics
    /// As [`Browser::start`].
    pub async fn start_with(root: &Path, command: &str) -> Self {
        assert!(
            root.join("index.html").exists(),
            "there is no built site in {}: run `cargo xtask {command}`",
            root.display()
        );
        let site = Site::serve(root, listen(0, "--port").await.expect("a free port")).expect("the site is served");
        let mut browser = Self::at(&site.url()).await;
        browser._site = Some(site);
        browser
    }

    /// Starts a browser for the pages of a server that runs already, such as `http://127.0.0.1:8787`.
    ///
    /// # Panics
    /// When something is missing; the message says how to get it.
    pub async fn at(origin: &str) -> Self {
        let (driver, address) = Driver::start().await;
        let profile = driver.profile.path().display().to_string();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            &format!("--user-data-dir={profile}"),
        ];
        let capabilities = json!({
            "goog:chromeOptions": { "args": arguments, "binary": program("chromium") },
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { panic!("an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&address)
            .await
            .expect("chromedriver opens a session");
        let browser = Self { client, origin: origin.to_owned(), _site: None, driver };
        browser.look(1280, 900, Theme::Light).await;
        browser
    }

    /// Ends the browser, and fails if it reported anything wrong meanwhile.
    ///
    /// # Panics
    /// When the page wrote an error, or asked for anything outside its own origin.
    pub async fn end(self) {
        self.end_among(&[]).await;
    }

    /// Ends the browser as [`Browser::end`] does, where pages of these other origins are part of it.
    ///
    /// # Panics
    /// As [`Browser::end`].
    pub async fn end_among(self, others: &[&str]) {
        let errors: Vec<Value> =
            self.log("browser").await.into_iter().filter(|entry| entry["level"] == "SEVERE").collect();
        assert!(errors.is_empty(), "the browser reports errors: {errors:#?}");
        let is_own = |url: &str| {
            let origin = Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
            origin == self.origin || others.contains(&origin.as_str())
        };
        let elsewhere = self.requests().await.into_iter().filter(|url| !is_own(url));
        let elsewhere: Vec<String> = elsewhere.filter(|url| !url.starts_with("data:")).collect();
        assert!(elsewhere.is_empty(), "requests left the origin: {elsewhere:#?}");
        self.client.close().await.expect("the session closes");
        drop(self.driver);
    }

    /// Opens the page with what follows its address, and waits until all of it works.
    pub async fn open(&self, rest: &str) {
        self.open_until(rest, "#app").await;
        self.script("dispatchEvent(new Event('pointermove'))").await;
        self.until_marked("complete").await;
        self.wait_for("#verdict").await;
    }

    /// Waits until the program says how far it has come: `started`, `complete`.
    pub async fn until_marked(&self, mark: &str) {
        self.until(mark, &format!("performance.getEntriesByName({}).length", json!(mark))).await;
    }

    /// The names of the files that the page has loaded, without what their content adds to them.
    pub async fn loaded(&self) -> Vec<String> {
        let names = self
            .script("return performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname.slice(1))")
            .await;
        let names = names.as_array().expect("names").iter().filter_map(Value::as_str);
        let plain = names.map(|name| match (name.rsplit_once('-'), name.rsplit_once('.')) {
            (Some((stem, _)), Some((_, extension))) => format!("{stem}.{extension}"),
            _ => name.to_owned(),
        });
        plain.collect()
    }

    /// Opens the page with what follows its address, and waits for an element.
    pub async fn open_until(&self, rest: &str, css: &str) {
        // Another fragment alone would not load the page anew.
        self.client.goto("about:blank").await.expect("a blank page");
        self.client.goto(&format!("{}/{rest}", self.origin)).await.expect("the page opens");
        self.wait_for(css).await;
    }

    /// The address of the page.
    pub async fn address(&self) -> String {
        self.client.current_url().await.expect("an address").to_string()
    }

    /// Shows the page in this size and theme.
    pub async fn look(&self, width: u32, height: u32, theme: Theme) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let features = json!([{ "name": "prefers-color-scheme", "value": theme.to_string() },
                              { "name": "prefers-reduced-motion", "value": "reduce" }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// The whole page as a picture.
    pub async fn picture(&self) -> Vec<u8> {
        self.capture(json!({ "captureBeyondViewport": true })).await
    }

    /// The same, smaller and not quite as sharp.
    pub async fn small_picture(&self) -> Vec<u8> {
        self.capture(json!({ "captureBeyondViewport": true, "format": "webp", "quality": 70 })).await
    }

    async fn capture(&self, parameters: Value) -> Vec<u8> {
        let answer = self.devtools("Page.captureScreenshot", parameters).await;
        BASE64_STANDARD.decode(answer["data"].as_str().expect("a picture")).expect("base64")
    }

    /// Asks the browser through its own protocol.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        self.ask("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let Value::Array(entries) = self.ask("se/log", json!({ "type": kind })).await else { panic!("a log") };
        entries
    }

    /// The address of every request so far.
    async fn requests(&self) -> Vec<String> {
        let mut requests = Vec::new();
        for entry in self.log("performance").await {
            let message: Value = serde_json::from_str(entry["message"].as_str().expect("a text")).expect("JSON");
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let url = message["params"]["request"]["url"].as_str().expect("an address");
                // The browser's own start page is no part of the site.
                if !url.starts_with("about:") && !url.starts_with("chrome:") {
                    requests.push(url.to_owned());
                }
            }
        }
        assert!(!requests.is_empty(), "the log has the page's requests");
        requests
    }

    /// What was loaded since this was asked last: each address with the bytes that came over the network for it.
    pub async fn transferred(&self) -> Vec<(String, u64)> {
        let mut addresses = BTreeMap::new();
        let mut transferred = Vec::new();
        for entry in self.log("performance").await {
            let message: Value = serde_json::from_str(entry["message"].as_str().expect("a text")).expect("JSON");
            let (method, params) = (&message["message"]["method"], &message["message"]["params"]);
            let id = params["requestId"].as_str().unwrap_or_default().to_owned();
            if method == "Network.requestWillBeSent" {
                addresses.insert(id, params["request"]["url"].as_str().expect("an address").to_owned());
            } else if method == "Network.loadingFinished"
                && let Some(address) = addresses.get(&id).filter(|address| address.starts_with(&self.origin))
            {
                let bytes = params["encodedDataLength"].as_f64().expect("a length");
                transferred.push((address.clone(), bytes as u64));
            }
        }
        transferred
    }

    /// Ends the browser, whatever it reported: where a network that fails is part of the journey.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn close(self) {
        self.client.close().await.expect("the session closes");
        drop(self.driver);
    }

    async fn ask(&self, endpoint: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Ask { endpoint, body }).await.unwrap_or_else(|error| panic!("{endpoint}: {error}"))
    }

    /// What a script returns.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The text that is to be seen in an element.
    pub async fn text(&self, css: &str) -> String {
        self.wait_for(css).await.text().await.expect("a text")
    }

    /// The element, as soon as it is there.
    pub async fn wait_for(&self, css: &str) -> fantoccini::elements::Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("no {css}: {error}"))
    }

    /// Presses an element.
    pub async fn press(&self, css: &str) {
        // What is above it may be sticky.
        self.script(&format!("document.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(css))).await;
        self.wait_for(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Makes sure that a field is not folded away.
    async fn find_field(&self, id: &str) {
        if self.script(&format!("return !document.getElementById('input-{id}')")).await == json!(true) {
            self.unfold_fields().await;
        }
        self.wait_for(&format!("#input-{id}")).await;
    }

    /// What a field says.
    pub async fn field(&self, id: &str) -> String {
        self.find_field(id).await;
        let value = self.script(&format!("return document.getElementById('input-{id}').value")).await;
        value.as_str().expect("a text").to_owned()
    }

    /// Replaces what a field says, key by key, wherever it is folded away.
    pub async fn type_into(&self, id: &str, text: &str) {
        self.find_field(id).await;
        self.script(&format!("const field = document.getElementById('input-{id}'); field.focus(); field.select()"))
            .await;
        self.keys(if text.is_empty() { "\u{e003}" } else { text }).await;
        self.until_settled().await;
    }

    /// Waits until the details of the view have followed what was typed.
    pub async fn until_settled(&self) {
        self.until("the details follow", "!document.querySelector('.view[aria-busy=true]')").await;
    }

    /// Presses keys wherever the focus is.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.expect("a focus").send_keys(keys).await.expect("keys");
    }

    /// Presses one key so many times.
    pub async fn key(&self, key: Key, times: usize) {
        for _ in 0..times {
            self.keys(&String::from(char::from(key))).await;
        }
    }

    /// A short description of what has the focus: its id, or its text.
    pub async fn focus(&self) -> String {
        let script =
            "const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.innerText || e.tagName";
        self.script(script).await.as_str().expect("a text").trim().to_owned()
    }

    /// The exact number of a value, as the tables of all values have it.
    pub async fn value(&self, id: &str) -> String {
        self.values().await[id].as_str().unwrap_or_else(|| panic!("no value {id}")).to_owned()
    }

    /// The exact numbers of all values of all views by id.
    pub async fn values(&self) -> Value {
        self.draw_everything(true).await;
        let values = self
            .script(
                "return Object.fromEntries(Array.from(document.querySelectorAll('.values [data-value-id]'), \
                 (e) => [e.dataset.valueId, e.dataset.value]))",
            )
            .await;
        self.draw_everything(false).await;
        values
    }

    /// Has the page draw all of its views with all of their values, as for paper, or no longer.
    pub async fn draw_everything(&self, all: bool) {
        let event = if all { "beforeprint" } else { "afterprint" };
        self.script(&format!("dispatchEvent(new Event('{event}'))")).await;
    }

    /// The verdict, as one text.
    pub async fn verdict(&self) -> String {
        self.wait_for("#verdict").await;
        let text = self.script("return document.getElementById('verdict').textContent").await;
        text.as_str().expect("a text").to_owned()
    }

    /// Presses the button of the page that says this.
    pub async fn press_button(&self, label: &str) {
        let button =
            format!("[...document.querySelectorAll('#app button')].find((e) => e.innerText === {})", json!(label));
        self.until(&format!("there is “{label}”"), &button).await;
        self.script(&format!("const e = {button}; e.scrollIntoView({{ block: 'center' }}); e.focus(); e.click()"))
            .await;
    }

    /// Goes to a view by its tab.
    pub async fn go(&self, view: &str) {
        self.press(&format!("[data-tab={view}]")).await;
        self.wait_for(&format!(".view[data-view={view}] #view-heading")).await;
    }

    /// Opens a way to start: `preset`, `configuration`, `questions`.
    pub async fn begin(&self, way: &str) {
        let label = match way {
            "preset" => "a preset",
            "configuration" => "your configuration",
            _ => "six questions",
        };
        self.press_button(label).await;
        self.wait_for("#beginning:not([hidden]) *").await;
    }

    /// Loads a preset.
    pub async fn preset(&self, id: &str) {
        self.begin("preset").await;
        self.press(&format!("[data-preset={id}]")).await;
    }

    /// Chooses in a `select`, as a browser does when somebody does.
    pub async fn choose(&self, id: &str, word: &str) {
        let (id, word) = (json!(id), json!(word));
        let choose = format!(
            "const s = document.getElementById({id}); s.value = {word};
             s.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        );
        self.script(&choose).await;
    }

    /// Lets the page write to the clipboard, and read it.
    pub async fn allow_clipboard(&self) {
        for name in ["clipboard-write", "clipboard-read"] {
            let allowed = json!({ "permission": { "name": name }, "setting": "granted" });
            self.devtools("Browser.setPermission", allowed).await;
        }
    }

    /// Waits until the clipboard holds this text.
    pub async fn until_copied(&self, text: &str) {
        let read = "const done = arguments[arguments.length - 1];
            navigator.clipboard.readText().then(done, (error) => done(String(error)))";
        let end = Instant::now() + PATIENCE;
        loop {
            let copied = self.client.execute_async(read, Vec::new()).await.expect("a script");
            if copied == json!(text) {
                return;
            }
            assert!(Instant::now() < end, "waited in vain for the clipboard: it holds {copied}, not {text}");
            sleep(Duration::from_millis(25)).await;
        }
    }

    /// What the page's addresses begin with.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Unfolds everything that can be unfolded: fields, values, steps, the tables behind the charts.
    pub async fn unfold_everything(&self) {
        self.unfold_fields().await;
        self.unfold_values().await;
        self.script("document.querySelectorAll('#app details:not([open]) > summary').forEach((s) => s.click())").await;
        self.until("nothing is folded", "!document.querySelector('#app details:not([open], [hidden])')").await;
    }

    /// Unfolds the rarely needed fields of every group.
    pub async fn unfold_fields(&self) {
        self.script("document.querySelectorAll('.rare:not([open]) > summary').forEach((summary) => summary.click())")
            .await;
        self.until("the fields show", "!document.querySelector('.rare:not([open])')").await;
    }

    /// Unfolds the values of every section.
    pub async fn unfold_values(&self) {
        self.script(
            "document.querySelectorAll('.values details:not([open], [hidden]) > summary').forEach((s) => s.click())",
        )
        .await;
        self.until("the values show", "!document.querySelector('.values details:not([open], [hidden])')").await;
    }

    /// What axe-core finds wrong with the page as it is.
    ///
    /// # Panics
    /// When axe-core is not installed.
    pub async fn axe(&self) -> Value {
        let axe = paths::root().join("node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(&axe).expect("axe-core is installed: run `cargo xtask setup`");
        self.script(&axe).await;
        let run = "const done = arguments[arguments.length - 1]; axe.run(document, { resultTypes: ['violations'] })
            .then((found) => done(found.violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html + n.failureSummary)])))";
        self.client.execute_async(run, Vec::new()).await.expect("axe runs")
    }

    /// Waits until a script returns something true.
    pub async fn until(&self, what: &str, script: &str) {
        let end = Instant::now() + PATIENCE;
        while self.script(&format!("return Boolean({script})")).await != json!(true) {
            assert!(Instant::now() < end, "waited in vain: {what}");
            sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until an element says this.
    pub async fn until_text(&self, css: &str, text: &str) {
        let script = format!("document.querySelector({})?.innerText.includes({})", json!(css), json!(text));
        self.until(&format!("{css} says “{text}”"), &script).await;
    }
}

impl Driver {
    /// Starts `chromedriver`; answers with it and its address.
    async fn start() -> (Self, String) {
        const ATTEMPTS: usize = 5;
        for _ in 0..ATTEMPTS {
            if let Some(started) = Self::try_start().await {
                return started;
            }
        }
        panic!("chromedriver does not say which port it listens on");
    }

    /// `None` where the port it chose was free for one version of the protocol and not for the other.
    async fn try_start() -> Option<(Self, String)> {
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(program("chromedriver"))
            .arg("--port=0")
            // What the browser leaves behind goes with the profile.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("text")?;
            let port = line
                .rsplit_once("successfully on port ")
                .and_then(|(_, port)| port.trim_end_matches('.').parse::<u16>().ok());
            if let Some(port) = port {
                break port;
            }
        };
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Some((Self { child, profile }, format!("http://127.0.0.1:{port}")))
    }
}

/// A program of the system.
fn program(name: &str) -> PathBuf {
    let folders = env::var_os("PATH").expect("a PATH");
    let found = env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("`{name}` is not installed: run `cargo xtask setup`"))
}

/// A command that only this browser knows.
#[derive(Debug)]
struct Ask {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Ask {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.endpoint))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
