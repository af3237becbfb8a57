//! Every rule of the topology file: what is accepted, and the one line said about what is not.

use super::*;

/// The example of the contract between the router and its operators.
const EXAMPLE: &str = r#"
{ "version": 1,
  "mode": "affinity",
  "clusters": [
    { "id": "us-east", "role": "primary", "url": "https://vault-us.example.com", "latitude": 38.95, "longitude": -77.45 },
    { "id": "eu-west", "role": "replica", "url": "https://vault-eu.example.com", "latitude": 53.35, "longitude": -6.26,
      "headers": { "CF-Access-Client-Id": "$ACCESS_ID" }, "max_in_flight": 1000, "forwards_writes": true },
    { "id": "us-west-dr", "role": "standby", "url": "https://vault-dr.example.com", "latitude": 45.5, "longitude": -122.7 } ],
  "fallback": "primary",
  "operations": [ { "method": "POST", "path": "/v1/transit/*", "operation": "read" } ],
  "deny": [ "/v1/sys/seal" ],
  "health": { "dialect": "vault", "path": "/v1/sys/health?standbyok=true&perfstandbyok=true",
              "interval_ms": 5000, "timeout_ms": 2000, "unhealthy_threshold": 3, "healthy_threshold": 2 },
  "breaker": { "failures": 5, "window_ms": 60000, "cooldown_ms": 30000, "half_open_requests": 1, "successes": 3 },
  "lag": { "max_ms": 10000 },
  "consistency": { "read_your_writes_ms": 5000 },
  "bulkheads": [ { "path": "/v1/database/*", "max_in_flight": 500 } ],
  "retry": { "max_attempts": 3, "budget_share": 0.2 },
  "promotion": { "checks": 3, "interval_ms": 10000, "lease_ms": 30000 },
  "headers": { "expose": true },
  "all_unhealthy": "try" }"#;

/// A topology whose one cluster is the primary, with further text inside the cluster and inside the file.
fn with(cluster: &str, file: &str) -> String {
    format!(
        r#"{{ "version": 1, "clusters": [
            {{ "id": "a", "role": "primary", "url": "https://a.example", "latitude": 1, "longitude": 2 {cluster} }} ] {file} }}"#
    )
}

