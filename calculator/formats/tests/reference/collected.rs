//! What a set of plans shows: every id and code once, whatever stood in its variable part.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sizing::{Plan, Severity, Value};

/// Ids that are made for a scenario: what stands before the variable part, and the word that stands for it.
const MADE: &[(&str, &str)] = &[("pool.databases.", "DATABASE")];

/// The parts of an id around its variable one, that one, and the word that stands for it.
fn parts(id: &str) -> Option<(&str, &str, &str, &str)> {
    MADE.iter().find_map(|(before, word)| {
        let rest = id.strip_prefix(before)?;
        let (made, after) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
        Some((*before, made, after, *word))
    })
}

/// An id with its variable part replaced.
pub(crate) fn general(id: &str) -> Cow<'_, str> {
    parts(id).map_or(Cow::Borrowed(id), |(before, _, after, word)| [before, word, after].concat().into())
}

/// The name of a value, its variable part replaced as in its id.
fn general_name(id: &str, name: &str) -> String {
    parts(id).map_or_else(|| name.to_owned(), |(_, made, _, word)| name.replace(made, word))
}

/// A value as every scenario shows it.
#[derive(Default)]
pub(crate) struct ValueEntry {
    pub(crate) name: String,
    pub(crate) units: BTreeSet<&'static str>,
    pub(crate) formulas: BTreeSet<String>,
    pub(crate) sources: BTreeSet<String>,
}

/// A finding as the first scenario that has it shows it.
#[derive(Default)]
pub(crate) struct FindingEntry {
    pub(crate) severities: BTreeSet<Severity>,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

/// Everything that was met.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) values: BTreeMap<String, ValueEntry>,
    pub(crate) findings: BTreeMap<String, FindingEntry>,
    pub(crate) actions: BTreeMap<String, String>,
    pub(crate) series: BTreeMap<String, String>,
    /// What was taken in already: most plans say what others have said.
    seen: HashSet<u64>,
}

/// The same for values of which there is the same to be said.
fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&value.id, value.quantity.unit(), &value.derivation.formula).hash(&mut hasher);
    value.derivation.source.title.hash(&mut hasher);
    value.derivation.source.place.hash(&mut hasher);
    hasher.finish()
}

impl Collected {
    pub(crate) fn add(&mut self, plan: &Plan) {
        for value in &plan.values {
            if !self.seen.insert(hash(value)) {
                continue;
            }
            let entry = self.values.entry(general(&value.id).into_owned()).or_default();
            if entry.name.is_empty() {
                entry.name = general_name(&value.id, &value.name);
            }
            entry.units.insert(value.quantity.unit().word());
            if !value.derivation.formula.is_empty() {
                let words = value.derivation.formula.split(' ').map(general);
                entry.formulas.insert(words.collect::<Vec<_>>().join(" "));
            }
            entry.sources.insert(value.derivation.source.to_string());
        }
        for finding in &plan.findings {
            let entry = self.findings.entry(general(&finding.code).into_owned()).or_default();
            entry.severities.insert(finding.severity);
            if entry.message.is_empty() {
                entry.message.clone_from(&finding.message);
                entry.remedy.clone_from(&finding.remedy);
            }
        }
        for action in &plan.actions {
            self.actions.entry(action.code.to_owned()).or_insert_with(|| action.title.clone().into_owned());
        }
        for series in &plan.series {
            self.series.entry(general(&series.id).into_owned()).or_insert_with(|| series.name.clone().into_owned());
        }
    }

    /// Whether there is a value, a finding, an action or a series of that name, or one that begins with it.
    pub(crate) fn knows(&self, id: &str) -> bool {
        let id = general(id);
        let begins = |known: &String| {
            known.strip_prefix(&*id).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_']))
        };
        self.values.keys().chain(self.findings.keys()).chain(self.actions.keys()).chain(self.series.keys()).any(begins)
    }

    /// The ids and codes of a plan that were not met before.
    pub(crate) fn missing(&self, plan: &Plan) -> Vec<String> {
        let values =
            plan.values.iter().map(|value| (general(&value.id), self.values.contains_key(&*general(&value.id))));
        let findings = plan
            .findings
            .iter()
            .map(|finding| (general(&finding.code), self.findings.contains_key(&*general(&finding.code))));
        let actions = plan.actions.iter().map(|action| (action.code.into(), self.actions.contains_key(action.code)));
        let series = plan.series.iter().map(|line| (general(&line.id), self.series.contains_key(&*general(&line.id))));
        let all = values.chain(findings).chain(actions).chain(series);
        all.filter(|(_, is_known)| !is_known).map(|(id, _)| id.into_owned()).collect()
    }
}
