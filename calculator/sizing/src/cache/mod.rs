//! A cache in front of the database: what it takes off and what it needs.

mod keys;

use crate::choice::Flag;
use crate::finding::Severity;
use crate::quantity::{Bytes, Count, Millis, PerSecond, Quantity, Share, Unit, approximate, ceiling};
use crate::replica;
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, REDIS, Source};
use crate::{Finding, Scenario};
use keys::{Effect, Keys};

/// Where the documents speak of caches.
const STRATEGIES: Source = source::SCALING_STRATEGIES.at("Cache Strategies");
/// Reads a cache loses for want of memory before that is worth a word.
const LOST: f64 = 0.05;
/// The longest time to live that is looked for, in seconds: a year.
const LONGEST: u64 = 31_536_000;

/// What this calculator computed.
pub(crate) struct Cache<'s> {
    scenario: &'s Scenario,
    keys: Keys,
    effect: Effect,
    /// The hit ratio from which the database bears the rest; `None` where its capacity is not given.
    needed: Option<f64>,
}

impl<'s> Cache<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let keys = Keys::of(scenario);
        let effect = keys.effect(approximate(scenario.cache_ttl_s.get()), keys.room);
        let reads = scenario.reads_at_peak().get();
        let borne = replica::reads_borne(scenario);
        let needed = borne.map(|borne| if reads > borne { 1.0 - borne / reads } else { 0.0 });
        Self { scenario, keys, effect, needed }
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

    /// The shortest time to live, in seconds, that gives the hit ratio the database needs; `None` where none does.
    fn ttl_needed(&self, needed: f64) -> Option<u64> {
        let (mut before, mut at) = (0, LONGEST);
        let is_enough = |ttl: u64| self.keys.effect(approximate(ttl), self.keys.room).hit >= needed;
        if !is_enough(at) {
            return None;
        }
        while before < at {
            let middle = u64::midpoint(before, at);
            if is_enough(middle) { at = middle } else { before = middle + 1 }
        }
        Some(at)
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        let scenario = self.scenario;
        let reads = scenario.reads_at_peak();
        let hit = self.hit_ratio();
        sheet
            .value("cache.hit_ratio", "Reads a cache answers", hit.into())
            .is(
                "mean of λT ÷ (1 + λT) over the keys, each as often as it is asked for; λ: how often a second, T: its \
                 mean life, at most cache_ttl_s",
                HEADROOM,
            )
            .with("reads", reads.into())
            .inputs(&["cache_keys", "cache_skew", "cache_ttl_s", "cache_bytes", "cache_invalidation"])
            .rule(
                source::OPTIMIZATION_GUIDE.at("Production Best Practices"),
                "cache hit ratio above 95 %",
                Share::new(0.95).into(),
                "said of the server's own buffers: a cache in front of it is measured by what the database then bears",
            )
            .rule(
                source::SCALING_STRATEGIES.at("Alerting Thresholds"),
                "warning below 90 %",
                Share::new(0.9).into(),
                "does not say of which cache",
            );
        sheet
            .value(
                "cache.database_reads",
                "Reads that reach the database behind a cache",
                PerSecond::new(reads.get() * (1.0 - hit.get())).into(),
            )
            .is("reads × (1 − cache.hit_ratio)", HEADROOM)
            .with("reads", reads.into())
            .with("cache.hit_ratio", hit.into());
        if let Some(needed) = self.needed {
            sheet
                .value("cache.hit_ratio_needed", "Hit ratio the database needs", Share::new(needed).into())
                .is("1 − reads the nodes bear ÷ reads", HEADROOM)
                .with("reads the nodes bear", PerSecond::new(replica::reads_borne(scenario).unwrap_or_default()).into())
                .with("reads", reads.into());
        }
        if !self.is_there() {
            return;
        }
        if let Some(needed) = self.needed {
            let ttl =
                self.ttl_needed(needed).map_or(Quantity::None(Unit::Millis, "no time to live is enough"), |ttl| {
                    Millis::new(approximate(ttl) * 1_000.0).into()
                });
            sheet
                .value("cache.ttl_needed", "Time to live the database needs", ttl)
                .is("the shortest whose hit ratio is cache.hit_ratio_needed", HEADROOM)
                .with("cache.hit_ratio_needed", Share::new(needed).into());
        }
        sheet
            .value("cache.keys", "Keys in the cache", Count(ceiling(self.effect.resident)).into())
            .is("sum of λT ÷ (1 + λT) over the keys", HEADROOM)
            .inputs(&["cache_keys", "cache_skew", "cache_ttl_s"]);
        sheet
            .value("cache.memory", "Memory for them", self.memory().into())
            .is("cache.keys × (cache_value_bytes + 88)", REDIS.at("MEMORY USAGE"))
            .with("cache.keys", Count(ceiling(self.effect.resident)).into())
            .inputs(&["cache_value_bytes"]);
        let mean = scenario.cache_hit_ms.get() + (1.0 - hit.get()) * scenario.hold_ms.get();
        sheet
            .value("cache.read_ms", "A read, on average", Millis::new(mean).into())
            .is("cache_hit_ms + (1 − cache.hit_ratio) × hold_ms", HEADROOM)
            .inputs(&["cache_hit_ms", "hold_ms"])
            .with("cache.hit_ratio", hit.into());
        sheet
            .value(
                "cache.staleness_ms",
                "How old an answer can be",
                Millis::new(approximate(scenario.cache_ttl_s.get()) * 1_000.0).into(),
            )
            .is(
                "cache_ttl_s, also where writes delete the key: a read that began before can store the old value after",
                STRATEGIES,
            )
            .inputs(&["cache_ttl_s"]);
        for (seconds, what) in [(300.0, "5 minutes for a wallet"), (3_600.0, "1 hour for a festival")] {
            sheet.rule(STRATEGIES, what, Millis::new(seconds * 1_000.0).into(), "as long as its reader can bear it");
        }
        sheet.rule(
            STRATEGIES,
            "write-through cache",
            Quantity::Name("cache-aside with deletion".to_owned()),
            "the example writes to the database and deletes the key; a write-through cache would store the new value",
        );
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
            let remedy = match self.ttl_needed(needed) {
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
