//! What is counted comes out as Prometheus reads it, however many isolates counted it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use routing::{
    ClusterIndex, Delta, Finding, Gauge, Measure, Metrics, Milliseconds, Reason, Rejection, State, Told, Totals,
    Transition,
};
use serde_json::{Value, json};

fn cluster(index: usize) -> ClusterIndex {
    ClusterIndex::new(index).expect("a topology can have it")
}

fn finding(healthy: bool, state: State) -> Finding {
    Finding { healthy, state, status: None, lag: None, cluster_id: None }
}

fn gauge(measure: Measure, cluster: Option<&str>, value: f64) -> Gauge<'_> {
    Gauge { measure, cluster, value }
}

/// Labels and their values in their order.
type Labels = Vec<(String, String)>;

/// Reads the text format and checks its rules: each family once, with help and type before its samples, names and
/// labels well-formed, no sample twice, counters whole, buckets that only grow and end in the count.
fn parse(text: &str) -> BTreeMap<(String, Labels), f64> {
    let mut samples = BTreeMap::new();
    let mut families = BTreeSet::new();
    let (mut family, mut kind) = (String::new(), String::new());
    assert!(text.is_empty() || text.ends_with('\n'));
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().unwrap().to_owned();
            assert!(families.insert(family.clone()), "{family} comes twice");
            assert!(help.len() > family.len() + 1, "{family} has a help");
            kind = String::new();
        } else if let Some(typed) = line.strip_prefix("# TYPE ") {
            let (name, found) = typed.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert!(["counter", "gauge", "histogram"].contains(&found));
            assert_eq!(found == "counter", name.ends_with("_total"), "{name}");
            found.clone_into(&mut kind);
        } else {
            let (name, labels, value) = sample(line);
            let suffix = name.strip_prefix(&family).expect("a sample of the family");
            let suffixes: &[&str] = if kind == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
            assert!(suffixes.contains(&suffix), "{line}");
            let value: f64 = value.parse().unwrap();
            assert!(value.is_finite());
            assert!(kind != "counter" || (value >= 0.0 && value.fract() == 0.0), "{line}");
            assert!(samples.insert((name, labels), value).is_none(), "{line} comes twice");
        }
    }
    for ((name, labels), value) in &samples {
        let Some(histogram) = name.strip_suffix("_count") else { continue };
        let of = |(sample, own): &(String, Labels)| *sample == format!("{histogram}_bucket") && own[0] == labels[0];
        let bound = |le: &str| if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap() };
        let mut buckets: Vec<(f64, f64)> =
            samples.iter().filter(|(key, _)| of(key)).map(|((_, own), count)| (bound(&own[1].1), *count)).collect();
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{buckets:?}");
        assert_eq!(buckets.last(), Some(&(f64::INFINITY, *value)));
    }
    samples
}

/// One line: name, labels, value.
fn sample(line: &str) -> (String, Labels, String) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
    let mut labels = Vec::new();
    if rest.starts_with('{') {
        loop {
            rest = &rest[1..];
            let (label, value) = rest.split_once("=\"").unwrap();
            assert!(label.bytes().all(|byte| byte.is_ascii_lowercase()), "{line}");
            let mut text = String::new();
            let mut characters = value.char_indices();
            let end = loop {
                match characters.next().expect("a value ends") {
                    (at, '"') => break at,
                    (_, '\\') => text.push(match characters.next().unwrap().1 {
                        'n' => '\n',
                        escaped @ ('\\' | '"') => escaped,
                        other => panic!("\\{other} in {line}"),
                    }),
                    (_, plain) => text.push(plain),
                }
            };
            labels.push((label.to_owned(), text));
            rest = &value[end + 1..];
            if rest.starts_with('}') {
                rest = &rest[1..];
                break;
            }
            assert!(rest.starts_with(','), "{line}");
        }
    }
    (name.to_owned(), labels, rest.strip_prefix(' ').unwrap().to_owned())
}

