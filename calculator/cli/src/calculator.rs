//! The commands that size something: what each shows, and which inputs it takes.

use sizing::choice::System;
use sizing::input::Group;
use sizing::{INPUTS, Input};

/// A command that sizes something.
#[derive(Debug)]
pub(crate) struct Calculator {
    /// What is typed.
    pub(crate) name: &'static str,
    /// What it is for, as the end of a line.
    pub(crate) about: &'static str,
    /// The first words of the ids it shows; everything where there are none.
    pub(crate) sections: &'static [&'static str],
    /// The groups of which it takes every input.
    pub(crate) groups: &'static [Group],
    /// The inputs it takes of other groups.
    pub(crate) inputs: &'static [&'static str],
    /// What it is about, where the scenario leaves that open.
    pub(crate) system: Option<System>,
    /// Inputs it takes for granted where neither a scenario nor a flag says otherwise.
    pub(crate) given: &'static [(&'static str, &'static str)],
    /// Whether the scenario's file may be named without `--scenario`.
    pub(crate) takes_file: bool,
    /// Whether it takes any number of files, and of other kinds too.
    pub(crate) takes_files: bool,
    /// Whether it writes a report, which has formats.
    pub(crate) is_report: bool,
}

/// The connections that a database gets, and what decides how many they are.
const CONNECTIONS: &[Group] = &[Group::Application, Group::Pooler, Group::Database];

/// Every such command, in the order to show them.
pub(crate) const CALCULATORS: &[Calculator] = &[
    Calculator {
        name: "plan",
        about: "everything: what breaks first, what to do, every number",
        sections: &[],
        groups: &Group::ALL,
        inputs: &[],
        system: None,
        given: &[],
        takes_file: true,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "pool",
        about: "connection pools and the limits they meet",
        sections: &["pool"],
        groups: CONNECTIONS,
        inputs: &["system", "rate", "peak_factor", "queries_per_request", "hold_ms", "ram", "cpus", "spindles"],
        system: Some(System::Database),
        given: &[],
        takes_file: false,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "queue",
        about: "waiting for a connection and for a core",
        sections: &["queue"],
        groups: &[Group::Traffic, Group::Application, Group::Pooler, Group::Database],
        inputs: &["ram", "cpus", "cpu_ms", "contention", "coherence"],
        system: Some(System::Database),
        // The rate and the pool are one pool's, unless it is said how many there are.
        given: &[("pods", "1"), ("processes", "1")],
        takes_file: false,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "memory",
        about: "the memory of the database server and its settings",
        sections: &["memory"],
        groups: &[Group::Server, Group::Application, Group::Pooler, Group::Database, Group::Data],
        inputs: &["system", "rate", "peak_factor", "queries_per_request", "hold_ms", "read_share"],
        system: Some(System::Database),
        given: &[],
        takes_file: false,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "nodes",
        about: "the nodes of a secret store",
        sections: &["nodes"],
        groups: &[Group::SecretStore],
        inputs: &["system", "rate", "peak_factor", "read_share"],
        system: Some(System::SecretStore),
        given: &[],
        takes_file: false,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "storage",
        about: "storage, backups, cache and replication",
        sections: &["storage", "cache", "replica"],
        groups: &[Group::Data],
        inputs: &[
            "system",
            "rate",
            "peak_factor",
            "read_share",
            "queries_per_request",
            "database_bytes",
            "ram",
            "replication",
            "replication_lag_ms",
            "hold_ms",
        ],
        system: Some(System::Database),
        given: &[],
        takes_file: false,
        takes_files: false,
        is_report: true,
    },
    Calculator {
        name: "growth",
        about: "every demand month by month, and which limit is crossed first",
        sections: &["growth"],
        groups: &Group::ALL,
        inputs: &[],
        system: None,
        given: &[],
        takes_file: true,
        takes_files: false,
        is_report: true,
    },
];

impl Calculator {
    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        CALCULATORS.iter().find(|calculator| calculator.name == name)
    }

    /// Whether it takes an input.
    pub(crate) fn takes(&self, input: &Input) -> bool {
        self.groups.contains(&input.group) || self.inputs.contains(&input.id)
    }

    /// The inputs it takes, in the order to show them.
    pub(crate) fn takes_these(&self) -> impl Iterator<Item = &'static Input> {
        INPUTS.iter().filter(|input| self.takes(input))
    }
}

