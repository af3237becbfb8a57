//! Exported files of the application and of operations, read by the software they are for.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use formats::export::{Export, Subject};
use routing::{Mode, Role, Topology};
use serde_json::{Value, json};
use sizing::{PRESETS, Scenario};
use xtask::{paths, setup};

/// Scenarios beside the presets, each for something the files make of it.
const FURTHER: [(&str, &[(&str, &str)]); 7] = [
    ("default", &[]),
    ("old-pooler", &[("pooler", "pgbouncer"), ("pooler_version", "1.18"), ("max_overflow", "5")]),
    ("odd-pools", &[("pools", "on:0:5:primary,Main:3:-1:other,a_b:1:0:x,ab:1:0:y"), ("max_overflow", "-1")]),
    ("odd-pools-hikari", &[("pools", "on:1:0:primary,Main:3:0:other,a_b:1:0:x,ab:1:0:y"), ("pods_max", "4")]),
    ("patroni", &[("replicas", "3"), ("promotion", "automatic"), ("role_connection_limit", "40"), ("pods_max", "50")]),
    ("regions", &[("replicas", "9"), ("replica_distance", "cross-region"), ("read_your_writes", "yes")]),
    ("both", &[("system", "both"), ("leases", "1k"), ("edition", "vault-enterprise"), ("replication_clusters", "12")]),
];

fn scenarios() -> Vec<(&'static str, Scenario)> {
    let presets = PRESETS.iter().map(|preset| (preset.id, preset.scenario()));
    let further = FURTHER.iter().map(|(name, inputs)| {
        let mut scenario = Scenario::default();
        for (id, text) in *inputs {
            scenario.set(id, text).unwrap();
        }
        (*name, scenario)
    });
    presets.chain(further).collect()
}

/// The files of a kind, by the name of the scenario: of those scenarios that have one.
fn written(kind: &str) -> BTreeMap<&'static str, (Scenario, String)> {
    let export = Export::named(kind).unwrap();
    let files: BTreeMap<_, _> = scenarios()
        .into_iter()
        .filter_map(|(name, scenario)| {
            let document = (export.write)(Subject { scenario: &scenario, plan: &sizing::plan(&scenario) }).ok()?;
            Some((name, (scenario, document.text())))
        })
        .collect();
    assert!(files.len() > 1, "{kind}: {files:?}");
    files
}

/// Writes the files of a kind into a folder, each named after the kind and the scenario.
fn write_into(folder: &Path, kind: &str) -> Vec<std::path::PathBuf> {
    let write = |(name, (_, text)): (&str, (Scenario, String))| {
        let path = folder.join(format!("{kind}.{name}"));
        fs::write(&path, text).unwrap();
        path
    };
    written(kind).into_iter().map(write).collect()
}

/// Runs a program that must be content.
#[track_caller]
fn accepted(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run `cargo xtask setup`"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}{errors}", output.status);
    said
}

/// What Python's readers make of the files of a kind, by the name of the scenario.
fn read(kind: &str) -> BTreeMap<&'static str, (Scenario, Value)> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(paths::export_readers().join("bin").join("python"));
    command.arg(paths::root().join("tests").join("exports").join("read.py"));
    let said = accepted(command.args(write_into(folder.path(), kind)));
    let mut found: Value = serde_json::from_str(&said).unwrap();
    let of = |(name, (scenario, _))| (name, (scenario, found[format!("{kind}.{name}")].take()));
    written(kind).into_iter().map(of).collect()
}

/// A value of the plan as a whole number.
fn planned(scenario: &Scenario, id: &str) -> u64 {
    let value = sizing::plan(scenario).value(id).unwrap().quantity.approximately().unwrap();
    format!("{value}").parse().unwrap()
}

#[test]
fn spring_reads_the_planned_pools() {
    for (name, (scenario, found)) in read("hikari-yaml") {
        let main = &found[0]["spring"]["datasource"]["hikari"];
        let most = planned(&scenario, "pool.connections_per_process");
        assert_eq!(main["maximum-pool-size"], most, "{name}");
        assert!(main["minimum-idle"].as_u64().unwrap() <= most, "{name}");
        let [timeout, lifetime] = ["connection-timeout", "max-lifetime"].map(|key| main[key].as_u64().unwrap());
        assert!(
            (250..=lifetime).contains(&timeout) && lifetime < 3_600_000,
            "{name}: connections spread again within the hour"
        );
        let never_prepares = main["data-source-properties"] == json!({ "prepareThreshold": 0 });
        assert_eq!(never_prepares, name == "old-pooler", "{name}: {main}");
        let further = found[0]["app"]["datasource"].as_object().map_or(0, serde_json::Map::len);
        assert_eq!(further, scenario.pools.iter().count(), "{name}");
    }
}

