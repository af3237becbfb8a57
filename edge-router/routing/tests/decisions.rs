//! Which cluster a request goes to, one reason a row.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use routing::{
    ClusterSnapshot, Colo, Coordinates, Decision, Denial, Health, Milliseconds, Moment, Outcome, Reason, Repeatable,
    Reported, RequestFacts, Snapshot, Ticket, Topology, decide, explain,
};

const FRANKFURT: Option<(f64, f64)> = Some((50.11, 8.68));
const ASHBURN: Option<(f64, f64)> = Some((39.04, -77.49));
const SYDNEY: Option<(f64, f64)> = Some((-33.87, 151.21));
const PORTLAND: Option<(f64, f64)> = Some((45.52, -122.68));

/// A primary in Virginia, replicas in Dublin (forwards writes) and Singapore (does not), a standby in Oregon.
fn topology(file: &str) -> Topology {
    let text = format!(
        r#"{{ "version": 1, "clusters": [
            {{ "id": "virginia", "role": "primary", "url": "https://va.example", "latitude": 38.95, "longitude": -77.45 }},
            {{ "id": "dublin", "role": "replica", "url": "https://ie.example", "latitude": 53.35, "longitude": -6.26, "forwards_writes": true }},
            {{ "id": "singapore", "role": "replica", "url": "https://sg.example", "latitude": 1.35, "longitude": 103.82 }},
            {{ "id": "oregon", "role": "standby", "url": "https://or.example", "latitude": 45.5, "longitude": -122.7, "forwards_writes": true }}
        ] {file} }}"#
    );
    Topology::parse(&text).unwrap_or_else(|errors| panic!("{errors:?}"))
}

const START: Moment = Moment::from_millis(1_000_000);
const LIMIT: Milliseconds = Milliseconds::new(30_000);

/// What is known where all is well.
fn healthy(topology: &Topology) -> Health {
    let mut health = Health::new(topology, 1);
    health.adopt(topology, &snapshot(1), START);
    health
}

/// All is well, and Virginia takes writes.
fn snapshot(sequence: u64) -> Snapshot {
    let clusters = ["virginia", "dublin", "singapore", "oregon"].map(|id| ClusterSnapshot {
        id: id.to_owned(),
        up: true,
        lag_ms: None,
        draining: false,
        fenced: false,
        is_standby: false,
        suspect: false,
    });
    Snapshot {
        topology: "t".to_owned(),
        sequence,
        writer: Some("virginia".to_owned()),
        lease_ms: None,
        clusters: clusters.into(),
    }
}

fn request<'r>(method: &'r str, path: &'r str, place: Option<(f64, f64)>) -> RequestFacts<'r> {
    let location = place.map(|(latitude, longitude)| Coordinates::from_degrees(latitude, longitude).unwrap());
    RequestFacts { method, path, location, repeatable: Repeatable::Now, ..RequestFacts::default() }
}

/// What was decided, in one line: `target (reason) then fallbacks`, or why it was refused.
fn summary(topology: &Topology, health: &Health, request: &RequestFacts<'_>, now: Moment) -> String {
    match decide(topology, health, request, now) {
        Decision::Deny(Denial::Pattern(pattern)) => format!("denied by {}", pattern.as_str()),
        Decision::Deny(Denial::HiddenDots) => "denied for hidden dots".to_owned(),
        Decision::Refuse(refusal) => format!("{} for {} ms", refusal.cause.as_str(), refusal.retry_after.get()),
        Decision::Forward(route) => {
            let chosen = format!("{} ({})", route.target.cluster.id, route.reason.as_str());
            let explanation = explain(topology, health, request, now);
            let fallback = |place: usize| {
                let is_it = |verdict: &str| verdict == format!("fallback {place}");
                explanation.candidates.iter().find(|candidate| is_it(&candidate.verdict))
            };
            let fallbacks: Vec<&str> = (1..).map_while(|place| Some(fallback(place)?.cluster.as_str())).collect();
            if fallbacks.is_empty() { chosen } else { format!("{chosen} then {}", fallbacks.join(", ")) }
        }
    }
}

#[track_caller]
fn check(topology: &Topology, method: &str, path: &str, place: Option<(f64, f64)>, expected: &str) {
    let health = healthy(topology);
    assert_eq!(
        summary(topology, &health, &request(method, path, place), START),
        expected,
        "{method} {path} from {place:?}"
    );
}

