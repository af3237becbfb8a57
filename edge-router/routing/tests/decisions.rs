//! Which cluster a request goes to, one reason a row.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use routing::{
    ClusterSnapshot, Coordinates, Decision, Denial, Health, Milliseconds, Moment, Outcome, Repeatable, RequestFacts,
    Snapshot, Ticket, Topology, decide, explain,
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
    Snapshot { topology: "t".to_owned(), sequence, writer: Some("virginia".to_owned()), clusters: clusters.into() }
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
    check(&split, "GET", "/", FRANKFURT, "dublin (nearest) then virginia"); // the nearest replica
    check(&split, "HEAD", "/", SYDNEY, "singapore (nearest) then virginia");
    check(&split, "GET", "/", ASHBURN, "virginia (nearest)"); // the primary may be the nearest
    check(&split, "GET", "/", PORTLAND, "virginia (nearest)"); // a standby is not, however near
    check(&split, "GET", "/", None, "virginia (nearest)"); // no location
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
    check(&affinity, "POST", "/", FRANKFURT, "dublin (affinity) then virginia"); // it forwards the write itself
    check(&affinity, "GET", "/", SYDNEY, "virginia (affinity) then dublin"); // Singapore does not, so not for reads either
    check(&affinity, "GET", "/", PORTLAND, "virginia (affinity) then dublin"); // a standby never, though it claims to forward
    check(&affinity, "POST", "/", None, "virginia (affinity) then dublin");
}

#[test]
fn operations_and_deny() {
    let ruled = topology(
        r#", "operations": [ { "method": "POST", "path": "/v1/transit/*", "operation": "read" },
                             { "method": "GET", "path": "/v1/database/creds/*", "operation": "write" } ],
             "deny": [ "/v1/sys/seal", "/v1/transit/keys/*" ]"#,
    );
    check(&ruled, "POST", "/v1/transit/encrypt/a", FRANKFURT, "dublin (nearest) then virginia");
    check(&ruled, "GET", "/v1/database/creds/a", FRANKFURT, "virginia (write-primary)");
    check(&ruled, "POST", "/v1/transit/keys/a", FRANKFURT, "denied by /v1/transit/keys/*"); // deny comes before rules
    check(&ruled, "GET", "/v1/sys/seal", FRANKFURT, "denied by /v1/sys/seal"); // whatever the method
    check(&ruled, "GET", "/v1/sys/seal-status", FRANKFURT, "dublin (nearest) then virginia");
}

#[test]
fn a_rule_that_denies() {
    let ruled = topology(
        r#", "operations": [ { "method": "GET", "path": "/v1/*/config/public", "operation": "read" },
                             { "method": "*", "path": "/v1/*/config/*", "operation": "deny" } ]"#,
    );
    check(&ruled, "GET", "/v1/database/config/public", FRANKFURT, "dublin (nearest) then virginia"); // the first rule wins
    check(&ruled, "POST", "/v1/database/config/public", FRANKFURT, "denied by /v1/*/config/*");
    check(&ruled, "GET", "/v1/database%2fconfig%2fx", FRANKFURT, "denied by /v1/*/config/*"); // as the lenient read it
    check(&ruled, "GET", "/v1/config/x", FRANKFURT, "dublin (nearest) then virginia"); // the star is a segment
    check(&ruled, "GET", "/v1/a/..;/b", FRANKFURT, "denied for hidden dots");
}

#[test]
fn the_rules_of_a_vault_dialect() {
    let vault = topology(
        r#", "mode": "split", "health": { "dialect": "vault" },
             "operations": [ { "method": "GET", "path": "/v1/aws/creds/read-only", "operation": "read" } ]"#,
    );
    check(&vault, "GET", "/v1/database/creds/app", FRANKFURT, "virginia (write-primary)");
    check(&vault, "GET", "/v1/aws/creds/read-only", FRANKFURT, "dublin (nearest) then virginia"); // the file's come first
    check(&vault, "POST", "/v1/transit/encrypt/app", FRANKFURT, "dublin (nearest) then virginia");
    check(&vault, "GET", "/v1/sys/health", SYDNEY, "singapore (nearest) then virginia");
    let http = topology("");
    check(&http, "GET", "/v1/database/creds/app", FRANKFURT, "dublin (nearest) then virginia"); // no Vault's
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
        check(&topology(""), "GET", path, FRANKFURT, "dublin (nearest) then virginia"); // nothing to dodge
    }
    for path in ["/v1/sys/seals", "/v1/sys", "/v1/sys/seal/x", "/v1/sys/SEAL", "/x?/v1/sys/seal"] {
        check(&denying, "GET", path, FRANKFURT, "dublin (nearest) then virginia");
    }
}
