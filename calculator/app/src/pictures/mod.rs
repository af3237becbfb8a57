//! Pictures of the plan: what is shown of each curve, in words and as shapes.

mod growth;
mod memory;
mod nodes;
mod storage;
mod waiting;

use chart::{Key, Style};
use sizing::curve;
use sizing::quantity::{Bytes, Quantity};

use crate::tab::Tab;
use crate::view::{Drawing, View};

/// Draws the pictures of a view.
pub(crate) fn draw(view: &View<'_>, tab: &Tab, to: &mut Drawing) {
    match tab.word {
        "queue" => waiting(view, to),
        "memory" => memory(view, to),
        "nodes" => nodes(view, to),
        "storage" => storage(view, to),
        "growth" => growth(view, to),
        _ => {}
    }
}

/// How long a transaction waits, by the size of the pools.
fn waiting(view: &View<'_>, to: &mut Drawing) {
    if let Some(curve) = curve::waiting(&view.state.scenario) {
        chart::draw(&waiting::chart(&curve), to);
    }
}

/// The memory of the database server, expected and at worst.
fn memory(view: &View<'_>, to: &mut Drawing) {
    if let Some(stacks) = curve::memory(&view.state.scenario) {
        chart::draw(&memory::chart(&stacks), to);
    }
}

/// What so many nodes bear with one lost.
fn nodes(view: &View<'_>, to: &mut Drawing) {
    for curve in curve::nodes(&view.state.scenario, view.plan()) {
        chart::draw(&nodes::chart(&curve), to);
    }
}

/// What is stored over the months to come.
fn storage(view: &View<'_>, to: &mut Drawing) {
    if let Some(curve) = curve::storage(&view.state.scenario, view.plan()) {
        chart::draw(&storage::chart(&curve, view.state.scenario.today), to);
    }
}

/// Every demand that grows against its limit.
fn growth(view: &View<'_>, to: &mut Drawing) {
    if let Some(curve) = curve::growth(&view.state.scenario, view.plan()) {
        chart::draw(&growth::chart(&curve, &view.plan().series, view.state.scenario.today), to);
    }
}

/// A quantity for people.
fn text(quantity: impl Into<Quantity>) -> String {
    quantity.into().to_string()
}

/// A whole number to draw.
#[expect(clippy::cast_precision_loss, reason = "a picture needs no more digits")]
fn real(whole: u64) -> f64 {
    whole as f64
}

/// A size beside an axis.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
fn size(bytes: f64) -> String {
    text(Bytes(bytes as u64))
}

/// What is drawn where something is beyond its limit or does not work.
const OVER: Style = "over";
/// What there is today.
const NOW: Style = "now";
/// What must not be exceeded.
const LIMIT: Style = "most";
/// What is aimed at.
const TARGET: Style = "aim";

/// Stands behind the name of what goes on above the picture.
const BEYOND: &str = " ↑";

/// The letters that tell shapes apart where colours do not.
const LETTERS: [&str; 10] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
/// The looks of lines.
const STYLES: [Style; 6] = ["s1", "s2", "s3", "s4", "s5", "s6"];

fn line_key(style: Style, label: &str, name: &str, value: String) -> Key {
    Key { style, is_line: true, label: label.to_owned(), name: name.to_owned(), value }
}

fn block_key(style: Style, label: &str, name: &str, value: String) -> Key {
    Key { is_line: false, ..line_key(style, label, name, value) }
}

/// The months to come as an axis: as dates where today is known.
mod months {
    use chart::{Axis, Round, Scale};
    use sizing::Date;

    use super::real;

    /// Most dates that fit beside each other.
    const MOST: u32 = 6;

    pub(super) fn axis(months: u64, today: Option<Date>) -> Axis {
        let title = if today.is_some() { "month" } else { "months from now" };
        let label = |month: f64| label(month, today);
        Axis::round(title, Scale::linear(0.0, real(months)), MOST, Round::Months, &label)
    }

    /// `2027-11`, or the number of months.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "months are whole and few")]
    pub(super) fn label(month: f64, today: Option<Date>) -> String {
        let month = (month + 0.5) as u64;
        match today {
            Some(today) => today.plus_months(month).to_string().chars().take("2027-11".len()).collect(),
            None => month.to_string(),
        }
    }

    /// "now", "in 7 months", "2027-11".
    pub(super) fn when(month: u64, today: Option<Date>) -> String {
        match (month, today) {
            (0, _) => "now".to_owned(),
            (_, Some(_)) => ["in ", &label(real(month), today)].concat(),
            (1, None) => "in 1 month".to_owned(),
            (_, None) => ["in ", &month.to_string(), " months"].concat(),
        }
    }
}

#[cfg(test)]
mod tests;
