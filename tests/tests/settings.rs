//! The settings of `PostgreSQL` that the product knows and hands out, on real servers of every major.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use sizing::choice::{Disk, PgVersion, System, Workload};
use sizing::memory::guc::{Guc, GucKind};
use sizing::{PRESETS, Plan, Quantity, Scenario, plan};
use tests::postgres::{Session, allowance_mb, cluster};
use xtask::postgres::{Cluster, MAJORS};
use xtask::{paths, settings};

/// How far the shared memory that is predicted may be from what a server asks for: 2 %, or so many megabytes.
///
/// The prediction knows nothing of the libraries that are preloaded; `pg_stat_statements` takes some megabytes.
const TOLERANCE_PERCENT: f64 = 2.0;
const TOLERANCE_MB: f64 = 4.0;

/// Machines beside the presets: what is said of them, and what matters of them.
const MACHINES: [(&str, &[(&str, &str)]); 9] = [
    ("defaults", &[]),
    ("the least", &[("ram", "512MiB"), ("cpus", "1"), ("max_connections", "20")]),
    (
        "256 GiB",
        &[("ram", "256GiB"), ("cpus", "64"), ("storage", "nvme"), ("workload", "oltp"), ("max_connections", "500")],
    ),
    ("a warehouse of 1 TiB", &[("ram", "1TiB"), ("cpus", "128"), ("storage", "nvme"), ("workload", "warehouse")]),
    ("thousands of connections", &[("ram", "64GiB"), ("max_connections", "10000")]),
    ("a container", &[("ram", "64GiB"), ("container_memory", "2GiB")]),
    ("logical replication", &[("ram", "4GiB"), ("logical_senders", "8")]),
    ("reserved connections", &[("ram", "4GiB"), ("superuser_reserved", "10"), ("reserved_connections", "7")]),
    ("a large database", &[("ram", "4GiB"), ("database_bytes", "2TiB"), ("storage", "hdd")]),
];

/// The documents' own files: name, and what outranks the file here, with the reason.
const DOCUMENTED: [(&str, &[&str]); 3] = [
    ("ticketing.conf", &[]),
    // A folder that belongs to the system, and to a server that came with it.
    ("audit-api.conf", &["log_directory=log"]),
    ("audit-api-configmap.conf", &[]),
];

/// Settings by name, as a `postgresql.conf` has them.
type Settings = BTreeMap<String, String>;

fn version(major: u32) -> PgVersion {
    PgVersion::from_word(&major.to_string()).unwrap()
}

