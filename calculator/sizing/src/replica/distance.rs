//! What it costs to be far away: the documented latency classes.

use crate::choice::Distance;
use crate::numbers::{Beside, Figure, NumberRow, row};
use crate::quantity::{Millis, Unit, approximate};
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

const fn primary(id: &'static str, name: &'static str) -> NumberRow {
    let formula = "queries_per_request × round_trips × round trip";
    row(id, name, Unit::Millis, formula, CLASSES, &["queries_per_request", "round_trips", "round trip"])
}

const fn local(id: &'static str, name: &'static str) -> NumberRow {
    let formula = "queries_per_request × round_trips × (read_share × 5 ms + (1 − read_share) × round trip)";
    row(id, name, Unit::Millis, formula, CLASSES, &["queries_per_request", "round_trips", "read_share", "round trip"])
}

const fn acceptable(word: &'static str) -> Beside {
    let why = "every round trip of a request counts, not one";
    Beside { source: CLASSES, formula: "acceptable for", figure: Figure::Word(word), why }
}

const LEAST: Beside = Beside {
    source: CLASSES,
    formula: "the class at its best",
    figure: Figure::Given("least"),
    why: "ours is the class at worst",
};

/// What a request costs in each class with the primary there, and with a replica in its own region.
static ROWS: [(Distance, [NumberRow; 2]); 3] = [
    (
        Distance::SameRegion,
        [
            primary("replica.same_region.primary_ms", "Way of a request, primary in the region")
                .beside(&[acceptable("All operations")]),
            local("replica.same_region.local_reads_ms", "The same with a replica there"),
        ],
    ),
    (
        Distance::CrossRegion,
        [
            primary("replica.cross_region.primary_ms", "Way of a request, primary in another region")
                .beside(&[LEAST, acceptable("Writes, where they are few")]),
            local("replica.cross_region.local_reads_ms", "The same with a replica in its own"),
        ],
    ),
    (
        Distance::CrossContinent,
        [
            primary("replica.cross_continent.primary_ms", "Way of a request, primary on another continent")
                .beside(&[LEAST, acceptable("Writes only, with caching")]),
            local("replica.cross_continent.local_reads_ms", "The same with a replica in its own region"),
        ],
    ),
];

/// What requests cost from each region.
pub(super) fn values(sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let trips = trips(scenario);
    let near = Distance::SameRegion.round_trip().1;
    let reads = scenario.read_share.get();
    for (distance, rows) in &ROWS {
        let (least, most) = distance.round_trip();
        let mean = trips * (reads * near + (1.0 - reads) * most);
        let given = [("round trip", Unit::Millis, most), ("least", Unit::Millis, trips * least)];
        sheet.numbers(rows, &[Some(trips * most), Some(mean)], &given);
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
