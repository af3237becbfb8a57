//! The order in which clusters are asked: by distance, corrected by what was measured.

use smallvec::SmallVec;

use crate::geo::{Direction, Haversine, Kilometres};
use crate::health::round_trip::{RoundTrips, Seen};
use crate::place::Colo;
use crate::time::Moment;
use crate::topology::{Cluster, ClusterIndex, Topology};

/// Clusters, best first.
pub(crate) type Ranking<'t> = SmallVec<[Candidate<'t>; 8]>;

/// A cluster that may serve a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<'t> {
    /// The cluster.
    pub cluster: &'t Cluster,
    haversine: Option<Haversine>,
}

impl<'t> Candidate<'t> {
    pub(crate) fn new(cluster: &'t Cluster, client: Option<Direction>) -> Self {
        Self { cluster, haversine: client.map(|client| client.haversine(cluster.direction())) }
    }

    /// Great-circle distance from the client, if its location is known.
    #[must_use]
    pub fn distance(&self) -> Option<Kilometres> {
        self.haversine.map(Haversine::distance)
    }
}

/// The bits of a cluster's haversine and, below them, its index: sorts as one whole number, with equal distances in the
/// configured order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u128);

impl Key {
    fn new(cluster: &Cluster, client: Option<Direction>) -> Self {
        let haversine = client.map_or(0, |client| client.haversine(cluster.direction()).bits());
        Self(u128::from(haversine) << 8 | cluster.index.get() as u128)
    }

    fn index(self) -> Option<ClusterIndex> {
        let [index, ..] = self.0.to_le_bytes();
        ClusterIndex::new(index.into())
    }
}

/// The clusters that satisfy `serves`, best first.
///
/// The nearest is the first; equal distances, and all of them where the client's location is unknown, keep the
/// configured order.  Then those whose round trips were measured from this data centre change places among themselves:
/// each moves ahead of those before it as long as it is at least a quarter and 10 ms faster.  That margin keeps two clusters that
/// are about as fast from swapping with every sample.  One that was not measured keeps its place.
pub(crate) fn rank<'t>(
    topology: &'t Topology,
    client: Option<Direction>,
    colo: Option<Colo>,
    round_trips: &RoundTrips,
    now: Moment,
    serves: impl Fn(&Cluster) -> bool,
) -> Ranking<'t> {
    let serving = topology.clusters().filter(|cluster| serves(cluster));
    let mut keys: SmallVec<[Key; 8]> = serving.map(|cluster| Key::new(cluster, client)).collect();
    if client.is_some() {
        keys.sort_unstable(); // no two are equal
    }
    if let Some(seen) = round_trips.seen_from(colo) {
        refine(&mut keys, seen, now);
    }
    let clusters = keys.iter().filter_map(|key| topology.cluster(key.index()?));
    clusters.map(|cluster| Candidate::new(cluster, client)).collect()
}

/// Moves what is measurably faster ahead of what is slower.
fn refine(keys: &mut [Key], seen: &Seen, now: Moment) {
    let millis = |key: Key| seen.millis(key.index()?, now);
    let (mut times, mut measured): (SmallVec<[f64; 8]>, SmallVec<[Key; 8]>) =
        keys.iter().filter_map(|key| Some((millis(*key)?, *key))).unzip();
    for end in 1..times.len() {
        let Some((own, before)) = times.get(..=end).and_then(<[_]>::split_last) else { return };
        let overtaken = before.iter().rev().take_while(|ahead| is_faster(*own, **ahead)).count();
        let span = end.saturating_sub(overtaken)..=end;
        if let (1.., Some(times), Some(keys)) = (overtaken, times.get_mut(span.clone()), measured.get_mut(span)) {
            times.rotate_right(1);
            keys.rotate_right(1);
        }
    }
    let places = keys.iter_mut().filter(|key| millis(**key).is_some());
    for (place, key) in places.zip(measured) {
        *place = key;
    }
}

