//! The health object: one Durable Object that probes every cluster and keeps what all isolates have to agree on.
//!
//! It probes from one place, the data centre it lives in.  Its alarm drives it: armed again before anything else is done,
//! so that nothing that fails can end it, and looked after by a cron (`watchdog_cron.rs`) because alarms can be lost.
//! What it knows is in SQLite before anybody is told; what to do with it is `routing::Registry`'s.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::rc::Rc;

use js_sys::Reflect;
use routing::{
    Answer, ClusterIndex, EffectiveRole, Finding, Gauge, Measure, Metrics, Milliseconds, Moment, News, PromotionOrder,
    Registry, Told, Totals, Wish,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::Response;

use crate::configuration::Configuration;
use crate::log;
use crate::platform::{Result, Storage, now, probe as fetch_probe, response, words};

/// How late the alarm may be before it counts as dead: as long as a handler may take with its slowest probes.
const ALARM_PATIENCE: Milliseconds = Milliseconds::new(90_000);

/// When the alarm rings again should everything after arming it fail.
const FALLBACK_INTERVAL: Milliseconds = Milliseconds::new(5_000);

/// The object: `entry.js` has the class that the platform knows.
#[wasm_bindgen]
pub struct HealthObject(Rc<Object>);

/// What probes hold on to that outlast the call that sent them.
struct Object {
    storage: Storage,
    env: JsValue,
    known: RefCell<Option<Known>>,
}

struct Known {
    configuration: Configuration,
    registry: Registry,
    /// What isolates have counted since this object started, and its own probes.
    totals: Totals,
    /// Ids of the clusters whose probes are out, and since when.
    out: BTreeMap<String, Moment>,
    /// What is in the storage already, and in the log.
    revision: u64,
}

/// Why not, as a problem document (RFC 9457).
#[derive(Serialize)]
struct Refused<'w> {
    status: u16,
    title: &'static str,
    detail: &'w str,
    reason: &'static str,
}

#[wasm_bindgen]
impl HealthObject {
    /// The object before it has read anything.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(storage: Storage, env: JsValue) -> Self {
        Self(Rc::new(Object { storage, env, known: RefCell::new(None) }))
    }

    /// Answers a request.
    ///
    /// # Errors
    /// When the platform refuses something that it should not.
    pub async fn fetch(&self, path: String, text: String) -> Result<Response> {
        let (object, now) = (Rc::clone(&self.0), now());
        if !object.start(now)? {
            return response(503, "no topology has been valid yet");
        }
        let answer = match path.as_str() {
            "/sync" => object.sync(&text, now),
            "/status" => object.with(|known| json(200, &known.registry.status(now)))?,
            "/metrics" => object.with(|known| response(200, &known.prometheus(now)))?,
            "/watch" => object.watch(now).await,
            path => object.wish(path, &text, now),
        };
        object.arm(now).await?;
        answer
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the platform refuses something that it should not.
    pub async fn alarm(&self) -> Result<()> {
        let (object, now) = (Rc::clone(&self.0), now());
        object.storage.arm(Some(now.after(FALLBACK_INTERVAL))).await?;
        if object.start(now)? {
            object.probe_due(now)?;
            object.arm(now).await?;
        }
        Ok(())
    }
}

impl Object {
    /// Reads configuration and storage, once; `false` where there is no valid configuration.
    fn start(&self, now: Moment) -> Result<bool> {
        if self.known.borrow().is_some() {
            return Ok(true);
        }
        let create = "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL)";
        self.storage.execute(create, &[])?;
        let last_valid = self.stored("topology")?;
        let (configuration, errors) = match Configuration::load(&self.env, None) {
            Ok(configuration) => (configuration, Vec::new()),
            Err(errors) => {
                let last_valid = last_valid.as_deref().and_then(|text| Configuration::load(&self.env, Some(text)).ok());
                let Some(last_valid) = last_valid else { return Ok(false) };
                (last_valid, errors)
            }
        };
        if last_valid.as_deref() != Some(configuration.text()) {
            self.store("topology", configuration.text())?;
        }
        let topology = configuration.topology().clone();
        let stored = self.stored("registry")?;
        let mut registry = match &stored {
            Some(stored) => Registry::restore(topology, stored, now),
            None => Registry::new(topology, now),
        };
        // What was told before this start is in the storage and in the log.
        let first = registry.events_since(0).find(|event| event.at >= now).map(|event| event.number);
        let revision = first.unwrap_or(registry.revision());
        if !errors.is_empty() {
            registry.reject_topology(errors, now);
        }
        registry.advance(now);
        let (totals, out) = (Totals::default(), BTreeMap::new());
        self.known.replace(Some(Known { configuration, registry, totals, out, revision }));
        self.with(|_| ())?;
        Ok(true)
    }