#[test]
fn split() {
    let split = topology("");
    check(&split, "GET", "/", FRANKFURT, "dublin (nearest) then virginia, singapore"); // the nearest replica
    check(&split, "HEAD", "/", SYDNEY, "singapore (nearest) then virginia, dublin");
    check(&split, "GET", "/", ASHBURN, "virginia (nearest) then dublin, singapore"); // the primary may be the nearest
    check(&split, "GET", "/", PORTLAND, "virginia (nearest) then dublin, singapore"); // a standby is not, however near
    check(&split, "GET", "/", None, "virginia (nearest) then dublin, singapore"); // no location
    check(&split, "POST", "/", FRANKFURT, "virginia (write-primary)"); // writes go to the primary from anywhere
    check(&split, "PURGE", "/", SYDNEY, "virginia (write-primary)"); // what is not known to read writes
    check(&split, "DELETE", "/", None, "virginia (write-primary)");
}

#[test]
fn fallback_to_the_next_nearest() {
    let next = topology(r#", "fallback": "next""#);
    check(&next, "GET", "/", FRANKFURT, "dublin (nearest) then virginia, singapore");
    check(&next, "GET", "/", SYDNEY, "singapore (nearest) then virginia, dublin");
    check(&next, "GET", "/", None, "virginia (nearest) then dublin, singapore");
    check(&next, "POST", "/", FRANKFURT, "virginia (write-primary)"); // a write has one place to go
}

#[test]
fn affinity() {
    let affinity = topology(r#", "mode": "affinity""#);
    check(&affinity, "GET", "/", FRANKFURT, "dublin (affinity) then virginia");
    check(&affinity, "POST", "/", FRANKFURT, "dublin (affinity)"); // it forwards the write itself
    check(&affinity, "GET", "/", SYDNEY, "virginia (affinity) then dublin"); // Singapore does not, so not for reads either
    check(&affinity, "GET", "/", PORTLAND, "virginia (affinity) then dublin"); // a standby never, though it claims to forward
    check(&affinity, "POST", "/", None, "virginia (affinity)");
}

#[test]
fn operations_and_deny() {
    let ruled = topology(
        r#", "operations": [ { "method": "POST", "path": "/v1/transit/*", "operation": "read" },
                             { "method": "GET", "path": "/v1/database/creds/*", "operation": "write" } ],
             "deny": [ "/v1/sys/seal", "/v1/transit/keys/*" ]"#,
    );
    check(&ruled, "POST", "/v1/transit/encrypt/a", FRANKFURT, "dublin (nearest) then virginia, singapore");
    check(&ruled, "GET", "/v1/database/creds/a", FRANKFURT, "virginia (write-primary)");
    check(&ruled, "POST", "/v1/transit/keys/a", FRANKFURT, "denied by /v1/transit/keys/*"); // deny comes before rules
    check(&ruled, "GET", "/v1/sys/seal", FRANKFURT, "denied by /v1/sys/seal"); // whatever the method
    check(&ruled, "GET", "/v1/sys/seal-status", FRANKFURT, "dublin (nearest) then virginia, singapore");
}

#[test]
fn a_rule_that_denies() {
    let ruled = topology(
        r#", "operations": [ { "method": "GET", "path": "/v1/*/config/public", "operation": "read" },
                             { "method": "*", "path": "/v1/*/config/*", "operation": "deny" } ]"#,
    );
    check(&ruled, "GET", "/v1/database/config/public", FRANKFURT, "dublin (nearest) then virginia, singapore"); // the first rule wins
    check(&ruled, "POST", "/v1/database/config/public", FRANKFURT, "denied by /v1/*/config/*");
    check(&ruled, "GET", "/v1/database%2fconfig%2fx", FRANKFURT, "denied by /v1/*/config/*"); // as the lenient read it
    check(&ruled, "GET", "/v1/config/x", FRANKFURT, "dublin (nearest) then virginia, singapore"); // the star is a segment
    check(&ruled, "GET", "/v1/a/..;/b", FRANKFURT, "denied for hidden dots");
}