/// The names of the commands that take an input, as part of a sentence.
pub(crate) fn who_takes(input: &Input) -> String {
    let names: Vec<&str> =
        CALCULATORS.iter().filter(|calculator| calculator.takes(input)).map(|calculator| calculator.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use formats::part::part;
    use sizing::input::Kind;
    use sizing::{Plan, Scenario};

    use super::*;

    /// Something of everything, so that what only matters beside something else matters, too.
    const BUSY: &[(&str, &str)] = &[
        ("users", "500"),
        ("pods_max", "12"),
        ("pooler", "pgbouncer"),
        ("pooler_instances", "2"),
        ("pools", "a:30:20:primary,b:5:0:other"),
        ("cpu_ms", "3"),
        ("contention", "0.02"),
        ("coherence", "0.0002"),
        ("database_bytes", "200GiB"),
        ("rows_per_day", "2M"),
        ("retention_days", "365"),
        ("compression_after_days", "7"),
        ("disk", "1TiB"),
        ("replicas", "2"),
        ("replica_distance", "cross-region"),
        ("cache", "yes"),
        ("leases", "60000"),
        ("secrets", "100000"),
        ("growth_rate", "0.5"),
        ("today", "2026-03-01"),
        ("replication", "async"),
    ];

    /// Some texts an input allows, far from each other.
    fn texts(input: &Input) -> Vec<String> {
        let mut texts: Vec<String> = match input.kind {
            Kind::Choice(choices) => choices.iter().map(|choice| choice.word.to_owned()).collect(),
            Kind::Pools { .. } => vec!["a:30:20:primary".to_owned(), "b:5:0:other".to_owned()],
            Kind::Forecast { .. } => vec!["12:500:50:9000:8000:10GiB".to_owned()],
            _ => {
                ["0", "0.3", "1", "7", "64", "900", "20000", "3000000", "64GiB", "2026-03-01"].map(str::to_owned).into()
            }
        };
        texts.extend(input.none.map(|none| none.word.to_owned()));
        texts
    }

    fn shown(calculator: &Calculator, scenario: &Scenario) -> Plan {
        let plan = part(scenario, &sizing::plan(scenario), calculator.sections);
        let own = |id: &str| calculator.sections.iter().any(|word| id.split('.').next() == Some(*word));
        let values = plan.values.into_iter().filter(|value| own(&value.id)).collect();
        Plan { values, ..plan }
    }

    #[test]
    fn what_a_command_does_not_take_does_not_change_what_it_shows() {
        let mut missing = Vec::new();
        for calculator in CALCULATORS.iter().filter(|calculator| !calculator.sections.is_empty()) {
            let mut bases = vec![Scenario::default()];
            bases.extend(sizing::preset::PRESETS.iter().map(sizing::preset::Preset::scenario));
            let mut busy = Scenario::default();
            for (id, text) in BUSY {
                busy.set(id, text).unwrap();
            }
            bases.push(busy);
            for base in &mut bases {
                base.system = calculator.system.or(base.system);
                let before = shown(calculator, base);
                for input in INPUTS.iter().filter(|input| !calculator.takes(input) && input.id != "system") {
                    for text in texts(input) {
                        let mut changed = base.clone();
                        if changed.set(input.id, &text).is_ok() && shown(calculator, &changed) != before {
                            missing.push(format!("{}: {}", calculator.name, input.id));
                        }
                    }
                }
            }
        }
        missing.sort();
        missing.dedup();
        assert!(missing.is_empty(), "these decide what is shown, but are not taken: {missing:#?}");
    }

    #[test]
    fn every_input_is_taken_by_the_command_of_its_calculator() {
        for input in INPUTS {
            let names = who_takes(input);
            assert!(names.starts_with("plan"), "{}", input.id);
        }
        for calculator in CALCULATORS {
            for id in calculator.inputs.iter().chain(calculator.given.iter().map(|(id, _)| id)) {
                assert!(Input::find(id).is_ok_and(|input| calculator.takes(input)), "{}: {id}", calculator.name);
            }
            assert!(
                calculator
                    .inputs
                    .iter()
                    .all(|id| Input::find(id).is_ok_and(|input| !calculator.groups.contains(&input.group)))
            );
        }
    }
}
