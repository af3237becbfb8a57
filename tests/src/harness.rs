//! The harness around the health object: cuts it off from isolates, takes its alarm away, restarts it, calls the cron.

use reqwest::{Client, Method};
use serde_json::Value;
use xtask::workerd::Workerd;

/// The orders that the harness takes; every one panics where it is not carried out.
pub struct Harness<'w> {
    workerd: &'w Workerd,
    client: &'w Client,
}

impl<'w> Harness<'w> {
    /// The harness of a runtime that was started with one.
    #[must_use]
    pub fn new(workerd: &'w Workerd, client: &'w Client) -> Self {
        Self { workerd, client }
    }

    /// Has every call from an isolate to the health object fail.
    pub async fn cut(&self, isolate: usize) {
        self.link(isolate, "/cut").await;
    }

    /// Lets the calls from an isolate to the health object through again.
    pub async fn mend(&self, isolate: usize) {
        self.link(isolate, "/mend").await;
    }

    /// When the object's next alarm is, in milliseconds since 1970.
    pub async fn alarm(&self) -> Option<u64> {
        self.object(Method::GET, "/alarm", String::new()).await.as_u64()
    }

    /// Puts the object's alarm off, or forward, to so many milliseconds since 1970.
    pub async fn set_alarm(&self, milliseconds: u64) {
        self.object(Method::PUT, "/alarm", milliseconds.to_string()).await;
    }

    /// Takes the object's alarm away.
    pub async fn delete_alarm(&self) {
        self.object(Method::DELETE, "/alarm", String::new()).await;
    }

    /// Ends the object; the next call or alarm starts it anew, with what it has stored.
    pub async fn restart_object(&self) {
        self.object(Method::POST, "/restart", String::new()).await;
    }

    /// Calls the cron handler of the router, in its first isolate, and waits until it is done.
    ///
    /// # Panics
    /// When it fails.
    pub async fn cron(&self) {
        assert_eq!(self.object(Method::POST, "/cron", String::new()).await, "ok", "{}", self.workerd.log());
    }

    async fn link(&self, isolate: usize, order: &str) {
        let url = self.workerd.link_url(isolate).expect("a world with a harness and so many isolates");
        self.send(Method::POST, &format!("{url}{order}"), String::new()).await;
    }

    async fn object(&self, method: Method, order: &str, body: String) -> Value {
        let url = self.workerd.object_url().expect("a world with a harness");
        self.send(method, &format!("{url}{order}"), body).await
    }

    async fn send(&self, method: Method, url: &str, body: String) -> Value {
        let response = self.client.request(method, url).body(body).send().await.expect("the harness answers");
        let status = response.status();
        let text = response.text().await.expect("a whole answer");
        assert_eq!(status, 200, "{url}: {text}\n{}", self.workerd.log());
        serde_json::from_str(&text).expect("JSON")
    }
}
