//! What wrangler makes of the worker's configuration, and what a deployment's build refuses.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)] // how a test says that it failed

use std::fs;
use std::path::Path;
use std::process::Command;

use xtask::build::check_topologies;
use xtask::paths;

fn configuration() -> String {
    fs::read_to_string(paths::worker().join("wrangler.toml")).unwrap()
}

/// What `wrangler deploy --dry-run` says of the worker as it is built, which it would build itself otherwise.
fn dry_run(folder: &Path, environment: &[&str]) -> String {
    let mut wrangler: toml::Table = toml::from_str(&configuration()).unwrap();
    let build = wrangler.remove("build").expect("a build step");
    assert_eq!(build["command"].as_str(), Some("cargo xtask build worker"));
    let main = paths::worker().join(wrangler["main"].as_str().unwrap());
    wrangler.insert("main".to_owned(), main.to_str().unwrap().into());
    let file = folder.join("wrangler.toml");
    fs::write(&file, toml::to_string(&wrangler).unwrap()).unwrap();

    let mut command = Command::new(paths::npm_tool("wrangler"));
    command.current_dir(folder).env("WRANGLER_SEND_METRICS", "false").env("NO_COLOR", "1").env("CI", "1");
    command.arg("deploy").arg("--dry-run").arg("--config").arg(&file).args(environment);
    let done = command.output().expect("wrangler starts: `cargo xtask setup` installs it");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    said
}

#[test]
fn a_dry_run_of_each_environment_finds_its_bindings() {
    for (environment, variables) in [
        (&["--env", ""][..], &["TOPOLOGY", "UPSTREAM_TIMEOUT_MS"][..]),
        (&["--env", "production"], &["TOPOLOGY", "UPSTREAM_TIMEOUT_MS", "HEALTH_LOCATION"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let said = dry_run(folder.path(), environment);
        assert!(
            said.contains("env.HEALTH (HealthObject)"),
            "{environment:?}: not inherited, so it stands twice\n{said}"
        );
        assert!(said.contains("index_bg.wasm"), "{environment:?}: the module is attached\n{said}");
        assert!(!said.contains("WARNING"), "{environment:?}\n{said}");
        for variable in variables {
            assert!(said.contains(&format!("env.{variable}")), "{environment:?}: {variable}\n{said}");
        }
    }
}

/// The cron and the object's class are inherited, so that neither environment is without.
#[test]
fn production_inherits_the_watchdog_and_the_objects_class() {
    let script = "const [wrangler, config] = process.argv.slice(1);
        for (const env of [undefined, 'production']) {
            const { triggers, migrations, placement } = require(wrangler).unstable_readConfig({ config, env });
            const classes = migrations.map((step) => step.new_sqlite_classes);
            console.log(JSON.stringify([triggers.crons, classes, placement ?? null]));
        }";
    let mut node = Command::new("node");
    node.current_dir(paths::root()).args(["-e", script]);
    node.arg(paths::root().join("node_modules/wrangler")).arg(paths::worker().join("wrangler.toml"));
    let done = node.output().expect("Node.js starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let row = r#"[["* * * * *"],[["HealthObject"]],null]"#;
    assert_eq!(said.lines().collect::<Vec<_>>(), [row, row], "{}", String::from_utf8_lossy(&done.stderr));
}

/// The topologies as they are, and as they may not be.
#[test]
fn a_build_refuses_an_invalid_topology_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        let file = folder.path().join("wrangler.toml");
        fs::write(&file, text).unwrap();
        check_topologies(&file).map_err(|error| format!("{error:#}"))
    };
    assert_eq!(check(&configuration()), Ok(()));

    let other = |from: &str, to: &str| {
        let configuration = configuration();
        let changed = configuration.replace(from, to);
        assert_ne!(changed, configuration, "{from}");
        check(&changed).expect_err(to)
    };
    let said = other(r#""role": "standby""#, r#""role": "stand-by""#);
    for environment in ["development", "production"] {
        assert!(said.contains(&format!("topology-{environment}.json")), "each file is named\n{said}");
    }
    assert!(said.contains("clusters[2].role") && said.contains("clusters[3].role"), "with the path of each\n{said}");
    let said = other(r#""version": 1,"#, r#""version": 1, "placement": "smart","#);
    assert!(said.contains("placement"), "unknown keys are errors\n{said}");
    let said = other(r#""version": 1,"#, &format!(r#""version": 1,{}"#, " ".repeat(5_000)));
    assert!(said.contains("more than the 5120 of a variable"), "it could not be uploaded\n{said}");
}
