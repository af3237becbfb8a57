//! Charts as elements: what is drawn says what it means in words, and every number of it stands in a table.
//!
//! In scope: axes with round numbers, lines, stacks, bars, limits, marks and what they say when pointed at or focused.
//! Out of scope: what the numbers mean.  No script takes part: shapes are placed by percentages and paths stretch, so
//! that a picture is as wide as its place while its texts and strokes keep their size; what a place says is shown by
//! styles alone.

mod draw;
mod path;
mod scale;

pub use draw::{draw, swatch};
pub use scale::{Round, Scale};

/// A place in the axes' own numbers: across and up.
pub type Point = (f64, f64);

/// A class that says how a shape looks: `s1` to `s9` differ in colour and in dashes or hatching, `over` is hatched as
/// what is beyond a limit, `ghost` is an outline.
pub type Style = &'static str;

/// A picture of numbers.
#[derive(Debug, Clone)]
pub struct Chart {
    /// A word of its own on the page, for classes and ids.
    pub id: &'static str,
    /// What is shown.
    pub title: String,
    /// What is to be seen in it, in a sentence or two.
    pub message: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// What is drawn, the hindmost first.
    pub shapes: Vec<Shape>,
    /// What places say when they are pointed at, from left to right.
    pub readings: Vec<Reading>,
    /// What the shapes are called, in the order to read them.
    pub key: Vec<Key>,
    /// Every number that is drawn.
    pub table: Table,
}

/// One of the two directions.
#[derive(Debug, Clone)]
pub struct Axis {
    /// What is measured, with its unit.
    pub title: String,
    /// From where to where.
    pub scale: Scale,
    /// The numbers that are written beside it.
    pub ticks: Vec<Tick>,
}

impl Axis {
    /// An axis with round numbers beside it, written by `label`.
    #[must_use]
    pub fn round(title: &str, scale: Scale, most: u32, round: Round, label: &dyn Fn(f64) -> String) -> Self {
        let ticks = scale.ticks(most, round).into_iter().map(|at| Tick { at, label: label(at) }).collect();
        Self { title: title.to_owned(), scale, ticks }
    }
}

/// A number beside an axis.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Where.
    pub at: f64,
    /// As it is written.
    pub label: String,
}

/// Something that is drawn.
#[derive(Debug, Clone)]
pub enum Shape {
    /// A line through points, from left to right, with a word or a letter at its right end.
    Line {
        /// The points.
        points: Vec<Point>,
        /// How it looks.
        style: Style,
        /// What stands at its end.
        label: String,
    },
    /// What lies between two lines that have the same places from left to right.
    Area {
        /// From left to right.
        upper: Vec<Point>,
        /// From left to right.
        lower: Vec<Point>,
        /// How it looks.
        style: Style,
        /// What stands in it where it is thick enough.
        label: String,
    },
    /// A rectangle between two places across and two up, with a letter in it where that has room.
    Bar {
        /// From and to.
        x: Point,
        /// From and to.
        y: Point,
        /// How it looks.
        style: Style,
        /// What stands in it.
        label: String,
    },
    /// A line across the whole picture that something must stay below, or that it needs.
    Limit {
        /// Where, from bottom to top.
        at: f64,
        /// How it looks.
        style: Style,
        /// What stands on it.
        label: String,
    },
    /// A line from bottom to top, at a place that has a name.
    Mark {
        /// Where, from left to right.
        at: f64,
        /// How it looks.
        style: Style,
        /// What stands beside it.
        label: String,
    },
    /// A sign at a place: where a limit is crossed, or what there is today.
    Dot {
        /// Where.
        at: Point,
        /// How it looks.
        style: Style,
        /// What stands in it.
        label: String,
    },
}

/// What a place says when it is pointed at or has the focus.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Where, from left to right.
    pub at: f64,
    /// Short lines, the place itself first.
    pub lines: Vec<String>,
    /// The same for those who hear it.
    pub said: String,
    /// The keyboard stops here: a place that means something, of which there are few.
    pub is_stop: bool,
}

impl Reading {
    /// What is heard is what is read.
    #[must_use]
    pub fn new(at: f64, lines: Vec<String>, is_stop: bool) -> Self {
        Self { at, said: lines.join(", "), lines, is_stop }
    }
}

/// What a shape is called.
#[derive(Debug, Clone)]
pub struct Key {
    /// How it looks.
    pub style: Style,
    /// It is a line, not an area.
    pub is_line: bool,
    /// The letter that stands on it.
    pub label: String,
    /// Its name.
    pub name: String,
    /// What is to be said of it: a number, a date.
    pub value: String,
}

/// The numbers of a picture.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// What the numbers are, with their units.
    pub caption: String,
    /// The heads of the columns.
    pub head: Vec<String>,
    /// The rows; the first cell of each is its head.
    pub rows: Vec<Vec<String>>,
}
