//! What is wrong with the memory of a scenario, why, and what to do.

use crate::choice::{Flag, PgVersion};
use crate::finding::{Finding, Row, Severity, filled};
use crate::memory::budget::Case;
use crate::memory::config::VACUUM_MOST;
use crate::memory::guc::Guc;
use crate::memory::{Memory, history, settings, shared};
use crate::quantity::{Bytes, Connections, Count, Quantity, Share};
use crate::scenario::Scenario;

const fn row(
    code: &'static str,
    message: &'static str,
    evidence: &'static [&'static str],
    remedy: &'static str,
) -> Row {
    Row { code, message, evidence, remedy }
}

const AT_PEAK: &[&str] = &["memory.expected", "memory.available", "memory.utilization_expected"];
const AT_WORST: &[&str] = &["memory.worst_case", "memory.worst_case_max_connections", "memory.available"];
const LESS: &str = "Open fewer connections, give the settings less, or the server more memory.";

static HOPELESS: Row = row(
    "memory.fixed_exceeds_ram",
    "Without a single connection, shared memory, maintenance and the system need # of # (#).",
    &["memory.budget.shared", "memory.budget.autovacuum", "memory.budget.maintenance", "memory.available"],
    "Lower shared_buffers and what maintenance may use: the kernel would end the server.",
);
static EXCEEDED: Row =
    row("memory.expected_exceeds_ram", "What is expected at peak does not fit: # of # (#).", AT_PEAK, LESS);
static NEAR: Row = row(
    "memory.expected_near_ram",
    "What is expected at peak leaves little to the page cache: # of # (#).",
    AT_PEAK,
    LESS,
);
/// Where the server accepts more than can be open, and where it does not.
static WORST: [Row; 2] = [
    worst(
        "At worst memory does not suffice: # of # (#) with # connections and work_mem #, and # with the # connections \
         the server accepts.",
    ),
    worst("At worst memory does not suffice: # of # (#) with # connections and work_mem #."),
];
const fn worst(message: &'static str) -> Row {
    row(
        "memory.worst_case_exceeds_ram",
        message,
        AT_WORST,
        "The worst case of # connections fits. Allow no more, or lower work_mem and raise it for the roles that need it.",
    )
}
static ACCEPTED: Row = row(
    "memory.max_connections_exceed_ram",
    "At worst the # connections the server accepts need # of # (#); the # that can be open fit.",
    AT_WORST,
    "Nothing to do while the pools are what limits: a max_connections of # fits.",
);
static PAGE_TABLES: Row = row(
    "memory.page_tables",
    "Without huge pages, page tables can take # of # (#).",
    &["memory.budget.page_tables_worst", "memory.nr_hugepages"],
    "Set vm.nr_hugepages to # before the server starts.",
);
static CACHE: Row = row(
    "memory.effective_cache_size_above_ram",
    "effective_cache_size is more than there is: # of # (#).",
    &["memory.effective_cache_size", "memory.available"],
    "The planner takes for cached what must be read: lower it.",
);
static BUFFERS: Row = row(
    "memory.shared_buffers_above_40_percent",
    "shared_buffers is more than 40 % of memory: # of # (#).",
    &["memory.shared_buffers", "memory.available"],
    "The same pages are then cached twice: it rarely helps.",
);
static CONTAINER: Row = row(
    "memory.container_limit_applies",
    "Sized for the container's #, not for the machine's #.",
    &["memory.available"],
    "Nothing is wrong: programs that size themselves by the machine's memory are what exceeds such limits.",
);
static ABOVE: Row = row(
    "memory.container_limit_above_ram",
    "The container may use #, and the machine has #.",
    &["memory.available"],
    "The limit protects nobody: lower it, or give the machine's memory as it is.",
);
/// Settings that another one bounds.
static UNUSABLE: [(&str, Row); 3] = [
    (
        "max_parallel_workers",
        row(
            "memory.parallel_workers_unusable",
            "max_parallel_workers # is never reached: max_worker_processes is #.",
            &["memory.max_parallel_workers", "memory.max_worker_processes"],
            "Raise max_worker_processes, or lower max_parallel_workers to it.",
        ),
    ),
    (
        "max_parallel_workers_per_gather",
        row(
            "memory.parallel_workers_per_gather_unusable",
            "max_parallel_workers_per_gather # is never reached: max_parallel_workers is #.",
            &["memory.max_parallel_workers_per_gather", "memory.max_parallel_workers"],
            "Raise max_parallel_workers, or lower max_parallel_workers_per_gather to it.",
        ),
    ),
    (
        "autovacuum_max_workers",
        row(
            "memory.autovacuum_workers_unusable",
            "autovacuum_max_workers # is never reached: autovacuum_worker_slots is #.",
            &["memory.autovacuum_max_workers", "memory.autovacuum_worker_slots"],
            "Raise autovacuum_worker_slots, or lower autovacuum_max_workers to it.",
        ),
    ),
];
static VACUUM: Row = row(
    "memory.vacuum_memory_unusable",
    "Before PostgreSQL 17 vacuum uses at most 1 GiB of #.",
    &["memory.autovacuum_work_mem", "memory.maintenance_work_mem"],
    "Only index builds use more: set it in their session.",
);
static UNKNOWN: Row = row(
    "memory.unknown_",
    "PostgreSQL # does not know # and does not start with it.",
    &["memory.available"],
    "Remove it from the configuration.",
);
static GONE: Row = row(
    "memory.io_workers_gone_in_19",
    "PostgreSQL # will not start with io_workers = #.",
    &["memory.io_workers"],
    "Before that upgrade, replace it: it has #.",
);
static STANDBYS: Row = row(
    "memory.standby_settings",
    "Five settings of a standby must be at least its primary's.",
    &["memory.max_connections", "memory.max_worker_processes", "memory.max_wal_senders"],
    "Raise max_connections, max_worker_processes, max_wal_senders, max_prepared_transactions and \
     max_locks_per_transaction on the standbys first, and lower them on the primary first.",
);

