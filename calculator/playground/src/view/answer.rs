//! Sending a request from a city, and what became of the last one.

use yew::AttrValue;

use super::{Page, View, columns, option, row, wide};
use crate::action::Action;
use crate::city::CITIES;
use crate::link::formula;
use crate::words;

impl View<'_> {
    pub(super) fn ask(&self, to: &mut Page) {
        to.element("div", &[("class", "pg-ask")], |to| {
            to.element("div", &[("class", "pg-field")], |to| {
                to.words("label", &[("for", "pg-city")], "From a city");
                to.element("select", &[("id", "pg-city")], |to| {
                    to.on_choose(Action::City(AttrValue::default()));
                    for city in CITIES {
                        option(to, city.name, city.name, city.name == self.state.city);
                    }
                });
            });
            to.element("div", &[("class", "pg-buttons")], |to| {
                to.button("pg-button pg-main", "Send a read", Action::Send(false));
                to.button("pg-button pg-main", "Send a write", Action::Send(true));
                to.button("pg-button", "Add a cluster here", Action::AddCity);
            });
            to.words(
                "p",
                &[("class", "pg-hint")],
                "A request lets its own time pass: the clock is set to when it has ended.",
            );
        });
    }

    pub(super) fn answer(&self, to: &mut Page) {
        to.element("section", &[("class", "pg-answer"), ("aria-labelledby", "pg-answer-heading")], |to| {
            to.words("h3", &[("id", "pg-answer-heading")], "Where it goes, and why");
            let Some(sent) = &self.state.sent else {
                to.words(
                    "p",
                    &[("class", "pg-note")],
                    "Press anywhere on the map, or choose a city and send a read or a write. Then kill the cluster that \
                     answered, and send again.",
                );
                return;
            };
            let journey = &sent.journey;
            let explanation = &journey.explanation;
            let answered = journey.attempts.last().map(|attempt| attempt.cluster.as_str());
            let target = answered.or(explanation.cluster.as_deref()).unwrap_or("nowhere");
            to.element("p", &[("class", "pg-target"), ("id", "pg-target")], |to| {
                to.words("span", &[("class", "pg-from")], &sent.from);
                to.words("span", &[("class", "pg-arrow"), ("aria-hidden", "true")], "→");
                to.words("span", &[("class", "visually-hidden")], "goes to");
                to.words("strong", &[], target);
                to.words("code", &[("id", "pg-reason")], explanation.reason);
            });
            to.words("p", &[("id", "pg-sentence")], &words::sentence(sent));
            to.element("dl", &[("class", "pg-facts")], |to| {
                let mut fact = |name: &str, value: &str| {
                    to.element("div", &[], |to| {
                        to.words("dt", &[], name);
                        to.words("dd", &[], value);
                    });
                };
                if let Some(expected) = journey.expected {
                    fact("expected", &words::span(expected));
                }
                if !journey.attempts.is_empty() {
                    fact("took", &words::span(journey.took));
                }
                fact("attempts", &journey.attempts.len().to_string());
                if let Some(seconds) = explanation.retry_after_s {
                    fact("come again after", &[&seconds.to_string(), " s"].concat());
                }
            });
            if journey.attempts.len() > 1 {
                to.element("ol", &[("class", "pg-attempts")], |to| {
                    for attempt in &journey.attempts {
                        let line = [&attempt.cluster, " (", attempt.reason, ") ", &words::ended(attempt)].concat();
                        to.words("li", &[], &line);
                    }
                });
            }
            to.element("details", &[("class", "pg-details")], |to| {
                to.words("summary", &[], "Every candidate, and why not");
                wide(to, "Every candidate of the decision", |to| {
                    columns(
                        to,
                        "As the router decided, at the moment of the request",
                        &["cluster", "rank", "distance", "measured", "standing", "verdict", "why"],
                    );
                    to.element("tbody", &[], |to| {
                        for candidate in &explanation.candidates {
                            let rank = candidate.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string());
                            let distance = candidate.distance_km.map_or_else(
                                || "–".to_owned(),
                                |km| [&crate::link::whole(km).to_string(), " km"].concat(),
                            );
                            let measured = candidate
                                .round_trip_ms
                                .map_or_else(|| "–".to_owned(), |millis| [&millis.to_string(), " ms"].concat());
                            row(
                                to,
                                &candidate.cluster,
                                &[&rank, &distance, &measured, candidate.standing, &candidate.verdict, &candidate.why],
                            );
                        }
                    });
                });
                to.words("p", &[("class", "pg-note")], &formula());
            });
        });
    }
}
