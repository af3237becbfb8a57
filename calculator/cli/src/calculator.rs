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
    },
    Calculator {
        name: "queue",
        about: "waiting for a connection and for a core",
        sections: &["queue"],
        groups: &[Group::Traffic, Group::Application],
        inputs: &["cpus"],
        system: Some(System::Database),
        // The rate and the pool are one pool's, unless it is said how many there are.
        given: &[("pods", "1")],
        takes_file: false,
    },
    Calculator {
        name: "memory",
        about: "the memory of the database server and its settings",
        sections: &["memory"],
        groups: &[Group::Server, Group::Application, Group::Pooler, Group::Database],
        inputs: &["system"],
        system: Some(System::Database),
        given: &[],
        takes_file: false,
    },
    Calculator {
        name: "nodes",
        about: "the nodes of a secret store",
        sections: &["nodes"],
        groups: &[Group::SecretStore],
        inputs: &["system", "rate", "peak_factor"],
        system: Some(System::SecretStore),
        given: &[],
        takes_file: false,
    },
    Calculator {
        name: "storage",
        about: "storage, backups, cache and replication",
        sections: &["storage", "cache", "replica"],
        groups: &[Group::Data],
        inputs: &["system", "rate", "peak_factor", "queries_per_request", "ram"],
        system: Some(System::Database),
        given: &[],
        takes_file: false,
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
