//! Memory as two stacks, up to the line of what there is.

use chart::{Axis, Chart, Reading, Round, Scale, Shape, Style, Table, Tick};
use sizing::curve::{MemoryStack, MemoryStacks};
use sizing::quantity::{Bytes, Share};

use super::{LETTERS, LIMIT, OVER, block_key, real, size, text};
use crate::view::counted;

/// What is more than so many times the memory is cut off.
const MOST: f64 = 2.5;
/// Where the stacks stand, of a picture that is 2 wide.
const PLACES: [(f64, f64); 2] = [(0.12, 0.88), (1.12, 1.88)];
const NAMES: [&str; 2] = ["Expected at peak", "At worst"];

/// The looks of the parts, the lowest first: kinds of memory that belong together look alike.
const STYLES: [Style; 10] = ["s10", "s1", "s2", "s8", "s5", "s6", "s9", "s4", "s7", "s3"];

pub(super) fn chart(stacks: &MemoryStacks) -> Chart {
    let both = [&stacks.expected, &stacks.worst];
    let available = real(stacks.available.get());
    let highest = both.iter().map(|stack| real(stack.total.get())).fold(available, f64::max);
    let top = (highest * 1.08).min(available * MOST);
    let mut shapes = Vec::new();
    for (stack, place) in both.iter().zip(PLACES) {
        stacked(stacks, stack, place, top, &mut shapes);
    }
    shapes.push(Shape::Limit { at: available, style: LIMIT, label: ["memory ", &text(stacks.available)].concat() });
    let ticks = NAMES
        .iter()
        .zip(PLACES)
        .map(|(name, (from, until))| Tick { at: f64::midpoint(from, until), label: (*name).to_owned() });
    let parts = stacks.expected.parts.iter().zip(&stacks.worst.parts).zip(STYLES).zip(LETTERS);
    let key = parts.filter(|(((_, worst), _), _)| worst.bytes.get() > 0).map(|(((expected, worst), style), letter)| {
        let value = if expected.bytes == worst.bytes {
            text(expected.bytes)
        } else {
            [&text(expected.bytes), " to ", &*text(worst.bytes)].concat()
        };
        block_key(style, letter, expected.name, value)
    });
    let mut key: Vec<_> = key.collect();
    key.reverse();
    if stacks.over(&stacks.worst).get() > 0 || stacks.over(&stacks.expected).get() > 0 {
        let over = stacks.over(&stacks.worst).max(stacks.over(&stacks.expected));
        key.insert(0, block_key(OVER, "", "beyond the memory there is", text(over)));
    }
    if stacks.left(&stacks.expected).get() > 0 {
        key.insert(0, block_key("ghost", "", "left to caches, at peak", text(stacks.left(&stacks.expected))));
    }
    Chart {
        id: "memory",
        title: "Memory up to what there is".to_owned(),
        message: message(stacks),
        x: Axis { title: String::new(), scale: Scale::linear(0.0, 2.0), ticks: ticks.collect() },
        y: Axis::round("memory of the database server", Scale::linear(0.0, top), 6, Round::Twos, &size),
        shapes,
        readings: both
            .iter()
            .zip(NAMES)
            .zip(PLACES)
            .map(|((stack, name), place)| reading(stacks, stack, name, place))
            .collect(),
        key,
        table: table(stacks),
    }
}

/// One part on the other, what is beyond the memory hatched, what is left an outline.
fn stacked(stacks: &MemoryStacks, stack: &MemoryStack, x: (f64, f64), top: f64, shapes: &mut Vec<Shape>) {
    let mut from = 0.0;
    for ((part, style), letter) in stack.parts.iter().zip(STYLES).zip(LETTERS) {
        let until = from + real(part.bytes.get());
        if until > from {
            shapes.push(Shape::Bar { x, y: (from, until), style, label: letter.to_owned() });
        }
        from = until;
    }
    let available = real(stacks.available.get());
    if from > available {
        shapes.push(Shape::Bar { x, y: (available, from), style: OVER, label: String::new() });
    } else if from < available {
        shapes.push(Shape::Bar { x, y: (from, available), style: "ghost", label: "left to caches".to_owned() });
    }
    if from > top {
        let label = ["up to ", &text(stack.total)].concat();
        shapes.push(Shape::Bar { x, y: (top * 0.9, top), style: "cut", label });
    }
}

fn share(stacks: &MemoryStacks, stack: &MemoryStack) -> String {
    Share::of(stack.total.get(), stacks.available.get()).map_or_else(String::new, text)
}

fn message(stacks: &MemoryStacks) -> String {
    let (expected, worst) = (&stacks.expected, &stacks.worst);
    let how = |stack: &MemoryStack| [&text(stack.total), " (", &*share(stacks, stack), ")"].concat();
    let fits = |stack: &MemoryStack| stacks.over(stack) == Bytes(0);
    let worst_case =
        ["with all ", &*counted(worst.connections.get(), "connection"), " at their worst it needs ", &how(worst)]
            .concat();
    let start =
        ["At peak the server needs ", &how(expected), " of ", &*text(stacks.available), "; ", &worst_case].concat();
    let end = match (fits(expected), fits(worst)) {
        (true, true) => ": both fit.".to_owned(),
        (true, false) => [": ", &*text(stacks.over(worst)), " more than there is."].concat(),
        (false, _) => [": even what is expected is ", &*text(stacks.over(expected)), " too much."].concat(),
    };
    [start, end].concat()
}

fn reading(stacks: &MemoryStacks, stack: &MemoryStack, name: &str, (from, until): (f64, f64)) -> Reading {
    let mut lines = vec![[name, ": ", &text(stack.total)].concat()];
    let open = counted(stack.connections.get(), "connection");
    lines.push([&open, ", ", &*text(stack.busy), " busy"].concat());
    let mut largest: Vec<_> = stack.parts.iter().filter(|part| part.bytes.get() > 0).collect();
    largest.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    lines.extend(largest.iter().take(4).map(|part| [&text(part.bytes), " ", part.name].concat()));
    let (left, over) = (stacks.left(stack), stacks.over(stack));
    lines.push(if over.get() > 0 { [&text(over), " too much"].concat() } else { [&text(left), " left"].concat() });
    Reading::new(f64::midpoint(from, until), lines, true)
}

fn table(stacks: &MemoryStacks) -> Table {
    let (expected, worst) = (&stacks.expected, &stacks.worst);
    let mut rows: Vec<Vec<String>> = expected
        .parts
        .iter()
        .zip(&worst.parts)
        .map(|(expected, worst)| vec![expected.name.to_owned(), text(expected.bytes), text(worst.bytes)])
        .collect();
    let of = |name: &str, value: &dyn Fn(&MemoryStack) -> Bytes| {
        vec![name.to_owned(), text(value(expected)), text(value(worst))]
    };
    rows.push(of("Sum", &|stack| stack.total));
    rows.push(of("There is", &|_| stacks.available));
    rows.push(of("Left to caches", &|stack| stacks.left(stack)));
    rows.push(of("Too much", &|stack| stacks.over(stack)));
    Table {
        caption: "Memory of the database server, by what needs it".to_owned(),
        head: ["What needs it", NAMES[0], NAMES[1]].map(str::to_owned).into(),
        rows,
    }
}
