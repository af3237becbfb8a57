//! The memory calculator's values: the budget as a stack, and every setting with the published rules beside it.

use crate::choice::Flag;
use crate::memory::budget::{Budget, Case};
use crate::memory::config::Config;
use crate::memory::published::Published;
use crate::memory::settings::{self, SETTINGS};
use crate::memory::{Memory, documented, pgtune, shared, timescaledb_tune};
use crate::numbers::{Given, NumberRow, row};
use crate::quantity::{Quantity, Unit, approximate};
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL, Source};

/// Who publishes rules for settings.
const PUBLISHERS: [(Source, &[Published]); 4] = [
    (source::SCALING_STRATEGIES.at("PostgreSQL Configuration"), documented::STRATEGIES),
    (source::OPTIMIZATION_GUIDE.at("PostgreSQL Configuration"), documented::GUIDE),
    (source::PGTUNE, pgtune::RULES),
    (source::TIMESCALEDB_TUNE, timescaledb_tune::RULES),
];

const CONTAINERS: Source = source::KUBERNETES.at("Resource Management for Pods and Containers");
const HUGE_PAGES: Source = POSTGRESQL.at("Linux Huge Pages");
const SORTS: Source = POSTGRESQL.at("work_mem, hash_mem_multiplier");
const PAGES: &str = "(connections + parallel workers) × memory.budget.shared ÷ page × 8";
const OWN: &str = "busy × (backend_memory + temp_buffers) + parallel workers × backend_memory + idle × 2 MiB";
const SUM: &str = "the sum of its memory.budget";
const PAGED: &[&str] = &["connections", "parallel workers", "memory.budget.shared", "page"];
const OWNED: &[&str] = &["busy", "parallel workers", "idle", "backend_memory", "temp_buffers"];
const SORTED: &[&str] = &["busy", "parallel workers", "nodes", "hash_mem_multiplier", "work_mem"];
const TIMES: &[&str] = &["busy", "parallel workers", "nodes", "hash_mem_multiplier"];

/// What needs memory whatever the connections do.
static FIXED: [NumberRow; 9] = [
    row(
        "memory.available",
        "Memory the server can have",
        Unit::Bytes,
        "least(ram, container_memory)",
        CONTAINERS,
        &["ram", "container_memory"],
    ),
    row(
        "memory.open_connections",
        "Connections that can be open",
        Unit::Connections,
        "pool.database_demand + other_connections, at most pool.max_connections",
        HEADROOM,
        &["pool.database_demand", "other_connections", "pool.max_connections"],
    ),
    row(
        "memory.busy_connections",
        "Connections busy at peak",
        Unit::Connections,
        "pool.offered_load + 2 × √pool.offered_load, at most memory.open_connections: exceeded in two of a hundred \
         moments",
        source::LITTLE,
        &["pool.offered_load", "memory.open_connections"],
    ),
    row(
        "memory.budget.os",
        "Everything else on the machine",
        Unit::Bytes,
        "given; else half of a desktop, 1/32 of a container, 1/16 of a server between 256 MiB and 4 GiB",
        HEADROOM,
        &["os_reserve"],
    ),
    row(
        "memory.budget.shared",
        "Shared memory",
        Unit::Bytes,
        "buffers + locks + wal_buffers + I/O handles + all else",
        POSTGRESQL.at("shared_memory_size"),
        &["shared_buffers", "buffers", "locks", "wal_buffers", "I/O handles", "all else"],
    ),
    row(
        "memory.nr_hugepages",
        "Huge pages of 2 MiB to reserve",
        Unit::Count,
        "memory.budget.shared × 1.02 ÷ 2 MiB, rounded up. Exact: postgres -C shared_memory_size_in_huge_pages",
        source::LINUX.at("sysctl vm.nr_hugepages"),
        &["memory.budget.shared"],
    ),
    row(
        "memory.budget.autovacuum",
        "Autovacuum workers",
        Unit::Bytes,
        "autovacuum_max_workers × (autovacuum_work_mem + backend_memory), before 17 at most 1 GB each",
        POSTGRESQL.at("autovacuum_work_mem"),
        &["autovacuum_max_workers", "autovacuum_work_mem", "backend_memory"],
    ),
    row(
        "memory.budget.maintenance",
        "Maintenance sessions",
        Unit::Bytes,
        "maintenance_sessions × (maintenance_work_mem + backend_memory)",
        POSTGRESQL.at("maintenance_work_mem"),
        &["maintenance_sessions", "maintenance_work_mem", "backend_memory"],
    ),
    row(
        "memory.budget.wal_senders",
        "Logical WAL senders",
        Unit::Bytes,
        "logical_senders × (logical_decoding_work_mem + backend_memory)",
        POSTGRESQL.at("logical_decoding_work_mem"),
        &["logical_senders", "logical_decoding_work_mem", "backend_memory"],
    ),
];