/// What is looked for, each found once at most.
const CHECKS: [fn(&Memory<'_>) -> Option<Finding>; 8] =
    [expected, worst_case, page_tables, cache, container, vacuum, io_workers, standbys];

pub(super) fn findings(memory: &Memory<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = CHECKS.iter().filter_map(|check| check(memory)).collect();
    workers(memory, &mut findings);
    unknown(memory.scenario, &mut findings);
    findings
}

/// "71.2GiB of 64GiB (111.3 %)".
fn of_memory(memory: &Memory<'_>, bytes: u64) -> [Quantity; 3] {
    let available = memory.budget.available;
    let share = Share::of(bytes, available).unwrap_or_default();
    [Bytes(bytes).into(), Bytes(available).into(), share.into()]
}

/// The same with a number in the remedy.
fn with_remedy(finding: Finding, number: Quantity) -> Finding {
    Finding { remedy: filled(&finding.remedy, &[number]), ..finding }
}

/// The recommendation for the first given setting that ends it, or for all given ones.
fn recommended(finding: Finding, scenario: &Scenario, ends: &dyn Fn(&Memory<'_>) -> bool) -> Finding {
    let with = |ids: &[&'static str]| {
        let mut mended = scenario.clone();
        ids.iter().all(|id| mended.set(id, "auto").is_ok()) && ends(&Memory::without_wal(&mended))
    };
    let ids: Vec<&'static str> = settings::today(scenario).into_iter().map(|(id, _)| id).collect();
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
    // What is recommended is made to stay within 70 %; rounding may take it a little above.
    [(90, Severity::Error), (80, Severity::Warning), (71, Severity::Info)]
        .into_iter()
        .find_map(|(percent, severity)| is_above(percent).then_some(severity))
}

/// What does not even depend on connections is too much.
fn is_hopeless(memory: &Memory<'_>) -> bool {
    memory.budget.fixed() > memory.budget.available
}

fn expected(memory: &Memory<'_>) -> Option<Finding> {
    let scenario = memory.scenario;
    if is_hopeless(memory) {
        let finding = HOPELESS.found(Severity::Error, &of_memory(memory, memory.budget.fixed()));
        return Some(recommended(finding, scenario, &|mended| !is_hopeless(mended)));
    }
    let severity = severity(memory)?;
    let total = memory.budget.expected.total;
    let row = if total > memory.budget.available { &EXCEEDED } else { &NEAR };
    let finding = row.found(severity, &of_memory(memory, total));
    Some(recommended(finding, scenario, &|mended| self::severity(mended) < Some(severity)))
}

fn worst_case(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, in_use, budget, .. } = memory;
    let [open, accepted] = [&budget.open, &budget.accepted];
    let is_beyond = |case: &Case| case.total > budget.available;
    let connections = |case: &Case| Connections(case.connections).into();
    let that_fit = Connections(budget.connections_that_fit(scenario, in_use)).into();
    let finding = if is_beyond(open) {
        let [total, available, share] = of_memory(memory, open.total);
        let work_mem = Bytes(in_use.work_mem).into();
        let of_all = Bytes(accepted.total).into();
        let numbers = [total, available, share, connections(open), work_mem, of_all, connections(accepted)];
        let [differ, same] = &WORST;
        let row = if accepted.connections > open.connections { differ } else { same };
        let finding = row.found(Severity::Warning, &numbers);
        recommended(finding, scenario, &|mended| mended.budget.open.total <= mended.budget.available)
    } else if is_beyond(accepted) {
        let [total, available, share] = of_memory(memory, accepted.total);
        ACCEPTED.found(Severity::Info, &[connections(accepted), total, available, share, connections(open)])
    } else {
        return None;
    };
    Some(with_remedy(finding, that_fit))
}

/// Page tables are worth huge pages from a twentieth of memory on.
fn page_tables(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, budget, .. } = memory;
    let tables = budget.open.page_tables;
    (scenario.huge_pages_reserved == Flag::No && tables > budget.available / 20).then(|| {
        let finding = PAGE_TABLES.found(Severity::Info, &of_memory(memory, tables));
        with_remedy(finding, Count(shared::huge_pages(budget.shared)).into())
            .fixed_by(&[("huge_pages_reserved", "yes")])
    })
}

/// What is said to be cached, or set aside for the cache, against the memory there is.
fn cache(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { in_use, budget, .. } = memory;
    let (row, severity, bytes, id) = if in_use.effective_cache_size > budget.available {
        (&CACHE, Severity::Warning, in_use.effective_cache_size, "effective_cache_size")
    } else if in_use.shared_buffers / 2 > budget.available / 5 {
        (&BUFFERS, Severity::Info, in_use.shared_buffers, "shared_buffers")
    } else {
        return None;
    };
    Some(row.found(severity, &of_memory(memory, bytes)).fixed_by(&[(id, "auto")]))
}

fn container(memory: &Memory<'_>) -> Option<Finding> {
    let scenario = memory.scenario;
    let limit = scenario.container_memory?;
    let numbers = [limit.into(), scenario.ram.into()];
    if limit < scenario.ram {
        return Some(CONTAINER.found(Severity::Info, &numbers));
    }
    (limit > scenario.ram).then(|| ABOVE.found(Severity::Warning, &numbers).fixed_by(&[("container_memory", "none")]))
}

/// Settings that ask for more than another one lets them have.
fn workers(memory: &Memory<'_>, findings: &mut Vec<Finding>) {
    let Memory { scenario, in_use, .. } = memory;
    let slots = if scenario.pg >= PgVersion::V18 { in_use.autovacuum_slots } else { u64::MAX };
    let numbers = [
        (in_use.parallel_workers, in_use.worker_processes),
        (in_use.per_gather, in_use.parallel_workers),
        (in_use.autovacuum_workers, slots),
    ];
    for ((name, row), (wanted, most)) in UNUSABLE.iter().zip(numbers) {
        if wanted > most {
            let finding = row.found(Severity::Warning, &[Count(wanted).into(), Count(most).into()]);
            findings.push(finding.fixed_by(&[(name, &most.to_string())]));
        }
    }
}

/// Before 17, vacuum keeps the rows it removes in an array of at most 1 GB.
fn vacuum(memory: &Memory<'_>) -> Option<Finding> {
    let Memory { scenario, in_use, .. } = memory;
    let most = in_use.autovacuum_work_mem.max(in_use.maintenance_work_mem);
    (scenario.vacuum_is_bounded() && most > VACUUM_MOST).then(|| {
        VACUUM
            .found(Severity::Info, &[Bytes(most).into()])
            .fixed_by(&[("autovacuum_work_mem", "auto"), ("maintenance_work_mem", "auto")])
    })
}

fn word(word: &str) -> Quantity {
    Quantity::Name(word.to_owned())
}

/// Settings the version does not know.
fn unknown(scenario: &Scenario, findings: &mut Vec<Finding>) {
    let version = scenario.pg;
    for (id, _) in settings::today(scenario) {
        if Guc::find(id).is_some_and(|guc| guc.in_version(version).is_none()) {
            let finding = UNKNOWN.found(Severity::Error, &[word(version.word()), word(id)]);
            findings.push(Finding { code: [UNKNOWN.code, id].concat().into(), ..finding }.fixed_by(&[(id, "auto")]));
        }
    }
}

/// A setting the next version will not know.
fn io_workers(memory: &Memory<'_>) -> Option<Finding> {
    let scenario = memory.scenario;
    let workers = settings::io_workers(scenario);
    let gone = history::find("io_workers").filter(|_| scenario.pg == PgVersion::V18 && workers > 3)?;
    let finding = GONE.found(Severity::Info, &[gone.since.into(), Count(workers).into()]);
    Some(with_remedy(finding, word(gone.instead)))
}

fn standbys(memory: &Memory<'_>) -> Option<Finding> {
    (memory.scenario.replicas.get() > 0).then(|| STANDBYS.found(Severity::Info, &[]))
}
