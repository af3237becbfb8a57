//! What is wrong with the memory of a scenario, why, and what to do.

use crate::choice::{Flag, PgVersion};
use crate::finding::{Finding, Severity};
use crate::memory::budget::Case;
use crate::memory::config::VACUUM_MOST;
use crate::memory::guc::Guc;
use crate::memory::{Memory, history, shared};
use crate::quantity::{Bytes, Quantity, Share, grouped};
use crate::scenario::{INPUTS, Scenario};

pub(super) fn findings(memory: &Memory<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(expected(memory));
    findings.extend(worst_case(memory));
    findings.extend(page_tables(memory));
    findings.extend(cache(memory));
    findings.extend(container(memory.scenario));
    findings.extend(workers(memory));
    findings.extend(vacuum(memory));
    findings.extend(versions(memory));
    findings.extend(standbys(memory.scenario));
    findings
}

fn size(bytes: u64) -> String {
    Quantity::from(Bytes(bytes)).to_string()
}

/// "71.2GiB of 64GiB (111.3 %)".
fn of_memory(memory: &Memory<'_>, bytes: u64) -> String {
    let available = memory.budget.available;
    let share = Quantity::from(Share::of(bytes, available).unwrap_or_default());
    format!("{} of {} ({share})", size(bytes), size(available))
}

/// Settings of which the user says what they are today.
fn given(scenario: &Scenario) -> impl Iterator<Item = &'static str> {
    INPUTS.iter().filter(|input| super::settings::is_given(scenario, input)).map(|input| input.id)
}

/// The recommendation for the first given setting that ends it, or for all given ones.
fn recommended(finding: Finding, scenario: &Scenario, ends: impl Fn(&Memory<'_>) -> bool) -> Finding {
    let with = |ids: &[&'static str]| {
        let mut mended = scenario.clone();
        ids.iter().all(|id| mended.set(id, "auto").is_ok()) && ends(&Memory::without_wal(&mended))
    };
    let ids: Vec<&'static str> = given(scenario).collect();
    let fix = match ids.iter().find(|id| with(&[**id])) {
        Some(id) => vec![*id],
        None if with(&ids) => ids,
        None => return finding,
    };
    Finding { fix: fix.into_iter().map(|id| (id, "auto".to_owned())).collect(), ..finding }
}

/// What is expected at peak, against the memory there is.
fn severity(memory: &Memory<'_>) -> Option<Severity> {
    let is_above = |percent: u64| {
        u128::from(memory.budget.expected.total) * 100 > u128::from(memory.budget.available) * u128::from(percent)
    };
    [(90, Severity::Error), (80, Severity::Warning), (71, Severity::Info)]
        .into_iter()
        .find_map(|(percent, severity)| is_above(percent).then_some(severity))
}

/// What does not even depend on connections is too much.
fn is_hopeless(memory: &Memory<'_>) -> bool {
    memory.budget.fixed() > memory.budget.available
}

fn expected(memory: &Memory<'_>) -> Option<Finding> {
    if is_hopeless(memory) {
        let finding = Finding::new(
            "memory.fixed_exceeds_ram",
            Severity::Error,
            format!(
                "Without a single connection, shared memory, maintenance and the system need {}.",
                of_memory(memory, memory.budget.fixed())
            ),
            &["memory.budget.shared", "memory.budget.autovacuum", "memory.budget.maintenance", "memory.available"],
            "Lower shared_buffers and what maintenance may use: the kernel would end the server.",
        );
        return Some(recommended(finding, memory.scenario, |mended| !is_hopeless(mended)));
    }
    let severity = severity(memory)?;
    let total = memory.budget.expected.total;
    let (code, how) = if total > memory.budget.available {
        ("memory.expected_exceeds_ram", "does not fit")
    } else {
        ("memory.expected_near_ram", "leaves little to the page cache")
    };
    let finding = Finding::new(
        code,
        severity,
        format!("What is expected at peak {how}: {}.", of_memory(memory, total)),
        &["memory.expected", "memory.available", "memory.utilization_expected"],
        "Open fewer connections, give the settings less, or the server more memory.",
    );
    Some(recommended(finding, memory.scenario, |mended| self::severity(mended) < Some(severity)))
}

/// "55 connections".
fn at(case: &Case) -> String {
    [grouped(case.connections).as_str(), if case.connections == 1 { " connection" } else { " connections" }].concat()
}

fn worst_case(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, in_use, budget, .. } = memory;
    let [open, accepted] = [&budget.open, &budget.accepted];
    let is_beyond = |case: &Case| case.total > budget.available;
    let evidence = ["memory.worst_case", "memory.worst_case_max_connections", "memory.available"];
    let that_fit = budget.connections_that_fit(scenario, in_use);
    let work_mem = size(in_use.work_mem);
    if is_beyond(open) {
        let all = if accepted.connections > open.connections {
            format!(", and {} with the {} the server accepts", size(accepted.total), at(accepted))
        } else {
            String::new()
        };
        let finding = Finding::new(
            "memory.worst_case_exceeds_ram",
            Severity::Warning,
            format!(
                "At worst memory does not suffice: {} with {} and work_mem {work_mem}{all}.",
                of_memory(memory, open.total),
                at(open),
            ),
            &evidence,
            format!(
                "The worst case of {} connections fits. Allow no more, or lower work_mem and raise it for the roles \
                 that need it.",
                grouped(that_fit)
            ),
        );
        return Some(recommended(finding, scenario, |mended| mended.budget.open.total <= mended.budget.available));
    }
    is_beyond(accepted).then(|| {
        Finding::new(
            "memory.max_connections_exceed_ram",
            Severity::Info,
            format!(
                "At worst the {} the server accepts need {}; the {} fit.",
                at(accepted),
                of_memory(memory, accepted.total),
                at(open),
            ),
            &evidence,
            format!("Nothing to do while the pools are what limits: a max_connections of {} fits.", grouped(that_fit)),
        )
    })
}