/// The parts of a case and their sum.
static EXPECTED: [NumberRow; 5] = [
    row("memory.budget.page_tables_expected", "Page tables at peak", Unit::Bytes, PAGES, HUGE_PAGES, PAGED),
    row("memory.budget.backends_expected", "Connections' own memory at peak", Unit::Bytes, OWN, HEADROOM, OWNED),
    row(
        "memory.budget.work_mem_expected",
        "Sorts and hashes at peak",
        Unit::Bytes,
        "(busy + parallel workers) × nodes × (1 + hash_mem_multiplier) ÷ 2 × work_mem: half are hashes",
        SORTS,
        SORTED,
    ),
    row(
        "memory.expected",
        "Memory expected at peak",
        Unit::Bytes,
        SUM,
        HEADROOM,
        &[
            "memory.budget.os",
            "memory.budget.shared",
            "memory.budget.autovacuum",
            "memory.budget.maintenance",
            "memory.budget.wal_senders",
            "memory.budget.page_tables_expected",
            "memory.budget.backends_expected",
            "memory.budget.work_mem_expected",
        ],
    ),
    row(
        "memory.utilization_expected",
        "Use of memory at peak",
        Unit::Share,
        "memory.expected ÷ memory.available",
        HEADROOM,
        &["memory.expected", "memory.available"],
    ),
];

/// The same with every connection busy.
static WORST: [NumberRow; 5] = [
    row("memory.budget.page_tables_worst", "Page tables at worst", Unit::Bytes, PAGES, HUGE_PAGES, PAGED),
    row("memory.budget.backends_worst", "Connections' own memory at worst", Unit::Bytes, OWN, HEADROOM, OWNED),
    row(
        "memory.budget.work_mem_worst",
        "Sorts and hashes at worst",
        Unit::Bytes,
        "(busy + parallel workers) × nodes × hash_mem_multiplier × work_mem",
        SORTS,
        SORTED,
    ),
    row(
        "memory.worst_case",
        "Memory at worst",
        Unit::Bytes,
        SUM,
        HEADROOM,
        &[
            "memory.budget.os",
            "memory.budget.shared",
            "memory.budget.autovacuum",
            "memory.budget.maintenance",
            "memory.budget.wal_senders",
            "memory.budget.page_tables_worst",
            "memory.budget.backends_worst",
            "memory.budget.work_mem_worst",
        ],
    ),
    row(
        "memory.utilization_worst",
        "Use of memory at worst",
        Unit::Share,
        "memory.worst_case ÷ memory.available",
        HEADROOM,
        &["memory.worst_case", "memory.available"],
    ),
];

