//! An object of the document beside its rows of the table of fields: what is written, or else the table's default.

use super::field::{Absent, Field, Kind};
use super::settings::Dialect;
use crate::json::Node;
use crate::time::Milliseconds;

/// One object of a document that has been checked, or the place where it would stand.
#[derive(Clone, Copy)]
pub(super) struct Section<'n> {
    fields: &'static [Field],
    node: Option<&'n Node>,
}

impl<'n> Section<'n> {
    pub(super) fn new(fields: &'static [Field], node: &'n Node) -> Self {
        Self { fields, node: Some(node) }
    }

    pub(super) fn is_given(&self) -> bool {
        self.node.is_some()
    }

    /// What is written under a key.
    pub(super) fn given(&self, key: &str) -> Option<&'n Node> {
        self.node?.get(key)
    }

    /// The object under a key.
    pub(super) fn section(&self, key: &str) -> Self {
        let fields = match self.field(key).map(|field| &field.kind) {
            Some(Kind::Object(fields)) => fields,
            _ => &[][..],
        };
        Self { fields, node: self.given(key) }
    }

    /// The objects of the list under a key.
    pub(super) fn list(&self, key: &str) -> impl Iterator<Item = Self> + use<'n> {
        let fields = match self.field(key).map(|field| &field.kind) {
            Some(Kind::List { item: Kind::Object(fields), .. }) => fields,
            _ => &[][..],
        };
        let items = self.given(key).map(Node::items).unwrap_or_default();
        items.iter().map(move |node| Self::new(fields, node))
    }

    pub(super) fn number(&self, key: &str) -> f64 {
        let written = self.given(key).and_then(Node::number);
        match (written, self.absent(key)) {
            (Some(number), _) | (None, Some(Absent::Number(number))) => number,
            _ => 0.0,
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    pub(super) fn whole(&self, key: &str) -> u32 {
        self.number(key) as u32
    }

    pub(super) fn span(&self, key: &str) -> Milliseconds {
        Milliseconds::new(self.whole(key).into())
    }

    /// A span that has no default.
    pub(super) fn given_span(&self, key: &str) -> Option<Milliseconds> {
        self.given(key).map(|_| self.span(key))
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        let written = self.given(key).and_then(Node::flag);
        matches!((written, self.absent(key)), (Some(true), _) | (None, Some(Absent::Flag(true))))
    }

    pub(super) fn text(&self, key: &str) -> &'n str {
        self.text_by(key, Dialect::Http)
    }

    /// A text whose default depends on the dialect.
    pub(super) fn text_by(&self, key: &str, dialect: Dialect) -> &'n str {
        let written = self.given(key).and_then(Node::text);
        written.unwrap_or_else(|| match (self.absent(key), dialect) {
            (Some(Absent::Text(text)), _)
            | (Some(Absent::ByDialect { vault: text, .. }), Dialect::Vault)
            | (Some(Absent::ByDialect { openbao: text, .. }), Dialect::OpenBao)
            | (Some(Absent::ByDialect { http: text, .. }), Dialect::Http) => text,
            _ => "",
        })
    }

    fn absent(&self, key: &str) -> Option<Absent> {
        self.field(key).map(|field| field.absent)
    }

    fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}
