//! Laws of the memory calculator that hold for every scenario the table of inputs allows.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, reason = "a value that is missing is a failed test")]

mod any;

use any::any_scenario;
use proptest::prelude::*;
use sizing::choice::System;
use sizing::memory::guc::{Guc, GucKind, GucUnit};
use sizing::memory::{Setting, history};
use sizing::quantity::{Bytes, Count, Number};
use sizing::{Plan, Scenario, plan};

/// Any scenario in which a database is sized.
fn any_database() -> impl Strategy<Value = Scenario> {
    any_scenario().prop_map(|scenario| Scenario { system: Some(System::Database), ..scenario })
}

fn whole(plan: &Plan, id: &str) -> u64 {
    match plan.value(id).and_then(|value| value.quantity.number()) {
        Some(Number::Whole(whole)) => whole,
        other => panic!("{id}: {other:?}"),
    }
}

/// A number of connections.
fn connections(plan: &Plan, id: &str) -> u64 {
    real(plan, id) as u64
}

fn real(plan: &Plan, id: &str) -> f64 {
    match plan.value(id).and_then(|value| value.quantity.number()) {
        Some(Number::Real(real)) => real,
        other => panic!("{id}: {other:?}"),
    }
}

fn has(plan: &Plan, code: &str) -> bool {
    plan.findings.iter().any(|finding| finding.code == code)
}

/// The number in the setting's own unit, read as the server reads it.
fn as_the_server_reads(text: &str, unit: GucUnit) -> f64 {
    const UNITS: [(&str, f64); 10] = [
        ("kB", 1_024.0),
        ("MB", 1_048_576.0),
        ("GB", 1_073_741_824.0),
        ("TB", 1_099_511_627_776.0),
        ("min", 60_000.0),
        ("ms", 1.0),
        ("d", 86_400_000.0),
        ("h", 3_600_000.0),
        ("s", 1_000.0),
        ("B", 1.0),
    ];
    let each = unit.bytes().or(unit.millis()).unwrap_or(1);
    let number = |digits: &str| digits.parse::<f64>().ok();
    let with_unit = UNITS.iter().find_map(|(word, size)| Some(number(text.strip_suffix(word)?)? * size / each as f64));
    with_unit.or_else(|| number(text)).unwrap_or_else(|| panic!("{text}: no number"))
}

/// What a server of the version would refuse.
fn refusal(setting: &Setting, scenario: &Scenario) -> Option<String> {
    let (name, text) = (setting.name(), setting.text());
    let Some(span) = Guc::find(name).and_then(|guc| guc.in_version(scenario.pg)) else {
        return Some(format!("{name} is unknown"));
    };
    let unit = Guc::find(name).map_or(GucUnit::None, |guc| guc.unit);
    let is_taken = match span.kind {
        GucKind::Bool { .. } => ["on", "off"].contains(&text),
        GucKind::Enum { words, .. } => words.contains(&text),
        GucKind::String { .. } => text.len() >= 2 && text.starts_with('\'') && text.ends_with('\''),
        GucKind::Integer { min, max, .. } => {
            let number = as_the_server_reads(text, unit);
            number.fract() == 0.0 && (f64::from(min)..=f64::from(max)).contains(&number)
        }
        GucKind::Real { min, max, .. } => (min..=max).contains(&as_the_server_reads(text, unit)),
    };
    (!is_taken).then(|| format!("{name} = {text}: {:?}", span.kind))
}

