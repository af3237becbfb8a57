//! Laws of storage, caches and replicas.  `PROPTEST_CASES` sets how many scenarios are tried.
#![cfg(not(target_arch = "wasm32"))]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::quantity::{Bytes, Count, Days, Ratio, Share};
use sizing::{Scenario, plan};

/// A value as a number; `None` where it does not exist or has none.
fn number(scenario: &Scenario, id: &str) -> Option<f64> {
    plan(scenario).value(id)?.quantity.approximately()
}

/// Whether `less` is at most `more` where both exist, but for rounding.
fn is_at_most(less: Option<f64>, more: Option<f64>) -> bool {
    match (less, more) {
        (Some(less), Some(more)) => less <= more * (1.0 + 1e-9) + 1.0,
        _ => true,
    }
}

fn with_table(scenario: Scenario, rows: u64) -> Scenario {
    Scenario { system: Some(sizing::choice::System::Database), rows_per_day: Some(Count(rows)), ..scenario }
}

proptest! {
    #[test]
    fn more_rows_take_more(scenario in any_scenario(), rows in 1_u64..1_000_000_000, more in 1_u64..1_000_000_000) {
        let (less, more) = (with_table(scenario.clone(), rows), with_table(scenario, rows + more));
        for id in ["storage.per_day", "storage.table", "storage.rows", "storage.partition"] {
            prop_assert!(is_at_most(number(&less, id), number(&more, id)), "{}", id);
        }
        for id in ["storage.chunk_hours_at_most", "storage.days_until_large"] {
            prop_assert!(is_at_most(number(&more, id), number(&less, id)), "{}", id);
        }
    }

    #[test]
    fn longer_retention_takes_more(scenario in any_scenario(), days in 1_u64..3_000, more in 1_u64..3_000) {
        let kept = |days| Scenario { retention_days: Some(Days(days)), ..with_table(scenario.clone(), 1_000_000) };
        let (less, more) = (kept(days), kept(days + more));
        for id in ["storage.table", "storage.rows", "storage.partitions", "storage.chunks"] {
            prop_assert!(is_at_most(number(&less, id), number(&more, id)), "{}", id);
        }
    }

    #[test]
    fn compression_never_adds(scenario in any_scenario(), share in 0.0..0.99) {
        let table = with_table(scenario, 1_000_000);
        let compressed = |share| Scenario { compression_share: Share::new(share), ..table.clone() };
        let (none, some) = (compressed(0.0), compressed(share));
        prop_assert!(is_at_most(number(&some, "storage.table"), number(&none, "storage.table")));
        if let Some(taken) = number(&some, "storage.compression") {
            prop_assert!(taken <= share + 1e-9, "the whole table is compressed no better than its chunks: {taken}");
        }
    }

    #[test]
    fn an_index_more_takes_more(scenario in any_scenario(), indexes in 0_u64..99) {
        let indexed = |number| Scenario { btree_indexes: Count(number), ..with_table(scenario.clone(), 1_000_000) };
        let (less, more) = (indexed(indexes), indexed(indexes + 1));
        for id in ["storage.indexes_per_row", "storage.per_day", "storage.wal_rate"] {
            prop_assert!(is_at_most(number(&less, id), number(&more, id)), "{}", id);
        }
    }

    #[test]
    fn pages_hold_their_rows(row in 1_u64..1_000_000) {
        let scenario = with_table(Scenario { row_bytes: Bytes(row), ..Scenario::default() }, 1_000_000);
        let on_page = number(&scenario, "storage.row_on_page").unwrap_or_default();
        prop_assert!(on_page >= (row as f64) && on_page <= (row as f64) * 1.04 + 5_000.0, "{row}: {on_page}");
    }

    #[test]
    fn a_cache_keeps_its_promises(scenario in any_scenario(), ttl in 1_u64..1_000_000, more in 1_u64..1_000_000) {
        let cached = |ttl| Scenario {
            system: Some(sizing::choice::System::Database),
            cache: sizing::choice::Flag::Yes,
            cache_bytes: None,
            cache_ttl_s: Count(ttl),
            ..scenario.clone()
        };
        let (short, long) = (cached(ttl), cached(ttl + more));
        let hit = |scenario| number(scenario, "cache.hit_ratio").unwrap_or_default();
        prop_assert!((0.0..=1.0 + 1e-9).contains(&hit(&short)));
        prop_assert!(hit(&short) <= hit(&long) + 1e-9, "a longer life never loses");
        prop_assert!(is_at_most(number(&short, "cache.keys"), Some(scenario.cache_keys.get() as f64)));
        let flat = Scenario { cache_skew: Ratio::new(0.0), ..short.clone() };
        let skewed = Scenario { cache_skew: Ratio::new(0.8), ..short };
        prop_assert!(number(&skewed, "cache.keys") <= number(&flat, "cache.keys").map(|keys| keys * 1.01 + 1.0));
    }

    #[test]
    fn enough_replicas_are_enough(scenario in any_scenario(), each in 1.0..1e6) {
        let each = Some(sizing::quantity::PerSecond::new(each));
        let scenario = Scenario { system: Some(sizing::choice::System::Database), node_reads: each, ..scenario };
        let Some(needed) = number(&scenario, "nodes.read_replicas") else { return Ok(()) };
        let with = |replicas: f64| Scenario { replicas: Count(replicas as u64), ..scenario.clone() };
        if needed <= 1_000.0 {
            let used = number(&with(needed), "replica.read_use").unwrap_or_default();
            prop_assert!(used <= 0.7 + 1e-9, "{needed} replicas are used to {used}");
        }
        if needed > 2.0 && needed <= 1_000.0 {
            let used = number(&with(needed - 1.0), "replica.read_use").unwrap_or_default();
            prop_assert!(used >= 0.7 - 1e-9, "one less would do: {used}");
        }
    }
}
