//! The memory calculator's values: the budget as a stack, and every setting with the published rules beside it.

use crate::choice::Flag;
use crate::memory::budget::Case;
use crate::memory::published::Published;
use crate::memory::settings::{self, SETTINGS};
use crate::memory::{Memory, documented, pgtune, shared, timescaledb_tune};
use crate::quantity::{Bytes, Connections, Count, Quantity, Ratio, Share};
use crate::sheet::Sheet;
use crate::source::{self, HEADROOM, POSTGRESQL, Source};

/// Who publishes rules for settings.
const PUBLISHERS: [(Source, &[Published]); 4] = [
    (source::SCALING_STRATEGIES.at("PostgreSQL Configuration"), documented::STRATEGIES),
    (source::OPTIMIZATION_GUIDE.at("PostgreSQL Configuration"), documented::GUIDE),
    (source::PGTUNE, pgtune::RULES),
    (source::TIMESCALEDB_TUNE, timescaledb_tune::RULES),
];

fn bytes(bytes: u64) -> Quantity {
    Bytes(bytes).into()
}

/// All of them, in the order to show them.
pub(super) fn values(memory: &Memory<'_>, sheet: &mut Sheet<'_>) {
    stack(memory, sheet);
    backwards(memory, sheet);
    settings(memory, sheet);
}

/// The ids and names of the values of a case.
struct Names {
    page_tables: &'static str,
    backends: &'static str,
    work_mem: &'static str,
    total: &'static str,
    utilization: &'static str,
    /// "expected" or "at worst".
    when: &'static str,
    /// The formula of sorts and hashes.
    sorts: &'static str,
}

const EXPECTED: Names = Names {
    page_tables: "memory.budget.page_tables_expected",
    backends: "memory.budget.backends_expected",
    work_mem: "memory.budget.work_mem_expected",
    total: "memory.expected",
    utilization: "memory.utilization_expected",
    when: "expected at peak",
    sorts: "(busy + parallel workers) × nodes × (1 + hash_mem_multiplier) ÷ 2 × work_mem: half are hashes",
};

const WORST: Names = Names {
    page_tables: "memory.budget.page_tables_worst",
    backends: "memory.budget.backends_worst",
    work_mem: "memory.budget.work_mem_worst",
    total: "memory.worst_case",
    utilization: "memory.utilization_worst",
    when: "at worst",
    sorts: "(busy + parallel workers) × nodes × hash_mem_multiplier × work_mem",
};