    /// Does something with what is known, and stores and logs what that changed.  Nobody hears of it before: the platform
    /// holds back what this object says until it is stored.  What cannot be stored is forgotten, so that nobody ever does.
    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> Result<T> {
        let mut holder = self.known.borrow_mut();
        let known = holder.as_mut().ok_or("the health object has not started")?;
        let done = work(known);
        let revision = known.registry.revision();
        if revision != known.revision {
            if let Err(error) = self.store("registry", &known.registry.stored()) {
                *holder = None;
                return Err(error);
            }
            for event in known.registry.events_since(known.revision) {
                log::event(&event.words);
            }
            known.revision = revision;
        }
        Ok(done)
    }

    fn stored(&self, key: &str) -> Result<Option<String>> {
        self.storage.execute("SELECT value FROM state WHERE key = ?", &[key])
    }

    fn store(&self, key: &str, value: &str) -> Result<()> {
        let statement = "INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.storage.execute(statement, &[key, value]).map(drop)
    }

    /// Arms the alarm for when something is due next, unless it is already: arming is billed as a row written.
    async fn arm(&self, now: Moment) -> Result<()> {
        let wake = self.with(|known| known.registry.next_wake(now))?;
        if wake != self.storage.alarm().await? {
            self.storage.arm(wake).await?;
        }
        Ok(())
    }

    /// Sends the probes that are due.  Nobody waits for them, least of all the next alarm: a cluster that hangs holds up
    /// no other one's probes, only its own.
    fn probe_due(self: &Rc<Self>, now: Moment) -> Result<()> {
        let probes = self.with(|known| {
            known.registry.advance(now);
            let Known { configuration, registry, out, .. } = known;
            // One at a time for each cluster; one that never comes back is given up.
            out.retain(|_, since| now.since(*since) < ALARM_PATIENCE);
            let due = registry.due(now).into_iter().filter(|order| match out.entry(order.id.clone()) {
                Entry::Vacant(place) => {
                    place.insert(now);
                    true
                }
                Entry::Occupied(_) => false,
            });
            let due: Vec<_> = due.map(|order| (order.cluster, Wanted::Health(order.id))).collect();
            let order = registry.order(now).map(|order| (order.cluster, Wanted::Promotion(order)));
            let probe = |cluster| Probe::of(configuration, registry, cluster);
            let wanted = due.into_iter().chain(order);
            wanted.filter_map(|(cluster, wanted)| Some((probe(cluster)?, wanted))).collect::<Vec<_>>()
        })?;
        for (probe, wanted) in probes {
            let object = Rc::clone(self);
            spawn_local(async move {
                if let Err(error) = object.probe(probe, wanted).await {
                    log::error("probe", &words(&error));
                }
            });
        }
        Ok(())
    }

