//! A cache in front of the database: what it takes off and what it needs.

mod keys;

use crate::choice::Flag;
use crate::finding::Severity;
use crate::numbers::{Beside, Figure, NumberRow, row};
use crate::quantity::{Bytes, PerSecond, Quantity, Share, Unit, approximate, ceiling};
use crate::replica;
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, REDIS, Source};
use crate::{Finding, Scenario};
use keys::{Effect, Keys};

/// Where the documents speak of caches.
const STRATEGIES: Source = source::SCALING_STRATEGIES.at("Cache Strategies");
/// Reads a cache loses for want of memory before that is worth a word.
const LOST: f64 = 0.05;

static ROWS: [NumberRow; 8] = [
    row(
        "cache.hit_ratio",
        "Reads a cache answers",
        Unit::Share,
        "mean of λT ÷ (1 + λT) over the keys, each as often as it is asked for; λ: how often a second, T: its mean \
         life, at most cache_ttl_s",
        HEADROOM,
        &["reads", "cache_keys", "cache_skew", "cache_ttl_s", "cache_bytes", "cache_invalidation"],
    )
    .beside(&[
        Beside {
            source: source::OPTIMIZATION_GUIDE.at("Production Best Practices"),
            formula: "cache hit ratio above 95 %",
            figure: Figure::Number(0.95),
            why: "said of the server's own buffers: a cache before it is measured by what the database then bears",
        },
        Beside {
            source: source::SCALING_STRATEGIES.at("Alerting Thresholds"),
            formula: "warning below 90 %",
            figure: Figure::Number(0.9),
            why: "does not say of which cache",
        },
    ]),
    row(
        "cache.database_reads",
        "Reads that reach the database behind a cache",
        Unit::PerSecond,
        "reads × (1 − cache.hit_ratio)",
        HEADROOM,
        &["reads", "cache.hit_ratio"],
    ),
    row(
        "cache.hit_ratio_needed",
        "Hit ratio the database needs",
        Unit::Share,
        "1 − reads the nodes bear ÷ reads",
        HEADROOM,
        &["reads the nodes bear", "reads"],
    ),
    row(
        "cache.ttl_needed",
        "Time to live the database needs",
        Unit::Millis,
        "the shortest whose hit ratio is cache.hit_ratio_needed",
        HEADROOM,
        &["cache.hit_ratio_needed"],
    )
    .or("no time to live is enough"),
    row(
        "cache.keys",
        "Keys in the cache",
        Unit::Count,
        "sum of λT ÷ (1 + λT) over the keys",
        HEADROOM,
        &["cache_keys", "cache_skew", "cache_ttl_s"],
    ),
    row(
        "cache.memory",
        "Memory for them",
        Unit::Bytes,
        "cache.keys × (cache_value_bytes + 88)",
        REDIS.at("MEMORY USAGE"),
        &["cache.keys", "cache_value_bytes"],
    ),
    row(
        "cache.read_ms",
        "A read, on average",
        Unit::Millis,
        "cache_hit_ms + (1 − cache.hit_ratio) × hold_ms",
        HEADROOM,
        &["cache_hit_ms", "cache.hit_ratio", "hold_ms"],
    ),
    row(
        "cache.staleness_ms",
        "How old an answer can be",
        Unit::Millis,
        "cache_ttl_s, also where writes delete the key: a read that began before can store the old value after",
        STRATEGIES,
        &["cache_ttl_s"],
    )
    .beside(&[
        ttl(300_000.0, "5 minutes for a wallet"),
        ttl(3_600_000.0, "1 hour for a festival"),
        Beside {
            source: STRATEGIES,
            formula: "write-through cache",
            figure: Figure::Word("cache-aside with deletion"),
            why: "the example writes to the database and deletes the key; write-through would store the new value",
        },
    ]),
];

const fn ttl(millis: f64, formula: &'static str) -> Beside {
    let why = "as long as its reader can bear it";
    Beside { source: STRATEGIES, formula, figure: Figure::Number(millis), why }
}

/// What this calculator computed.
pub(crate) struct Cache<'s> {
    scenario: &'s Scenario,
    keys: Keys,
    effect: Effect,
    /// The hit ratio from which the database bears the rest; `None` where its capacity is not given.
    needed: Option<f64>,
    /// The shortest time to live, in seconds, that gives it; `None` where none does, or nothing asks for it.
    ttl_needed: Option<u64>,
}