/// Page tables are worth huge pages from a twentieth of memory on.
fn page_tables(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, budget, .. } = memory;
    let tables = budget.open.page_tables;
    (scenario.huge_pages_reserved == Flag::No && tables > budget.available / 20).then(|| {
        Finding::new(
            "memory.page_tables",
            Severity::Info,
            format!("Without huge pages, page tables can take {}.", of_memory(memory, tables)),
            &["memory.budget.page_tables_worst", "memory.nr_hugepages"],
            format!("Set vm.nr_hugepages = {} before the server starts.", shared::huge_pages(budget.shared)),
        )
        .fixed_by(&[("huge_pages_reserved", "yes")])
    })
}

/// What is said to be cached, or set aside for the cache, against the memory there is.
fn cache(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, in_use, budget, .. } = memory;
    if in_use.effective_cache_size > budget.available {
        return Some(
            Finding::new(
                "memory.effective_cache_size_above_ram",
                Severity::Warning,
                format!(
                    "effective_cache_size is more than there is: {}.",
                    of_memory(memory, in_use.effective_cache_size)
                ),
                &["memory.effective_cache_size", "memory.available"],
                "The planner takes for cached what must be read: lower it.",
            )
            .fixed_by(&[("effective_cache_size", "auto")]),
        );
    }
    (in_use.shared_buffers / 2 > budget.available / 5).then(|| {
        let finding = Finding::new(
            "memory.shared_buffers_above_40_percent",
            Severity::Info,
            format!("shared_buffers is more than 40 % of memory: {}.", of_memory(memory, in_use.shared_buffers)),
            &["memory.shared_buffers", "memory.available"],
            "The same pages are then cached twice: it rarely helps.",
        );
        if scenario.shared_buffers.is_some() { finding.fixed_by(&[("shared_buffers", "auto")]) } else { finding }
    })
}

fn container(scenario: &Scenario) -> Option<Finding> {
    let limit = scenario.container_memory?;
    let [ours, machine] = [size(limit.get()), size(scenario.ram.get())];
    if limit < scenario.ram {
        return Some(Finding::new(
            "memory.container_limit_applies",
            Severity::Info,
            format!("Sized for the container's {ours}, not for the machine's {machine}."),
            &["memory.available"],
            "Nothing is wrong: programs that size themselves by the machine's memory are what exceeds such limits.",
        ));
    }
    (limit > scenario.ram).then(|| {
        Finding::new(
            "memory.container_limit_above_ram",
            Severity::Warning,
            format!("The container may use {ours}, and the machine has {machine}."),
            &["memory.available"],
            "The limit protects nobody: lower it, or give the machine's memory as it is.",
        )
        .fixed_by(&[("container_memory", "none")])
    })
}