    async fn probe(&self, probe: Probe, wanted: Wanted) -> Result<()> {
        let begun = now();
        let answer = fetch_probe(&probe.url, &probe.headers, probe.timeout).await.unwrap_or(JsValue::UNDEFINED);
        let ended = now();
        let status = Reflect::get_u32(&answer, 0).ok().and_then(|status| status.as_f64());
        let body = Reflect::get_u32(&answer, 1).ok().and_then(|body| body.as_string()).unwrap_or_default();
        let is_of_promotion = matches!(wanted, Wanted::Promotion(_));
        self.with(|known| {
            let answer = match status {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a cast of a float saturates"
                )]
                Some(status) => Answer::Response { status: status as u16, body: &body },
                None if answer.is_null() => Answer::TimedOut,
                None => Answer::Failed,
            };
            let finding = Finding::of(&known.registry.probing(), answer);
            match wanted {
                Wanted::Health(id) => {
                    known.out.remove(&id);
                    known.count(&id, &finding);
                    known.registry.record(&id, &finding, ended.since(begun), ended);
                }
                Wanted::Promotion(order) => known.registry.answered(&order, &finding, ended),
            }
        })?;
        // A promotion goes on sooner than without the answer; the next probe of a cluster was set when this one was sent.
        if is_of_promotion { self.arm(ended).await } else { Ok(()) }
    }

    fn sync(&self, text: &str, now: Moment) -> Result<Response> {
        let told = Told::read(text).unwrap_or_default();
        self.with(|known| {
            for id in &told.open {
                known.registry.suspect(id, now);
            }
            if let Some(counted) = &told.counted {
                known.totals.merge(counted);
            }
            let topology = told.needs_topology.then(|| known.configuration.text().to_owned());
            json(200, &News { snapshot: known.registry.snapshot().clone(), topology })
        })?
    }

    /// Does what an operator wants, and answers with the status that follows, or with why not.
    fn wish(&self, path: &str, text: &str, now: Moment) -> Result<Response> {
        let Some(wish) = Wish::read(text) else {
            return refuse(400, r#"a body such as {"cluster": "us-west-dr"} is needed"#);
        };
        let id = wish.cluster.as_str();
        self.with(|known| {
            let registry = &mut known.registry;
            let is_known = registry.topology().named(id).is_some();
            let done = match (path, wish.drain) {
                ("/promote", None) => registry.promote(id, now).map_err(|why| why.to_string()),
                ("/readmit", None) => registry.readmit(id, now).map_err(|why| why.to_string()),
                ("/drain", Some(drain)) => registry.drain(id, drain, now).map_err(|why| why.to_string()),
                ("/drain", None) => return refuse(400, "`drain` is needed: true or false"),
                (_, None) => return refuse(404, "there is no such action"),
                (_, Some(_)) => return refuse(400, "`drain` is allowed with /drain only"),
            };
            match done {
                Ok(()) => json(if path == "/promote" { 202 } else { 200 }, &registry.status(now)),
                Err(why) if is_known => refuse(409, &why),
                Err(why) => refuse(404, &why),
            }
        })?
    }

    /// Looks whether the alarm is alive; it is armed again in any case.
    async fn watch(self: &Rc<Self>, now: Moment) -> Result<Response> {
        let armed = self.storage.alarm().await?;
        let is_needed = self.with(|known| known.registry.next_wake(now).is_some())?;
        let is_alive = armed.is_some_and(|at| now.since(at) < ALARM_PATIENCE);
        if is_needed && !is_alive {
            let state = armed.map_or("not set".to_owned(), |at| format!("{} ms overdue", now.since(at).get()));
            log::error("alarm-dead", &format!("the health object's alarm was {state}; it is set again"));
            self.probe_due(now)?;
        }
        response(200, if !is_needed || is_alive { r#"{"alarm":"alive"}"# } else { r#"{"alarm":"revived"}"# })
    }
}

/// A probe to be made.
struct Probe {
    url: String,
    headers: JsValue,
    timeout: u32,
}

/// What a probe is for.
enum Wanted {
    Health(String),
    Promotion(PromotionOrder),
}

impl Probe {
    /// The probe of a cluster, with the headers of its requests.
    fn of(configuration: &Configuration, registry: &Registry, cluster: ClusterIndex) -> Option<Self> {
        let cluster = configuration.topology().cluster(cluster)?;
        let probing = registry.probing();
        let headers = js_sys::Object::new();
        for (name, value) in configuration.headers(cluster) {
            Reflect::set(&headers, &name.into(), &value.into()).ok()?;
        }
        Some(Self {
            url: format!("{}{}", cluster.origin.as_str(), probing.target),
            headers: headers.into(),
            timeout: u32::try_from(probing.timeout.get()).unwrap_or(u32::MAX),
        })
    }
}

impl Known {
    /// Counts a probe as isolates count requests.
    fn count(&mut self, id: &str, finding: &Finding) {
        let mut metrics = Metrics::new([id]);
        if let Some(first) = ClusterIndex::new(0) {
            metrics.count_probe(first, finding);
        }
        if let Some(counted) = metrics.take_delta() {
            self.totals.merge(&counted);
        }
    }

    fn prometheus(&self, now: Moment) -> String {
        let status = self.registry.status(now);
        let flag = |flag: bool| f64::from(u8::from(flag));
        #[expect(clippy::cast_precision_loss, reason = "a span of milliseconds is far below 2^53")]
        let seconds = |span: Milliseconds| span.get() as f64 / 1e3;
        let mut gauges =
            vec![Gauge { measure: Measure::TopologyValid, cluster: None, value: flag(status.topology.is_current) }];
        for cluster in &status.clusters {
            let mut gauge = |measure, value| gauges.push(Gauge { measure, cluster: Some(&cluster.id), value });
            gauge(Measure::Up, flag(cluster.up));
            gauge(Measure::Writer, flag(status.writer.as_ref() == Some(&cluster.id)));
            gauge(Measure::Draining, flag(cluster.draining));
            gauge(Measure::Fenced, flag(cluster.fenced));
            gauge(Measure::Standby, flag(cluster.effective_role == EffectiveRole::Standby));
            gauge(Measure::BreakerOpen, flag(cluster.suspect));
            if let Some(lag) = cluster.lag_ms {
                gauge(Measure::Lag, seconds(lag));
            }
            if let Some(probe) = &cluster.last_probe {
                gauge(Measure::ProbeAge, seconds(now.since(probe.at)));
            }
        }
        self.totals.prometheus(&gauges)
    }
}

fn refuse(status: u16, why: &str) -> Result<Response> {
    let title = match status {
        400 => "Bad Request",
        404 => "Not Found",
        _ => "Conflict",
    };
    json(status, &Refused { status, title, detail: why, reason: "refused" })
}

fn json(status: u16, body: &impl Serialize) -> Result<Response> {
    response(status, &serde_json::to_string(body).unwrap_or_default())
}
