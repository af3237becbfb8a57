//! Requests from many cities: the share of each cluster, and how long they took.

use super::{Page, View, columns, wide};
use crate::action::Action;
use crate::city::CITIES;
use crate::projection::number;
use crate::simulation::{RATE, WRITES};
use crate::tally::{Count, per_mille};
use crate::words;

impl View<'_> {
    pub(super) fn traffic(&self, to: &mut Page) {
        let simulation = &self.state.simulation;
        let tally = &simulation.tally;
        to.element("section", &[("class", "pg-panel"), ("aria-labelledby", "pg-traffic-heading")], |to| {
            to.words("h3", &[("id", "pg-traffic-heading")], "Traffic from everywhere");
            let about = [
                &RATE.to_string(),
                " requests a second from ",
                &CITIES.len().to_string(),
                " large cities, by how many people live there; ",
                &WRITES.to_string(),
                " % of them writes.",
            ];
            to.words("p", &[("class", "pg-note")], &about.concat());
            to.element("div", &[("class", "pg-buttons")], |to| {
                to.button("pg-button pg-main", "Replay one minute", Action::Replay);
                to.element("label", &[("class", "pg-tap")], |to| {
                    to.element("input", &[("type", "checkbox"), ("id", "pg-steady")], |to| {
                        to.checked(simulation.is_busy());
                        to.on_choose(Action::Steady(!simulation.is_busy()));
                    });
                    to.text("all the time, while the clock runs");
                });
                to.button("pg-button", "Clear the counts", Action::Clear);
            });
            if tally.requests() == 0 {
                to.words("p", &[("class", "pg-note")], "No request has been counted yet.");
                return;
            }
            to.words("p", &[("id", "pg-traffic")], &words::traffic(tally));
            let all = tally.all();
            wide(to, "Requests by cluster", |to| {
                columns(
                    to,
                    "What became of the requests since the counts were cleared",
                    &["ended by", "share", "reads", "writes", "errors", "p50", "p95"],
                );
                to.element("tbody", &[], |to| {
                    let topology = simulation.topology();
                    for cluster in topology.clusters() {
                        line(to, cluster.id.as_str(), &tally.of(cluster.id.as_str()), all.requests());
                    }
                    for removed in tally.clusters().filter(|id| topology.named(id).is_none()) {
                        line(to, &[removed, " (removed)"].concat(), &tally.of(removed), all.requests());
                    }
                    line(to, "all clusters", &all, all.requests());
                });
            });
            let refused = [
                "The router itself refused ",
                &tally.refused_reads.to_string(),
                " reads and ",
                &tally.refused_writes.to_string(),
                " writes; ",
                &tally.repeated.to_string(),
                " requests were sent to another cluster after a failure.",
            ];
            to.words("p", &[("class", "pg-note")], &refused.concat());
        });
    }
}

fn line(to: &mut Page, name: &str, count: &Count, all: u64) {
    let percentile = |percent| count.percentile(percent).map_or_else(|| "–".to_owned(), words::span);
    let share = words::share(count.requests(), all);
    to.element("tr", &[], |to| {
        to.words("th", &[("scope", "row")], name);
        to.element("td", &[("class", "pg-share-cell")], |to| {
            to.words("span", &[], &share);
            #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
            let width = number(per_mille(count.requests(), all) as f64 / 10.0);
            to.element(
                "svg",
                &[
                    ("class", "pg-share"),
                    ("viewBox", "0 0 100 10"),
                    ("preserveAspectRatio", "none"),
                    ("aria-hidden", "true"),
                ],
                |to| {
                    to.element("rect", &[("class", "pg-share-bar"), ("width", &width), ("height", "10")], |_| {});
                },
            );
        });
        for cell in [
            count.reads.to_string(),
            count.writes.to_string(),
            count.errors.to_string(),
            percentile(50),
            percentile(95),
        ] {
            to.words("td", &[], &cell);
        }
    });
}
