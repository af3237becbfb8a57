//! The command line as its users call it: what it prints where, and how it ends.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a command that cannot be run is a failed test")]

use std::path::Path;
use std::process::Command;

/// What a run printed and how it ended.
struct Run {
    stdout: String,
    stderr: String,
    status: i32,
}

fn headroom(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_headroom")).args(arguments).output().unwrap();
    Run {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap(),
    }
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let run = headroom(arguments);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr))
}

/// Writes a file into a folder and gives back its path as text.
fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_documented_four_pods() {
    let plan = json(
        &"pool --pods 4 --pool-size 20 --max-overflow 10 --reserved 20 --max-connections 200 --json"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    let total = &plan["values"]["pool.total_connections"];
    assert_eq!(total["value"], 140);
    assert_eq!(total["unit"], "connections");
    assert_eq!(total["operands"]["pool.app_connections"], 120);
    assert_eq!(plan["version"], 1);
}

#[test]
fn a_link_brings_the_scenario_to_the_page() {
    let rows: &[(&str, &str, i32, &str)] = &[
        ("pool --pods 4 --format link", "#v=1&system=database&pods=4\n", 0, "what differs from the defaults"),
        ("queue --format link", "#v=1&system=database&pods=1\n", 0, "what the command takes for granted, too"),
        ("plan --pods 11 --format link", "#v=1&pods=11\n", 1, "the status is that of the plan"),
    ];
    for (arguments, link, status, reason) in rows {
        let run = headroom(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!((run.stdout.as_str(), run.status), (*link, *status), "{reason}");
    }
}

#[test]
fn the_status_tells_how_bad_it_is() {
    let rows: &[(&[&str], i32, &str)] = &[
        (&["pool"], 0, "the defaults fit"),
        (&["pool", "--pods", "6", "--format", "text"], 0, "a warning is not an error"),
        (&["pool", "--pods", "11"], 1, "the limit is exceeded"),
        (&["pool", "--pods", "11", "--json"], 1, "as JSON too"),
        (&["pool", "--pods", "0"], 2, "not allowed"),
        (&["--help"], 0, "help is no error"),
        (&["pool", "--help"], 0, "help of a command"),
        (&["plan"], 0, "the whole plan of the defaults"),
        (&["plan", "--pods", "11", "--format", "markdown"], 1, "the limit is exceeded"),
        (&["storage", "--help"], 0, "help of another command"),
        (&["preset"], 0, "the list of presets"),
        (&["--version"], 0, "the version"),
    ];
    for (arguments, status, reason) in rows {
        let run = headroom(arguments);
        assert_eq!(run.status, *status, "{arguments:?}: {reason}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout.is_empty(), *status == 2, "{arguments:?}: {reason}");
        assert_eq!(run.stderr.is_empty(), *status != 2, "{arguments:?}: {reason}");
    }
}

#[test]
fn bad_input_is_one_line_an_error() {
    let rows: &[(&[&str], &str, &str)] = &[
        (
            &["pool", "--pods", "-1"],
            "pods: read \"-1\", allowed is a whole number from 1 to 100,000\n",
            "a negative number is a value, not a flag",
        ),
        (&["pool", "--pods=1e99"], "pods: read \"1e99\", allowed is a whole number from 1 to 100,000\n", "too large"),
        (
            &["pool", "--pool-size", "abc", "--pods", "0"],
            "pool_size: read \"abc\", allowed is a whole number from 1 to 100,000\n\
             pods: read \"0\", allowed is a whole number from 1 to 100,000\n",
            "all the errors at once",
        ),
        (
            &["pool", "--podz", "4"],
            "unknown flag --podz: did you mean --pods? headroom pool --help lists the flags\n",
            "a slip, told once",
        ),
        (
            &["pool", "--bogus", "4"],
            "unknown flag --bogus: headroom pool --help lists the flags\n",
            "nothing has a name like it",
        ),
        (
            &["pool", "--lease", "4"],
            "unknown flag --lease: did you mean --leases, an input of plan, nodes, growth? headroom pool --help lists the \
             flags\n",
            "a slip in an input of other commands",
        ),
        (&["pool", "--pods", "4", "--pods", "5"], "--pods is given twice\n", "which one is meant?"),
        (&["pool", "--pods", "4", "--pods=4"], "--pods is given twice\n", "as a file refuses it, even the same"),
        (
            &["plan", "--preset", "audit-api", "--preset", "ticketing"],
            "--preset is given twice\n",
            "which one is meant?",
        ),
        (&["check", "--bogus"], "unknown flag --bogus: headroom check --help lists the flags\n", "a slip"),
        (
            &["preset", "--leases", "5"],
            "preset does not take --leases: it is an input of plan, nodes, growth\n",
            "an input of other commands",
        ),
        (&["preset", "a", "b"], "preset does not take \"b\": headroom --help lists what it takes\n", "one at a time"),
        (&["schema", "--x"], "schema does not take --x: headroom --help lists what it takes\n", "no such flag"),
        (&["pool", "--pods"], "--pods: no value given\n", "nothing follows"),
        (
            &["pool", "--format", "xml"],
            "--format: read \"xml\", allowed is one of text, json, markdown, link\n",
            "no such format",
        ),
        (&["pool", "4"], "unexpected argument \"4\": give inputs as flags, such as --pods 4\n", "a bare number"),
        (
            &["pool", "-p", "4"],
            "invalid option '-p': give inputs as flags, such as --pods 4\n",
            "a short flag, told once",
        ),
        (
            &["check", "no\nfile"],
            "no\u{fffd}file: cannot be read: No such file or directory (os error 2)\n",
            "a line break in a name breaks no line",
        ),
        (
            &["pol"],
            "unknown command \"pol\": the commands are plan, pool, queue, memory, nodes, storage, growth, export, check, \
             preset, schema and help\n",
            "a slip in a command",
        ),
        (
            &[],
            "no command given: the commands are plan, pool, queue, memory, nodes, storage, growth, export, check, preset, \
             schema and help\n",
            "nothing at all",
        ),
        (
            &["pool", "--leases", "5", "--pods", "4"],
            "--leases is no input of pool: it is one of plan, nodes, growth\n",
            "an input of another command",
        ),
        (
            &["memory", "--system", "secret-store"],
            "memory: sizes a database, but system is secret-store: give --system both\n",
            "a secret store has no such settings",
        ),
        (
            &["plan", "a.json", "b.json"],
            "two scenario files: a.json and b.json\na.json: cannot be read: No such file or directory (os error 2)\n",
            "which one is meant?",
        ),
        (
            &["plan", "a.json", "--preset", "b"],
            "--preset and a scenario file exclude each other\n",
            "which one is meant?",
        ),
        (&["schema"], "schema: no name given, allowed is one of scenario, plan, topology\n", "of what?"),
        (&["schema", "x"], "schema: read \"x\", allowed is one of scenario, plan, topology\n", "no such file"),
        (
            &["export", "pgbouncer", "--json"],
            "unknown flag --json: headroom export KIND --help lists the flags\n",
            "a file has the format it has",
        ),
        (
            &["export", "pgbouncer", "--pods", "4"],
            "export pgbouncer: no pooler stands between the application and the database: set pooler to pgbouncer\n",
            "nothing to write, and why",
        ),
        (
            &["export", "--list", "pgbouncer"],
            "export --list does not take \"pgbouncer\": headroom --help lists what it takes\n",
            "a list is of all",
        ),
        (
            &["check"],
            "check: no file given: allowed are postgresql.conf, pgbouncer.ini, scenario and topology files\n",
            "nothing to check",
        ),
    ];
    for (arguments, stderr, reason) in rows {
        let run = headroom(arguments);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (2, "", *stderr), "{arguments:?}: {reason}");
    }
}

#[test]
fn scenario_files() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "good.json", r#"{ "pods": 4, "pool_size": 20, "max_overflow": 10 }"#);
    let plan = json(&["pool", "--scenario", &good, "--pods", "2", "--json"]);
    assert_eq!(plan["values"]["pool.app_connections"]["value"], 60, "a flag goes over the file");

    for (text, expected, reason) in [
        ("{ \"pods\": 4,", "1:12: not a JSON object: EOF while parsing a value", "truncated"),
        ("{\n  \"podz\": 4\n}", "2:11: unknown input \"podz\": did you mean \"pods\"?", "an unknown key"),
        (
            "{ \"pods\": true }",
            "1:11: pods: read \"true\", allowed is a whole number from 1 to 100,000",
            "not a number",
        ),
    ] {
        let bad = file(folder.path(), "bad.json", text);
        let run = headroom(&["pool", "--scenario", &bad]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{reason}");
        assert_eq!(run.stderr, format!("{bad}:{expected}\n"), "{reason}");
    }
    let run = headroom(&["pool", "--scenario", "does/not/exist.json"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

/// Every example line that is promised, what it must show, and whether it ends with 0 or 1.
#[test]
fn the_promised_lines() {
    let rows: &[(&str, &str)] = &[
        ("pool --pods 4 --pool-size 20 --max-overflow 10 --reserved 20 --max-connections 200", "pool.app_connections"),
        (
            "memory --ram 8GiB --cpus 4 --max-connections 200 --pg 17 --workload web --storage ssd",
            "memory.shared_buffers",
        ),
        ("nodes --rate 1000 --leases 60000 --secrets 100000", "nodes.required"),
        ("queue --rate 320 --hold-ms 20 --pool-size 8 --hold-cv 1.0", "queue.p95_wait_ms"),
        ("storage --rows-per-day 2M --row-bytes 200", "storage."),
        ("growth", "growth.first_limit"),
    ];
    for (line, id) in rows {
        let mut arguments: Vec<&str> = line.split(' ').collect();
        for format in ["text", "markdown"] {
            let run = headroom(&[&arguments[..], &["--format", format]].concat());
            // A setting goes by its own name.
            let name = id.trim_start_matches("memory.");
            assert!(run.status < 2 && run.stdout.contains(name), "{line}: {}{}", run.stdout, run.stderr);
        }
        arguments.push("--json");
        let plan = json(&arguments);
        let values = plan["values"].as_object().unwrap();
        assert!(values.keys().any(|key| key.starts_with(id)), "{line}: no {id}");
        let cited: Vec<&str> = plan["findings"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|finding| finding["evidence"].as_array().unwrap())
            .map(|id| id.as_str().unwrap())
            .collect();
        let section = format!("{}.", id.split_once('.').unwrap().0);
        let is_inside = |key: &String| key.starts_with(&section) || cited.contains(&key.as_str());
        let elsewhere: Vec<_> = values.keys().filter(|key| !is_inside(key)).collect();
        assert!(id == &"storage." || elsewhere.is_empty(), "{line} shows only its own section: {elsewhere:?}");
    }
}

#[test]
fn a_queue_is_one_pools_unless_it_is_said_otherwise() {
    let line = "queue --rate 320 --hold-ms 20 --pool-size 8 --json";
    let utilization = |more: &[&str]| {
        let plan = json(&[&line.split(' ').collect::<Vec<_>>()[..], more].concat());
        plan["values"]["queue.utilization"]["value"].as_f64().unwrap()
    };
    assert!((utilization(&[]) - 0.8).abs() < 1e-12, "320 × 0.02 ÷ 8");
    assert!((utilization(&["--pods", "2"]) - 0.4).abs() < 1e-12, "a flag outranks it");
    assert!((utilization(&["--processes", "4"]) - 0.2).abs() < 1e-12, "a flag outranks it");
    let folder = tempfile::tempdir().unwrap();
    let scenario = file(folder.path(), "scenario.json", r#"{ "pods": 2, "processes": 2 }"#);
    assert!((utilization(&["--scenario", &scenario]) - 0.2).abs() < 1e-12, "a scenario outranks it");
    let help = headroom(&["queue", "--help"]).stdout;
    assert!(help.contains("Without a scenario or preset, --pods 1 and --processes 1 unless said otherwise."), "{help}");
}

#[test]
fn a_command_leaves_the_rest_to_the_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = file(folder.path(), "scenario.json", r#"{ "pods": 7, "leases": 60000, "system": "both" }"#);
    let value = |arguments: &[&str], id: &str| json(arguments)["values"][id]["value"].clone();
    assert_eq!(value(&["pool", "--scenario", &scenario, "--json"], "pool.app_connections"), 70);
    assert_eq!(value(&["pool", "--scenario", &scenario, "--pods", "2", "--json"], "pool.app_connections"), 20);
    assert_eq!(value(&["plan", &scenario, "--json"], "pool.app_connections"), 70);
    assert_eq!(json(&["growth", &scenario, "--json"])["version"], 1);
    assert_eq!(
        value(&["nodes", "--leases", "60000", "--json"], "nodes.required"),
        value(&["nodes", "--leases", "60000", "--system", "secret-store", "--json"], "nodes.required"),
        "nodes are about a secret store unless it is said otherwise"
    );
}

#[test]
fn presets() {
    let list = headroom(&["preset"]).stdout;
    let names: Vec<&str> = list.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(names.len(), 4, "{list}");
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let printed = headroom(&["preset", name]);
        let scenario = file(folder.path(), "preset.json", &printed.stdout);
        let (by_name, by_file) = (headroom(&["plan", "--preset", name]), headroom(&["plan", &scenario]));
        assert!(by_name.status < 2, "{}", by_name.stderr);
        assert_eq!(by_name.stdout, by_file.stdout, "{name}: a preset is what its file says");
    }
    let run = headroom(&["plan", "--preset", "none"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("preset: read \"none\", allowed is one of "), "{}", run.stderr);
}

#[test]
fn exports() {
    let kinds: Vec<&str> = formats::export::EXPORTS.iter().map(|export| export.kind).collect();
    let list = headroom(&["export", "--list"]);
    let listed: Vec<&str> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!((list.status, listed), (0, kinds.clone()));

    let allowed = format!("allowed is one of {}\n", kinds.join(", "));
    for (arguments, expected) in [
        (&["export", "pg-bouncer", "scenario.json"][..], format!("export: read \"pg-bouncer\", {allowed}")),
        (&["export"], format!("export: no kind given, {allowed}")),
        (&["export", "--pods", "4"], format!("invalid option '--pods': the kind comes first, {allowed}")),
    ] {
        let run = headroom(arguments);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr), (2, "", expected));
    }

    let folder = tempfile::tempdir().unwrap();
    let scenario = file(folder.path(), "scenario.json", r#"{ "pooler": "pgbouncer", "default_pool_size": 7 }"#);
    let by_file = headroom(&["export", "pgbouncer", &scenario]);
    let by_flag = headroom(&["export", "pgbouncer", "--pooler", "pgbouncer", "--default-pool-size=7"]);
    assert!(by_file.stdout.contains("\ndefault_pool_size = 7\n"), "{}", by_file.stdout);
    assert_eq!((by_file.status, &by_file.stdout), (0, &by_flag.stdout));
    let over = headroom(&["export", "pgbouncer", "--scenario", &scenario, "--default-pool-size=8"]);
    assert!(over.stdout.contains("\ndefault_pool_size = 8\n"), "{}", over.stdout);
    let preset = headroom(&["export", "postgresql-conf", "--preset", "ticketing"]);
    assert!(preset.stdout.contains("\nmax_connections = 200 "), "{}", preset.stdout);
    assert!(headroom(&["export", "ddl", "--help"]).stdout.starts_with("headroom export KIND [SCENARIO.json]: "));
}

#[test]
fn a_topology_with_four_errors() {
    let folder = tempfile::tempdir().unwrap();
    let topology = file(
        folder.path(),
        "topology.json",
        r#"{ "version": 1, "clusters": [
            { "id": "a", "role": "primary", "url": "https://a.example.com", "latitude": 50, "longitude": 8 },
            { "id": "b", "role": "primary", "url": "https://b.example.com", "latitude": 91, "longitude": 8 },
            { "id": "a", "role": "replica", "url": "nonsense", "latitude": 50, "longitude": 8 } ] }"#,
    );
    let run = headroom(&["check", &topology]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert_eq!(run.stderr.lines().count(), 4, "{}", run.stderr);
    for part in ["clusters[1].role", "clusters[1].latitude", "clusters[2].id", "clusters[2].url"] {
        assert!(run.stderr.contains(part), "{part} is not named: {}", run.stderr);
    }
}

#[test]
fn a_scenario_is_checked_too() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = file(folder.path(), "scenario.json", r#"{ "pods": 40 }"#);
    let run = headroom(&["check", &scenario]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stdout.contains("The database limit of 97 is exceeded by 308 connections"), "{}", run.stdout);
    let checked = json(&["check", &scenario, "--json"]);
    let file = &checked["files"][0];
    assert_eq!((&file["kind"], &file["file"]), (&"scenario".into(), &scenario.as_str().into()));
    assert_eq!(file["findings"][0]["code"], "pool.exceeds_database_limit");
}

#[test]
fn configuration_files_are_one_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let conf = file(folder.path(), "postgresql.conf", "work_mem = 1\nwork_mem = 8MB\nmax_connections = 20\n");
    let auto = file(folder.path(), "postgresql.auto.conf", "max_connections = '400'\n");
    let ini = "[databases]\na = host=x\n[pgbouncer]\npool_mode = transaction\nmax_client_conn = 10\n";
    let ini = file(folder.path(), "pgbouncer.ini", ini);
    let scenario = file(folder.path(), "scenario.json", r#"{ "pods": 4, "pg": 16 }"#);

    let run = headroom(&["check", &conf, &ini]);
    assert_eq!((run.status, run.stderr.as_str()), (1, ""));
    for part in [
        format!("{conf}, {ini}: The pooler's client limit of 10 is exceeded by 20 connections"),
        format!("\n{ini}:5:19: error: The pooler's client limit is exceeded by 20"),
        format!("\n{conf}:1:1: note: work_mem is given again in line 2, which wins"),
    ] {
        assert!(run.stdout.contains(&part), "{part} is not in\n{}", run.stdout);
    }
    let flagged = headroom(&["check", &conf, &ini, "--max-client-conn=1000", "--max-connections=500"]);
    assert_eq!(flagged.status, 0, "{}", flagged.stdout);

    // What ALTER SYSTEM wrote outranks the file, in any order; a scenario file is what they go over.
    let json = json(&["check", &auto, &conf, &scenario, "--json"]);
    let checked = &json["files"][0];
    assert_eq!(json["files"].as_array().map(Vec::len), Some(1));
    assert_eq!((&checked["kind"], &checked["files"][1]), (&"configuration".into(), &auto.as_str().into()));
    assert!(checked["verdict"].as_str().unwrap().contains("of the 397 usable"), "{checked:#}");
    assert_eq!(checked["notes"][0]["at"]["line"], 1);

    let bad = file(folder.path(), "bad.conf", "work_mem = 1min\nreserved_connections = 3\nport\n");
    let run = headroom(&["check", &bad, &conf, "--pg=15"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    let lines: Vec<&str> = run.stderr.lines().map(|line| line.strip_prefix(&bad).unwrap()).collect();
    assert!(lines[0].starts_with(":1:12: work_mem: read \"1min\", allowed is "), "{lines:?}");
    assert_eq!(lines[1], ":2:1: reserved_connections: PostgreSQL 15 does not know it, 16 to 18 do");
    assert!(lines[2].starts_with(":3:5: the line ends too early, allowed is "), "{lines:?}");
    assert_eq!(lines.len(), 3);

    let prose = file(folder.path(), "notes.txt", "Dear colleagues, this is none of them.");
    let run = headroom(&["check", &prose]);
    assert!(run.status == 2 && run.stderr.contains(": of no known kind: allowed are "), "{}", run.stderr);
}

#[test]
fn schemas_are_schemas() {
    for name in ["scenario", "plan", "topology"] {
        let schema = json(&["schema", name]);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(schema["properties"].is_object(), "{name}");
    }
}
