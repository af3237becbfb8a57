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

#[test]
fn the_example_is_valid_and_says_what_is_not_in_force() {
    let topology = Topology::parse(EXAMPLE).unwrap();
    let eu = topology.clusters().nth(1).unwrap();
    assert_eq!(topology.primary().id.as_str(), "us-east");
    assert_eq!((topology.mode(), topology.fallback()), (Mode::Affinity, Fallback::Primary));
    assert_eq!((eu.role, eu.origin.as_str()), (Role::Replica, "https://vault-eu.example.com"));
    assert_eq!(eu.headers, [("CF-Access-Client-Id".to_owned(), HeaderValue::Secret("ACCESS_ID".to_owned()))]);
    assert!(eu.forwards_writes && topology.exposes_headers());
    let not_in_force = |warning: &TopologyWarning| match warning {
        TopologyWarning::NotInForce { path, .. } => path.clone(),
        other @ TopologyWarning::SplitWithVaultDialect => panic!("{other}"),
    };
    assert_eq!(
        topology.warnings().iter().map(not_in_force).collect::<Vec<_>>(),
        [
            "clusters[1].max_in_flight",
            "fallback",
            "health",
            "breaker",
            "lag",
            "consistency",
            "bulkheads",
            "retry",
            "promotion",
            "all_unhealthy"
        ]
    );
    assert_eq!(
        topology.warnings()[6].to_string(),
        "bulkheads: read and checked, but not in force in this version: requests in flight are not limited"
    );
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
        &["retry[\"x y\"]: unknown key; allowed: max_attempts, budget_share"],
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
        &["lag.max_ms: -1e300 is out of range; 0 to 86400000 is allowed"],
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
            r#"{{ "id": "c{index}", "role": "{role}", "url": "https://c.example", "latitude": 0, "longitude": 0 }}"#
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
