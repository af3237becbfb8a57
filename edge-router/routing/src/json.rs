//! JSON: a document as it was written (keys in their order, duplicates kept, so that they can be reported), and what is
//! read from one.
//!
//! Everything is read through [`Node`]: serde would make a reader for each type, which together were a sixth of the
//! worker's module.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// One JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The first value under a key; `None` for other nodes than objects.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    /// The items of a list; none for other nodes.
    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// What an RFC 6901 pointer leads to.
    pub(crate) fn pointer(&self, pointer: &str) -> Option<&Self> {
        let Some(tokens) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        tokens.split('/').try_fold(self, |node, token| match node {
            Self::Object(_) => node.get(&token.replace("~1", "/").replace("~0", "~")),
            Self::List(items) if token == "0" || !token.starts_with(['0', '+']) => {
                items.get(token.parse::<usize>().ok()?)
            }
            _ => None,
        })
    }

    /// What is under a key, as what it is to be.
    pub(crate) fn field<T: Read>(&self, key: &str) -> Option<T> {
        self.get(key).map_or_else(T::missing, T::read)
    }

    /// The entries of an object; none for other nodes.
    pub(crate) fn entries(&self) -> &[(String, Self)] {
        if let Self::Object(entries) = self { entries } else { &[] }
    }
}

/// What can be read from JSON.
pub(crate) trait Read: Sized {
    /// `None`: it is not there, or something else is.
    fn read(node: &Node) -> Option<Self>;

    /// What a key means that is not there.
    fn missing() -> Option<Self> {
        None
    }
}

/// Makes an object readable whose fields are keys of the same name.
macro_rules! read_fields {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::json::Read for $type {
            fn read(node: &$crate::json::Node) -> Option<Self> {
                Some(Self { $($field: node.field(stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use read_fields;

impl Read for bool {
    fn read(node: &Node) -> Option<Self> {
        node.flag()
    }
}

impl Read for u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "compared"
    )]
    fn read(node: &Node) -> Option<Self> {
        let number = node.number()?;
        let whole = number as Self;
        (whole as f64).total_cmp(&number).is_eq().then_some(whole)
    }
}

impl Read for u32 {
    fn read(node: &Node) -> Option<Self> {
        u64::read(node)?.try_into().ok()
    }
}

impl Read for u16 {
    fn read(node: &Node) -> Option<Self> {
        u64::read(node)?.try_into().ok()
    }
}

impl Read for String {
    fn read(node: &Node) -> Option<Self> {
        node.text().map(str::to_owned)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node) -> Option<Self> {
        if *node == Node::Null { Some(None) } else { T::read(node).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(node: &Node) -> Option<Self> {
        let Node::List(items) = node else { return None };
        items.iter().map(T::read).collect()
    }
}

impl<T: Read> Read for VecDeque<T> {
    fn read(node: &Node) -> Option<Self> {
        Vec::read(node).map(Self::from)
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn read(node: &Node) -> Option<Self> {
        let Node::Object(entries) = node else { return None };
        entries.iter().map(|(key, node)| Some((key.clone(), T::read(node)?))).collect()
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn read(node: &Node) -> Option<Self> {
        let [first, second] = node.items() else { return None };
        Some((A::read(first)?, B::read(second)?))
    }
}

/// A text in quotes, control characters escaped, cut where a message would become unreadable.  As JSON writes it: that
/// is how it stands in the file, and Rust's own quotes would bring a table of all characters into the module.
pub(crate) struct Quoted<'t>(pub(crate) &'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 80;
        let cut = self.0.char_indices().nth(LONGEST).map(|(end, _)| end);
        let text = self.0.get(..cut.unwrap_or(self.0.len())).unwrap_or_default();
        f.write_str(&serde_json::to_string(text).unwrap_or_default())?;
        f.write_str(if cut.is_some() { "..." } else { "" })
    }
}

/// A number the way one would write it in the file.
pub(crate) struct Decimal(pub(crate) f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = serde_json::to_string(&self.0).unwrap_or_default();
        f.write_str(written.strip_suffix(".0").unwrap_or(&written))
    }
}

/// A number as JSON writes it.
pub(crate) fn number(text: &str) -> Option<f64> {
    serde_json::from_str::<Node>(text).ok()?.number()
}

/// What a text in JSON says.
pub(crate) fn read<T: Read>(text: &str) -> Option<T> {
    T::read(&serde_json::from_str(text).ok()?)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E: Error>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Node, E> {
                Ok(Node::Flag(flag))
            }

            // Numbers are doubles, as in every JSON reader the file may meet; the ranges allowed stay far below 2^53.
            #[allow(clippy::cast_precision_loss)]
            fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
                Ok(Node::Number(number as f64))
            }

            #[allow(clippy::cast_precision_loss)]
            fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
                Ok(Node::Number(number as f64))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
                Ok(Node::Number(number))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = object.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Object(entries))
            }
        }

        deserializer.deserialize_any(NodeVisitor)
    }
}