proptest! {
    #[test]
    fn no_setting_is_refused(scenario in any_database()) {
        let plan = plan(&scenario);
        let settings: Vec<&Setting> = plan.values.iter().filter_map(|value| value.setting.as_ref()).collect();
        prop_assert!(settings.len() >= 50);
        for setting in settings {
            prop_assert_eq!(refusal(setting, &scenario), None);
            prop_assert!(history::find(setting.name()).is_none_or(|gone| gone.since > history::major(scenario.pg)));
        }
        // What the server checks of several settings together when it starts.
        let connections = whole(&plan, "memory.max_connections");
        let reserved = plan.value("memory.reserved_connections").map_or(0, |_| whole(&plan, "memory.reserved_connections"));
        prop_assert!(whole(&plan, "memory.superuser_reserved_connections") + reserved < connections);
        let (autovacuum, launchers) = match plan.value("memory.autovacuum_worker_slots") {
            Some(_) => (whole(&plan, "memory.autovacuum_worker_slots"), 2),
            None => (whole(&plan, "memory.autovacuum_max_workers"), 1),
        };
        let others = autovacuum + whole(&plan, "memory.max_worker_processes") + whole(&plan, "memory.max_wal_senders");
        prop_assert!(connections + others + launchers < 262_143);
        prop_assert!(whole(&plan, "memory.min_wal_size") >= 2 * (16 << 20), "two WAL segments at least");
        prop_assert!(whole(&plan, "memory.max_wal_size") >= whole(&plan, "memory.min_wal_size"));
    }

    #[test]
    fn the_parts_add_up(scenario in any_database()) {
        let plan = plan(&scenario);
        for (total, case) in [("memory.expected", "expected"), ("memory.worst_case", "worst")] {
            let sum = ["os", "shared", "autovacuum", "maintenance", "wal_senders"]
                .map(|part| whole(&plan, &format!("memory.budget.{part}")))
                .into_iter()
                .chain(["page_tables", "backends", "work_mem"].map(|part| whole(&plan, &format!("memory.budget.{part}_{case}"))))
                .fold(0, u64::saturating_add);
            // Exact up to 2^53 bytes; beyond, each part is the nearest number there is.
            let total_bytes = whole(&plan, total);
            prop_assert!(total_bytes.abs_diff(sum) <= total_bytes >> 50, "{total}: {total_bytes} is not {sum}");
        }
        prop_assert!(whole(&plan, "memory.expected") <= whole(&plan, "memory.worst_case"));
        prop_assert!(whole(&plan, "memory.worst_case") <= whole(&plan, "memory.worst_case_max_connections"));
    }

    #[test]
    fn work_mem_is_what_its_formula_says(scenario in any_database()) {
        let plan = plan(&scenario);
        let work_mem = whole(&plan, "memory.work_mem");
        let quotient = whole(&plan, "memory.work_mem_budget") as f64 / real(&plan, "memory.work_mem_multiplicity");
        let formula = plan.value("memory.work_mem").map_or("", |value| value.derivation.formula.as_ref());
        let fits = work_mem as f64 <= quotient * (1.0 + 1e-12);
        // Steps of 1 MiB from 16 on, of a quarter down to 1, and of 1 KiB below.
        let is_rounded = fits && quotient - work_mem as f64 <= (quotient / 4.0).clamp(1_024.0, 1_048_576.0);
        let (expected, holds) = match formula.split_once(',').map_or(formula, |(start, _)| start) {
            "64 kB" => (64 << 10, quotient < 65_536.0 + 1_024.0),
            "4 MB" => (4 << 20, fits),
            "64 MB (mixed 256 MB" => (work_mem, fits && [64 << 20, 256 << 20, 2_048 << 20].contains(&work_mem)),
            _ => (work_mem, is_rounded && formula.starts_with("memory.work_mem_budget ÷ memory.work_mem_multiplicity")),
        };
        prop_assert!(work_mem == expected && holds, "{}: {} of {}", formula, work_mem, quotient);
    }

    #[test]
    fn what_is_set_today_changes_no_recommendation(scenario in any_database()) {
        let mut fresh = scenario.clone();
        for input in sizing::INPUTS.iter().filter(|input| Guc::find(input.id).is_some() && input.none.is_some()) {
            prop_assert_eq!(fresh.set(input.id, "auto"), Ok(()));
        }
        let (today, fresh) = (plan(&scenario), plan(&fresh));
        for id in [
            "shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem", "autovacuum_work_mem",
            "work_mem_budget", "work_mem_multiplicity", "max_parallel_workers", "max_parallel_workers_per_gather",
        ] {
            let quantity = |plan: &Plan| plan.value(&format!("memory.{id}")).map(|value| value.quantity.clone());
            prop_assert_eq!(quantity(&today), quantity(&fresh), "{}", id);
        }
    }

    #[test]
    fn accepting_more_connections_never_means_more_work_mem(scenario in any_database(), more in 0_u64..5_000) {
        let system = Some(sizing::choice::System::Database);
        let scenario = Scenario { system, service: Scenario::default().service, ..scenario };
        let max_connections = sizing::quantity::Connections(scenario.max_connections.get() + more);
        let (fewer, more) = (plan(&scenario), plan(&Scenario { max_connections, ..scenario }));
        prop_assert!(whole(&more, "memory.work_mem") <= whole(&fewer, "memory.work_mem"));
    }

    #[test]
    fn what_is_recommended_is_expected_to_fit(scenario in any_database()) {
        let mut scenario = scenario;
        for input in sizing::INPUTS.iter().filter(|input| Guc::find(input.id).is_some() && input.none.is_some()) {
            prop_assert_eq!(scenario.set(input.id, "auto"), Ok(()));
        }
        let plan = plan(&scenario);
        let is_least = whole(&plan, "memory.work_mem") == 64 << 10;
        prop_assert!(is_least || !has(&plan, "memory.expected_exceeds_ram"));
        prop_assert!(is_least || !has(&plan, "memory.expected_near_ram"));
        prop_assert!(whole(&plan, "memory.shared_buffers") <= whole(&plan, "memory.available") * 2 / 5);
        prop_assert!(whole(&plan, "memory.effective_cache_size") <= whole(&plan, "memory.available").max(1 << 20));
        for code in [
            "memory.parallel_workers_unusable", "memory.parallel_workers_per_gather_unusable",
            "memory.autovacuum_workers_unusable", "memory.vacuum_memory_unusable", "memory.effective_cache_size_above_ram",
            "memory.shared_buffers_above_40_percent",
        ] {
            prop_assert!(!has(&plan, code), "{code}");
        }
    }

    #[test]
    fn what_is_beyond_memory_is_named(scenario in any_database()) {
        let plan = plan(&scenario);
        let available = whole(&plan, "memory.available");
        let is_named = |codes: &[&str]| codes.iter().any(|code| has(&plan, code));
        prop_assert_eq!(
            whole(&plan, "memory.expected") > available,
            is_named(&["memory.expected_exceeds_ram", "memory.fixed_exceeds_ram"])
        );
        prop_assert_eq!(
            whole(&plan, "memory.worst_case_max_connections") > available,
            is_named(&["memory.worst_case_exceeds_ram", "memory.max_connections_exceed_ram"])
        );
    }

    #[test]
    fn more_memory_never_means_less_of_anything(scenario in any_database(), more in 0_u64..1 << 40) {
        let ram = Bytes((scenario.ram.get() + more).min(64 << 40));
        let scenario = Scenario { service: Scenario::default().service, ..scenario };
        let larger = plan(&Scenario { ram, ..scenario.clone() });
        let smaller = plan(&scenario);
        for id in ["memory.available", "memory.shared_buffers", "memory.maintenance_work_mem", "memory.autovacuum_work_mem"] {
            prop_assert!(whole(&smaller, id) <= whole(&larger, id), "{id}");
        }
    }

    #[test]
    fn more_connections_never_need_less(scenario in any_database(), more in 0_u64..10_000) {
        // With a given work_mem: the recommended one gets smaller with more connections.
        let scenario = Scenario {
            work_mem: Some(Bytes(4 << 20)),
            ..scenario
        };
        let pods = Count(scenario.pods.get() + more);
        let (fewer, more) = (plan(&scenario), plan(&Scenario { pods, ..scenario }));
        prop_assert!(whole(&fewer, "memory.worst_case") <= whole(&more, "memory.worst_case"));
        let open = |plan| connections(plan, "memory.open_connections");
        prop_assert!(open(&fewer) <= open(&more));
    }

    #[test]
    fn the_connections_that_fit_do(scenario in any_database(), accepted in 1_u64..5_000) {
        let scenario = Scenario {
            service: Scenario::default().service,
            max_connections: sizing::quantity::Connections(accepted),
            work_mem: Some(Bytes(16 << 20)),
            ..scenario
        };
        let plan = plan(&scenario);
        let fits = connections(&plan, "memory.connections_that_fit");
        let worst = whole(&plan, "memory.worst_case_max_connections");
        prop_assert_eq!(accepted <= fits, worst <= whole(&plan, "memory.available"), "{} fit, {}", fits, worst);
    }
}
