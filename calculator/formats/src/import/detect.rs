//! Which of the files that can be read a text is.

use super::guc_line::{self, Line};

/// A kind of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A scenario as JSON.
    Scenario,
    /// A router's topology as JSON.
    Topology,
    /// `postgresql.conf`.
    PostgresqlConf,
    /// `postgresql.auto.conf`, what `ALTER SYSTEM` writes.
    PostgresqlAutoConf,
    /// `pgbouncer.ini`.
    PgbouncerIni,
}

impl FileKind {
    /// Whether it is the configuration of software that is sized.
    #[must_use]
    pub const fn is_configuration(self) -> bool {
        matches!(self, Self::PostgresqlConf | Self::PostgresqlAutoConf | Self::PgbouncerIni)
    }

    /// What it is called, for people and as JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Topology => "topology",
            Self::PostgresqlConf => "postgresql.conf",
            Self::PostgresqlAutoConf => "postgresql.auto.conf",
            Self::PgbouncerIni => "pgbouncer.ini",
        }
    }
}

/// What a server writes into the first line of `postgresql.auto.conf`.
const AUTO_CONF: &str = "overwritten by the ALTER SYSTEM command";

/// The sections of a `pgbouncer.ini`.
const SECTIONS: [&str; 4] = ["[pgbouncer]", "[databases]", "[users]", "[peers]"];

/// Which kind of file a text is: by what it says, then by its name; `None` where neither tells.
#[must_use]
pub fn detect(file_name: &str, text: &str) -> Option<FileKind> {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let ends_in = |ending: &str| name.strip_suffix(ending).is_some();
    if text.trim_start().starts_with('{') || ends_in(".json") {
        return Some(if is_topology(text) { FileKind::Topology } else { FileKind::Scenario });
    }
    if text.lines().any(|line| SECTIONS.iter().any(|section| line.trim_start().starts_with(section))) {
        return Some(FileKind::PgbouncerIni);
    }
    if ends_in(".auto.conf") || text.lines().take(3).any(|line| line.contains(AUTO_CONF)) {
        return Some(FileKind::PostgresqlAutoConf);
    }
    if ends_in(".ini") {
        return Some(FileKind::PgbouncerIni);
    }
    let is_setting = |line: &str| matches!(guc_line::read(1, line), Line::Setting(_));
    (ends_in(".conf") || text.split('\n').any(is_setting)).then_some(FileKind::PostgresqlConf)
}

/// A topology names its clusters; nothing else does.  Text that is no JSON is left to the parser that tells where.
fn is_topology(text: &str) -> bool {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => json.get("clusters").is_some(),
        Err(_) => text.contains("\"clusters\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_names() {
        use FileKind::{PgbouncerIni, PostgresqlAutoConf, PostgresqlConf, Scenario, Topology};
        let rows: &[(&str, &str, Option<FileKind>, &str)] = &[
            ("", "{\"pods\": 4}", Some(Scenario), "pasted"),
            ("a.json", "", Some(Scenario), "an empty file that is to be JSON"),
            ("a.json", "{ \"clusters\": [] }", Some(Topology), "it names clusters"),
            ("a.json", "{ \"pools\": [{ \"name\": \"clusters\" }] }", Some(Scenario), "another use of the word"),
            ("a.json", "{ \"clusters\": [", Some(Topology), "broken JSON"),
            ("", "work_mem = 4MB\n", Some(PostgresqlConf), "pasted"),
            ("my.conf", "# nothing\n", Some(PostgresqlConf), "by its name"),
            ("postgresql.conf", "\n [databases]\n", Some(PgbouncerIni), "what it says is stronger than its name"),
            ("C:\\etc\\PgBouncer.ini", "", Some(PgbouncerIni), "a name with a folder"),
            ("", "# It will be overwritten by the ALTER SYSTEM command.\n", Some(PostgresqlAutoConf), "its head"),
            ("x/postgresql.auto.conf", "work_mem = '4MB'", Some(PostgresqlAutoConf), "its name"),
            ("notes.txt", "Dear colleagues, this is none of them.", None, "prose"),
            ("", "", None, "nothing"),
        ];
        for (name, text, expected, reason) in rows {
            assert_eq!(detect(name, text), *expected, "{name}, {text:?}: {reason}");
        }
    }
}