#[test]
fn the_rules_of_a_vault_dialect() {
    let vault = topology(
        r#", "mode": "split", "health": { "dialect": "vault" },
             "operations": [ { "method": "GET", "path": "/v1/aws/creds/read-only", "operation": "read" } ]"#,
    );
    check(&vault, "GET", "/v1/database/creds/app", FRANKFURT, "virginia (write-primary)");
    check(&vault, "GET", "/v1/aws/creds/read-only", FRANKFURT, "dublin (nearest) then virginia, singapore"); // the file's come first
    check(&vault, "POST", "/v1/transit/encrypt/app", FRANKFURT, "dublin (nearest) then virginia, singapore");
    check(&vault, "GET", "/v1/sys/health", SYDNEY, "singapore (nearest) then virginia, dublin");
    let http = topology("");
    check(&http, "GET", "/v1/database/creds/app", FRANKFURT, "dublin (nearest) then virginia, singapore"); // no Vault's
    check(&http, "POST", "/v1/transit/encrypt/app", FRANKFURT, "virginia (write-primary)");
}

#[test]
fn equal_distances_keep_the_configured_order() {
    let cluster = |id: &str, role: &str| {
        format!(
            r#"{{ "id": "{id}", "role": "{role}", "url": "https://{id}.example", "latitude": 10, "longitude": 20 }}"#
        )
    };
    let clusters = [cluster("b", "replica"), cluster("a", "primary"), cluster("c", "replica")].join(",");
    let text = format!(r#"{{ "version": 1, "fallback": "next", "clusters": [{clusters}] }}"#);
    check(&Topology::parse(&text).unwrap(), "GET", "/", SYDNEY, "b (nearest) then a, c");
}

#[test]
fn denied_paths_cannot_be_disguised() {
    let denying = topology(r#", "deny": [ "/v1/sys/seal" ]"#);
    for path in [
        "/v1/sys/seal",
        "/v1/sys/seal/",
        "//v1/sys/seal",
        "/v1/sys//seal",
        "/v1/./sys/seal",
        "/v1/x/../sys/seal",
        "/v1/x/%2e%2e/sys/seal",
        "/v1/x/.%2E/sys/seal",
        "/v1/sys/%73eal",
        "/v1/sys/%73%65%61%6C",
        "/v1/sys%2fseal",
        "/v1%2Fsys%2Fseal",
        "/v1/sys%252fseal",
        "/v1/sys/%2573eal",
        "/v1\\sys\\seal",
        "/v1/sys%5Cseal",
        "/v1/sys/seal;x=y",
        "/v1/x/..;/sys/seal",
        "v1/sys/seal",
    ] {
        check(&denying, "GET", path, FRANKFURT, "denied by /v1/sys/seal");
    }
    for path in
        ["/v1/sys/seal/..;%2f..", "/v1/sys/seal/%252e%252e%2f..", "/v1/sys/seal/..%5cx%2f..", "/elsewhere/..;/x"]
    {
        check(&denying, "GET", path, FRANKFURT, "denied for hidden dots"); // the first three are it to some servers
        check(&topology(""), "GET", path, FRANKFURT, "dublin (nearest) then virginia, singapore"); // nothing to dodge
    }
    for path in ["/v1/sys/seals", "/v1/sys", "/v1/sys/seal/x", "/v1/sys/SEAL", "/x?/v1/sys/seal"] {
        check(&denying, "GET", path, FRANKFURT, "dublin (nearest) then virginia, singapore");
    }
}

/// One isolate and its clock.
struct Isolate {
    topology: Topology,
    health: Health,
    now: Moment,
    sequence: u64,
}

impl Isolate {
    fn new(file: &str) -> Self {
        let topology = topology(file);
        Self { health: healthy(&topology), topology, now: START, sequence: 1 }
    }

    /// A snapshot with what is different from all being well.
    fn told(&mut self, change: impl Fn(&mut ClusterSnapshot)) -> &mut Self {
        self.adopt(Some("virginia"), change)
    }

    fn adopt(&mut self, writer: Option<&str>, change: impl Fn(&mut ClusterSnapshot)) -> &mut Self {
        self.sequence += 1;
        let mut snapshot = Snapshot { writer: writer.map(str::to_owned), ..snapshot(self.sequence) };
        snapshot.clusters.iter_mut().for_each(change);
        self.health.adopt(&self.topology, &snapshot, self.now);
        self
    }

    fn pause(&mut self, millis: u64) -> &mut Self {
        self.now = self.now.after(Milliseconds::new(millis));
        self.health.reap(self.now);
        self
    }

    fn begin(&mut self, request: &RequestFacts<'_>) -> Ticket {
        match decide(&self.topology, &self.health, request, self.now) {
            Decision::Forward(route) => self.health.begin(&self.topology, &route, LIMIT, self.now).ticket,
            other => panic!("{other:?}"),
        }
    }

    fn report(&mut self, ticket: Ticket, outcome: Outcome) -> Reported {
        self.health.report(&self.topology, ticket, outcome, Milliseconds::new(10), self.now)
    }

    /// A request and its outcome.
    fn send(&mut self, request: &RequestFacts<'_>, outcome: Outcome) -> Reported {
        let ticket = self.begin(request);
        self.report(ticket, outcome)
    }

    /// Opens the breaker of the cluster that such requests go to.
    fn break_by(&mut self, request: &RequestFacts<'_>) -> &mut Self {
        let request = RequestFacts { repeatable: Repeatable::Never, ..*request };
        for _ in 0..self.topology.breaking().failures {
            self.send(&request, Outcome::Failed);
        }
        self
    }

    #[track_caller]
    fn check(&self, request: &RequestFacts<'_>, expected: &str) {
        assert_eq!(summary(&self.topology, &self.health, request, self.now), expected, "{request:?}");
    }
}

fn is(id: &str) -> impl Fn(&ClusterSnapshot) -> bool + '_ {
    move |cluster| cluster.id == id
}

/// A read and a write from Frankfurt, whose nearest cluster is Dublin.
fn read() -> RequestFacts<'static> {
    request("GET", "/", FRANKFURT)
}

