//! What is written is read as it was meant, whatever is read never panics, and every position lies inside of the text.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../../sizing/tests/any/mod.rs"]
mod any;

use any::any_scenario;
use formats::export::{Export, Subject};
use formats::import::{How, Imported, Position, compare, detect, pgbouncer_ini, postgresql_conf, postgresql_conf_of};
use proptest::prelude::*;
use sizing::memory::guc::{Guc, GucKind};

/// Bits of the files' own grammar, so that random texts come close to what they must not be.
fn any_text() -> impl Strategy<Value = String> {
    let bits = [
        "work_mem",
        "max_connections",
        "x.y",
        " = ",
        "=",
        " ",
        "'",
        "''",
        "\\",
        "\\'",
        "1GB",
        "0x",
        "1.5",
        "-1",
        "e9",
        "\n",
        "\r\n",
        "#",
        ";",
        "[databases]",
        "[pgbouncer]",
        "[users",
        "a = host='b' pool_size=3",
        "pool_mode",
        "session",
        "%include x",
        "include 'x'",
        "\0",
        "\u{feff}",
        "\u{e4}",
        "\"",
        "*",
        "default_pool_size = 7",
    ];
    let bit = prop_oneof![4 => prop::sample::select(bits.map(str::to_owned).to_vec()), 1 => ".{0,3}"];
    prop::collection::vec(bit, 0..25).prop_map(|bits| bits.concat())
}

fn is_inside(text: &str, at: Position) -> bool {
    let line = at.line.checked_sub(1).and_then(|line| text.split('\n').nth(line));
    line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&at.column))
}

fn check_positions(text: &str, imported: &Imported) -> Result<(), TestCaseError> {
    let given = imported.inputs.iter().chain(&imported.settings).map(|given| given.at);
    for at in given.chain(imported.problems.iter().map(|problem| problem.at)) {
        prop_assert!(is_inside(text, at), "{:?} in {:?}", at, text);
    }
    for given in &imported.inputs {
        prop_assert_eq!(sizing::Scenario::default().set(&given.name, &given.text), Ok(()));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read(text in any_text()) {
        check_positions(&text, &postgresql_conf(&text))?;
        check_positions(&text, &pgbouncer_ini(&text))?;
        let _ = detect(&text, &text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        check_positions(&text, &postgresql_conf(&text))?;
        check_positions(&text, &pgbouncer_ini(&text))?;
    }

    #[test]
    fn a_setting_in_quotes_reads_back(name in "[a-z]{1,5}\\.[a-z]{1,5}", value in "[^\0\n]{0,20}") {
        let text = format!("{name} = '{}'", value.replace('\\', "\\\\").replace('\'', "''"));
        let imported = postgresql_conf(&text);
        prop_assert_eq!(imported.problems, []);
        prop_assert_eq!(&imported.settings[0].text, &value);
    }

    #[test]
    fn a_number_in_its_range_is_taken_and_one_beyond_is_not(index in 0..Guc::ALL.len(), share in 0.0..1.0_f64) {
        let guc = &Guc::ALL[index];
        let span = guc.spans.last().unwrap();
        if let GucKind::Integer { min, max, .. } = span.kind {
            let number = (f64::from(min) + (f64::from(max) - f64::from(min)) * share).round();
            for (number, is_allowed) in
                [(number, true), (f64::from(min) - 1.0, false), (f64::from(max) + 1.0, false)]
            {
                let imported = postgresql_conf_of(&format!("{} = '{number}'", guc.name), Some(span.until));
                prop_assert_eq!(imported.problems.iter().all(|problem| !problem.is_error), is_allowed, "{} = {}", guc.name, number);
            }
        }
    }

    #[test]
    fn what_is_exported_reads_back(scenario in any_scenario()) {
        let plan = sizing::plan(&scenario);
        for (kind, read) in [
            ("postgresql-conf", &(|text: &str| postgresql_conf_of(text, Some(scenario.pg))) as &dyn Fn(&str) -> Imported),
            ("pgbouncer", &pgbouncer_ini),
        ] {
            let export = Export::named(kind).unwrap();
            let Ok(document) = (export.write)(Subject { scenario: &scenario, plan: &plan }) else { continue };
            let text = document.text();
            let imported = read(&text);
            let errors: Vec<_> = imported.problems.iter().filter(|problem| problem.is_error).collect();
            prop_assert!(errors.is_empty(), "{:?} in\n{}", errors, text);
            for difference in compare(&document, &imported.settings) {
                let is_database = kind == "pgbouncer" && (difference.how == How::Added || difference.to.is_none());
                prop_assert!(difference.how == How::Same || is_database, "{:?} in\n{}", difference, text);
            }
        }
    }
}