#[test]
fn the_environment_says_the_same_as_the_yaml() {
    let yaml = read("hikari-yaml");
    for (name, (_, found)) in read("hikari-env") {
        let mut expected = BTreeMap::new();
        let mut add = |prefix: String, pool: &Value| {
            for (key, value) in pool["hikari"].as_object().unwrap().iter().filter(|(_, value)| value.is_number()) {
                // Spring's own rule for the names of variables: dashes go, the rest is in capitals.
                let key = format!("{prefix}.hikari.{key}").replace('-', "").replace('.', "_").to_uppercase();
                expected.insert(key, value.to_string());
            }
        };
        let file = &yaml[name].1[0];
        add("spring.datasource".to_owned(), &file["spring"]["datasource"]);
        for (pool, settings) in file["app"]["datasource"].as_object().into_iter().flatten() {
            add(format!("app.datasource.{pool}"), settings);
        }
        assert_eq!(found, json!(expected), "{name}");
    }
}

#[test]
fn sqlalchemy_makes_the_planned_pools() {
    for (name, (scenario, found)) in read("sqlalchemy") {
        let overflow = scenario.max_overflow.map_or(-1, |overflow| i64::try_from(overflow.get()).unwrap());
        let main = &found["main"];
        assert_eq!([&main["size"], &main["overflow"]], [&json!(scenario.pool_size.get()), &json!(overflow)], "{name}");
        assert_eq!(main["pre_ping"], true, "{name}");
        assert!(
            (1..3_600).contains(&main["recycle"].as_u64().unwrap()),
            "{name}: connections spread again within the hour"
        );
        let never_prepares = main["connect_args"] == json!({ "prepare_threshold": null });
        assert_eq!(never_prepares, name == "old-pooler", "{name}: {main}");
        let pools = found.as_object().unwrap();
        assert_eq!(pools.len(), 1 + scenario.pools.iter().count(), "{name}");
        // A pool of size 0 has no limit.
        assert!(pools.values().all(|pool| pool["size"].as_u64() > Some(0)), "{name}");
    }
}

#[test]
fn kubernetes_takes_the_manifests_and_scales_no_further_than_the_connections_reach() {
    for (name, (scenario, found)) in read("kubernetes") {
        let of_kind = |kind: &str| found.as_array().unwrap().iter().find(|manifest| manifest["kind"] == kind);
        assert_eq!(of_kind("ConfigMap").is_some(), scenario.has_database(), "{name}");
        assert_eq!(of_kind("PodDisruptionBudget").is_some(), scenario.has_secret_store(), "{name}");
        if let Some(budget) = of_kind("PodDisruptionBudget") {
            assert_eq!(budget["spec"]["minAvailable"], planned(&scenario, "nodes.quorum"), "{name}");
        }
        let Some(autoscaler) = of_kind("HorizontalPodAutoscaler") else { continue };
        let most = autoscaler["spec"]["maxReplicas"].as_u64().unwrap();
        assert!(autoscaler["spec"]["minReplicas"].as_u64().unwrap() <= most, "{name}");
        let plan = sizing::plan(&scenario);
        let advised = plan.findings.iter().filter(|finding| finding.code.starts_with("pool.autoscaled_"));
        let advised = advised.flat_map(|finding| &finding.fix).find(|(input, _)| *input == "pods_max");
        let fitting = planned(&scenario, "pool.max_pods").min(planned(&scenario, "pool.max_pods_during_update"));
        let asked = scenario.pods_max.map(|asked| asked.get());
        let expected = [Some(fitting), asked, advised.map(|(_, pods)| pods.parse().unwrap())];
        assert_eq!(Some(most), expected.into_iter().flatten().min(), "{name}");
        // The next version can be rolled out at the maximum.
        let scaled = Scenario { pods: sizing::quantity::Count(most), pods_max: None, ..scenario };
        let exceeded = sizing::plan(&scaled).findings.into_iter().map(|finding| finding.code);
        let exceeded: Vec<_> = exceeded.filter(|code| code.starts_with("pool.rolling_update_exceeds")).collect();
        assert!(exceeded.is_empty(), "{name}: {exceeded:?}");
    }
}

