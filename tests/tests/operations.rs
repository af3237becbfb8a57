//! What counts as a read and what as a write, and which paths are refused in any disguise.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use serde_json::{Value, json};
use tests::router::World;
use tests::traffic::{problem_reason, report, route};
use xtask::demo::FRANKFURT;

const READ: (&str, &str) = ("eu-central", "nearest");
const WRITE: (&str, &str) = ("us-east", "write-primary");

async fn check(world: &World, rows: &[(&str, &str, (&str, &str), &str)]) {
    for (method, target, expected, why) in rows {
        let response = world.from(FRANKFURT, method, target).send().await.unwrap();
        let (cluster, reason) = route(&response);
        assert_eq!((cluster.as_str(), reason.as_str()), *expected, "{method} {target}: {why}");
        if *method != "HEAD" {
            let received = report(response).await;
            assert_eq!((received.method.as_str(), received.target.as_str()), (*method, *target));
        }
    }
}

/// With probes of the dialect far apart: this is about paths.
fn vault(dialect: &str) -> impl FnOnce(&mut Value) {
    move |topology| topology["health"] = json!({ "dialect": dialect, "interval_ms": 3_600_000 })
}

#[tokio::test]
async fn methods_say_what_a_request_does() {
    let world = World::start();
    check(
        &world,
        &[
            ("GET", "/v1/secret/data/app", READ, "reads"),
            ("HEAD", "/v1/secret/data/app", READ, "reads"),
            ("OPTIONS", "/v1/secret/data/app", READ, "reads"),
            ("POST", "/v1/secret/data/app", WRITE, "writes"),
            ("PUT", "/v1/secret/data/app", WRITE, "writes"),
            ("PATCH", "/v1/secret/data/app", WRITE, "writes"),
            ("DELETE", "/v1/secret/data/app", WRITE, "writes"),
            ("PROPFIND", "/dav", WRITE, "unknown here, so it writes"),
            ("PURGE", "/cache", WRITE, "unknown here, so it writes"),
            ("REPORT", "/dav", WRITE, "unknown here, so it writes"),
            ("SEARCH", "/dav", WRITE, "unknown here, so it writes"),
            ("POST", "/v1/transit/encrypt/app", WRITE, "without a dialect, no path means anything"),
            ("GET", "/v1/database/creds/app", READ, "without a dialect, no path means anything"),
        ],
    )
    .await;
}

