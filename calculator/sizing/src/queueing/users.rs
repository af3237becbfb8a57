//! From users to requests to connections to pods.

use crate::quantity::{Connections, Count, PerSecond, Quantity, Unit, approximate, ceiling};
use crate::queueing::values::{fewest, or};
use crate::queueing::{Waiting, p95};
use crate::scenario::Scenario;
use crate::sheet::Sheet;
use crate::source;

/// The documented users and the pods for them: today, phase 1 (5–6) and phase 2.
const DOCUMENTED: [(u64, u64); 3] = [(250, 3), (500, 6), (1_000, 10)];

impl Scenario {
    /// Requests per second of the users, where their number is given.
    pub(super) fn requests_of_users(&self) -> Option<PerSecond> {
        Some(PerSecond::new(approximate(self.users?.get()) * self.requests_per_user.get()))
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
    let each = waiting.most_per_pod();
    let transactions = PerSecond::new(requests.get() * scenario.queries_per_request.get());
    let queue = scenario.as_one_queue(transactions);
    let pods: Quantity = match each {
        Some(each) if each.get() > 0.0 => Count(ceiling(requests.get() / each.get()).max(1)).into(),
        Some(_) => Quantity::None(Unit::Count, "a pool this small never meets the target"),
        None => Count(1).into(),
    };
    sheet
        .value("queue.requests_of_users", "Requests of the users", requests.into())
        .is("users × requests_per_user", source::HEADROOM)
        .inputs(&["users", "requests_per_user"])
        .value("queue.busy_for_users", "Connections they keep busy on average", queue.load().into())
        .is("queue.requests_of_users × queries_per_request × hold_ms ÷ 1000", source::LITTLE)
        .with("queue.requests_of_users", requests.into())
        .inputs(&["queries_per_request", "hold_ms"]);
    let name = "Connections they need, if all share one pool";
    fewest(sheet, "queue.connections_for_users", name, p95(), &queue, scenario.fewest(p95(), &queue));
    sheet
        .value("queue.pods_for_users", "Pods they need, as far as the pools decide", pods)
        .is("queue.requests_of_users ÷ queue.max_rate_per_pod, rounded up", source::HEADROOM)
        .with("queue.requests_of_users", requests.into())
        .with("queue.max_rate_per_pod", or(each, Unit::PerSecond, "no limit"))
        .rule(
            source::CONNECTION_SCALING.at("Executive Summary"),
            "250 users on 3 pods, 500 on 6, 1,000 on 10",
            Count(documented_pods(users.get())).into(),
            "The document names neither requests nor hold time. Ours is what the pools need; the application's own work \
             and pods that may fail come on top.",
        );
    let pool = Connections(scenario.connections_per_process());
    sheet.with("connections of a pool", pool.into());
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
