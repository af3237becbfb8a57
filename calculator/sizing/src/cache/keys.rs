//! How often each key of a cache is read, and what a time to live makes of it.

use crate::choice::Flag;
use crate::quantity::approximate;
use crate::scenario::Scenario;

/// Groups of keys of similar popularity: 1, 2, 4, … keys, more than any scenario has.
const GROUPS: usize = 41;
/// Bytes Redis takes for a key beside its name and its value: 56 for the key, and its expiry.
const OVERHEAD: f64 = 88.0;

/// The longest time to live that is looked for, in seconds: a year.
const LONGEST: u64 = 31_536_000;

/// Keys that are read about equally often.
#[derive(Clone, Copy, Default)]
struct Group {
    keys: f64,
    /// Their part of all reads.
    share: f64,
}

/// The keys of a cache, the most popular first.
pub(super) struct Keys {
    groups: [Group; GROUPS],
    /// Reads a second of all keys.
    reads: f64,
    /// Writes a second that delete their key.
    deletes: f64,
    /// Bytes of a key in the cache.
    pub(super) each: f64,
    /// Keys that fit.
    pub(super) room: f64,
}

/// What a cache does.
#[derive(Clone, Copy, Default)]
pub(super) struct Effect {
    /// Reads it answers.
    pub(super) hit: f64,
    /// Keys that are in it on average, had it room for all.
    pub(super) resident: f64,
}

impl Keys {
    pub(super) fn of(scenario: &Scenario) -> Self {
        let keys = approximate(scenario.cache_keys.get());
        let skew = scenario.cache_skew.get();
        // The sum of rank^−skew over a group is about its integral; the most popular key is a group of its own.
        let integral = |rank: f64| {
            if libm::fabs(1.0 - skew) < 1e-9 { libm::log(rank) } else { libm::pow(rank, 1.0 - skew) / (1.0 - skew) }
        };
        let mut groups = [Group::default(); GROUPS];
        let (mut before, mut below, mut all) = (0.0, integral(1.5), 0.0);
        let mut size = 1.0;
        for group in &mut groups {
            let number = f64::min(size, keys - before);
            if number <= 0.0 {
                break;
            }
            let end = before + number;
            let above = integral(end + 0.5);
            group.keys = number;
            group.share = if before > 0.0 { above - below } else { 1.0 };
            all += group.share;
            (before, below, size) = (end, above, size * 2.0);
        }
        for group in &mut groups {
            group.share /= all;
        }
        let each = approximate(scenario.cache_value_bytes.get()) + OVERHEAD;
        Self {
            groups,
            reads: scenario.reads_at_peak().get(),
            deletes: if scenario.cache_invalidation == Flag::Yes { scenario.writes_at_peak().get() } else { 0.0 },
            each,
            room: scenario.cache_bytes.map_or(f64::MAX, |bytes| approximate(bytes.get()) / each),
        }
    }

    /// What the cache does with a time to live of so many seconds and room for so many keys.
    ///
    /// A key is loaded by one miss and then answers what comes until it expires or is deleted: λ × L hits for each
    /// miss, where L is its mean life.  A full cache keeps the popular keys, which is the best it can do.
    pub(super) fn effect(&self, ttl: f64, room: f64) -> Effect {
        let mut effect = Effect::default();
        for Group { keys, share } in self.groups {
            if keys <= 0.0 {
                break;
            }
            let deletes = self.deletes * share / keys;
            let life = if deletes * ttl > 1e-9 { -libm::expm1(-deletes * ttl) / deletes } else { ttl };
            let hits = self.reads * share / keys * life;
            let hit = hits / (1.0 + hits);
            let resident = keys * hit;
            let fits = if resident > 0.0 { ((room - effect.resident) / resident).clamp(0.0, 1.0) } else { 1.0 };
            effect.hit += share * hit * fits;
            effect.resident += resident;
        }
        effect
    }

    /// The shortest time to live, in seconds, that gives a hit ratio; `None` where none does.
    pub(super) fn ttl_for(&self, hit: f64) -> Option<u64> {
        let (mut before, mut at) = (0, LONGEST);
        let is_enough = |ttl: u64| self.effect(approximate(ttl), self.room).hit >= hit;
        if !is_enough(at) {
            return None;
        }
        while before < at {
            let middle = u64::midpoint(before, at);
            if is_enough(middle) { at = middle } else { before = middle + 1 }
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(inputs: &[(&str, &str)]) -> Effect {
        let mut scenario = Scenario::default();
        for (id, text) in [("rate", "100"), ("read_share", "1"), ("cache_skew", "0")].iter().chain(inputs) {
            scenario.set(id, text).unwrap();
        }
        let ttl = approximate(scenario.cache_ttl_s.get());
        let keys = Keys::of(&scenario);
        keys.effect(ttl, keys.room)
    }

    #[test]
    fn as_the_formula_says() {
        for (keys, ttl, expected, reason) in [
            ("1", "300", 30_000.0 / 30_001.0, "one key: λT ÷ (1 + λT)"),
            ("30000", "300", 0.5, "each key is read once in its life"),
            ("100", "1", 0.5, "the same, faster"),
            ("10000", "300", 0.75, "three times in its life"),
        ] {
            let ours = hit(&[("cache_keys", keys), ("cache_ttl_s", ttl)]).hit;
            assert!((ours - expected).abs() < 1e-9, "{keys} keys, {ttl} s: {ours} is not {expected}: {reason}");
        }
    }

    #[test]
    fn groups_come_near_the_sum() {
        for skew in [0.0, 0.5, 0.8, 1.0, 1.2, 2.0_f64] {
            let keys = 20_000_i32;
            let weights: Vec<f64> = (1..=keys).map(|rank| libm::pow(f64::from(rank), -skew)).collect();
            let all: f64 = weights.iter().sum();
            let exact: f64 = weights
                .iter()
                .map(|weight| {
                    let hits = 100.0 * weight / all * 300.0;
                    weight / all * hits / (1.0 + hits)
                })
                .sum();
            let ours = hit(&[("cache_keys", "20000"), ("cache_skew", &skew.to_string())]).hit;
            assert!((ours - exact).abs() < 0.01, "skew {skew}: {ours} is not about {exact}");
        }
    }

    #[test]
    fn a_full_cache_keeps_the_popular() {
        let all = hit(&[("cache_keys", "100000"), ("cache_skew", "0.8")]);
        let half = hit(&[("cache_keys", "100000"), ("cache_skew", "0.8"), ("cache_bytes", "10MiB")]);
        assert!(half.hit < all.hit && half.hit > all.hit / 2.0, "{} of {}", half.hit, all.hit);
        assert_eq!(half.resident.to_bits(), all.resident.to_bits(), "what it would hold does not depend on its room");
    }
}