fn stack(memory: &Memory<'_>, sheet: &mut Sheet<'_>) {
    let Memory { scenario, in_use, budget, .. } = memory;
    sheet
        .value("memory.available", "Memory the server can have", bytes(budget.available))
        .is("least(ram, container_memory)", source::KUBERNETES.at("Resource Management for Pods and Containers"))
        .inputs(&["ram", "container_memory"]);
    sheet
        .value("memory.open_connections", "Connections that can be open", Connections(budget.open.connections).into())
        .is("pool.database_demand + other_connections, at most pool.max_connections", HEADROOM)
        .with("pool.database_demand", Connections(scenario.database_demand(scenario.fleet())).into())
        .with("pool.max_connections", Connections(budget.accepted.connections).into())
        .inputs(&["other_connections"]);
    sheet
        .value("memory.busy_connections", "Connections busy at peak", Connections(budget.expected.busy).into())
        .is(
            "pool.offered_load + 2 × √pool.offered_load, at most memory.open_connections: exceeded in two of a hundred \
             moments",
            source::LITTLE,
        )
        .with("pool.offered_load", scenario.offered_load().into())
        .with("memory.open_connections", Connections(budget.open.connections).into());

    sheet.value("memory.budget.os", "Everything else on the machine", bytes(budget.os));
    sheet
        .is("given; else half of a desktop, 1/32 of a container, 1/16 of a server between 256 MiB and 4 GiB", HEADROOM)
        .inputs(&["os_reserve", "ram"]);
    let most_backends = shared::most_backends(scenario.pg, scenario.open_at_most(), in_use);
    let parts = [
        ("buffers", shared::buffers(in_use.shared_buffers)),
        ("locks", shared::locks(most_backends)),
        ("wal_buffers", shared::automatic_wal_buffers(in_use.shared_buffers)),
        ("I/O handles", shared::asynchronous_io(scenario.pg, in_use.shared_buffers, most_backends)),
    ];
    let rest = parts.iter().fold(budget.shared, |rest, (_, part)| rest.saturating_sub(*part));
    sheet
        .value("memory.budget.shared", "Shared memory", bytes(budget.shared))
        .is("buffers + locks + wal_buffers + I/O handles + all else", POSTGRESQL.at("shared_memory_size"))
        .with("shared_buffers", bytes(in_use.shared_buffers));
    for (name, part) in parts {
        sheet.with(name, bytes(part));
    }
    sheet.with("all else", bytes(rest));
    sheet
        .value("memory.nr_hugepages", "Huge pages of 2 MiB to reserve", Count(shared::huge_pages(budget.shared)).into())
        .is(
            "memory.budget.shared × 1.02 ÷ 2 MiB, rounded up. Exact: postgres -C shared_memory_size_in_huge_pages",
            source::LINUX.at("sysctl vm.nr_hugepages"),
        )
        .with("memory.budget.shared", bytes(budget.shared));

    let workers = Count(in_use.autovacuum_workers).into();
    sheet
        .value("memory.budget.autovacuum", "Autovacuum workers", bytes(budget.autovacuum))
        .is(
            "autovacuum_max_workers × (autovacuum_work_mem + backend_memory), before 17 at most 1 GB each",
            POSTGRESQL.at("autovacuum_work_mem"),
        )
        .with("autovacuum_max_workers", workers)
        .with("autovacuum_work_mem", bytes(in_use.autovacuum_work_mem))
        .inputs(&["backend_memory"]);
    sheet
        .value("memory.budget.maintenance", "Maintenance sessions", bytes(budget.maintenance))
        .is("maintenance_sessions × (maintenance_work_mem + backend_memory)", POSTGRESQL.at("maintenance_work_mem"))
        .with("maintenance_work_mem", bytes(in_use.maintenance_work_mem))
        .inputs(&["maintenance_sessions", "backend_memory"]);
    sheet
        .value("memory.budget.wal_senders", "Logical WAL senders", bytes(budget.senders))
        .is(
            "logical_senders × (logical_decoding_work_mem + backend_memory)",
            POSTGRESQL.at("logical_decoding_work_mem"),
        )
        .with("logical_decoding_work_mem", bytes(in_use.logical_decoding_work_mem))
        .inputs(&["logical_senders", "backend_memory"]);
    case(memory, sheet, &EXPECTED, &budget.expected);
    case(memory, sheet, &WORST, &budget.open);

    sheet
        .value(
            "memory.worst_case_max_connections",
            "Memory at worst with every connection the server accepts",
            bytes(budget.accepted.total),
        )
        .is("memory.worst_case with pool.max_connections open", HEADROOM)
        .with("pool.max_connections", Connections(budget.accepted.connections).into());
    sheet
        .value("memory.page_cache", "Left to the page cache at peak", bytes(page_cache(memory)))
        .is("memory.available − memory.expected", HEADROOM)
        .with("memory.available", bytes(budget.available))
        .with("memory.expected", bytes(budget.expected.total));
}

fn page_cache(memory: &Memory<'_>) -> u64 {
    memory.budget.available.saturating_sub(memory.budget.expected.total)
}