impl<'s> Cache<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let keys = Keys::of(scenario);
        let effect = keys.effect(approximate(scenario.cache_ttl_s.get()), keys.room);
        let reads = scenario.reads_at_peak().get();
        let borne = replica::reads_borne(scenario);
        let needed = borne.map(|borne| if reads > borne { 1.0 - borne / reads } else { 0.0 });
        let ttl_needed = needed.filter(|_| scenario.cache == Flag::Yes).and_then(|needed| keys.ttl_for(needed));
        Self { scenario, keys, effect, needed, ttl_needed }
    }

    /// Whether there is a cache.
    fn is_there(&self) -> bool {
        self.scenario.cache == Flag::Yes
    }

    /// Reads that such a cache answers, whether there is one or not.
    pub(crate) fn hit_ratio(&self) -> Share {
        Share::new(self.effect.hit)
    }

    /// Reads a second that reach the database.
    pub(crate) fn database_reads(&self) -> PerSecond {
        let reads = self.scenario.reads_at_peak().get();
        PerSecond::new(if self.is_there() { reads * (1.0 - self.effect.hit) } else { reads })
    }

    /// Bytes the keys take that are in the cache on average, had it room for all.
    fn memory(&self) -> Bytes {
        Bytes(ceiling(self.effect.resident * self.keys.each))
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        let scenario = self.scenario;
        let reads = scenario.reads_at_peak().get();
        let hit = self.effect.hit;
        let there = |number: f64| self.is_there().then_some(number);
        let ttl = self.ttl_needed.map_or(f64::INFINITY, |ttl| approximate(ttl) * 1_000.0);
        let numbers = [
            Some(hit),
            Some(reads * (1.0 - hit)),
            self.needed,
            self.needed.and(there(ttl)),
            there(libm::ceil(self.effect.resident)),
            there(approximate(self.memory().get())),
            there(scenario.cache_hit_ms.get() + (1.0 - hit) * scenario.hold_ms.get()),
            there(approximate(scenario.cache_ttl_s.get()) * 1_000.0),
        ];
        let borne = replica::reads_borne(scenario).unwrap_or_default();
        let given = [("reads", Unit::PerSecond, reads), ("reads the nodes bear", Unit::PerSecond, borne)];
        sheet.numbers(&ROWS, &numbers, &given);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !self.is_there() {
            return findings;
        }
        let hit = self.effect.hit;
        if let Some(room) = self.scenario.cache_bytes.filter(|room| *room < self.memory()) {
            let could = self.keys.effect(approximate(self.scenario.cache_ttl_s.get()), f64::MAX).hit;
            if could - hit > LOST {
                let enough = Bytes::mib(self.memory().get().div_ceil(1 << 20));
                findings.push(
                    Finding::new(
                        "cache.too_small",
                        Severity::Warning,
                        format!(
                            "The cache has {} for {}: it answers at most {} of the reads instead of {}.",
                            Quantity::from(room),
                            Quantity::from(self.memory()),
                            Quantity::from(self.hit_ratio()),
                            Quantity::from(Share::new(could))
                        ),
                        &["cache.memory", "cache.hit_ratio"],
                        "Give it more memory, store smaller values, or cache less.",
                    )
                    .fixed_by(&[("cache_bytes", &enough.to_string())]),
                );
            }
        }
        if let Some(needed) = self.needed.filter(|needed| *needed > hit) {
            let remedy = match self.ttl_needed {
                Some(ttl) => format!("A time to live of {ttl} s would do, if answers may be so old; or add replicas."),
                None => "No time to live is enough: add replicas, or make the reads cheaper.".to_owned(),
            };
            findings.push(Finding::new(
                "cache.hit_ratio_too_low",
                Severity::Warning,
                format!(
                    "The cache answers {} of the reads; with one node lost the database needs {}.",
                    Quantity::from(self.hit_ratio()),
                    Quantity::from(Share::new(needed))
                ),
                &["cache.hit_ratio", "cache.hit_ratio_needed"],
                remedy,
            ));
        }
        findings
    }
}
