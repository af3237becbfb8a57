//! The further pools a process opens beside its main one.

use crate::input::{Field, Input, Kind, whole};
use crate::quantity::Connections;
use crate::scenario::MOST_CONNECTIONS;

/// Most further pools a scenario can have.
pub const MOST_POOLS: usize = 20;
/// The name of the database that is sized; any other name is a server of its own.
pub const PRIMARY: &str = "primary";
/// Longest name of a pool or a database.
const MOST_CHARACTERS: usize = 40;

/// A pool beside the main one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherPool {
    /// What it is called.
    pub name: String,
    /// Connections it keeps.
    pub size: Connections,
    /// Connections it opens beyond its size; `None` for no limit.
    pub overflow: Option<Connections>,
    /// The database it leads to.
    pub database: String,
}

/// The further pools of a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FurtherPools(Vec<FurtherPool>);

impl FurtherPools {
    /// Every pool, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &FurtherPool> {
        self.0.iter()
    }

    /// The databases other than the primary, each once, in the order given.
    #[must_use]
    pub fn other_databases(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for pool in self.iter().filter(|pool| pool.database != PRIMARY) {
            if !names.contains(&pool.database.as_str()) {
                names.push(&pool.database);
            }
        }
        names
    }

    /// Adds a pool.  `None`, and nothing is added, where there are `most` already or a part of it is not allowed.
    #[must_use]
    fn add(&mut self, text: &str, most: usize) -> Option<()> {
        let mut parts = text.split(':').map(str::trim);
        let (name, size, overflow, database) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let number = |text| whole(text).filter(|number| *number <= MOST_CONNECTIONS).map(Connections);
        let pool = FurtherPool {
            name: word(name)?,
            size: number(size)?,
            overflow: if overflow == "-1" { None } else { Some(number(overflow)?) },
            database: word(database)?,
        };
        (parts.next().is_none() && self.0.len() < most).then(|| self.0.push(pool))
    }
}

/// A name of letters, digits, `_` and `-`, as it can stand in a value id.
fn word(text: &str) -> Option<String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let fits = !text.is_empty() && text.len() <= MOST_CHARACTERS && text.bytes().all(allowed);
    fits.then(|| text.to_owned())
}

impl Field for FurtherPools {
    fn read(text: &str, input: &Input) -> Option<Self> {
        let Kind::Pools { max } = input.kind else { return None };
        let mut pools = Self::default();
        if !text.trim().is_empty() {
            for part in text.split(',') {
                pools.add(part, max)?;
            }
        }
        Some(pools)
    }

    fn write(&self, _: &Input) -> String {
        let pools: Vec<String> = self
            .iter()
            .map(|FurtherPool { name, size, overflow, database }| {
                let overflow = overflow.map_or_else(|| "-1".to_owned(), |overflow| overflow.get().to_string());
                format!("{name}:{}:{overflow}:{database}", size.get())
            })
            .collect();
        pools.join(",")
    }
}
