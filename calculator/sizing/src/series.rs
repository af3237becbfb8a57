//! A demand over the months to come, beside its limit.

use std::borrow::Cow;

use crate::quantity::Quantity;

/// One line of the growth chart: a demand, month by month, and what it must stay below.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The stable id, such as `growth.pool.database`.
    pub id: Cow<'static, str>,
    /// What it is called, for people.
    pub name: Cow<'static, str>,
    /// What the demand must not exceed; `None` where nothing limits it.
    pub limit: Option<Quantity>,
    /// The demand: now, in one month, in two, to the end of what is looked at.
    pub points: Vec<Quantity>,
}
