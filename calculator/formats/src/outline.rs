//! What a report consists of, before it is written as text or as Markdown.

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Plain words.
    Words(String),
    /// Words that matter most.
    Strong(String),
    /// Something to be typed or searched for: an id, a setting, a value of one.
    Code(String),
}

impl Span {
    /// What it says, without how it looks.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Strong(text) | Self::Code(text) => text,
        }
    }
}

/// Pieces in a row.
pub type Line = Vec<Span>;

/// A line of plain words.
#[must_use]
pub fn words(text: impl Into<String>) -> Line {
    vec![Span::Words(text.into())]
}

/// A line that is an id or a command.
#[must_use]
pub fn code(text: impl Into<String>) -> Line {
    vec![Span::Code(text.into())]
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// What it begins with.
    pub lead: Line,
    /// What else there is to say, each on a line of its own.
    pub more: Vec<Line>,
    /// Commands, statements or lines of configuration, ready to be copied; may be empty.
    pub command: String,
}

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the start: words.
    Start,
    /// At the end: numbers.
    End,
}

/// A column's heading and where its texts stand.
pub type Column = (String, Align);

/// A column of words.
#[must_use]
pub fn start(heading: &str) -> Column {
    (heading.to_owned(), Align::Start)
}

/// A column of numbers.
#[must_use]
pub fn end(heading: &str) -> Column {
    (heading.to_owned(), Align::End)
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading: 0 is the title of a document, 1 a section, 2 a part of one.
    Heading(usize, String),
    /// A paragraph.
    Paragraph(Line),
    /// A list in no order.
    Points(Vec<Item>),
    /// A list in the order to follow it.
    Steps(Vec<Item>),
    /// A table; every row has a cell for every column.
    Table(Vec<Column>, Vec<Vec<Line>>),
}