#[test]
fn the_whole_text() {
    let mut metrics = Metrics::new(["virginia", "dublin"]);
    let (virginia, dublin) = (cluster(0), cluster(1));
    metrics.count_request(virginia, Reason::WritePrimary, Some(201));
    metrics.count_request(dublin, Reason::Nearest, Some(200));
    metrics.count_request(dublin, Reason::Nearest, Some(204));
    metrics.count_request(dublin, Reason::Nearest, Some(503));
    metrics.count_request(dublin, Reason::Nearest, None);
    for millis in [0, 1, 3, 60_001] {
        metrics.count_latency(dublin, Milliseconds::new(millis));
    }
    metrics.count_retry(virginia);
    metrics.count_transition(dublin, Transition::Opened);
    metrics.count_probe(virginia, &finding(true, State::Active));
    metrics.count_probe(dublin, &finding(false, State::Sealed));
    metrics.count_probe(dublin, &finding(false, State::Unreachable));
    metrics.count_rejection(Rejection::Denied);
    metrics.count_rejection(Rejection::BulkheadFull);

    let mut totals = Totals::default();
    totals.merge(&metrics.take_delta().expect("something was counted"));
    assert_eq!(metrics.take_delta(), None, "it was handed over");
    let gauges = [
        gauge(Measure::SnapshotAge, None, 1.25),
        gauge(Measure::Up, Some("virginia"), 1.0),
        gauge(Measure::Up, Some("dublin"), 1.0),
        gauge(Measure::Up, Some("dublin"), 0.0),
        gauge(Measure::Lag, Some("dublin"), f64::NAN),
    ];
    let text = totals.prometheus(&gauges);
    parse(&text);
    assert_eq!(
        text,
        r#"# HELP headroom_requests_total Requests sent to a cluster, by reason and class of the status.
# TYPE headroom_requests_total counter
headroom_requests_total{cluster="dublin",reason="nearest",class="2xx"} 2
headroom_requests_total{cluster="dublin",reason="nearest",class="5xx"} 1
headroom_requests_total{cluster="dublin",reason="nearest",class="none"} 1
headroom_requests_total{cluster="virginia",reason="write-primary",class="2xx"} 1
# HELP headroom_retries_total Requests sent to a cluster after another one had failed to answer them.
# TYPE headroom_retries_total counter
headroom_retries_total{cluster="dublin"} 0
headroom_retries_total{cluster="virginia"} 1
# HELP headroom_breaker_transitions_total Moves of the isolates' circuit breakers to a new state.
# TYPE headroom_breaker_transitions_total counter
headroom_breaker_transitions_total{cluster="dublin",to="open"} 1
headroom_breaker_transitions_total{cluster="dublin",to="half-open"} 0
headroom_breaker_transitions_total{cluster="dublin",to="closed"} 0
headroom_breaker_transitions_total{cluster="virginia",to="open"} 0
headroom_breaker_transitions_total{cluster="virginia",to="half-open"} 0
headroom_breaker_transitions_total{cluster="virginia",to="closed"} 0
# HELP headroom_probes_total Health probes of a cluster, by what they found.
# TYPE headroom_probes_total counter
headroom_probes_total{cluster="dublin",result="healthy"} 0
headroom_probes_total{cluster="dublin",result="unhealthy"} 1
headroom_probes_total{cluster="dublin",result="unreachable"} 1
headroom_probes_total{cluster="virginia",result="healthy"} 1
headroom_probes_total{cluster="virginia",result="unhealthy"} 0
headroom_probes_total{cluster="virginia",result="unreachable"} 0
# HELP headroom_upstream_seconds Time from sending a request to a cluster to the headers of its response.
# TYPE headroom_upstream_seconds histogram
headroom_upstream_seconds_bucket{cluster="dublin",le="0.001"} 2
headroom_upstream_seconds_bucket{cluster="dublin",le="0.002"} 2
headroom_upstream_seconds_bucket{cluster="dublin",le="0.005"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.01"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.025"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.05"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.1"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.25"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="0.5"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="1"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="2.5"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="5"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="10"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="30"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="60"} 3
headroom_upstream_seconds_bucket{cluster="dublin",le="+Inf"} 4
headroom_upstream_seconds_sum{cluster="dublin"} 60.005
headroom_upstream_seconds_count{cluster="dublin"} 4
# HELP headroom_rejections_total Requests that the router answered itself, by reason.
# TYPE headroom_rejections_total counter
headroom_rejections_total{reason="bad-request"} 0
headroom_rejections_total{reason="denied-path"} 1
headroom_rejections_total{reason="uri-too-long"} 0
headroom_rejections_total{reason="internal-error"} 0
headroom_rejections_total{reason="invalid-configuration"} 0
headroom_rejections_total{reason="upstream-failed"} 0
headroom_rejections_total{reason="upstream-timeout"} 0
headroom_rejections_total{reason="no-usable-cluster"} 0
headroom_rejections_total{reason="no-writer"} 0
headroom_rejections_total{reason="lease-over"} 0
headroom_rejections_total{reason="bulkhead-full"} 1
headroom_rejections_total{reason="loop-detected"} 0
# HELP headroom_cluster_up 1 if the cluster is up, by its probes.
# TYPE headroom_cluster_up gauge
headroom_cluster_up{cluster="dublin"} 0
headroom_cluster_up{cluster="virginia"} 1
# HELP headroom_snapshot_age_seconds Age of what the isolate that answered knows.
# TYPE headroom_snapshot_age_seconds gauge
headroom_snapshot_age_seconds 1.25
"#
    );
}

#[test]
fn statuses_have_a_class() {
    let rows = [
        (Some(101), "1xx"),
        (Some(299), "2xx"),
        (Some(304), "3xx"),
        (Some(429), "4xx"),
        (Some(599), "5xx"),
        (Some(600), "none"),
        (Some(0), "none"),
        (Some(u16::MAX), "none"),
        (None, "none"),
    ];
    for (status, class) in rows {
        let mut metrics = Metrics::new(["a"]);
        metrics.count_request(cluster(0), Reason::Affinity, status);
        let mut totals = Totals::default();
        totals.merge(&metrics.take_delta().unwrap());
        let line = format!(r#"headroom_requests_total{{cluster="a",reason="affinity",class="{class}"}} 1"#);
        assert!(totals.prometheus(&[]).lines().any(|found| found == line), "{status:?} is {class}");
    }
}

/// A delta as it travels, changed on the way.
fn changed(delta: &Delta, change: impl FnOnce(&mut Value)) -> Delta {
    let mut value = serde_json::to_value(delta).unwrap();
    change(&mut value);
    heard(&value.to_string())
}

/// A delta as the health object hears it.
fn heard(delta: &str) -> Delta {
    Told::read(&format!(r#"{{ "counted": {delta} }}"#)).unwrap().counted.unwrap()
}

#[test]
fn alert_rules_ask_for_what_there_is() {
    use Measure::{BreakerOpen, Draining, Fenced, Lag, ProbeAge, Standby, TopologyValid, Up, Writer};
    let mut metrics = Metrics::new(["near"]);
    metrics.count_request(cluster(0), Reason::LastResort, None);
    metrics.count_latency(cluster(0), Milliseconds::new(7));
    let mut totals = Totals::default();
    totals.merge(&metrics.take_delta().unwrap());
    let gauges = [BreakerOpen, Draining, Fenced, Lag, ProbeAge, Standby, TopologyValid, Up, Writer];
    let text = totals.prometheus(&gauges.map(|measure| gauge(measure, Some("near"), 1.0)));
    let told: BTreeSet<String> = parse(&text).into_keys().map(|(name, _)| name).collect();

    let words = include_str!("../../alerts.yml").split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let asked: BTreeSet<&str> = words.filter(|word| word.starts_with("headroom_")).collect();
    assert!(asked.len() > 9, "{asked:?}");
    for name in asked {
        assert!(told.contains(name), "{name} is no metric: {told:?}");
    }
}

#[test]
fn every_family_is_in_the_guide() {
    // Every name that the source has, so that no new one can be forgotten here; the rows of the table begin with it.
    let source = include_str!("../src/metrics.rs").split('"').filter(|text| text.starts_with("headroom_"));
    let names: BTreeSet<&str> = source.collect();
    assert!(names.contains("headroom_requests_total") && names.contains("headroom_cluster_up"), "{names:?}");
    let rows = include_str!("../../STATUS.md").lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let said: Vec<&str> = rows.map(|(name, _)| name).filter(|name| name.starts_with("headroom_")).collect();
    let once: BTreeSet<&str> = said.iter().copied().collect();
    assert_eq!(once, names, "STATUS.md and the source");
    assert_eq!(once.len(), said.len(), "a row stands twice");
}

#[test]
fn a_delta_tells_the_requests_it_counted() {
    let mut metrics = Metrics::new(["near", "far"]);
    metrics.count_request(cluster(0), Reason::ALL[0], Some(100));
    metrics.count_request(cluster(1), Reason::Retry, None);
    metrics.count_request(cluster(1), Reason::Retry, None);
    metrics.count_retry(cluster(1));
    metrics.count_latency(cluster(1), Milliseconds::new(7));
    let delta = metrics.take_delta().unwrap();
    let counted: Vec<_> = delta.requests().collect();
    assert_eq!(counted, [("near", "nearest", "1xx", 1), ("far", "retry", "none", 2)], "the first, the last, no others");
}

#[test]
fn a_delta_is_small_and_only_counts_what_it_may() {
    let mut metrics = Metrics::new(["a"]);
    metrics.count_retry(cluster(0));
    metrics.count_rejection(Rejection::Loop);
    let delta = metrics.take_delta().unwrap();
    let text = serde_json::to_string(&delta).unwrap();
    assert!(text.len() < 100, "{text}");
    assert_eq!(heard(&text), delta);

    let check = |delta: Delta, expected: usize, reason: &str| {
        let mut totals = Totals::default();
        totals.merge(&delta);
        totals.merge(&delta);
        let samples = parse(&totals.prometheus(&[]));
        let kept = samples.keys().filter(|(name, _)| name == "headroom_retries_total").count();
        assert_eq!(kept, expected, "{reason}");
    };
    check(delta.clone(), 1, "as it is");
    check(changed(&delta, |value| value["layout"] = json!(1)), 0, "of another version");
    check(changed(&delta, |value| value["clusters"] = json!([["x".repeat(64), [[0, 1]]]])), 0, "no id");
    check(changed(&delta, |value| value["clusters"] = json!([["b", [[60_000, 1]]]])), 1, "a place that is none");
    let many: Vec<Value> = (0..500).map(|n| json!([format!("c{n}"), [[0, 1]]])).collect();
    check(changed(&delta, |value| value["clusters"] = json!(many)), 400, "more clusters than are kept");
}

#[test]
fn counters_stop_at_the_top() {
    let mut metrics = Metrics::new(["a"]);
    metrics.count_retry(cluster(0));
    metrics.count_rejection(Rejection::Loop);
    let full = changed(&metrics.take_delta().unwrap(), |value| {
        value["clusters"][0][1][0][1] = json!(u32::MAX);
        value["rejections"][0][1] = json!(u32::MAX);
    });
    metrics.restore(&full);
    metrics.count_retry(cluster(0));
    metrics.count_rejection(Rejection::Loop);
    metrics.restore(&full);
    assert_eq!(metrics.take_delta(), Some(full), "not one more");
    metrics.count_latency(cluster(0), Milliseconds::new(u64::MAX));
    metrics.count_latency(cluster(0), Milliseconds::new(u64::MAX));
    assert!(metrics.take_delta().is_some(), "a latency beyond what can be held is the longest that can");
    metrics.count_retry(cluster(7));
    assert_eq!(metrics.take_delta(), None, "a cluster that the topology does not have");
}

#[test]
fn labels_are_escaped() {
    let id = "a\"b\\c\nd";
    let text = Totals::default().prometheus(&[gauge(Measure::Fenced, Some(id), 1.0)]);
    assert!(text.contains(r#"{cluster="a\"b\\c\nd"}"#), "{text}");
    let samples = parse(&text);
    assert!(samples.contains_key(&("headroom_cluster_fenced".into(), vec![("cluster".into(), id.into())])));
}

/// Something to count: which cluster of a topology of three, what, and a number that says more.
type Event = (usize, u8, u16);

fn count(metrics: &mut Metrics, (index, what, more): Event) {
    let cluster = cluster(index);
    match what {
        0 => metrics.count_request(
            cluster,
            Reason::ALL[usize::from(more) % Reason::ALL.len()],
            (more > 100).then_some(more % 700),
        ),
        1 => metrics.count_latency(cluster, Milliseconds::new(u64::from(more) * 2)),
        2 => metrics.count_retry(cluster),
        3 => metrics.count_transition(
            cluster,
            [Transition::Opened, Transition::HalfOpened, Transition::Closed][usize::from(more) % 3],
        ),
        4 => metrics.count_probe(cluster, &finding(more % 2 == 0, State::Active)),
        _ => metrics.count_rejection(Rejection::ALL[usize::from(more) % Rejection::ALL.len()]),
    }
}

proptest! {
    /// However the events fall to the isolates, whenever these hand over, and whether it succeeds at once.
    #[test]
    fn many_isolates_count_like_one(
        events in prop::collection::vec(((0..3_usize, 0..6_u8, any::<u16>()), 0..4_usize, 0..4_u8), 0..200),
    ) {
        let ids = ["a", "b", "c"];
        let mut one = Metrics::new(ids);
        let mut isolates = vec![Metrics::new(ids); 4];
        let mut totals = Totals::default();
        for (event, isolate, hand_over) in &events {
            count(&mut one, *event);
            count(&mut isolates[*isolate], *event);
            if *hand_over < 2 && let Some(delta) = isolates[*isolate].take_delta() {
                if *hand_over == 0 {
                    totals.merge(&delta);
                } else {
                    isolates[*isolate].restore(&delta);
                }
            }
        }
        isolates.iter_mut().filter_map(Metrics::take_delta).for_each(|delta| totals.merge(&delta));
        let mut expected = Totals::default();
        one.take_delta().iter().for_each(|delta| expected.merge(delta));
        prop_assert_eq!(totals.prometheus(&[]), expected.prometheus(&[]));
        prop_assert_eq!(&totals, &expected);
        let samples = parse(&totals.prometheus(&[]));
        let of = |family: &str| samples.iter().filter(|((name, _), _)| name == family).map(|(_, n)| n).sum::<f64>();
        for (what, family) in [
            (0, "headroom_requests_total"),
            (1, "headroom_upstream_seconds_count"),
            (2, "headroom_retries_total"),
            (3, "headroom_breaker_transitions_total"),
            (4, "headroom_probes_total"),
            (5, "headroom_rejections_total"),
        ] {
            let expected = u32::try_from(events.iter().filter(|((_, own, _), ..)| *own == what).count()).unwrap();
            prop_assert!((of(family) - f64::from(expected)).abs() < 0.5, "{}", family);
        }
    }

    /// Whatever the ids and values, the text can be read back.
    #[test]
    fn any_gauge_can_be_read_back(ids in prop::collection::vec(any::<String>(), 0..5), value: f64) {
        let gauges: Vec<_> = ids.iter().map(|id| gauge(Measure::Lag, Some(id), value)).collect();
        let samples = parse(&Totals::default().prometheus(&gauges));
        let lags: BTreeSet<&str> = samples
            .iter()
            .filter(|((name, _), _)| name == "headroom_replication_lag_seconds")
            .map(|((_, labels), found)| {
                assert_eq!(found.to_bits(), value.to_bits());
                labels[0].1.as_str()
            })
            .collect();
        let expected: BTreeSet<&str> = ids.iter().map(String::as_str).filter(|_| value.is_finite()).collect();
        prop_assert_eq!(lags, expected);
    }
}