/// A scenario of these inputs, for a server of that major.
fn scenario(major: u32, inputs: &[(&str, &str)]) -> Scenario {
    let mut scenario = Scenario::default();
    for (id, text) in inputs {
        scenario.set(id, text).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    scenario.pg = version(major);
    scenario
}

fn handed_out(plan: &Plan) -> Settings {
    let settings = plan.values.iter().filter_map(|value| value.setting.as_ref());
    // No server here has TimescaleDB's library: one of the contrib package stands in for it.
    let here = |text: &str| text.replace("timescaledb", "auto_explain");
    settings.map(|setting| (setting.name().to_owned(), here(setting.text()))).collect()
}

fn file(settings: &Settings) -> String {
    settings.iter().fold(String::new(), |mut file, (name, text)| {
        let _ = writeln!(file, "{name} = {text}");
        file
    })
}

/// The settings of a `postgresql.conf`.
fn parse(file: &str) -> Settings {
    let mut settings = Settings::new();
    for line in file.lines() {
        let Some((name, rest)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let quoted = rest.trim_start().starts_with('\'');
        let end = if quoted { rest.rfind('\'').map(|at| at + 1) } else { rest.find('#') };
        settings.insert(name.trim().to_owned(), rest[..end.unwrap_or(rest.len())].trim().to_owned());
    }
    settings
}

/// Whether what the server has, in the setting's own unit, is what the file says.
fn agrees(name: &str, major: u32, text: &str, has: &str) -> bool {
    let guc = Guc::find(name).unwrap_or_else(|| panic!("{name} is not in the table"));
    let span = guc.in_version(version(major)).unwrap_or_else(|| panic!("{name} is not in version {major}"));
    match span.kind {
        // The server's own choice.
        _ if text == "-1" && name == "wal_buffers" => has == "-1" || has.parse::<u32>().unwrap() > 0,
        GucKind::Integer { .. } => {
            let each = guc.unit.bytes().or(guc.unit.millis()).unwrap_or(1);
            let at = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
            let (number, unit) = text.split_at(at);
            let unit: i128 = match unit {
                "" => each.into(),
                "B" => 1,
                "kB" => 1 << 10,
                "MB" => 1 << 20,
                "GB" => 1 << 30,
                "TB" => 1 << 40,
                "ms" => 1,
                "s" => 1_000,
                "min" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => panic!("{name} = {text}"),
            };
            number.parse::<i128>().unwrap() * unit == has.parse::<i128>().unwrap() * i128::from(each)
        }
        GucKind::Real { .. } => text.parse::<f64>().unwrap().to_string() == has.parse::<f64>().unwrap().to_string(),
        // Two names of one choice.
        GucKind::Enum { .. } if name == "wal_compression" && text == "on" => has == "pglz",
        GucKind::Bool { .. } | GucKind::Enum { .. } | GucKind::String { .. } => text.trim_matches('\'') == has,
    }
}

/// Starts a server with the file and compares what it has with what the file says; the answer is what is wrong.
///
/// Shared memory is reserved when a server starts.  Where the file wants more of it than a quarter of this machine has,
/// the server starts with a small `shared_buffers` in its stead, every other line being that of the file, and
/// `postgres -C` tells that the file's own line is accepted, which reads and checks the file but reserves nothing.
fn boot(cluster: &Cluster, file: &str, settings: &Settings, outer: &[&str]) -> Result<(), String> {
    let major = cluster.major();
    let blocks = cluster.value(file, "shared_buffers").map_err(|error| format!("{error:#}"))?;
    let is_large = blocks.parse::<u64>().unwrap() / 128 > allowance_mb();
    let mut outer = outer.to_vec();
    if is_large {
        outer.push("shared_buffers=128MB");
    }
    let server = cluster.start(file, &outer).map_err(|error| format!("{error:#}"))?;
    let mut session = Session::begin(&server, "postgres");
    let mut has: BTreeMap<String, String> = (session.rows("SELECT name, setting FROM pg_settings").into_iter())
        .map(|row| (row[0].clone().unwrap(), row[1].clone().unwrap_or_default()))
        .collect();
    if is_large {
        has.insert("shared_buffers".to_owned(), blocks);
    }
    let mut wrong = String::new();
    for (name, text) in settings.iter().filter(|(name, _)| !outer.iter().any(|outer| is_of(outer, name, is_large))) {
        match has.get(name) {
            Some(has) if agrees(name, major, text, has) => {}
            has => wrong.push_str(&format!("{name} = {text} became {has:?}\n")),
        }
    }
    let log = server.log();
    for line in log.lines().filter(|line| ["WARNING: ", "ERROR: ", "FATAL: "].iter().any(|level| line.contains(level)))
    {
        wrong.push_str(line);
        wrong.push('\n');
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Whether an outer setting stands in for this one; the large `shared_buffers` have been asked for themselves.
fn is_of(outer: &str, name: &str, is_large: bool) -> bool {
    outer.split('=').next() == Some(name) && !(is_large && name == "shared_buffers")
}

fn handed_out_on(major: u32) {
    let cluster = cluster(major);
    let mut scenarios: Vec<(String, Scenario)> = Vec::new();
    for preset in &PRESETS {
        let scenario = Scenario { pg: version(major), ..preset.scenario() };
        scenarios.push((preset.id.to_owned(), scenario));
    }
    for (name, inputs) in MACHINES {
        scenarios.push((name.to_owned(), scenario(major, inputs)));
    }
    for workload in Workload::CHOICES {
        for disk in Disk::CHOICES {
            for ram in ["1GiB", "4GiB", "16GiB"] {
                let inputs = [("ram", ram), ("workload", workload.word), ("storage", disk.word)];
                scenarios.push((format!("{inputs:?}"), scenario(major, &inputs)));
            }
        }
    }
    let mut complaints = String::new();
    for (name, scenario) in &scenarios {
        let settings = handed_out(&plan(scenario));
        let is_database = scenario.system != Some(System::SecretStore);
        assert!(settings.len() > 40 || !is_database, "{name}: only {} settings", settings.len());
        if let Err(complaint) = boot(&cluster, &file(&settings), &settings, &[]) {
            complaints.push_str(&format!("{name}:\n{complaint}\n"));
        }
    }
    assert!(complaints.is_empty(), "PostgreSQL {major}\n{complaints}");
}

fn documented_on(major: u32) {
    let cluster = cluster(major);
    for (name, outer) in DOCUMENTED {
        let file = fs::read_to_string(paths::root().join("tests").join("documents").join(name)).unwrap();
        let settings = parse(&file);
        assert!(settings.len() > 9, "{name}: {settings:?}");
        boot(&cluster, &file, &settings, outer).unwrap_or_else(|wrong| panic!("PostgreSQL {major}, {name}:\n{wrong}"));
    }
}

/// `shared_memory_size` is known since version 15; it is computed, and nothing reserved.
fn shared_memory_on(major: u32) {
    let cluster = cluster(major);
    if major < 15 {
        let refused = cluster.value("", "shared_memory_size").unwrap_err();
        assert!(format!("{refused:#}").contains("unrecognized configuration parameter"), "{refused:#}");
        return;
    }
    let mut complaints = String::new();
    for (ram, connections) in
        [("1GiB", "100"), ("4GiB", "100"), ("16GiB", "500"), ("64GiB", "200"), ("64GiB", "10000"), ("1TiB", "1000")]
    {
        let plan = plan(&scenario(major, &[("ram", ram), ("max_connections", connections)]));
        let file = file(&handed_out(&plan));
        let asked = |name| cluster.value(&file, name).unwrap().parse::<f64>().unwrap();
        let number = |id: &str| {
            let value = plan.values.iter().find(|value| value.id == id).unwrap();
            match value.quantity {
                Quantity::Bytes(bytes) => bytes.get() as f64,
                Quantity::Count(count) => count.get() as f64,
                ref other => panic!("{id}: {other:?}"),
            }
        };
        let row = format!("PostgreSQL {major}, {ram}, {connections} connections");
        let (ours, servers) = (number("memory.budget.shared") / f64::from(1 << 20), asked("shared_memory_size"));
        let tolerance = (servers * TOLERANCE_PERCENT / 100.0).max(TOLERANCE_MB);
        if (ours - servers).abs() > tolerance {
            complaints.push_str(&format!("{row}: {ours} MB predicted, {servers} MB asked for\n"));
        }
        // One too few, and the server has none at all.
        let (ours, servers) = (number("memory.nr_hugepages"), asked("shared_memory_size_in_huge_pages"));
        if ours < servers || ours > servers * 1.05 + TOLERANCE_MB {
            complaints.push_str(&format!("{row}: {ours} huge pages predicted, {servers} asked for\n"));
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn the_table_is_what_the_servers_say() {
    let recorded = fs::read_to_string(settings::path()).unwrap();
    let generated = settings::generate().unwrap_or_else(|error| panic!("{error:#}"));
    assert!(recorded == generated, "out of date: run `cargo xtask settings`");
}

#[test]
fn a_refused_line_is_reported() {
    let cluster = cluster(MAJORS[0]);
    let refused = cluster.start("work_mem = 1kB\n", &[]).unwrap_err();
    assert!(
        format!("{refused:#}").contains("1 kB is outside the valid range for parameter \"work_mem\""),
        "{refused:#}"
    );
    let refused = cluster.value("io_method = worker\n", "work_mem").unwrap_err();
    assert!(format!("{refused:#}").contains("unrecognized configuration parameter \"io_method\""), "{refused:#}");
}

tests::on_every_major! {
    servers_take_what_is_handed_out: handed_out_on,
    servers_take_the_documents_files: documented_on,
    shared_memory_is_predicted: shared_memory_on,
}
