//! What pictures show: the model's own numbers over a range, beside the limits they meet.
//!
//! Each picture has a function of its own, so that nothing is computed for a picture that is not drawn.

mod growth;
mod memory;
mod nodes;
mod storage;
mod waiting;

pub use growth::{Crossing, GrowthCurve, GrowthLine, growth};
pub use memory::{MemoryPart, MemoryStack, MemoryStacks, memory};
pub use nodes::{NodesCurve, NodesKind, NodesPoint, nodes};
pub use storage::{StorageCurve, StoragePoint, storage};
pub use waiting::{WaitingCurve, WaitingPoint, Waits, waiting};

use crate::quantity::{Count, Number};
use crate::{Plan, Series};

/// The month in which a line of the growth exceeds its limit, as the plan says.
fn crossed(plan: &Plan, line: &str) -> Option<Count> {
    match plan.value(&[line, ".month"].concat())?.quantity.number()? {
        Number::Whole(month) => Some(Count(month)),
        Number::Signed(_) | Number::Real(_) => None,
    }
}

/// A line of the growth.
fn line<'p>(plan: &'p Plan, id: &str) -> Option<&'p Series> {
    plan.series.iter().find(|line| line.id == id)
}
