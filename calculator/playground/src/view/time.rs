//! The simulated clock, and what each cluster was taken for.

use routing::{Milliseconds, Moment, PromotionState};

use super::{Page, View, columns, row, wide};
use crate::action::Action;
use crate::projection::number;
use crate::simulation::START;
use crate::timeline::{Breakers, Health, Span};
use crate::words;

/// How much of the past is shown.
const WINDOW: u64 = 120_000;
/// How wide the lines are drawn.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 20.0;
/// Changes that are listed.
const LISTED: usize = 30;

impl View<'_> {
    pub(super) fn time(&self, to: &mut Page) {
        let state = self.state;
        to.element("section", &[("class", "pg-panel pg-time"), ("aria-labelledby", "pg-time-heading")], |to| {
            to.element("div", &[("class", "pg-clock")], |to| {
                to.words("h3", &[("id", "pg-time-heading")], "Timeline");
                let clock = words::clock(state.simulation.elapsed());
                to.element("span", &[("class", "pg-now"), ("role", "timer"), ("aria-label", "simulated time")], |to| {
                    to.text(&clock);
                });
                to.element("div", &[("class", "pg-buttons")], |to| {
                    let (label, class) =
                        if state.is_playing { ("Pause", "pg-button pg-main") } else { ("Play", "pg-button pg-main") };
                    to.button(class, label, Action::Play(!state.is_playing));
                    for (speed, label) in [(1, "×1"), (10, "×10")] {
                        to.element("button", &[("type", "button"), ("class", "pg-button")], |to| {
                            to.state("aria-pressed", state.speed == speed);
                            to.on_press(Action::Speed(speed));
                            to.text(label);
                        });
                    }
                    to.button("pg-button", "+1 s", Action::Step(1));
                    to.button("pg-button", "+10 s", Action::Step(10));
                });
            });
            self.promotion(to);
            self.lines(to);
            self.table(to);
            self.journal(to);
        });
    }

    fn promotion(&self, to: &mut Page) {
        let status = self.state.simulation.status();
        if let Some(words) = &status.no_writer {
            to.words("p", &[("class", "pg-alarm")], &["Nobody takes writes: ", words].concat());
        }
        let Some(promotion) = &status.promotion else { return };
        let now = self.state.simulation.now();
        let left = |until: Moment| match until.since(now).get().div_ceil(1_000) {
            0 => "a moment".to_owned(),
            seconds => words::span(Milliseconds::new(seconds.saturating_mul(1_000))),
        };
        let checks = self.state.simulation.topology().promoting().checks.to_string();
        let stage = match &promotion.state {
            PromotionState::Checking { done, next_at } => [
                "checking that ",
                &promotion.old_primary,
                " is silent: ",
                &done.to_string(),
                " of ",
                &checks,
                " checks, the next in ",
                &left(*next_at),
            ]
            .concat(),
            PromotionState::Fenced { until } => {
                [&promotion.old_primary, " is fenced; one lease passes, ", &left(*until), " more"].concat()
            }
            PromotionState::TargetCheck { .. } => ["asking ", &promotion.target, " whether it takes writes"].concat(),
            PromotionState::Active { .. } => [&promotion.target, " is active and takes the writes"].concat(),
            PromotionState::Refused { why, .. } => ["refused: ", why].concat(),
            PromotionState::Ended { why } => ["called off: ", why].concat(),
        };
        to.element("div", &[("class", "pg-promotion"), ("id", "pg-promotion")], |to| {
            to.element("p", &[], |to| {
                to.words("strong", &[], &["Promotion of ", &promotion.target, ": "].concat());
                to.text(&stage);
            });
            to.element("ol", &[("class", "pg-steps")], |to| {
                let rank = match &promotion.state {
                    PromotionState::Checking { .. } => 0,
                    PromotionState::Fenced { .. } => 1,
                    PromotionState::TargetCheck { .. } => 2,
                    PromotionState::Active { .. } => 3,
                    PromotionState::Refused { fenced, .. } => {
                        if *fenced {
                            2
                        } else {
                            0
                        }
                    }
                    PromotionState::Ended { .. } => 0,
                };
                for (index, name) in ["checks", "lease", "target", "active"].into_iter().enumerate() {
                    let class = if index < rank || rank == 3 { "pg-done" } else { "" };
                    to.element("li", &[("class", class)], |to| {
                        if index == rank {
                            to.set("aria-current", "step");
                        }
                        to.text(name);
                    });
                }
            });
        });
    }

    fn lines(&self, to: &mut Page) {
        let simulation = &self.state.simulation;
        let end = simulation.now();
        let begin = Moment::from_millis(end.millis().saturating_sub(WINDOW).max(START.millis()));
        let share = |at: Moment| {
            let whole = end.since(begin).get().max(1);
            #[expect(clippy::cast_precision_loss, reason = "minutes in milliseconds")]
            let share = at.since(begin).get() as f64 / whole as f64;
            share * WIDTH
        };
        let view_box = ["0 0 ", &number(WIDTH), " ", &number(HEIGHT)].concat();
        to.element("div", &[("class", "pg-lines")], |to| {
            for line in &simulation.timeline {
                let (health, breakers) = line.now();
                to.element("div", &[("class", "pg-line")], |to| {
                    to.key(&line.cluster);
                    to.words("span", &[("class", "pg-line-name")], &line.cluster);
                    to.element("span", &[("class", "pg-line-state")], |to| {
                        to.text(health.words());
                        if breakers != Breakers::Closed {
                            to.text(&[", breakers ", &breakers.words()].concat());
                        }
                    });
                    let attributes =
                        [("viewBox", view_box.as_str()), ("preserveAspectRatio", "none"), ("aria-hidden", "true")];
                    to.element("svg", &attributes, |to| {
                        bars(
                            to,
                            &line.health,
                            end,
                            share,
                            |health| match health {
                                Health::Up => ("pg-bar-up", 12.0),
                                Health::Lagging => ("pg-bar-lagging", 8.0),
                                Health::Draining => ("pg-bar-draining", 6.0),
                                Health::Standby => ("pg-bar-standby", 4.0),
                                Health::Fenced => ("pg-bar-fenced", 3.0),
                                Health::Down => ("pg-bar-down", 2.0),
                            },
                            12.0,
                        );
                        bars(
                            to,
                            &line.breakers,
                            end,
                            share,
                            |breakers| match breakers {
                                Breakers::Closed => ("pg-bar-closed", 1.0),
                                Breakers::HalfOpen(_) => ("pg-bar-half-open", 3.0),
                                Breakers::Open(_) => ("pg-bar-open", 6.0),
                            },
                            20.0,
                        );
                    });
                });
            }
            to.element("div", &[("class", "pg-axis"), ("aria-hidden", "true")], |to| {
                to.words("span", &[], &words::clock(begin.since(START)));
                to.words(
                    "span",
                    &[],
                    "full bar: up · shorter: lagging, draining, standby, fenced · thin: down · below: breakers",
                );
                to.words("span", &[("class", "pg-axis-now")], "now");
            });
        });
    }

    fn table(&self, to: &mut Page) {
        let simulation = &self.state.simulation;
        to.element("details", &[("class", "pg-details")], |to| {
            to.words("summary", &[], "The timeline as a table");
            wide(to, "What each cluster was taken for", |to| {
                columns(
                    to,
                    "The last changes of each cluster, newest first",
                    &["cluster", "since", "health or breakers"],
                );
                to.element("tbody", &[], |to| {
                    for line in &simulation.timeline {
                        let health = line.health.iter().map(|span| (span.from, span.what.words().to_owned()));
                        let breakers =
                            line.breakers.iter().map(|span| (span.from, ["breakers ", &span.what.words()].concat()));
                        let mut all: Vec<_> = health.chain(breakers).collect();
                        all.sort_by_key(|(from, _)| std::cmp::Reverse(*from));
                        for (from, what) in all.into_iter().take(12) {
                            row(to, &line.cluster, &[&words::clock(from.since(START)), &what]);
                        }
                    }
                });
            });
        });
    }

    fn journal(&self, to: &mut Page) {
        let changes = &self.state.simulation.changes;
        to.element(
            "div",
            &[
                ("class", "pg-journal"),
                ("tabindex", "0"),
                ("role", "region"),
                ("aria-label", "What happened, newest first"),
            ],
            |to| {
                if changes.is_empty() {
                    to.words(
                        "p",
                        &[("class", "pg-note")],
                        "Nothing has happened yet: every cluster is as it should be.",
                    );
                }
                to.element("ol", &[], |to| {
                    for change in changes.iter().rev().take(LISTED) {
                        to.element("li", &[], |to| {
                            to.key(&change.number.to_string());
                            to.words("span", &[("class", "pg-when")], &words::clock(change.at.since(START)));
                            to.words("span", &[], &change.words);
                        });
                    }
                });
            },
        );
    }
}

/// The spans of a line that are to be seen, standing on a base.
fn bars<T: Copy>(
    to: &mut Page,
    spans: &[Span<T>],
    end: Moment,
    share: impl Fn(Moment) -> f64,
    look: impl Fn(T) -> (&'static str, f64),
    base: f64,
) {
    let ends = spans.iter().skip(1).map(|next| next.from).chain([end]);
    for (span, until) in spans.iter().zip(ends) {
        let (from, until) = (share(span.from), share(until));
        if until <= from {
            continue;
        }
        let (class, height) = look(span.what);
        let attributes = [
            ("class", class),
            ("x", &*number(from)),
            ("y", &*number(base - height)),
            ("width", &*number(until - from)),
            ("height", &*number(height)),
        ];
        to.element("rect", &attributes, |_| {});
    }
}