fn write() -> RequestFacts<'static> {
    request("POST", "/", FRANKFURT)
}

#[test]
fn the_nearest_is_down() {
    let down = |ids: &'static [&str]| move |cluster: &mut ClusterSnapshot| cluster.up = !ids.contains(&&*cluster.id);
    let mut split = Isolate::new("");
    split.told(down(&["dublin"])).check(&read(), "virginia (fallback-primary) then singapore");
    split.told(down(&["dublin", "virginia"])).check(&read(), "singapore (fallback-next)");
    split.check(&write(), "virginia (last-resort)"); // nothing else takes writes
    split.told(down(&["dublin", "virginia", "singapore"])).check(&read(), "virginia (last-resort)");

    let mut next = Isolate::new(r#", "fallback": "next", "all_unhealthy": "fail""#);
    next.told(down(&["singapore"])).check(&request("GET", "/", SYDNEY), "virginia (fallback-primary) then dublin");
    next.told(down(&["singapore", "virginia"])).check(&request("GET", "/", SYDNEY), "dublin (fallback-next)");
    next.check(&write(), "no-usable-cluster for 5000 ms");
    next.told(down(&["dublin", "virginia", "singapore"])).check(&read(), "no-usable-cluster for 5000 ms");

    let mut affinity = Isolate::new(r#", "mode": "affinity""#);
    affinity.told(down(&["dublin"])).check(&read(), "virginia (fallback-primary)");
    affinity.check(&write(), "virginia (fallback-primary)");
    affinity.told(down(&["dublin", "virginia"])).check(&read(), "virginia (last-resort)"); // Singapore cannot write
}

#[test]
fn drained_fenced_and_standby_get_nothing() {
    let mut split = Isolate::new("");
    split.told(|cluster| cluster.draining = is("dublin")(cluster));
    split.check(&read(), "virginia (fallback-primary) then singapore");
    split.told(|cluster| cluster.is_standby = is("dublin")(cluster)); // by its own word
    split.check(&read(), "virginia (fallback-primary) then singapore");
    split.told(|cluster| cluster.draining = true).check(&read(), "no-usable-cluster for 5000 ms"); // not even tried
    split.check(&write(), "no-usable-cluster for 5000 ms");

    // A promotion: first nobody takes writes, then Oregon.
    split.adopt(None, |cluster| cluster.fenced = is("virginia")(cluster));
    split.check(&write(), "no-writer for 5000 ms");
    split.check(&read(), "dublin (nearest) then singapore");
    split.adopt(Some("oregon"), |cluster| cluster.fenced = is("virginia")(cluster));
    split.check(&write(), "oregon (write-primary)");
    split.check(&request("GET", "/", PORTLAND), "oregon (nearest) then dublin, singapore");
    split.check(&request("GET", "/", ASHBURN), "oregon (fallback-primary) then dublin, singapore"); // nearer was Virginia
    split.adopt(Some("somebody else"), |_| {}).check(&write(), "no-writer for 5000 ms");
}

#[test]
fn a_write_needs_a_lease() {
    let mut split = Isolate::new("");
    split.pause(29_999).check(&write(), "virginia (write-primary)");
    split.pause(1).check(&write(), "lease-over for 5000 ms");
    split.check(&read(), "dublin (nearest) then virginia, singapore"); // reads go on
    split.told(|_| {}).check(&write(), "virginia (write-primary)");

    // An older snapshot that arrives late renews nothing.
    split.pause(30_000);
    split.health.adopt(&split.topology, &snapshot(1), split.now);
    split.check(&write(), "lease-over for 5000 ms");

    // A clock that was set back says nothing; a snapshot that was asked for by the new time does.
    split.told(|_| {});
    split.now = START;
    split.check(&write(), "lease-over for 5000 ms");
    split.told(|_| {}).check(&write(), "virginia (write-primary)");

    let unasked = Health::new(&split.topology, 1);
    assert_eq!(summary(&split.topology, &unasked, &write(), START), "lease-over for 5000 ms"); // nothing known yet
}

#[test]
fn the_object_may_have_another_version_of_the_file() {
    // The shorter lease counts.
    for (told, lease) in [(10_000, 10_000), (60_000, 30_000)] {
        let mut split = Isolate::new("");
        let snapshot = Snapshot { lease_ms: Some(told), ..snapshot(2) };
        split.health.adopt(&split.topology, &snapshot, split.now);
        split.pause(lease - 1).check(&write(), "virginia (write-primary)");
        split.pause(1).check(&write(), "lease-over for 5000 ms");
    }
    // Also where the isolate knows of no standby.
    let cluster =
        r#"{ "id": "virginia", "role": "primary", "url": "https://va.example", "latitude": 1, "longitude": 2 }"#;
    let alone = Topology::parse(&format!(r#"{{ "version": 1, "clusters": [{cluster}] }}"#)).unwrap();
    let mut health = Health::new(&alone, 1);
    for (lease_ms, expected) in [(None, false), (Some(30_000), true)] {
        health.adopt(&alone, &Snapshot { lease_ms, ..snapshot(1) }, START);
        assert_eq!(health.is_lease_over(&alone, START.after(Milliseconds::new(30_000))), expected);
        assert!(!health.is_lease_over(&alone, START.after(Milliseconds::new(29_999))));
    }
    // A standby that it does not know was promoted.
    health.adopt(&alone, &Snapshot { writer: Some("tokyo".to_owned()), ..snapshot(2) }, START);
    assert_eq!(summary(&alone, &health, &write(), START), "no-writer for 5000 ms");
}

#[test]
fn lag() {
    let mut split = Isolate::new(r#", "fallback": "next", "lag": { "max_ms": 1000 }"#);
    let lags = |ids: &'static [&str], lag| {
        move |cluster: &mut ClusterSnapshot| cluster.lag_ms = ids.contains(&&*cluster.id).then_some(lag)
    };
    split.told(lags(&["dublin"], 1_000)).check(&read(), "dublin (nearest) then virginia, singapore"); // as allowed
    split.told(lags(&["dublin"], 1_001)).check(&read(), "virginia (lagging) then singapore, dublin");
    split.told(lags(&["virginia"], 9_999)).check(&write(), "virginia (write-primary)"); // behind whom?
    split.told(|cluster| {
        lags(&["dublin"], 2_000)(cluster);
        cluster.up = !is("virginia")(cluster);
    });
    split.check(&read(), "singapore (lagging) then dublin");
    split.told(|cluster| {
        lags(&["dublin", "singapore"], 2_000)(cluster);
        cluster.up = !is("virginia")(cluster);
    });
    split.check(&read(), "dublin (last-resort) then singapore"); // stale is better than nothing
}

#[test]
fn reads_follow_writes() {
    let mut split = Isolate::new(r#", "consistency": { "read_your_writes_ms": 5000 }"#);
    let at = |moment: Moment| RequestFacts { wrote: Some(moment), ..read() };
    let (nearest, follows) =
        ("dublin (nearest) then virginia, singapore", "virginia (read-your-writes) then dublin, singapore");
    split.check(&at(START), follows);
    split.check(&at(START.after(Milliseconds::new(1))), nearest); // still to come: a clock astray, or a forgery
    split.pause(4_999).check(&at(START), follows);
    split.pause(1).check(&at(START), nearest); // the window is over
    split.check(&RequestFacts { wrote: Some(split.now), ..write() }, "virginia (write-primary)");

    let (own, other) = (RequestFacts { client: Some(1), ..read() }, RequestFacts { client: Some(2), ..read() });
    split.send(&RequestFacts { client: Some(1), ..write() }, Outcome::Answered(500));
    split.check(&own, nearest); // not written
    split.send(&RequestFacts { client: Some(1), ..write() }, Outcome::Answered(204));
    split.check(&own, follows);
    split.check(&other, nearest);
    split.told(|cluster| cluster.up = !is("virginia")(cluster)).check(&own, "dublin (nearest) then singapore");
    split.told(|_| {}).pause(5_000).check(&own, nearest);

    let mut affinity = Isolate::new(r#", "mode": "affinity", "consistency": { "read_your_writes_ms": 5000 }"#);
    affinity.send(&RequestFacts { client: Some(1), ..write() }, Outcome::Answered(204));
    affinity.check(&own, "dublin (affinity) then virginia"); // where the write went, too
}

#[test]
fn breakers() {
    let file = r#", "breaker": { "failures": 2, "cooldown_ms": 10000, "successes": 1 }"#;
    let mut split = Isolate::new(file);
    split.break_by(&read()).check(&read(), "virginia (fallback-primary) then singapore");
    assert_eq!(split.health.open_breakers(&split.topology, split.now).next().unwrap().id.as_str(), "dublin");
    // Half-open: a read that can be sent again is the test, with a usable cluster behind it; no other is.
    split.pause(11_000).check(&read(), "dublin (half-open) then virginia, singapore");
    split.check(&RequestFacts { repeatable: Repeatable::Never, ..read() }, "virginia (fallback-primary)");
    let test = split.begin(&read());
    split.check(&read(), "virginia (fallback-primary) then singapore"); // one test at a time
    let next = split.report(test, Outcome::Failed).next.unwrap();
    assert_eq!((next.cluster, next.reason), (split.topology.primary().index, Reason::Retry)); // nobody noticed
    split.report(next.ticket, Outcome::Answered(200));
    split.pause(11_000).send(&read(), Outcome::Answered(200));
    split.check(&read(), "dublin (nearest) then virginia, singapore"); // closed again

    // A test whose report is lost gives its permit back.
    split.break_by(&read()).pause(11_000).begin(&read());
    split.check(&read(), "virginia (fallback-primary) then singapore");
    split.pause(LIMIT.get() + 1_000).check(&read(), "dublin (half-open) then virginia, singapore");

    // A write is a test only where it must be.
    let mut fail = Isolate::new(&format!(r#"{file}, "all_unhealthy": "fail""#));
    fail.break_by(&write()).pause(3_000);
    let refused = summary(&fail.topology, &fail.health, &write(), fail.now);
    assert!(
        ["no-usable-cluster for 7000 ms", "no-usable-cluster for 8000 ms"].contains(&refused.as_str()),
        "{refused}"
    );
    fail.pause(8_000).check(&write(), "virginia (half-open)");
    fail.begin(&write());
    fail.check(&write(), "no-usable-cluster for 5000 ms"); // as long as the test is in flight
    split.told(|_| {}).break_by(&write()).check(&write(), "virginia (last-resort)");
}

#[test]
fn retries() {
    #[track_caller]
    fn check(file: &str, request: &RequestFacts<'_>, outcome: Outcome, expected: &[&str]) {
        let mut isolate = Isolate::new(file);
        let mut ticket = isolate.begin(request);
        let mut sent_to = Vec::new();
        loop {
            let reported = isolate.report(ticket, outcome);
            sent_to.push(isolate.topology.cluster(reported.ended.unwrap().cluster).unwrap().id.to_string());
            let Some(next) = reported.next else { break };
            ticket = next.ticket;
        }
        assert_eq!(sent_to, expected, "{file} {request:?} {outcome:?}");
        assert_eq!(isolate.health.in_flight_in_all(), 0);
    }
    let all = ["dublin", "virginia", "singapore"];
    for outcome in [Outcome::Failed, Outcome::TimedOut, Outcome::Unreachable(522), Outcome::Answered(503)] {
        check("", &read(), outcome, &all);
        check("", &write(), outcome, &["virginia"]); // never twice
        check(r#", "mode": "affinity""#, &write(), outcome, &["dublin"]);
    }
    for outcome in [Outcome::Answered(500), Outcome::Answered(404), Outcome::Answered(501), Outcome::Cancelled] {
        check("", &read(), outcome, &["dublin"]); // another would not do better, or nobody waits
    }
    let body = |repeatable| RequestFacts { repeatable, ..read() };
    check("", &body(Repeatable::Never), Outcome::Failed, &["dublin"]);
    check("", &body(Repeatable::IfBuffered(65_536)), Outcome::Failed, &all);
    check("", &body(Repeatable::IfBuffered(65_537)), Outcome::Failed, &["dublin"]);
    check(r#", "retry": { "max_attempts": 2 }"#, &read(), Outcome::Failed, &["dublin", "virginia"]);
    check(r#", "retry": { "max_attempts": 1 }"#, &read(), Outcome::Failed, &["dublin"]);
    check(r#", "retry": { "max_attempts": 10 }"#, &read(), Outcome::Failed, &all); // each once
}

#[test]
fn the_retry_budget() {
    let mut split = Isolate::new(
        r#", "retry": { "max_attempts": 2, "budget_share": 0.25 }, "breaker": { "failures": 10000, "cooldown_ms": 100 }"#,
    );
    let mut retries = |requests: usize| {
        let fails = |_: &usize| {
            let next = split.send(&read(), Outcome::Failed).next;
            next.is_some_and(|next| split.report(next.ticket, Outcome::Answered(200)).ended.is_some())
        };
        (0..requests).filter(fails).count()
    };
    assert_eq!(retries(100), 100); // the reserve, and what it gains
    assert_eq!(retries(33), 33);
    assert_eq!(retries(1_000), 250); // then the share
}

#[test]
fn bulkheads() {
    let file = r#", "bulkheads": [ { "path": "/db/*", "max_in_flight": 2 }, { "path": "/*", "max_in_flight": 3 } ]"#;
    let mut split = Isolate::new(file);
    let db = request("GET", "/db/x", FRANKFURT);
    let tickets = [split.begin(&db), split.begin(&db)];
    split.check(&db, "bulkhead-full for 1000 ms");
    split.check(&request("GET", "/%64b//x", FRANKFURT), "bulkhead-full for 1000 ms"); // in disguise
    split.check(&read(), "dublin (nearest) then virginia, singapore"); // of the other group
    split.report(tickets[0], Outcome::Answered(200));
    split.check(&db, "dublin (nearest) then virginia, singapore");
    assert_eq!(split.report(tickets[0], Outcome::Answered(200)), Reported::default()); // a second report frees nothing
    split.begin(&db);
    split.check(&db, "bulkhead-full for 1000 ms");
    split.pause(LIMIT.get()).check(&db, "dublin (nearest) then virginia, singapore"); // lost reports free in the end
    assert_eq!(split.report(tickets[1], Outcome::Answered(200)), Reported::default()); // and are too late then

    let text = r#"{ "version": 1, "all_unhealthy": "fail", "clusters": [
        { "id": "a", "role": "primary", "url": "https://a.example", "latitude": 0, "longitude": 0, "max_in_flight": 1 },
        { "id": "b", "role": "replica", "url": "https://b.example", "latitude": 9, "longitude": 0, "max_in_flight": 1 } ] }"#;
    let topology = Topology::parse(text).unwrap();
    let mut full = Isolate { health: Health::new(&topology, 1), topology, now: START, sequence: 1 };
    full.begin(&read());
    full.check(&read(), "a (fallback-primary)");
    full.begin(&write());
    full.check(&write(), "bulkhead-full for 1000 ms");
    full.check(&read(), "bulkhead-full for 1000 ms");
}

#[test]
fn an_isolate_has_so_many_places() {
    let mut split = Isolate::new("");
    let tickets: Vec<Ticket> = (0..4_096).map(|_| split.begin(&read())).collect();
    split.check(&read(), "bulkhead-full for 1000 ms");
    let numbers: std::collections::BTreeSet<u32> = tickets.iter().map(|ticket| ticket.bits()).collect();
    assert_eq!(numbers.len(), tickets.len());
    for number in numbers {
        split.report(Ticket::from_bits(number), Outcome::Answered(200));
    }
    assert_eq!(split.health.in_flight_in_all(), 0);
    for number in [0, 1, 4_095, 4_096, u32::MAX] {
        assert_eq!(split.report(Ticket::from_bits(number), Outcome::Failed), Reported::default());
    }
}

#[test]
fn measured_round_trips_correct_the_distance() {
    let mut split = Isolate::new("");
    let from_lhr = |request| RequestFacts { colo: Colo::parse("LHR"), ..request };
    for _ in 0..4 {
        for (request, took) in [(read(), 100), (request("GET", "/", ASHBURN), 40)] {
            let ticket = split.begin(&from_lhr(RequestFacts { repeatable: Repeatable::Never, ..request }));
            split.health.report(&split.topology, ticket, Outcome::Answered(200), Milliseconds::new(took), split.now);
        }
    }
    split.check(&from_lhr(read()), "virginia (nearest) then dublin, singapore");
    split.check(&read(), "dublin (nearest) then virginia, singapore"); // from elsewhere nothing was measured
}

#[test]
fn the_health_of_another_topology_breaks_nothing() {
    let small = Topology::parse(
        r#"{ "version": 1, "clusters": [
            { "id": "virginia", "role": "primary", "url": "https://va.example", "latitude": 0, "longitude": 0 } ] }"#,
    );
    let small = small.unwrap();
    let mut isolate = Isolate::new("");
    isolate.health = healthy(&small);
    let ticket = isolate.begin(&read());
    assert_eq!(isolate.report(ticket, Outcome::Failed).next.unwrap().cluster, isolate.topology.primary().index);
    isolate.told(|cluster| cluster.up = false).check(&write(), "virginia (last-resort)");
    isolate.topology = small;
    isolate.check(&read(), "virginia (last-resort)");
}

#[test]
fn explanations() {
    let mut split =
        Isolate::new(r#", "lag": { "max_ms": 1000 }, "bulkheads": [ { "path": "/v1/*", "max_in_flight": 9 } ]"#);
    split.told(|cluster| cluster.lag_ms = is("dublin")(cluster).then_some(2_500));
    split.begin(&request("GET", "/v1/x", ASHBURN));
    let explanation = explain(&split.topology, &split.health, &request("GET", "/v1/x", FRANKFURT), split.now);
    let shown = serde_json::to_value(&explanation).unwrap();
    let expected = serde_json::json!({
        "decision": "forward", "cluster": "virginia", "reason": "lagging", "operation": "read", "writer": "virginia",
        "detail": "the nearest cluster lags too far behind",
        "location": { "latitude": 50.11, "longitude": 8.68 },
        "bulkhead": { "path": "/v1/*", "in_flight": 1, "max_in_flight": 9 },
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&shown[key], value, "{key}");
    }
    let candidates: Vec<String> = explanation
        .candidates
        .iter()
        .map(|candidate| {
            let (rank, km) = (candidate.rank.unwrap_or_default(), candidate.distance_km.unwrap().round());
            format!("{rank} {} {km} km, {}: {}", candidate.cluster, candidate.verdict, candidate.why)
        })
        .collect();
    assert_eq!(
        candidates,
        [
            "1 dublin 1088 km, fallback 2: it lags 2500 ms behind; 1000 ms are allowed",
            "2 virginia 6553 km, chosen: usable",
            "3 singapore 10258 km, fallback 1: usable",
            "0 oregon 8397 km, not taken: it is a standby",
        ]
    );

    let denied = Isolate::new(r#", "deny": [ "/x" ]"#);
    let explanation = explain(&denied.topology, &denied.health, &request("GET", "/x", None), START);
    assert_eq!((explanation.decision, explanation.reason), ("deny", "denied-path"));
    assert_eq!((explanation.detail.as_str(), explanation.candidates.len()), ("its path matches /x of deny", 0));
}
