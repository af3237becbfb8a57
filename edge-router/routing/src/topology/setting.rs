//! The rows of the table of fields that are a setting by themselves, for who lets people edit them one by one.

use super::field::{Field, Kind, TOPOLOGY};

/// A key of the topology file whose value is a number, a word or a text, at the top of the file or in one of its objects.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The object that the key is in; empty: it stands at the top.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// What its value may be.
    pub allowed: Allowed,
    /// What holds where the key is absent, in words.
    pub default: String,
    /// What it means.
    pub help: &'static str,
}

/// What the value of a [`Setting`] may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Allowed {
    /// A number.
    Number {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
        /// What it counts; empty where the help says it.
        unit: &'static str,
    },
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A text: what it is, with its article.
    Text(&'static str),
}

/// Every setting, in the order of the table.
pub fn settings() -> impl Iterator<Item = Setting> {
    TOPOLOGY.iter().flat_map(|field| match field.kind {
        Kind::Object(fields) => fields.iter().filter_map(|inner| setting(field.key, inner)).collect(),
        _ => setting("", field).into_iter().collect::<Vec<_>>(),
    })
}

fn setting(section: &'static str, field: &Field) -> Option<Setting> {
    let allowed = match field.kind {
        Kind::Number { min, max, unit } => Allowed::Number { min, max, unit },
        Kind::Integer { min, max, unit } => Allowed::Number { min: min.into(), max: max.into(), unit },
        Kind::Flag => Allowed::Flag,
        Kind::Choice(words) => Allowed::Words(words),
        Kind::Text(kind) => Allowed::Text(kind.what),
        Kind::Object(_) | Kind::List { .. } | Kind::Map { .. } => return None,
    };
    let default = field.absent.to_string();
    Some(Setting { section, key: field.key, allowed, default, help: field.help })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_rows_of_the_table() {
        let all: Vec<_> = settings().collect();
        let find = |section: &str, key: &str| all.iter().find(|it| (it.section, it.key) == (section, key));
        let lease = find("promotion", "lease_ms").unwrap();
        assert_eq!(lease.allowed, Allowed::Number { min: 1_000.0, max: 3_600_000.0, unit: "milliseconds" });
        assert_eq!(lease.default, "30000");
        assert_eq!(find("", "fallback").unwrap().allowed, Allowed::Words(&["primary", "next"]));
        assert_eq!(find("headers", "expose").unwrap().allowed, Allowed::Flag);
        assert!(find("clusters", "id").is_none(), "of a cluster, not of the file");
        assert!(find("", "deny").is_none(), "a list");
    }
}
