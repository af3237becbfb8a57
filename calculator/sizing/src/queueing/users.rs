//! From users to requests to connections to pods.

use crate::quantity::{Count, PerSecond, Quantity, Unit, approximate, ceiling};
use crate::queueing::Waiting;
use crate::queueing::values::{Figure as F, PREFIX, Row, fewest, write};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source;

/// The documented users and the pods for them: today, phase 1 (5–6) and phase 2.
const DOCUMENTED: [(u64, u64); 3] = [(250, 3), (500, 6), (1_000, 10)];

/// More pods than that say only that a pod gets next to nothing done.
const MOST_PODS: u64 = 1_000_000;

const ROWS: &[Row] = &[
    Row {
        id: "requests_of_users",
        name: "Requests of the users",
        formula: "users × requests_per_user",
        source: source::HEADROOM,
        figure: F::RequestsOfUsers,
        operands: &[("users", F::Input), ("requests_per_user", F::Input)],
    },
    fewest("connections_for_users", "Connections they need, if all share one pool"),
    Row {
        id: "pods_for_users",
        name: "Pods they need, as far as the pools decide",
        formula: "queue.requests_of_users ÷ queue.max_rate_per_pod, rounded up",
        source: source::HEADROOM,
        figure: F::PodsForUsers,
        operands: &[("queue.requests_of_users", F::RequestsOfUsers), ("queue.max_rate_per_pod", F::MostPerPod)],
    },
];

impl Scenario {
    /// Requests per second of the users, where their number is given.
    pub(super) fn requests_of_users(&self) -> Option<PerSecond> {
        Some(PerSecond::new(approximate(self.users?.get()) * self.requests_per_user.get()))
    }
}

impl Waiting<'_> {
    /// The pods whose pools take what the users ask for.
    pub(super) fn pods_for_users(&self) -> Quantity {
        let requests = self.scenario.requests_of_users().unwrap_or_default().get();
        match self.most_per_pod().map(PerSecond::get) {
            Some(each) if each <= 0.0 => Quantity::None(Unit::Count, "a pool this small never meets the target"),
            each => match each.map_or(1, |each| ceiling(requests / each).max(1)) {
                pods if pods > MOST_PODS => Quantity::None(Unit::Count, "more than 1,000,000"),
                pods => Count(pods).into(),
            },
        }
    }
}

/// The documented pods for so many users: the first row that has room, and 10 for every 1,000 beyond the table.
pub(crate) fn documented_pods(users: u64) -> u64 {
    let row = DOCUMENTED.iter().find(|(most, _)| users <= *most);
    row.map_or(users.div_ceil(100), |(_, pods)| *pods)
}

/// What the users ask for.  `rate` remains what everything else is computed from; a finding tells where the two differ.
pub(super) fn values(waiting: &Waiting<'_>, sheet: &mut Sheet<'_>) {
    let scenario = sheet.scenario;
    let (Some(users), Some(requests)) = (scenario.users, scenario.requests_of_users()) else { return };
    let transactions = PerSecond::new(requests.get() * scenario.queries_per_request.get());
    let stage = scenario.as_one_stage(transactions);
    write(sheet, PREFIX, "", ROWS, &|figure| waiting.figure(&stage, figure));
    sheet.rule(
        source::CONNECTION_SCALING.at("Executive Summary"),
        "250 users on 3 pods, 500 on 6, 1,000 on 10",
        Count(documented_pods(users.get())).into(),
        "The document names neither requests nor hold time. Ours is what the pools need; the application's own work and \
         pods that may fail come on top.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_users() {
        for (users, pods, reason) in [
            (1, 3, "the smallest documented"),
            (250, 3, "the document's first phase"),
            (251, 6, "its second: 5 to 6"),
            (1_000, 10, "its third"),
            (5_000, 50, "beyond it, at its third's users a pod"),
        ] {
            assert_eq!(documented_pods(users), pods, "{users}: {reason}");
        }
    }
}