/// Settings that ask for more than another one lets them have.
fn workers(memory: &Memory<'_>) -> Vec<Finding> {
    let Memory { scenario, in_use, .. } = memory;
    let mut findings = Vec::new();
    let mut unusable = |code, [name, of]: [&'static str; 2], [wanted, most]: [u64; 2], evidence: &[&'static str]| {
        if wanted > most {
            findings.push(
                Finding::new(
                    code,
                    Severity::Warning,
                    format!("{name} {} is never reached: {of} is {}.", grouped(wanted), grouped(most)),
                    evidence,
                    format!("Raise {of}, or lower {name} to it."),
                )
                .fixed_by(&[(name, &most.to_string())]),
            );
        }
    };
    unusable(
        "memory.parallel_workers_unusable",
        ["max_parallel_workers", "max_worker_processes"],
        [in_use.parallel_workers, in_use.worker_processes],
        &["memory.max_parallel_workers", "memory.max_worker_processes"],
    );
    unusable(
        "memory.parallel_workers_per_gather_unusable",
        ["max_parallel_workers_per_gather", "max_parallel_workers"],
        [in_use.per_gather, in_use.parallel_workers],
        &["memory.max_parallel_workers_per_gather", "memory.max_parallel_workers"],
    );
    if scenario.pg >= PgVersion::V18 {
        unusable(
            "memory.autovacuum_workers_unusable",
            ["autovacuum_max_workers", "autovacuum_worker_slots"],
            [in_use.autovacuum_workers, in_use.autovacuum_slots],
            &["memory.autovacuum_max_workers", "memory.autovacuum_worker_slots"],
        );
    }
    findings
}

/// Before 17, vacuum keeps the rows it removes in an array of at most 1 GB.
fn vacuum(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, in_use, .. } = memory;
    let (name, most) =
        [("autovacuum_work_mem", in_use.autovacuum_work_mem), ("maintenance_work_mem", in_use.maintenance_work_mem)]
            .into_iter()
            .find(|(_, bytes)| *bytes > VACUUM_MOST)
            .filter(|_| scenario.vacuum_is_bounded())?;
    Some(
        Finding::new(
            "memory.vacuum_memory_unusable",
            Severity::Info,
            format!("Vacuum uses at most 1 GiB of {name} = {} before PostgreSQL 17.", size(most)),
            &["memory.autovacuum_work_mem", "memory.maintenance_work_mem"],
            "Only index builds use more: set it in their session.",
        )
        .fixed_by(&[("autovacuum_work_mem", "auto"), ("maintenance_work_mem", "auto")]),
    )
}

/// Settings the version does not know, and those the next one will not.
fn versions(memory: &Memory<'_>) -> Vec<Finding> {
    let Memory { scenario, .. } = memory;
    let version = scenario.pg;
    let mut findings = Vec::new();
    for id in given(scenario) {
        if Guc::find(id).is_some_and(|guc| guc.in_version(version).is_none()) {
            findings.push(
                Finding::new(
                    ["memory.unknown_", id].concat(),
                    Severity::Error,
                    format!("PostgreSQL {} does not know {id} and does not start with it.", version.word()),
                    &["memory.available"],
                    "Remove it from the configuration.",
                )
                .fixed_by(&[(id, "auto")]),
            );
        }
    }
    let workers = super::settings::io_workers(scenario);
    if let Some(gone) = history::find("io_workers").filter(|_| version == PgVersion::V18 && workers > 3) {
        findings.push(Finding::new(
            "memory.io_workers_gone_in_19",
            Severity::Info,
            format!("PostgreSQL {} will not start with io_workers = {workers}.", gone.since.get()),
            &["memory.io_workers"],
            ["Before that upgrade, replace it: it has ", gone.instead, "."].concat(),
        ));
    }
    findings
}

/// A standby that has less of these than its primary does not start, or stops replaying.
fn standbys(scenario: &Scenario) -> Option<Finding> {
    (scenario.replicas.get() > 0).then(|| {
        Finding::new(
            "memory.standby_settings",
            Severity::Info,
            "A standby needs at least its primary's max_connections, max_worker_processes, max_wal_senders, \
             max_prepared_transactions and max_locks_per_transaction.",
            &["memory.max_connections", "memory.max_worker_processes", "memory.max_wal_senders"],
            "Raise them on the standbys first, and lower them on the primary first.",
        )
    })
}