/// What follows from the budget.
static BACKWARDS: [NumberRow; 4] = [
    row(
        "memory.worst_case_max_connections",
        "Memory at worst with every connection the server accepts",
        Unit::Bytes,
        "memory.worst_case with pool.max_connections open",
        HEADROOM,
        &["pool.max_connections"],
    ),
    row(
        "memory.page_cache",
        "Left to the page cache at peak",
        Unit::Bytes,
        "memory.available − memory.expected",
        HEADROOM,
        &["memory.available", "memory.expected"],
    ),
    row(
        "memory.per_connection",
        "Memory of one connection at worst",
        Unit::Bytes,
        "backend_memory + temp_buffers + page tables + work_mem × nodes × hash_mem_multiplier",
        SORTS,
        &["backend_memory", "temp_buffers", "page tables", "work_mem", "nodes", "hash_mem_multiplier"],
    ),
    row(
        "memory.connections_that_fit",
        "Connections whose worst case fits",
        Unit::Connections,
        "(memory.available − what needs no connection − parallel workers) ÷ memory.per_connection, rounded down",
        HEADROOM,
        &["memory.available", "what needs no connection", "memory.per_connection"],
    ),
];

/// What decides on `work_mem`.
static ROOM: [NumberRow; 2] = [
    row(
        "memory.work_mem_budget",
        "Memory left for sorts and hashes",
        Unit::Bytes,
        "memory.available (at peak 70 % of it) − all other parts, with the recommended settings",
        HEADROOM,
        &["memory.available"],
    ),
    row(
        "memory.work_mem_multiplicity",
        "Times work_mem at once",
        Unit::Ratio,
        "(busy + parallel workers) × nodes × hash_mem_multiplier; at peak × (1 + hash_mem_multiplier) ÷ 2: half are \
         hashes",
        SORTS,
        TIMES,
    ),
];

/// Numbers that are no inputs, or not as they are given.
fn given(memory: &Memory<'_>, (config, budget): (&Config, &Budget), case: &Case) -> [Given; 25] {
    let scenario = memory.scenario;
    let most_backends = shared::most_backends(scenario.pg, scenario.open_at_most(), config);
    let parts = [
        shared::buffers(config.shared_buffers),
        shared::locks(most_backends),
        shared::automatic_wal_buffers(config.shared_buffers),
        shared::asynchronous_io(scenario.pg, config.shared_buffers, most_backends),
    ];
    let rest = parts.iter().fold(budget.shared, |rest, part| rest.saturating_sub(*part));
    let [buffers, locks, wal_buffers, io] = parts;
    let page = if scenario.huge_pages_reserved == Flag::Yes { shared::HUGE_PAGE } else { 4 << 10 };
    let idle = case.connections.saturating_sub(case.busy);
    let bytes = |name, bytes| (name, Unit::Bytes, approximate(bytes));
    let count = |name, count| (name, Unit::Count, approximate(count));
    [
        bytes("shared_buffers", config.shared_buffers),
        bytes("buffers", buffers),
        bytes("locks", locks),
        bytes("wal_buffers", wal_buffers),
        bytes("I/O handles", io),
        bytes("all else", rest),
        count("autovacuum_max_workers", config.autovacuum_workers),
        bytes("autovacuum_work_mem", config.autovacuum_work_mem),
        bytes("maintenance_work_mem", config.maintenance_work_mem),
        bytes("logical_decoding_work_mem", config.logical_decoding_work_mem),
        count("connections", case.connections),
        count("busy", case.busy),
        count("idle", idle),
        count("parallel workers", case.parallel),
        bytes("page", page),
        bytes("temp_buffers", config.temp_buffers),
        count("nodes", scenario.nodes()),
        ("hash_mem_multiplier", Unit::Ratio, config.hash_mem_multiplier),
        bytes("work_mem", config.work_mem),
        bytes("page tables", budget.page_tables(scenario, 1)),
        bytes("what needs no connection", budget.fixed()),
        bytes("max_wal_size", memory.max_wal_size()),
        bytes("storage.wal_kept", memory.wal),
        bytes("left to the page cache", page_cache(budget)),
        count("checkpoint_minutes", scenario.checkpoint_minutes.get()),
    ]
}

