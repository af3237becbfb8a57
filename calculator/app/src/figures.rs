//! The handful of numbers that people ask for first.

use sizing::Value;

use crate::tab::Tab;
use crate::view::{Drawing, View, joined};

/// Where the derivations of the figures open.
const PANEL: &str = "figures";

/// The values of each view, with a short name for each.
const FIGURES: &[(&str, &str)] = &[
    ("pool.total_connections", "connections in all"),
    ("pool.utilization", "of the first limit"),
    ("pool.headroom", "connections left"),
    ("pool.max_pods", "pods fit"),
    ("pool.max_pool_size", "largest pool size"),
    ("queue.utilization", "of the pool is busy"),
    ("queue.wait_probability", "of requests wait"),
    ("queue.mean_wait_ms", "mean wait"),
    ("queue.p95_wait_ms", "95 % wait at most"),
    ("queue.p99_wait_ms", "99 % wait at most"),
    ("queue.recommended_pool_size", "smallest pool within the target"),
    ("memory.expected", "expected at peak"),
    ("memory.worst_case", "at worst"),
    ("memory.available", "available"),
    ("memory.shared_buffers", "shared_buffers"),
    ("memory.work_mem", "work_mem"),
    ("memory.effective_cache_size", "effective_cache_size"),
    ("nodes.recommended", "voters recommended"),
    ("nodes.quorum", "are a quorum"),
    ("nodes.fault_tolerance", "may be lost"),
    ("nodes.memory_per_node", "memory a node"),
    ("nodes.read_replicas", "read replicas"),
    ("nodes.shards", "shards"),
    ("storage.per_day", "on disk a day"),
    ("storage.after_a_year", "after a year"),
    ("storage.disk_needed", "disk needed"),
    ("storage.days_until_full", "days until full"),
    ("cache.hit_ratio", "served by the cache"),
    ("growth.first_limit", "breaks first"),
    ("growth.first_limit_month", "months from now"),
    ("growth.second_limit", "breaks next"),
    ("growth.second_limit_month", "months from now"),
    ("replica.reads", "reads"),
    ("replica.lag_ms", "replication lag"),
    ("replica.bandwidth", "for each replica"),
    ("replica.write_use", "of the primary’s writes"),
];

impl View<'_> {
    pub(crate) fn figures(&self, to: &mut Drawing, tab: &Tab) {
        let panel = joined(&[PANEL, "-", tab.word]);
        let figures = || {
            let shown = FIGURES.iter().filter(|(id, _)| tab.has(id));
            shown.filter_map(|(id, label)| self.plan().value(id).map(|value| (value, *label)))
        };
        to.element("section", &[("class", "figures"), ("aria-label", "Key figures")], |to| {
            to.flag("hidden", figures().next().is_none());
            to.element("dl", &[], |to| {
                for (value, label) in figures() {
                    let class = if value.quantity.number().is_none() { "figure-words" } else { "figure-number" };
                    to.part(&value.id, |to| {
                        to.element("div", &[("class", "figure")], |to| {
                            to.words("dt", &[], label);
                            to.element("dd", &[], |to| {
                                self.number(to, &panel, value, class);
                                to.words("span", &[("class", "documented")], &documented(value));
                            });
                        });
                    });
                }
            });
            self.panel(to, &panel);
        });
    }
}

/// What a published rule says, where that differs.
fn documented(value: &Value) -> String {
    let ours = value.quantity.to_string();
    let theirs = value.rules.iter().map(|rule| rule.quantity.to_string()).find(|theirs| *theirs != ours);
    theirs.map(|theirs| joined(&["documented: ", &theirs])).unwrap_or_default()
}