/// The parts of a case and their sum with the parts every case has.
fn case(memory: &Memory<'_>, sheet: &mut Sheet<'_>, names: &Names, case: &Case) {
    let Memory { scenario, in_use, budget, .. } = memory;
    let called = |what: &str| [what, ", ", names.when].concat();
    let made = |sheet: &mut Sheet<'_>, id: &'static str, what: &str, quantity| {
        sheet.made(id.to_owned(), called(what), quantity);
    };
    made(sheet, names.page_tables, "Page tables", bytes(case.page_tables));
    let per_page = if scenario.huge_pages_reserved == Flag::Yes {
        "(connections + parallel workers) × memory.budget.shared ÷ 262144: huge pages"
    } else {
        "(connections + parallel workers) × memory.budget.shared ÷ 512: pages of 4 KiB"
    };
    sheet
        .is(per_page, POSTGRESQL.at("Linux Huge Pages"))
        .with("connections", Connections(case.connections).into())
        .with("parallel workers", Count(case.parallel).into())
        .with("memory.budget.shared", bytes(budget.shared));
    made(sheet, names.backends, "Connections' own memory", bytes(case.backends));
    sheet
        .is(
            "busy × (backend_memory + temp_buffers) + parallel workers × backend_memory + idle × 2 MiB",
            POSTGRESQL.at("temp_buffers"),
        )
        .with("busy", Connections(case.busy).into())
        .with("idle", Connections(case.connections.saturating_sub(case.busy)).into())
        .with("parallel workers", Count(case.parallel).into())
        .with("temp_buffers", bytes(in_use.temp_buffers))
        .inputs(&["backend_memory"]);
    made(sheet, names.work_mem, "Sorts and hashes", bytes(case.work_mem));
    sheet
        .is(names.sorts, POSTGRESQL.at("work_mem, hash_mem_multiplier"))
        .with("busy", Connections(case.busy).into())
        .with("parallel workers", Count(case.parallel).into())
        .with("nodes", Count(scenario.nodes()).into())
        .with("hash_mem_multiplier", Ratio::new(in_use.hash_mem_multiplier).into())
        .with("work_mem", bytes(in_use.work_mem));
    made(sheet, names.total, "Memory", bytes(case.total));
    sheet.is("the sum of memory.budget", HEADROOM);
    for (id, part) in [
        ("memory.budget.os", budget.os),
        ("memory.budget.shared", budget.shared),
        ("memory.budget.autovacuum", budget.autovacuum),
        ("memory.budget.maintenance", budget.maintenance),
        ("memory.budget.wal_senders", budget.senders),
        (names.page_tables, case.page_tables),
        (names.backends, case.backends),
        (names.work_mem, case.work_mem),
    ] {
        sheet.with(id, bytes(part));
    }
    let share = Share::of(case.total, budget.available).unwrap_or_default();
    made(sheet, names.utilization, "Use of memory", share.into());
    sheet
        .is_made([names.total, " ÷ memory.available"].concat(), HEADROOM)
        .with(names.total, bytes(case.total))
        .with("memory.available", bytes(budget.available));
}

/// Solved for connections.
fn backwards(memory: &Memory<'_>, sheet: &mut Sheet<'_>) {
    let Memory { scenario, in_use, room, budget, .. } = memory;
    let each = bytes(budget.per_process(scenario, in_use, true));
    let page_tables = bytes(budget.page_tables(scenario, 1));
    sheet
        .value("memory.per_connection", "Memory of one connection at worst", each.clone())
        .is(
            "backend_memory + temp_buffers + page tables + work_mem × nodes × hash_mem_multiplier",
            POSTGRESQL.at("work_mem"),
        )
        .inputs(&["backend_memory"])
        .with("temp_buffers", bytes(in_use.temp_buffers))
        .with("page tables", page_tables)
        .with("work_mem", bytes(in_use.work_mem))
        .with("nodes", Count(scenario.nodes()).into())
        .with("hash_mem_multiplier", Ratio::new(in_use.hash_mem_multiplier).into());
    sheet
        .value(
            "memory.connections_that_fit",
            "Connections whose worst case fits",
            Connections(budget.connections_that_fit(scenario, in_use)).into(),
        )
        .is(
            "(memory.available − what needs no connection − parallel workers) ÷ memory.per_connection, rounded down",
            HEADROOM,
        )
        .with("memory.available", bytes(budget.available))
        .with("what needs no connection", bytes(budget.fixed()))
        .with("memory.per_connection", each);
    sheet.value("memory.work_mem_basis", "What work_mem has to fit", Quantity::Name(room.basis.to_owned())).is(
        "the worst case of what the server accepts, or of what can be open, where at least 4 MB fit; and always what \
             is expected",
        HEADROOM,
    );
    sheet
        .value("memory.work_mem_budget", "Memory left for sorts and hashes", bytes(room.left))
        .is("memory.available − all other parts; at peak of 70 % of it", HEADROOM)
        .with("memory.available", bytes(budget.available));
    sheet
        .value("memory.work_mem_multiplicity", "Times work_mem at once", Ratio::new(room.multiplicity).into())
        .is(
            "(connections + parallel workers) × nodes × hash_mem_multiplier; at peak half are hashes",
            POSTGRESQL.at("work_mem, hash_mem_multiplier"),
        )
        .with("nodes", Count(scenario.nodes()).into())
        .with("hash_mem_multiplier", Ratio::new(in_use.hash_mem_multiplier).into());
}