/// All of them, in the order to show them.
pub(super) fn values(memory: &Memory<'_>, sheet: &mut Sheet<'_>) {
    let Memory { scenario, ours, room, recommended, in_use, budget, .. } = memory;
    let Budget { expected, open, accepted, .. } = budget;
    let given = [expected, open].map(|case| given(memory, (in_use, budget), case));
    let [at_peak, at_worst] = &given;
    let fixed = [
        budget.available,
        open.connections,
        expected.busy,
        budget.os,
        budget.shared,
        shared::huge_pages(budget.shared),
        budget.autovacuum,
        budget.maintenance,
        budget.senders,
    ];
    sheet.numbers(&FIXED, &fixed.map(|number| Some(approximate(number))), at_peak);
    for (rows, case, given) in [(&EXPECTED, expected, at_peak), (&WORST, open, at_worst)] {
        let [tables, own, sorts, total] =
            [case.page_tables, case.backends, case.work_mem, case.total].map(|number| Some(approximate(number)));
        let share = total.map(|total| total / approximate(budget.available));
        sheet.numbers(rows, &[tables, own, sorts, total, share], given);
    }
    let backwards = [
        approximate(accepted.total),
        approximate(page_cache(budget)),
        approximate(budget.per_process(scenario, in_use, true)),
        approximate(budget.connections_that_fit(scenario, in_use)),
    ];
    sheet.numbers(&BACKWARDS, &backwards.map(Some), at_worst);
    let recommended = self::given(memory, (ours, recommended), &room.case);
    sheet.numbers(&ROOM, &[Some(approximate(room.left)), Some(room.case.multiplicity)], &recommended);
    sheet.value("memory.work_mem_basis", "What work_mem has to fit", Quantity::Name(room.basis.to_owned())).is(
        "every connection the server accepts, where 4 MB fit each; else work_mem is 4 MB, if what can be open allows \
             it, or else what is busy at peak; and it always fits what is busy at peak",
        HEADROOM,
    );
    settings(memory, sheet, &recommended);
}

fn page_cache(budget: &Budget) -> u64 {
    budget.available.saturating_sub(budget.expected.total)
}

/// Every setting the version knows.
fn settings(memory: &Memory<'_>, sheet: &mut Sheet<'_>, given: &[Given]) {
    let scenario = memory.scenario;
    let today = settings::today(scenario);
    // Every list of rules is in the order of the settings.
    let mut lists = PUBLISHERS;
    for row in SETTINGS {
        let name = row.name();
        let written = row.set.of(memory).written(name, scenario.pg);
        let is_known = written.is_some();
        if let Some((set, setting)) = written {
            let formula = if row.formula.is_empty() { memory.room.formula } else { row.formula };
            sheet.value(row.id, name, set.quantity()).is(formula, row.from.at(name)).setting(setting);
            sheet.operands(row.operands, given);
        }
        if let Some((_, today)) = today.iter().find(|(id, _)| is_known && *id == name) {
            sheet.rule(
                HEADROOM.at("as it is set today"),
                "given",
                today.clone(),
                "The budget is computed with what is set today, not with what is recommended here.",
            );
        }
        for (publisher, rules) in &mut lists {
            while let Some((rule, rest)) = rules.split_first().filter(|(rule, _)| rule.setting == name) {
                *rules = rest;
                if let Some(says) = rule.says.of(scenario).filter(|_| is_known) {
                    sheet.rule(*publisher, rule.formula, says.quantity(), rule.why);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_in_the_order_of_the_settings() {
        for (publisher, rules) in PUBLISHERS {
            let place = |rule: &Published| SETTINGS.iter().position(|row| row.name() == rule.setting);
            for rule in rules {
                assert!(place(rule).is_some(), "{publisher}: {} is no setting of ours", rule.setting);
            }
            assert!(rules.is_sorted_by(|one, next| place(one) <= place(next)), "{publisher}");
        }
    }
}
