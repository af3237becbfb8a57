//! The topology file that is being edited.  Every edit makes a whole new file, which is taken only where the router would
//! take it.

use routing::{Coordinates, Role, Topology, TopologyError};
use serde_json::{Map, Value};

/// A valid topology file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    document: Value,
}

/// The order in which keys are written: that of the router's own reference, for every object.
const ORDER: &[&str] = &[
    "version",
    "mode",
    "id",
    "role",
    "url",
    "latitude",
    "longitude",
    "clusters",
    "fallback",
    "operations",
    "deny",
    "health",
    "breaker",
    "lag",
    "consistency",
    "bulkheads",
    "retry",
    "promotion",
    "headers",
    "dialect",
    "method",
    "path",
    "operation",
    "max_in_flight",
    "forwards_writes",
];
/// Objects that fit into so many characters stand on one line.
const WIDTH: usize = 140;

impl Draft {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that the router finds wrong with it, each with its path.
    pub(crate) fn read(text: &str) -> Result<(Self, Topology), Vec<TopologyError>> {
        let topology = Topology::parse(text)?;
        // What the router takes is JSON.
        let document = serde_json::from_str(text).unwrap_or_default();
        Ok((Self { document }, topology))
    }

    /// The file.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        write(&self.document, 0, &mut text);
        text.push('\n');
        text
    }

    fn edited(&self, edit: impl FnOnce(&mut Map<String, Value>)) -> Result<(Self, Topology), Vec<TopologyError>> {
        let mut document = self.document.clone();
        if let Value::Object(file) = &mut document {
            edit(file);
        }
        Self::read(&document.to_string())
    }

    /// What is written under a key; `None`: nothing.
    pub(crate) fn setting(&self, section: &str, key: &str) -> Option<String> {
        let object = if section.is_empty() { Some(&self.document) } else { self.document.get(section) };
        object?.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// With another setting; an empty text leaves it to its default.
    pub(crate) fn with_setting(
        &self,
        section: &str,
        key: &str,
        is_text: bool,
        text: &str,
    ) -> Result<(Self, Topology), Vec<TopologyError>> {
        self.edited(|file| {
            if section.is_empty() {
                set(file, key, is_text, text);
                return;
            }
            let object = file.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                set(object, key, is_text, text);
                // Probes are made where the object is there, and need no key.
                if object.is_empty() && section != "health" {
                    file.remove(section);
                }
            }
        })
    }

    fn with_cluster(
        &self,
        id: &str,
        edit: impl FnOnce(&mut Map<String, Value>),
    ) -> Result<(Self, Topology), Vec<TopologyError>> {
        self.edited(|file| {
            let found = clusters(file).find(|cluster| cluster.get("id").and_then(Value::as_str) == Some(id));
            if let Some(cluster) = found {
                edit(cluster);
            }
        })
    }

    /// With a cluster at another place.
    pub(crate) fn moved(&self, id: &str, place: Coordinates) -> Result<(Self, Topology), Vec<TopologyError>> {
        self.with_cluster(id, |cluster| put(cluster, place))
    }

    /// With a cluster in another role.  The primary of before becomes a replica: exactly one cluster is primary.
    pub(crate) fn with_role(&self, id: &str, role: Role) -> Result<(Self, Topology), Vec<TopologyError>> {
        self.edited(|file| {
            for cluster in clusters(file) {
                let is_it = cluster.get("id").and_then(Value::as_str) == Some(id);
                let is_primary = cluster.get("role").and_then(Value::as_str) == Some(Role::Primary.as_str());
                if is_it {
                    cluster.insert("role".to_owned(), role.as_str().into());
                } else if is_primary && role == Role::Primary {
                    cluster.insert("role".to_owned(), Role::Replica.as_str().into());
                }
            }
        })
    }

    /// Without a cluster.
    pub(crate) fn without(&self, id: &str) -> Result<(Self, Topology), Vec<TopologyError>> {
        self.edited(|file| {
            if let Some(Value::Array(clusters)) = file.get_mut("clusters") {
                clusters.retain(|cluster| cluster.get("id").and_then(Value::as_str) != Some(id));
            }
        })
    }

    /// With one more replica; also its id.
    pub(crate) fn with_new(&self, place: Coordinates) -> (String, Result<(Self, Topology), Vec<TopologyError>>) {
        let taken = |id: &str| {
            let clusters = self.document.get("clusters").and_then(Value::as_array);
            clusters.is_some_and(|all| all.iter().any(|cluster| cluster.get("id").and_then(Value::as_str) == Some(id)))
        };
        let names = (1..=Topology::MAX_CLUSTERS + 1).map(|number| ["new-", &number.to_string()].concat());
        let id = names.into_iter().find(|id| !taken(id)).unwrap_or_default();
        let edited = self.edited(|file| {
            let mut cluster = Map::new();
            cluster.insert("id".to_owned(), id.as_str().into());
            cluster.insert("role".to_owned(), Role::Replica.as_str().into());
            cluster.insert("url".to_owned(), ["https://", &id, ".example.com"].concat().into());
            put(&mut cluster, place);
            if let Some(Value::Array(clusters)) = file.get_mut("clusters") {
                clusters.push(cluster.into());
            }
        });
        (id, edited)
    }
}

