//! `edge-router/TOPOLOGY.md` names every key of a topology file and every default rule, as the tables have them.
//!
//! `UPDATE_REFERENCE=1 cargo test -p routing topology_reference` writes it anew.

use std::fmt::Write as _;

use super::field::{Absent, Field, Kind, TOPOLOGY};
use crate::operation::vault::{READS, VaultRule, WRITES};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../TOPOLOGY.md");

const HEAD: &str = "# The topology file\n\n\
    Every key of the file that tells the edge router its clusters and rules, as the code has them. This file is \
    generated: `UPDATE_REFERENCE=1 cargo test -p routing topology_reference`.\n\n\
    The file is JSON; keys that are not named here, and keys that stand twice, are errors. `headroom check FILE` says \
    everything that is wrong with one, and what in it does nothing; `headroom schema topology` prints its JSON Schema, \
    for editors.\n\n\
    A path pattern is one path (`/v1/sys/seal`), or a beginning with a `*` at its end: `/v1/transit/*` is that path and \
    everything below it, `/v1/tra*` everything that starts so. A `*` inside stands for one whole segment: \
    `/v1/auth/*/oidc/callback`. Patterns are written decoded and in normal form; requests are matched in normal form, in \
    every way in which a server could read their path.\n";

const OPERATIONS: &str = "\n## Reads and writes\n\n\
    The first entry of `operations` that matches decides. With the dialects `vault` and `openbao` these rules come next. \
    What none of them matches goes by its method: GET, HEAD and OPTIONS read, every other method writes.\n\n\
    A `*` stands for a mount of any name without a slash; otherwise the engines are known at their usual mounts. For those \
    that are mounted elsewhere, and for namespaces that stand in the path, add entries of your own. Sources are pages \
    below `https://developer.hashicorp.com/vault/`, and a file that Vault and OpenBao share.\n\n\
    What is taken for a write goes to a cluster that can do both, so the first table is wide. What is taken for a read \
    may go to any cluster and may be sent twice, so the second is narrow. Encryption is in it though it creates a key \
    that is missing: the cluster that gets it forwards just that to its primary, and a second time the key is there. \
    `sys/health`, `sys/seal-status` and `sys/leader` are reads like any GET: the nearest cluster answers for itself.\n";

#[test]
#[expect(clippy::disallowed_methods, reason = "the crate does no I/O; its test compares a file")]
fn topology_reference() {
    let document = document();
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        std::fs::write(PATH, &document).unwrap();
        return;
    }
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    let differing = document.lines().zip(written.lines()).find(|(ours, theirs)| ours != theirs);
    assert!(
        document == written,
        "edge-router/TOPOLOGY.md is not current, first at {differing:#?}: run UPDATE_REFERENCE=1 cargo test -p routing \
         topology_reference"
    );
}

fn document() -> String {
    let mut document = HEAD.to_owned();
    write_object(&mut document, "The file", "", TOPOLOGY);
    document.push_str(OPERATIONS);
    write_rules(&mut document, "Writes, whatever the method", WRITES);
    write_rules(&mut document, "Reads, with POST and PUT", READS);
    document
}

/// A table of the keys of an object, and after it one for each object among their values.
fn write_object(document: &mut String, title: &str, path: &str, fields: &[Field]) {
    let rows = fields.iter().map(|field| {
        let default = match field.absent {
            Absent::Refused => "required".to_owned(),
            Absent::Number(_) | Absent::Flag(_) | Absent::Text(_) => format!("`{}`", field.absent),
            Absent::ByDialect { .. } | Absent::Said(_) => field.absent.to_string(),
        };
        [format!("`{path}{}`", field.key), type_of(&field.kind), default, field.help.to_owned()]
    });
    write_table(document, title, ["key", "value", "default", "meaning"], rows);
    for field in fields {
        let (fields, path) = match field.kind {
            Kind::Object(fields) => (fields, format!("{path}{}.", field.key)),
            Kind::List { item: Kind::Object(fields), .. } => (*fields, format!("{path}{}[].", field.key)),
            _ => continue,
        };
        write_object(document, &format!("`{}`", field.key), &path, fields);
    }
}

fn write_rules(document: &mut String, title: &str, rules: &[VaultRule]) {
    let rows = rules.iter().map(|rule| [format!("`{}`", rule.path), rule.what.to_owned(), rule.source.to_owned()]);
    write_table(document, title, ["path", "what it does", "source"], rows);
}

fn write_table<const N: usize>(
    document: &mut String,
    title: &str,
    head: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let level = if title.starts_with("The file") { "##" } else { "###" };
    writeln!(document, "\n{level} {title}\n\n| {} |\n|{}", head.join(" | "), " --- |".repeat(N)).unwrap();
    for row in rows {
        let cells = row.map(|cell| cell.replace('|', "\\|"));
        writeln!(document, "| {} |", cells.join(" | ")).unwrap();
    }
}

fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Object(_) => "an object".to_owned(),
        Kind::List { item, max } => format!("a list of at most {max}: {}", type_of(item)),
        Kind::Map { key, value, max } => {
            format!("an object of at most {max} entries: {} and {}", key.what, value.what)
        }
        Kind::Number { min, max, unit } => format!("{min} to {max} {unit}").trim_end().to_owned(),
        Kind::Integer { min, max, .. } if min == max => format!("{min}"),
        Kind::Integer { min, max, unit } => format!("a whole number, {min} to {max} {unit}").trim_end().to_owned(),
        Kind::Flag => "`true` or `false`".to_owned(),
        Kind::Choice(allowed) => allowed.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Text(kind) => format!("{}, at most {} bytes", kind.what, kind.max),
    }
}