/// Every setting the version knows.
fn settings(memory: &Memory<'_>, sheet: &mut Sheet<'_>) {
    let scenario = memory.scenario;
    // Every list of rules is in the order of the settings.
    let mut lists = PUBLISHERS.map(|(publisher, rules)| (publisher, rules.iter().peekable()));
    for row in SETTINGS {
        let name = row.name();
        let rules = lists.each_mut().map(|(publisher, rules)| (*publisher, rules.next_if(|rule| rule.setting == name)));
        let Some((set, setting)) = (row.set)(memory).written(name, scenario.pg) else { continue };
        sheet
            .value(row.id, name, set.quantity())
            .is(row.formula, row.from.at(name))
            .setting(setting)
            .inputs(row.inputs);
        operands(memory, sheet, name);
        if let Some(today) = settings::today(scenario, name) {
            sheet.rule(
                HEADROOM.at("as it is set today"),
                "given",
                today,
                "The budget is computed with what is set today, not with what is recommended here.",
            );
        }
        for (publisher, rule) in rules {
            let says = rule.and_then(|rule| Some((rule, (rule.says)(scenario)?)));
            if let Some((rule, set)) = says {
                sheet.rule(publisher, rule.formula, set.quantity(), rule.why);
            }
        }
    }
}

/// Operands that are no inputs.
fn operands(memory: &Memory<'_>, sheet: &mut Sheet<'_>, name: &str) {
    let Memory { in_use, room, budget, .. } = memory;
    let available = || bytes(budget.available);
    match name {
        "shared_buffers" | "maintenance_work_mem" => {
            sheet.with("memory.available", available());
        }
        "effective_cache_size" => {
            sheet
                .with("shared_buffers", bytes(in_use.shared_buffers))
                .with("memory.page_cache", bytes(page_cache(memory)));
        }
        "work_mem" => {
            sheet
                .with("memory.work_mem_budget", bytes(room.left))
                .with("memory.work_mem_multiplicity", Ratio::new(room.multiplicity).into());
        }
        "autovacuum_work_mem" => {
            sheet
                .with("memory.available", available())
                .with("autovacuum_max_workers", Count(in_use.autovacuum_workers).into())
                .with("maintenance_work_mem", bytes(in_use.maintenance_work_mem));
        }
        "wal_buffers" => {
            sheet.with("shared_buffers", bytes(in_use.shared_buffers));
        }
        "max_wal_size" => {
            sheet.with("storage.wal_kept", bytes(memory.wal));
        }
        "min_wal_size" => {
            sheet.with("max_wal_size", bytes(memory.max_wal_size()));
        }
        "autovacuum_worker_slots" => {
            sheet.with("autovacuum_max_workers", Count(in_use.autovacuum_workers).into());
        }
        _ => {}
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
            assert!(rules.is_sorted_by(|one, next| place(one) < place(next)), "{publisher}");
        }
    }
}