fn errors(text: &str) -> Vec<String> {
    Topology::parse(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

fn warnings(text: &str) -> Vec<String> {
    let topology = Topology::parse(text).unwrap_or_else(|errors| panic!("{errors:?} in {text}"));
    topology.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_says_what_it_means() {
    let topology = Topology::parse(EXAMPLE).unwrap();
    let eu = topology.clusters().nth(1).unwrap();
    assert_eq!(topology.primary().id.as_str(), "us-east");
    assert_eq!((topology.mode(), topology.fallback()), (Mode::Affinity, Fallback::Primary));
    assert_eq!((eu.role, eu.origin.as_str()), (Role::Replica, "https://vault-eu.example.com"));
    assert_eq!(eu.headers, [("CF-Access-Client-Id".to_owned(), HeaderValue::Secret("ACCESS_ID".to_owned()))]);
    assert!(eu.forwards_writes && topology.exposes_headers() && topology.has_standby());
    assert_eq!(eu.max_in_flight, Some(1_000));
    assert_eq!(topology.max_lag(), Some(Milliseconds::new(10_000)));
    assert_eq!(topology.read_your_writes(), Some(Milliseconds::new(5_000)));
    assert_eq!(
        warnings(EXAMPLE),
        [
            "consistency.read_your_writes_ms: does nothing with `affinity`: one cluster serves both a client's reads and its writes"
        ]
    );
}

#[test]
fn what_the_file_leaves_out() {
    let silent = Topology::parse(&with("", "")).unwrap();
    // The example gives the defaults of everything that it names, and an empty section gives them too.
    for text in [EXAMPLE, &with("", ""), &with("", r#", "breaker": {}, "retry": {}, "promotion": {}"#)] {
        let topology = Topology::parse(text).unwrap();
        assert_eq!(topology.breaking(), silent.breaking());
        assert_eq!(topology.retrying(), silent.retrying());
        assert_eq!(topology.promoting(), silent.promoting());
        assert_eq!(topology.all_unhealthy(), AllUnhealthy::Try);
        assert_eq!(topology.fallback(), Fallback::Primary);
    }
    let span = Milliseconds::new;
    let breaking =
        Breaking { failures: 5, window: span(60_000), cooldown: span(30_000), half_open_requests: 1, successes: 3 };
    assert_eq!(*silent.breaking(), breaking);
    let retrying = Retrying { max_attempts: 3, budget_share: 0.2, max_body: 65_536, attempt_timeout: None };
    assert_eq!(*silent.retrying(), retrying);
    assert_eq!(*silent.promoting(), Promoting { checks: 3, interval: span(10_000), lease: span(30_000) });
    assert_eq!((silent.probing(), silent.max_lag(), silent.read_your_writes()), (None, None, None));
    assert!(silent.exposes_headers() && silent.bulkheads().is_empty());
    let primary = silent.primary();
    assert_eq!((primary.forwards_writes, primary.max_in_flight, primary.headers.len()), (false, None, 0));
    assert_eq!(Topology::parse(&with("", r#", "consistency": {}"#)).unwrap().read_your_writes(), None);

    for (dialect, target) in [
        ("vault", "/v1/sys/health?standbyok=true&perfstandbyok=true"),
        ("openbao", "/v1/sys/health?standbyok=true"),
        ("http", "/"),
    ] {
        let health = format!(r#", "health": {{ "dialect": "{dialect}" }}"#);
        let topology = Topology::parse(&with("", &health)).unwrap();
        let probing = topology.probing().unwrap();
        assert_eq!((probing.target.as_str(), probing.dialect.is_vault_like()), (target, dialect != "http"));
        assert_eq!((probing.interval, probing.timeout), (span(5_000), span(2_000)));
        assert_eq!((probing.unhealthy_threshold, probing.healthy_threshold), (3, 2));
        assert_eq!((probing.status, probing.lag_pointer.as_deref()), ((200, 299), None));
    }
    let empty = Topology::parse(&with("", r#", "health": {}"#)).unwrap();
    assert_eq!(empty.probing().unwrap().dialect, Dialect::Http);
}

#[test]
fn what_the_file_says() {
    let file = r#", "fallback": "next", "all_unhealthy": "fail", "headers": { "expose": false },
        "health": { "dialect": "http", "path": "/ready?x", "interval_ms": 7000, "timeout_ms": 300, "unhealthy_threshold": 9,
                    "healthy_threshold": 8, "status_min": 100, "status_max": 599, "lag_pointer": "/a~1b/0" },
        "breaker": { "failures": 1, "window_ms": 2000, "cooldown_ms": 300, "half_open_requests": 4, "successes": 5 },
        "bulkheads": [ { "path": "/a/*", "max_in_flight": 6 } ],
        "retry": { "max_attempts": 1, "budget_share": 1, "max_body_bytes": 0, "attempt_timeout_ms": 100 },
        "promotion": { "checks": 7, "interval_ms": 800, "lease_ms": 9000 }"#;
    let topology = Topology::parse(&with("", file)).unwrap();
    let span = Milliseconds::new;
    assert_eq!((topology.fallback(), topology.all_unhealthy()), (Fallback::Next, AllUnhealthy::Fail));
    assert!(!topology.exposes_headers());
    let probing = Probing {
        dialect: Dialect::Http,
        target: "/ready?x".to_owned(),
        interval: span(7_000),
        timeout: span(300),
        unhealthy_threshold: 9,
        healthy_threshold: 8,
        status: (100, 599),
        lag_pointer: Some("/a~1b/0".to_owned()),
    };
    assert_eq!(topology.probing(), Some(&probing));
    let breaking =
        Breaking { failures: 1, window: span(2_000), cooldown: span(300), half_open_requests: 4, successes: 5 };
    assert_eq!(*topology.breaking(), breaking);
    let retrying = Retrying { max_attempts: 1, budget_share: 1.0, max_body: 0, attempt_timeout: Some(span(100)) };
    assert_eq!(*topology.retrying(), retrying);
    assert_eq!(topology.bulkheads()[0].path.as_str(), "/a/*");
    assert_eq!(topology.bulkheads()[0].max_in_flight, 6);
    assert_eq!(*topology.promoting(), Promoting { checks: 7, interval: span(800), lease: span(9_000) });
}

#[test]
fn each_warning_in_one_line() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(warnings(text), expected, "{text}");
    }
    /// The primary, another cluster, and further text.
    fn two(role: &str, cluster: &str, file: &str) -> String {
        let other = format!(
            r#" }}, {{ "id": "b", "role": "{role}", "url": "https://b.example", "latitude": 3, "longitude": 4 {cluster}"#
        );
        with(&other, file)
    }
    check(&with("", ""), &[]);
    check(
        &with("", r#", "mode": "split", "health": { "dialect": "vault" }"#),
        &[
            "mode: `split` with a Vault dialect: a service token is known only to the cluster that issued it, so reads elsewhere answer 403; use `affinity`, or batch tokens",
        ],
    );

    let nobody = "mode: `affinity`, but no replica has `forwards_writes`: everything goes to the primary";
    check(&with("", r#", "mode": "affinity""#), &[]); // nobody else is there
    check(&two("standby", "", r#", "mode": "affinity""#), &[]); // nor is a standby
    check(&two("replica", "", r#", "mode": "affinity""#), &[nobody]);
    check(&two("replica", "", r#", "health": { "dialect": "openbao" }"#), &[nobody]); // the default
    check(&two("replica", r#", "forwards_writes": true"#, r#", "mode": "affinity""#), &[]);
    check(
        &two(
            "replica",
            r#", "forwards_writes": true }, { "id": "c", "role": "replica", "url": "https://c.example", "latitude": 5, "longitude": 6"#,
            r#", "mode": "affinity""#,
        ),
        &["clusters[2]: gets no traffic: with `affinity` only the primary and replicas with `forwards_writes` do"],
    );

    let consistency = r#", "consistency": { "read_your_writes_ms": 1000 }"#;
    check(&with("", consistency), &[]);
    check(
        &with("", &format!(r#", "mode": "affinity" {consistency}"#)),
        &[
            "consistency.read_your_writes_ms: does nothing with `affinity`: one cluster serves both a client's reads and its writes",
        ],
    );

    check(
        &with("", r#", "health": { "dialect": "vault", "status_min": 200, "status_max": 299, "lag_pointer": "/lag" }"#),
        &[
            "health.status_min: does nothing with a Vault dialect: it is for the dialect `http`",
            "health.status_max: does nothing with a Vault dialect: it is for the dialect `http`",
            "health.lag_pointer: does nothing with a Vault dialect: it is for the dialect `http`",
        ],
    );

    let standbys =
        "health.path: without `standbyok=true` the standby nodes of a cluster answer 429 in the place of 200";
    for (path, expected) in [
        ("/v1/sys/health", &[standbys][..]),
        ("/v1/sys/health?perfstandbyok=true", &[standbys]),
        ("/v1/sys/health?standbyok=false", &[standbys]),
        ("/v1/sys/health?standbyok", &[]),
        ("/v1/sys/health?perfstandbyok=true&standbyok=true", &[]),
    ] {
        check(&with("", &format!(r#", "health": {{ "dialect": "vault", "path": "{path}" }}"#)), expected);
        check(&with("", &format!(r#", "health": {{ "path": "{path}" }}"#)), &[]); // a matter of Vault's
    }

    check(&with("", r#", "health": { "interval_ms": 2000 }"#), &[]);
    check(
        &with("", r#", "health": { "interval_ms": 1999 }"#),
        &[
            "health.interval_ms: 1999 is shorter than timeout_ms, 2000: a probe may be due while the one before still waits",
        ],
    );

    let lag = r#", "lag": { "max_ms": 1000 }"#;
    check(&with("", lag), &["lag.max_ms: does nothing: no lag is known, as without `health` nothing is probed"]);
    check(
        &with("", &format!(r#", "health": {{}} {lag}"#)),
        &["lag.max_ms: does nothing: no lag is known, as the dialect `http` finds it with `health.lag_pointer` only"],
    );
    check(
        &with("", &format!(r#", "health": {{ "dialect": "openbao" }} {lag}"#)),
        &["lag.max_ms: does nothing: no lag is known, as the health answer of OpenBao does not have it"],
    );
    check(&with("", &format!(r#", "health": {{ "lag_pointer": "" }} {lag}"#)), &[]);
    check(&with("", &format!(r#", "health": {{ "dialect": "vault" }} {lag}"#)), &[]);

    check(&with("", r#", "promotion": {}"#), &["promotion: does nothing: no cluster has the role `standby`"]);
    check(&two("standby", "", r#", "promotion": {}"#), &[]);
    check(&two("standby", "", r#", "promotion": { "lease_ms": 10000 }, "health": {}"#), &[]);
    check(
        &two("standby", "", r#", "promotion": { "lease_ms": 9999 }, "health": {}"#),
        &[
            "promotion.lease_ms: 9999 is less than twice health.interval_ms, 5000: writes may stop between two refreshes",
        ],
    );
}

#[test]
fn fingerprint() {
    let of = |text: &str| Topology::parse(text).unwrap().fingerprint();
    assert_eq!(of(&with("", "")), "20b08dbd784d2e16"); // of "a primary https://a.example\n"
    let same = with(r#", "forwards_writes": true, "max_in_flight": 3"#, r#", "mode": "affinity""#);
    assert_eq!(of(&with("", "")), of(&same)); // nothing that a promotion depends on
    assert_eq!(of(&with("", "")), of(&with("", "").replace("https://a.example", "https://A.example:443/"))); // one origin
    for (from, to) in [
        ("us-west-dr", "us-west"),                             // an id
        ("standby", "replica"),                                // a role
        ("vault-dr.example.com", "vault-dr.example.com:8200"), // an origin
    ] {
        assert_ne!(of(EXAMPLE), of(&EXAMPLE.replace(from, to)), "{to}");
    }
    let cluster = |id: &str, role: &str| {
        format!(r#"{{ "id": "{id}", "role": "{role}", "url": "https://{id}.example", "latitude": 0, "longitude": 0 }}"#)
    };
    let (a, b) = (cluster("a", "primary"), cluster("b", "replica"));
    let [one, other] = [[&a, &b], [&b, &a]]
        .map(|[first, second]| of(&format!(r#"{{ "version": 1, "clusters": [{first}, {second}] }}"#)));
    assert_ne!(one, other); // their order
}

#[test]
fn two_primaries_a_duplicate_id_a_latitude_of_91_and_a_bad_url_are_four_errors() {
    let text = r#"{ "version": 1, "clusters": [
        { "id": "us-east", "role": "primary", "url": "https://us.example.com", "latitude": 38.95, "longitude": -77.45 },
        { "id": "eu-west", "role": "primary", "url": "https://eu.example.com", "latitude": 91, "longitude": -6.26 },
        { "id": "us-east", "role": "replica", "url": "not a url", "latitude": 45.5, "longitude": -122.7 } ] }"#;
    assert_eq!(
        errors(text),
        [
            "clusters[1].latitude: 91 is out of range; -90 to 90 is allowed",
            "clusters[2].url: \"not a url\" is not a URL: an absolute URL such as https://vault.example.com is needed",
            "clusters[2].id: \"us-east\" is the id of clusters[0] already; ids are unique",
            "clusters[1].role: clusters[0] is the primary already; exactly one cluster is",
        ]
    );
}

#[test]
fn each_error_in_one_line() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(errors(text), expected, "{text}");
    }
    check("", &["line 1, column 0: not JSON: EOF while parsing a value"]);
    check("{ \"version\": 1,\n  \"clusters\" [] }", &["line 2, column 14: not JSON: expected `:`"]);
    check("{} {}", &["line 1, column 4: not JSON: trailing characters"]);
    check("{\"version\": 1e999}", &["line 1, column 17: not JSON: number out of range"]);
    check(&"[".repeat(10_000), &["line 1, column 128: not JSON: recursion limit exceeded"]);
    check("[]", &["a list was read; an object is allowed"]);
    check(
        "{}",
        &[
            "version: missing; a whole number, only 1, is needed",
            "clusters: missing; a list of at most 200 entries is needed",
        ],
    );
    check(
        r#"{ "version": 2, "clusters": [] }"#,
        &[
            "version: 2 is out of range; only 1 is allowed",
            "clusters: no cluster has the role `primary`; exactly one has to",
        ],
    );
    check(
        r#"{ "version": 1, "clusters": [ {} ] }"#,
        &[
            "clusters[0].id: missing; an id is needed",
            "clusters[0].role: missing; one of primary, replica, standby is needed",
            "clusters[0].url: missing; a URL is needed",
            "clusters[0].latitude: missing; a number, -90 to 90, is needed",
            "clusters[0].longitude: missing; a number, -180 to 180, is needed",
        ],
    );
    check(r#"{ "version": 1, "clusters": [ 7 ] }"#, &["clusters[0]: 7 was read; an object is allowed"]);
    check(
        &with("", r#", "deni": []"#),
        &[
            "deni: unknown key; did you mean deny?; allowed: version, mode, clusters, fallback, operations, deny, health, breaker, lag, consistency, bulkheads, retry, promotion, headers, all_unhealthy",
        ],
    );
    check(
        &with("", r#", "retry": { "x y": 1 }"#),
        &["retry[\"x y\"]: unknown key; allowed: max_attempts, budget_share, max_body_bytes, attempt_timeout_ms"],
    );
    check(
        &with(r#", "id": "b""#, ""),
        &["clusters[0].id: this key stands 2 times in the same object; once is allowed"],
    );
    check(
        &with("", r#", "mode": "splitt""#),
        &["mode: \"splitt\" is not allowed; did you mean split?; allowed: split, affinity"],
    );
    check(&with("", r#", "mode": null"#), &["mode: null was read; one of split, affinity is allowed"]);
    check(
        &with("", r#", "deny": "/x""#),
        &["deny: the text \"/x\" was read; a list of at most 200 entries is allowed"],
    );
    check(
        &with("", r#", "deny": [ "/a", "b" ]"#),
        &["deny[1]: \"b\" is not a path pattern: a path pattern starts with `/`"],
    );
    check(
        &with("", r#", "headers": { "expose": "no" }"#),
        &["headers.expose: the text \"no\" was read; true or false is allowed"],
    );
    check(
        &with("", r#", "lag": { "max_ms": 1.5 }"#),
        &["lag.max_ms: 1.5 is not a whole number; 0 to 86400000 is allowed"],
    );
    check(
        &with("", r#", "lag": { "max_ms": -1e300 }"#),
        &["lag.max_ms: -1e+300 is out of range; 0 to 86400000 is allowed"],
    );
    check(
        &with("", r#", "operations": [ { "method": "post", "path": "/a", "operation": "read" } ]"#),
        &["operations[0].method: \"post\" is not a method: a name in capitals such as POST, or `*`, is allowed"],
    );
    check(
        &with(r#", "headers": { "X-A": "b", "x-a": "$1" }"#, ""),
        &[
            "clusters[0].headers.x-a: the same header as \"X-A\": names differ in upper and lower case only",
            "clusters[0].headers.x-a: \"$1\" is not a header value: after `$` the name of a secret is needed: letters, digits and `_`, not starting with a digit",
        ],
    );
    check(
        &with(r#", "headers": { "Host": "b", "X-Headroom-Cluster": "b", "a b": "c", "X-B": "c\nd" }"#, ""),
        &[
            "clusters[0].headers.Host: \"Host\" is not a header name: this header belongs to the connection or to the router",
            "clusters[0].headers.X-Headroom-Cluster: \"X-Headroom-Cluster\" is not a header name: this header belongs to the connection or to the router",
            "clusters[0].headers[\"a b\"]: \"a b\" is not a header name: letters, digits and !#$%&'*+-.^_`|~ are allowed",
            "clusters[0].headers.X-B: \"c\\nd\" is not a header value: printable ASCII without spaces at its ends is allowed",
        ],
    );
}

#[test]
fn statuses_pointers_bodies_and_origins() {
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(errors(text), expected, "{text}");
    }
    check(
        &with("", r#", "retry": { "max_body_bytes": 1048577, "attempt_timeout_ms": 99 }"#),
        &[
            "retry.max_body_bytes: 1048577 is out of range; 0 to 1048576 is allowed",
            "retry.attempt_timeout_ms: 99 is out of range; 100 to 600000 is allowed",
        ],
    );
    check(
        &with("", r#", "health": { "status_min": 99, "status_max": 600 }"#),
        &[
            "health.status_min: 99 is out of range; 100 to 599 is allowed",
            "health.status_max: 600 is out of range; 100 to 599 is allowed",
        ],
    );
    let no_status = |key: &str, min: u16, max: u16| {
        format!("health.{key}: no status is from status_min, {min}, to status_max, {max}")
    };
    check(&with("", r#", "health": { "status_min": 205, "status_max": 204 }"#), &[&no_status("status_min", 205, 204)]);
    check(&with("", r#", "health": { "status_min": 204, "status_max": 204 }"#), &[]);
    check(&with("", r#", "health": { "status_min": 300 }"#), &[&no_status("status_min", 300, 299)]); // the default
    check(&with("", r#", "health": { "status_max": 199 }"#), &[&no_status("status_max", 200, 199)]);
    let pointer = |text: &str| with("", &format!(r#", "health": {{ "lag_pointer": "{text}" }}"#));
    for valid in ["", "/", "/a/b", "/a~1b/~0", "/0/é "] {
        check(&pointer(valid), &[]);
    }
    for invalid in ["a", "#/a", "/~", "/~2", "/a~/b"] {
        check(
            &pointer(invalid),
            &[&format!(
                "health.lag_pointer: {invalid:?} is not a JSON pointer: it is empty or starts with `/`, and `~` is followed by 0 or 1"
            )],
        );
    }
    check(
        &with(
            r#" }, { "id": "b", "role": "replica", "url": "https://A.example:443/", "latitude": 3, "longitude": 4"#,
            "",
        ),
        &["clusters[1].url: \"https://a.example\" is the origin of clusters[0] already; each cluster has its own"],
    );
    check(
        &with("", r#", "operations": [ { "method": "GET", "path": "/a", "operation": "refuse" } ]"#),
        &["operations[0].operation: \"refuse\" is not allowed; allowed: read, write, deny"],
    );
}

#[test]
fn ids_and_numbers_of_clusters() {
    #[track_caller]
    fn check(from: &str, to: &str, expected: &[&str]) {
        assert_eq!(errors(&with("", "").replace(from, to)), expected, "{to}");
    }
    check(r#""a""#, r#""eu-west-1""#, &[]);
    check(r#""a""#, r#""EU""#, &["clusters[0].id: \"EU\" is not an id: one or more of a-z, 0-9 and `-` are allowed"]);
    check(r#""a""#, r#""""#, &["clusters[0].id: \"\" is not an id: one or more of a-z, 0-9 and `-` are allowed"]);
    check(r#""a""#, &format!("{:?}", "a".repeat(64)), &["clusters[0].id: 64 bytes long; at most 63 are allowed"]);
    check(r#""latitude": 1"#, r#""latitude": -90"#, &[]); // the borders belong to it
    check(
        r#""latitude": 1"#,
        r#""latitude": "1""#,
        &["clusters[0].latitude: the text \"1\" was read; a number, -90 to 90, is allowed"],
    );
    check(
        r#""longitude": 2"#,
        r#""longitude": 180.5"#,
        &["clusters[0].longitude: 180.5 is out of range; -180 to 180 is allowed"],
    );
    check("primary", "master", &["clusters[0].role: \"master\" is not allowed; allowed: primary, replica, standby"]);
    check("primary", "replica", &["clusters: no cluster has the role `primary`; exactly one has to"]);
}

#[test]
fn too_many_clusters() {
    let cluster = |index: usize| {
        let role = if index == 0 { "primary" } else { "replica" };
        format!(
            r#"{{ "id": "c{index}", "role": "{role}", "url": "https://c{index}.example", "latitude": 0, "longitude": 0 }}"#
        )
    };
    let file = |count: usize| {
        let clusters: Vec<String> = (0..count).map(cluster).collect();
        format!(r#"{{ "version": 1, "clusters": [{}] }}"#, clusters.join(","))
    };
    assert_eq!(errors(&file(200)), [""; 0]);
    assert_eq!(errors(&file(201)), ["clusters: 201 entries; at most 200 are allowed"]);
}

#[test]
fn mode_follows_the_dialect_unless_it_is_said() {
    #[track_caller]
    fn check(file: &str, mode: Mode, is_warned: bool) {
        let topology = Topology::parse(&with("", file)).unwrap();
        let warned = topology.warnings().contains(&TopologyWarning::SplitWithVaultDialect);
        assert_eq!((topology.mode(), warned), (mode, is_warned), "{file}");
    }
    check("", Mode::Split, false);
    check(r#", "health": { "dialect": "http" }"#, Mode::Split, false);
    check(r#", "health": { "dialect": "vault" }"#, Mode::Affinity, false);
    check(r#", "health": { "dialect": "openbao" }"#, Mode::Affinity, false);
    check(r#", "health": { "dialect": "vault" }, "mode": "split""#, Mode::Split, true);
    check(r#", "mode": "affinity""#, Mode::Affinity, false);
}

#[cfg(feature = "reference")]
#[test]
fn the_schema_and_the_parser_know_the_same_keys() {
    /// Every key of a schema, as a document that has null there, and its path.
    fn documents(schema: &serde_json::Value) -> Vec<(String, serde_json::Value)> {
        use serde_json::{Value, json};
        let properties = schema["properties"].as_object().into_iter().flatten();
        let nested = |value: &Value| -> Vec<(String, Value)> {
            let items =
                documents(&value["items"]).into_iter().map(|(path, inner)| (format!("[0]{path}"), json!([inner])));
            let keys = documents(value).into_iter();
            let own = std::iter::once((String::new(), Value::Null));
            own.chain(keys).chain(items).collect()
        };
        properties
            .flat_map(|(key, value)| {
                nested(value).into_iter().map(move |(path, inner)| (format!(".{key}{path}"), json!({ key: inner })))
            })
            .collect()
    }
    let documents = documents(&crate::schema());
    assert!(documents.len() > 40, "only {} keys", documents.len());
    for (path, document) in documents {
        let errors = Topology::parse(&document.to_string()).unwrap_err();
        let unknown = errors.iter().find(|error| matches!(error.problem, Problem::UnknownKey { .. }));
        assert_eq!(unknown, None, "{path}");
    }
}

#[cfg(feature = "reference")]
#[test]
fn the_defaults_of_the_schema_are_valid_and_change_nothing() {
    let schema = crate::schema();
    let properties = |schema: &serde_json::Value| schema["properties"].as_object().unwrap().clone();
    let silent = Topology::parse(&with("", r#", "health": {}"#)).unwrap();
    let mut count = 0;
    for (section, schema) in properties(&schema) {
        let default = if schema.get("properties").is_some() {
            let keys = properties(&schema).into_iter();
            let keys = keys.filter_map(|(key, schema)| Some((key, schema.get("default")?.clone())));
            Some(keys.collect::<serde_json::Map<_, _>>().into())
        } else {
            schema.get("default").cloned()
        };
        if let Some(default) = default {
            let health = if section == "health" { "" } else { r#", "health": {}"# };
            let mut said = Topology::parse(&with("", &format!("{health}, {section:?}: {default}"))).unwrap();
            said.warnings.clear();
            assert_eq!(said, silent, "{section}: {default}");
            count += default.as_object().map_or(1, serde_json::Map::len);
        }
    }
    assert!(count >= 20, "only {count} defaults");
    let interval = &schema["properties"]["health"]["properties"]["interval_ms"];
    assert_eq!(interval["default"].to_string(), "5000"); // not 5000.0
    assert_eq!(interval["description"], "Time between two probes of a cluster. Unit: milliseconds. Default: 5000.");
}