#[test]
fn prometheus_takes_the_rules_and_they_have_the_planned_thresholds() {
    let folder = tempfile::tempdir().unwrap();
    let own = paths::root().join("edge-router").join("alerts.yml");
    let mut promtool = setup::unpacked("promtool").unwrap();
    let said = accepted(promtool.args(["check", "rules"]).arg(own).args(write_into(folder.path(), "prometheus")));
    assert_eq!(said.matches("SUCCESS").count(), 1 + scenarios().len(), "{said}");
    for (name, (scenario, found)) in read("prometheus") {
        let groups = found[0]["groups"].as_array().unwrap();
        let rules: Vec<&Value> = groups.iter().flat_map(|group| group["rules"].as_array().unwrap()).collect();
        let ends = |alert: &str, severity: &str, end: &str| {
            let is_it = |rule: &&&Value| rule["alert"] == alert && rule["labels"]["severity"] == severity;
            let rule = rules.iter().find(is_it).unwrap_or_else(|| panic!("{name}: no {alert}, {severity}"));
            let expression = rule["expr"].as_str().unwrap();
            assert!(expression.ends_with(end), "{name}: {expression} does not end in {end}");
        };
        if scenario.has_database() {
            let plan = sizing::plan(&scenario);
            for (severity, word) in [("warning", "warning"), ("critical", "critical")] {
                let value = plan.value(&format!("alert.scaling.connection_use.{word}")).unwrap();
                let share = value.quantity.approximately().unwrap();
                ends("HeadroomConnectionUse", severity, &format!("> {share}"));
            }
            ends("HeadroomQueryP95", "critical", "> 0.5");
        }
        if scenario.has_secret_store() {
            ends("HeadroomStoreCpu", "warning", "> 0.7");
        }
        if scenario.has_database() && scenario.role_connection_limit.is_some() {
            // Above 80 and 90 % of 40 or 50 connections.
            let limit = planned(&scenario, "pool.role.limit");
            ends("HeadroomRole", "warning", &format!(">= {}", limit * 8 / 10 + 1));
            ends("HeadroomRole", "critical", &format!(">= {}", limit * 9 / 10 + 1));
        }
    }
}

#[test]
fn haproxy_takes_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    for path in write_into(folder.path(), "haproxy") {
        let mut haproxy = setup::unpacked("haproxy").unwrap();
        let output = haproxy.args(["-c", "-f"]).arg(&path).output().expect("run `cargo xtask setup`");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", path.display());
        // The names of the servers stand for the reader's own, and lead nowhere.
        let mut warnings = said.lines().filter(|line| line.contains("[WARNING]") || line.contains("[ALERT]"));
        assert!(warnings.all(|line| line.contains("could not resolve address")), "{}: {said}", path.display());
    }
}

#[test]
fn the_router_takes_the_topology() {
    for (name, (scenario, text)) in written("topology") {
        let topology = Topology::parse(&text).unwrap_or_else(|errors| panic!("{name}: {errors:?}\n{text}"));
        assert_eq!(topology.warnings(), [], "{name}");
        let of_role = |role: Role| topology.clusters().filter(|cluster| cluster.role == role).count() as u64;
        let expected = if scenario.has_secret_store() {
            assert_eq!(topology.mode(), Mode::Affinity, "{name}");
            scenario.replication_clusters.get()
        } else {
            assert_eq!(topology.mode(), Mode::Split, "{name}");
            scenario.replicas.get()
        };
        assert_eq!(of_role(Role::Replica) + of_role(Role::Standby), expected, "{name}");
        assert_eq!(of_role(Role::Standby), u64::from(name == "secret-store"), "{name}");
    }
}

/// What a person needs who was woken up.
#[test]
fn the_runbook_has_every_step() {
    for (name, (scenario, text)) in written("runbook") {
        let plan = sizing::plan(&scenario);
        let steps = plan.actions.iter().filter(|action| action.feasible).flat_map(|action| &action.steps);
        let promotion = sizing::resilience::promotion_steps(&scenario);
        let commands = steps.chain(&promotion).flat_map(|step| step.command.lines());
        for line in commands.filter(|line| !line.trim().is_empty()) {
            assert!(text.contains(line.trim()), "{name}: {line}");
        }
        for heading in ["# Runbook", "## What to do", "## When the primary is lost", "## How to measure"] {
            assert!(text.lines().any(|line| line == heading), "{name}: {heading}");
        }
    }
}
