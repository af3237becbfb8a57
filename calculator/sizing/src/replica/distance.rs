//! What it costs to be far away: the documented latency classes.

use crate::choice::Distance;
use crate::quantity::{Millis, Quantity, approximate};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source::{self, Source};

/// Where the classes stand.
const CLASSES: Source = source::SECRET_MANAGEMENT.at("Cross-Region Latency Considerations");

impl Distance {
    /// The shortest and the longest round trip of the class, in milliseconds.
    pub(super) const fn round_trip(self) -> (f64, f64) {
        match self {
            Self::SameRegion => (0.0, 5.0),
            Self::CrossRegion => (20.0, 50.0),
            Self::CrossContinent => (100.0, 200.0),
        }
    }

    /// The documented lag of a replica so far away, in milliseconds.
    pub(super) const fn documented_lag(self) -> f64 {
        if matches!(self, Self::CrossContinent) { 2_000.0 } else { 1_000.0 }
    }
}

/// The classes with the ids of their values and what they are documented to be acceptable for.
const TABLE: [(Distance, [&str; 2], [&str; 2], &str); 3] = [
    (
        Distance::SameRegion,
        ["replica.same_region.primary_ms", "replica.same_region.local_reads_ms"],
        ["Way of a request, primary in the region", "The same with a replica there"],
        "All operations",
    ),
    (
        Distance::CrossRegion,
        ["replica.cross_region.primary_ms", "replica.cross_region.local_reads_ms"],
        ["Way of a request, primary in another region", "The same with a replica in its own"],
        "Writes, where they are few",
    ),
    (
        Distance::CrossContinent,
        ["replica.cross_continent.primary_ms", "replica.cross_continent.local_reads_ms"],
        ["Way of a request, primary on another continent", "The same with a replica in its own region"],
        "Writes only, with caching",
    ),
];

/// What requests cost from each region.
pub(super) fn values(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let trips = trips(scenario);
    let near = Distance::SameRegion.round_trip().1;
    let reads = scenario.read_share.get();
    let inputs = ["queries_per_request", "round_trips"];
    for (distance, [primary, local], [primary_name, local_name], acceptable) in TABLE {
        let (least, most) = distance.round_trip();
        let round_trip: Quantity = Millis::new(most).into();
        sheet
            .value(primary, primary_name, Millis::new(trips * most).into())
            .is("queries_per_request × round_trips × round trip", CLASSES)
            .inputs(&inputs)
            .with("round trip", round_trip.clone());
        if least > 0.0 {
            sheet.rule(
                CLASSES,
                "the class at its best",
                Millis::new(trips * least).into(),
                "ours is the class at worst",
            );
        }
        sheet.rule(
            CLASSES,
            "acceptable for",
            Quantity::Name(acceptable.to_owned()),
            "every round trip of a request counts, not one",
        );
        let mean = trips * (reads * near + (1.0 - reads) * most);
        sheet
            .value(local, local_name, Millis::new(mean).into())
            .is("queries_per_request × round_trips × (read_share × 5 + (1 − read_share) × round trip)", CLASSES)
            .inputs(&inputs)
            .inputs(&["read_share"])
            .with("round trip", round_trip);
    }
}

/// Round trips of a request, one after the other.
fn trips(scenario: &Scenario) -> f64 {
    scenario.queries_per_request.get() * approximate(scenario.round_trips.get())
}

/// What a request of the farthest pods spends on its way to the primary.
pub(super) fn to_primary(scenario: &Scenario) -> Millis {
    Millis::new(trips(scenario) * scenario.client_distance.round_trip().1)
}