/// By a quarter, and by what anybody would notice: between clusters that are all near, chance makes bigger differences.
fn is_faster(one: f64, other: f64) -> bool {
    one <= 0.75 * other && one + 10.0 <= other
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))] // generated cases run on the host
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geo::Coordinates;
    use crate::time::Milliseconds;
    use crate::topology::Role;

    const NOW: Moment = Moment::from_millis(1_000);

    /// Clusters on one meridian: the first is the primary; `a`, `b`, `c` and so on by their order in the file.
    fn topology(latitudes: &[f64]) -> Topology {
        let clusters = latitudes.iter().enumerate().map(|(index, latitude)| {
            let (id, role) = (name(index), if index == 0 { "primary" } else { "replica" });
            format!(
                r#"{{ "id": "{id}", "role": "{role}", "url": "https://{id}.example", "latitude": {latitude},
                      "longitude": 0 }}"#
            )
        });
        let clusters = clusters.collect::<Vec<_>>().join(",");
        Topology::parse(&format!(r#"{{ "version": 1, "clusters": [{clusters}] }}"#)).unwrap()
    }

    fn name(index: usize) -> String {
        char::from(b'a' + u8::try_from(index).unwrap()).to_string()
    }

    /// Round trips of the clusters in their configured order; 0: not measured.
    fn measured(millis: &[u64]) -> RoundTrips {
        let mut round_trips = RoundTrips::default();
        for (index, millis) in millis.iter().enumerate().filter(|(_, millis)| **millis > 0) {
            let cluster = ClusterIndex::new(index).unwrap();
            for _ in 0..3 {
                round_trips.record(None, cluster, Milliseconds::new(*millis), NOW);
            }
        }
        round_trips
    }

    fn order(topology: &Topology, client: Option<f64>, round_trips: &RoundTrips) -> String {
        let client = client.map(|latitude| Direction::of(Coordinates::from_degrees(latitude, 0.0).unwrap()));
        let ranking = rank(topology, client, None, round_trips, NOW, |_| true);
        ranking.iter().map(|candidate| candidate.cluster.id.as_str()).collect()
    }

    #[track_caller]
    fn check(latitudes: &[f64], client: Option<f64>, millis: &[u64], expected: &str) {
        let ranked = order(&topology(latitudes), client, &measured(millis));
        assert_eq!(ranked, expected, "{latitudes:?} from {client:?} with {millis:?} ms");
    }

    #[test]
    fn orders() {
        let there = [40.0, 30.0, 20.0, 10.0];
        check(&there, Some(0.0), &[], "dcba"); // by distance
        check(&there, Some(24.0), &[], "cbda"); // on both sides
        check(&there, None, &[], "abcd"); // no location: as configured
        check(&[10.0, 20.0, 10.0], Some(0.0), &[], "acb"); // as far as another: as configured
        check(&[10.0, -10.0], Some(0.0), &[], "ab"); // also in the opposite direction
        check(&there, None, &[90, 80, 70, 50], "dabc"); // no location: as configured, then as measured
        check(&there, None, &[90, 80, 70, 60], "abcd"); // small steps: none is a quarter faster than the one before it
        check(&there, Some(0.0), &[30, 0, 0, 40], "acbd"); // a and d, measured, change places; c and b keep theirs
        check(&there, Some(0.0), &[31, 0, 0, 40], "dcba"); // not quite a quarter faster
        check(&there, Some(0.0), &[1, 2, 4, 9], "dcba"); // many times as fast, and nobody would notice
        check(&there, Some(0.0), &[0, 0, 0, 999], "dcba"); // slow, but compared with nothing
        check(&there, Some(0.0), &[10, 20, 40, 80], "abcd"); // measured the other way round
        check(&there, Some(0.0), &[60, 80, 100, 0], "dacb"); // a overtakes b, then c; b does not overtake c
        check(&there, Some(0.0), &[62, 80, 100, 0], "dcba"); // and without overtaking b it does not reach c
        check(&there, Some(0.0), &[20, 20, 20, 20], "dcba"); // as fast: by distance
    }

    #[test]
    fn who_may_serve() {
        let topology = topology(&[40.0, 30.0, 20.0]);
        let replicas = rank(&topology, None, None, &RoundTrips::default(), NOW, |c| c.role == Role::Replica);
        assert_eq!(replicas.iter().map(|c| c.cluster.id.as_str()).collect::<String>(), "bc");
        assert!(replicas.iter().all(|candidate| candidate.distance().is_none()));
        assert!(rank(&topology, None, None, &RoundTrips::default(), NOW, |_| false).is_empty());
    }

    /// Latitudes, some of them equal, and round trips, some of them missing.
    fn clusters() -> impl Strategy<Value = Vec<(i8, u64)>> {
        let latitude = prop_oneof![-90..=90_i8, Just(10), Just(-10)];
        let millis = prop_oneof![Just(0), 1..50_u64, 1..500_u64];
        prop::collection::vec((latitude, millis), 1..20)
    }

    proptest! {
        #[test]
        fn laws(clusters in clusters(), client in prop::option::of(-90..=90_i8)) {
            let (latitudes, millis): (Vec<i8>, Vec<u64>) = clusters.into_iter().unzip();
            let topology = topology(&latitudes.iter().copied().map(f64::from).collect::<Vec<_>>());
            let client = client.map(f64::from);
            let by_distance = order(&topology, client, &RoundTrips::default());
            let round_trips = measured(&millis);
            let ranked = order(&topology, client, &round_trips);
            prop_assert_eq!(&ranked, &order(&topology, client, &round_trips), "not the same again");

            // The obvious way to the order by distance: angles on one meridian are differences.
            let mut obvious: Vec<usize> = (0..latitudes.len()).collect();
            if let Some(client) = client {
                obvious.sort_by(|a, b| {
                    let angle = |index: &usize| (f64::from(latitudes[*index]) - client).abs();
                    angle(a).total_cmp(&angle(b))
                });
            }
            // Equal angles to the north and to the south may differ by a rounding: compare angles, not names.
            let index = |letter: char| usize::from(u8::try_from(letter).unwrap() - b'a');
            let angle = |index: usize| client.map(|client| (f64::from(latitudes[index]) - client).abs());
            let found: Vec<_> = by_distance.chars().map(|letter| angle(index(letter))).collect();
            prop_assert_eq!(found, obvious.into_iter().map(angle).collect::<Vec<_>>());

            let sorted = |order: &str| {
                let mut all: Vec<char> = order.chars().collect();
                all.sort_unstable();
                all
            };
            prop_assert_eq!(sorted(&ranked), sorted(&by_distance), "not a permutation");
            for (place, letter) in by_distance.chars().enumerate() {
                if millis[index(letter)] == 0 {
                    prop_assert_eq!(ranked.chars().nth(place), Some(letter), "{} was not measured and moved", letter);
                }
            }
            // Whoever came ahead of another is a quarter faster than it.
            for (place, letter) in ranked.char_indices() {
                let nearer = by_distance.split(letter).next().unwrap();
                for passed in ranked[place..].chars().filter(|other| nearer.contains(*other)) {
                    let (own, other) = (millis[index(letter)], millis[index(passed)]);
                    prop_assert!(own == 0 || other == 0 || (own * 4 <= other * 3 && own + 10 <= other), "{letter} passed {passed}");
                }
            }
        }
    }
}