#[tokio::test]
async fn vaults_own_paths_are_known() {
    for dialect in ["vault", "openbao"] {
        let world = World::with(vault(dialect), &[]);
        check(
            &world,
            &[
                ("GET", "/v1/secret/data/app", READ, "a secret"),
                ("GET", "/v1/secret/metadata/?list=true", READ, "a list, as a Worker can get it"),
                ("GET", "/v1/sys/leader", READ, "the nearest answers for itself"),
                ("GET", "/v1/database/creds/app", WRITE, "creates a credential"),
                ("GET", "/v1/mydb/creds/app", WRITE, "at another mount"),
                ("GET", "/v1/%64atabase/cr%65ds/app", WRITE, "written otherwise"),
                ("GET", "/v1//database/creds/app", WRITE, "written otherwise"),
                ("GET", "/v1/aws/sts/app", WRITE, "creates a credential"),
                ("GET", "/v1/gcp/token/app", WRITE, "creates a token"),
                ("GET", "/v1/transit/backup/app", WRITE, "notes its time"),
                ("GET", "/v1/auth/oidc/oidc/callback", WRITE, "ends a login"),
                ("POST", "/v1/auth/userpass/login/anna", WRITE, "a login"),
                ("GET", "/v1/auth/userpass/login/anna", WRITE, "a login, whatever the method"),
                ("PUT", "/v1/auth/approle/login", WRITE, "a login"),
                ("POST", "/v1/transit/encrypt/app", READ, "computes"),
                ("PUT", "/v1/transit/decrypt/app", READ, "computes"),
                ("POST", "/v1/transit/keys/app", WRITE, "creates a key"),
                ("DELETE", "/v1/transit/encrypt/app", WRITE, "no method that computes"),
                ("POST", "/v1/auth/token/lookup-self", READ, "looks up"),
                ("POST", "/v1/sys/capabilities-self", READ, "looks up"),
                ("POST", "/v1/sys/wrapping/lookup", READ, "looks up"),
                ("POST", "/v1/sys/wrapping/unwrap", WRITE, "ends a token"),
                ("POST", "/v1/auth/token/renew-self", WRITE, "prolongs a token"),
                ("POST", "/v1/sys/leases/lookup", READ, "looks up"),
                ("PUT", "/v1/sys/leases/renew", WRITE, "prolongs a lease"),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn the_topologys_rules_come_first_and_the_first_of_them_wins() {
    let rules = json!([
        { "method": "POST", "path": "/search/danger", "operation": "write" },
        { "method": "POST", "path": "/search/*", "operation": "read" },
        { "method": "GET", "path": "/counter", "operation": "write" },
        { "method": "*", "path": "/log/*", "operation": "write" },
        { "method": "PROPFIND", "path": "/dav/*", "operation": "read" },
        { "method": "GET", "path": "/v1/database/creds/static", "operation": "read" },
        { "method": "DELETE", "path": "/items/*", "operation": "deny" },
        { "method": "*", "path": "/internal/*", "operation": "deny" } ]);
    let world = World::with(
        |topology| {
            topology["operations"] = rules;
            vault("vault")(topology);
        },
        &[],
    );
    check(
        &world,
        &[
            ("POST", "/search/q", READ, "a rule of the topology"),
            ("POST", "/search/danger", WRITE, "the first that matches"),
            ("PUT", "/search/q", WRITE, "another method"),
            ("POST", "/searching", WRITE, "another path"),
            ("GET", "/counter", WRITE, "a GET that counts"),
            ("HEAD", "/counter", READ, "another method"),
            ("GET", "/counter/x", READ, "no star, so nothing below it"),
            ("GET", "/log/x", WRITE, "every method"),
            ("PROPFIND", "/dav/x", READ, "a method of WebDAV"),
            ("GET", "/v1/database/creds/static", READ, "before the dialect's"),
            ("GET", "/v1/database/creds/app", WRITE, "the dialect's"),
            ("GET", "/items/1", READ, "deny is about another method"),
        ],
    )
    .await;
    let before = world.counts();
    for (method, target) in [
        ("DELETE", "/items/1"),
        ("DELETE", "/items//1"),
        ("DELETE", "/%69tems/1"),
        ("GET", "/internal/x"),
        ("POST", "/internal"),
        ("PROPFIND", "/x/..%2finternal/x"),
    ] {
        let response = world.from(FRANKFURT, method, target).send().await.unwrap();
        assert_eq!(response.status(), 403, "{method} {target}");
        assert_eq!(problem_reason(response).await, "denied-path");
    }
    assert_eq!(world.counts(), before);
}

#[test]
fn what_a_rule_denies_is_denied_in_any_disguise() {
    let rule = json!([{ "method": "*", "path": "/v1/sys/seal", "operation": "deny" },
                      { "method": "*", "path": "/admin/*", "operation": "deny" }]);
    let world = World::with(|topology| topology["operations"] = rule, &[]);
    let disguises = [
        "/v1/sys/seal",
        "/v1/sys/seal?x",
        "/v1/sys/seal/",
        "/v1/sys/seal//",
        "/v1/sys/seal/.",
        "//v1/sys/seal",
        "///v1///sys///seal",
        "/./v1/sys/seal",
        "/v1/./sys/seal",
        "/v1/x/../sys/seal",
        "/../v1/sys/seal",
        "/v1/x/%2e%2e/sys/seal",
        "/v1/x/.%2E/sys/seal",
        "/v1/x/%252e%252e/sys/seal",
        "/v1/sys/%73eal",
        "/%76%31/%73%79%73/%73%65%61%6c",
        "/v1/sys%2fseal",
        "/v1/sys%2Fseal",
        "/v1/sys%252Fseal",
        "/v1%5csys%5Cseal",
        "/v1\\sys\\seal",
        "/v1/x\\..\\sys/seal",
        "/v1/sys/seal;jsessionid=1",
        "/v1;a=b/sys;c/seal",
        "/v1/x/..;/sys/seal",
        "/v1/x/..;a=b/sys/seal",
        "/v1/sys/seal#x",
        "/admin",
        "/admin/",
        "/admin/users/1",
        "/x/..%2fadmin/users",
        "/x/%2e%2e%2fadmin",
    ];
    let mut passed = Vec::new();
    for target in disguises {
        for method in ["GET", "PURGE"] {
            let response = world.raw(&format!("{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"));
            if !response.starts_with("HTTP/1.1 403 Forbidden\r\n") || !response.contains("\"denied-path\"") {
                passed.push((method, target, response.lines().next().unwrap().to_owned()));
            }
        }
    }
    assert!(passed.is_empty() && world.counts() == [0, 0, 0, 0], "{passed:#?}");
    // Others that begin alike, also with characters that would mean something were they not escaped.
    for target in [
        "/v1/sys/seal-status",
        "/v1/sys/sealed",
        "/v1/sys",
        "/v1/x?p=/v1/sys/seal",
        "/administrator",
        "/v1/sys/seal%23x",
        "/v1/sys/seal%3fx",
    ] {
        let response = world.raw(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {response}");
    }
}