fn clusters(file: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let clusters = file.get_mut("clusters").and_then(Value::as_array_mut);
    clusters.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn put(cluster: &mut Map<String, Value>, place: Coordinates) {
    let hundredths = |degrees: f64| Value::from(libm::round(degrees * 100.0) / 100.0);
    cluster.insert("latitude".to_owned(), hundredths(place.latitude()));
    cluster.insert("longitude".to_owned(), hundredths(place.longitude()));
}

fn set(object: &mut Map<String, Value>, key: &str, is_text: bool, text: &str) {
    let text = text.trim();
    if text.is_empty() {
        object.remove(key);
        return;
    }
    // What is no number or flag is left to the router to refuse, in its own words.
    let value = if is_text { None } else { serde_json::from_str(text).ok() };
    object.insert(key.to_owned(), value.unwrap_or_else(|| text.into()));
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let short = compact(value);
    // The clusters, and whatever holds them, stand below each other.
    let is_whole = depth == 0 || depth == 1 && value.is_array() && short.contains('{');
    if !is_whole && short.len() + 2 * depth <= WIDTH {
        text.push_str(&short);
        return;
    }
    let line = |text: &mut String, is_first: bool| {
        text.push_str(if is_first { "\n" } else { ",\n" });
        (0..=depth).for_each(|_| text.push_str("  "));
    };
    let end = |text: &mut String, bracket: &str| {
        text.push('\n');
        (0..depth).for_each(|_| text.push_str("  "));
        text.push_str(bracket);
    };
    match value {
        Value::Object(object) if !object.is_empty() => {
            text.push('{');
            for (index, (key, value)) in ordered(object).into_iter().enumerate() {
                line(text, index == 0);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write(value, depth + 1, text);
            }
            end(text, "}");
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                line(text, index == 0);
                write(item, depth + 1, text);
            }
            end(text, "]");
        }
        _ => text.push_str(&short),
    }
}

fn compact(value: &Value) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let entries = ordered(object).into_iter();
            let entries: Vec<_> = entries
                .map(|(key, value)| [Value::from(key.as_str()).to_string(), compact(value)].join(": "))
                .collect();
            ["{ ", &entries.join(", "), " }"].concat()
        }
        Value::Array(items) if !items.is_empty() => {
            ["[", &items.iter().map(compact).collect::<Vec<_>>().join(", "), "]"].concat()
        }
        _ => value.to_string(),
    }
}

fn ordered(object: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let place = |key: &str| ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len());
    let mut entries: Vec<_> = object.iter().collect();
    entries.sort_by_key(|(key, _)| place(key));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::PRESETS;

    fn draft() -> Draft {
        Draft::read(PRESETS[1].text).unwrap().0
    }

    #[track_caller]
    fn errors(edited: Result<(Draft, Topology), Vec<TopologyError>>) -> Vec<String> {
        edited.err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_written_means_what_was_read() {
        for preset in PRESETS {
            let (draft, topology) = Draft::read(preset.text).unwrap();
            assert_eq!(Topology::parse(&draft.text()).as_ref(), Ok(&topology), "{}", draft.text());
            assert_eq!(Draft::read(&draft.text()).unwrap().0, draft);
            assert!(draft.text().lines().all(|line| line.len() <= WIDTH + 60), "{}", draft.text());
            assert!(draft.text().starts_with("{\n  \"version\": 1,\n  \"mode\""), "{}", draft.text());
        }
    }

    #[test]
    fn settings_are_set_and_left_to_their_defaults() {
        let (draft, topology) = draft().with_setting("breaker", "failures", false, " 7 ").unwrap();
        assert_eq!(topology.breaking().failures, 7);
        assert_eq!(draft.setting("breaker", "failures").as_deref(), Some("7"));
        let (draft, topology) = draft.with_setting("breaker", "failures", false, "").unwrap();
        assert_eq!((draft.setting("breaker", "failures"), topology.breaking().failures), (None, 5));
        let (_, topology) = draft.with_setting("", "mode", true, "split").unwrap();
        assert_eq!(topology.mode(), routing::Mode::Split);
        let wrong = errors(draft.with_setting("breaker", "failures", false, "many"));
        assert!(wrong[0].starts_with("breaker.failures: ") && wrong[0].contains("many"), "{wrong:?}");
        let wrong = errors(draft.with_setting("lag", "max_ms", false, "-1"));
        assert!(wrong[0].contains("-1 is out of range; 0 to 86"), "{wrong:?}");
    }

    #[test]
    fn clusters_come_move_change_and_go() {
        let place = Coordinates::from_degrees(-33.951, 151.178).unwrap();
        let (id, edited) = draft().with_new(place);
        let (draft, topology) = edited.unwrap();
        let cluster = topology.named(&id).unwrap();
        assert_eq!((id.as_str(), cluster.role), ("new-1", Role::Replica));
        assert!((cluster.coordinates.latitude() + 33.95).abs() < 1e-9);
        let (draft, topology) = draft.with_role("new-1", Role::Primary).unwrap();
        assert_eq!(topology.primary().id.as_str(), "new-1");
        assert_eq!(topology.named("us-east").map(|cluster| cluster.role), Some(Role::Replica));
        let (draft, topology) = draft.moved("new-1", Coordinates::from_degrees(1.0, 2.0).unwrap()).unwrap();
        assert!((topology.primary().coordinates.longitude() - 2.0).abs() < 1e-9);
        assert!(errors(draft.without("new-1"))[0].contains("primary"), "there has to be one");
        assert_eq!(draft.without("us-east").unwrap().1.len(), 3);
    }
}
