//! The connection chain as a picture: a row for each link, a bar up to its limit, and what goes beyond it.

use sizing::pool::chain::{Chain, Link, LinkKind, Situation};
use sizing::quantity::Number;
use sizing::{Quantity, Severity};

use crate::action::Action;
use crate::icon;
use crate::view::{Drawing, View, counted, joined};

impl View<'_> {
    pub(crate) fn chain(&self, to: &mut Drawing) {
        let scenario = &self.state.scenario;
        let chain_of = |situation: Situation| Some(Chain::of(scenario, situation.fleet(scenario)?));
        // The situation that was chosen may no longer exist.
        let chosen = self.state.situation;
        let (situation, chain) = match chain_of(chosen) {
            Some(chain) => (chosen, chain),
            None => (Situation::Steady, Chain::of(scenario, scenario.fleet())),
        };
        to.element("section", &[("class", "chain"), ("aria-labelledby", "chain-heading")], |to| {
            to.words("h3", &[("id", "chain-heading"), ("class", "section-heading")], "Connection chain");
            hatch(to);
            to.element("fieldset", &[("class", "switch")], |to| {
                to.words("legend", &[("class", "visually-hidden")], "Situation");
                for each in Situation::ALL {
                    if let Some(chain) = chain_of(each) {
                        choice(to, each, each == situation, chain.binding().severity());
                    }
                }
            });
            to.words("p", &[("class", "origin")], &self.origin(situation));
            to.element("ol", &[], |to| {
                for link in chain.links() {
                    self.link(to, situation, link, link.kind == chain.binding().kind);
                }
            });
            to.words(
                "p",
                &[("class", "legend")],
                "Each bar ends at its limit; the ticks stand at 70, 80 and 90 % of it. \
                Select any number to see how it comes about.",
            );
        });
    }

    /// Where the connections come from.
    fn origin(&self, situation: Situation) -> String {
        let scenario = &self.state.scenario;
        let Some(fleet) = situation.fleet(scenario) else { return String::new() };
        let pods = counted(fleet.pods, "pod");
        let verb = if fleet.pods == 1 { " opens up to " } else { " open up to " };
        let app = counted(scenario.app_connections(fleet.pods), "connection");
        let poolers = counted(fleet.instances, "pooler instance");
        let (way, end) = if scenario.has_pooler() { (" to ", &*poolers) } else { (" straight to ", "the database") };
        joined(&[&pods, verb, &app, way, end, "."])
    }

    fn link(&self, to: &mut Drawing, situation: Situation, link: &Link, is_binding: bool) {
        let word = link.kind.word();
        let panel = joined(&["chain-", situation.word(), "-", word]);
        let prefix = joined(&[&situation.prefix(), ".", word, "."]);
        let number = |to: &mut Drawing, metric: &str, class: &str| {
            if let Some(value) = self.plan().value(&joined(&[&prefix, metric])) {
                self.number(to, &panel, value, class);
            }
        };
        let severity = link.severity().filter(|severity| *severity != Severity::Info);
        let has_limit = link.limit.is_some();
        let class = joined(&["link-row ", icon::class(severity), if is_binding { " binding" } else { "" }]);
        to.element("li", &[("class", &class), ("data-link", word)], |to| {
            to.key(word);
            icon::sign(to, severity);
            to.element("div", &[("class", "link-body")], |to| {
                to.element("div", &[("class", "link-head")], |to| {
                    to.words("h4", &[], title(link.kind));
                    to.element("span", &[("class", "tag")], |to| {
                        to.flag("hidden", !is_binding);
                        to.text(if severity == Some(Severity::Error) { "breaks first" } else { "tightest" });
                    });
                    to.element("p", &[("class", "link-use")], |to| {
                        number(to, "utilization", if has_limit { "link-share" } else { "link-none" });
                    });
                });
                bar(to, &link.utilization(), has_limit);
                to.element("p", &[("class", "link-numbers")], |to| {
                    to.element("span", &[], |to| {
                        number(to, "demand", "");
                        to.text(if has_limit { " asked for," } else { " asked for" });
                    });
                    to.element("span", &[], |to| {
                        to.flag("hidden", !has_limit);
                        number(to, "limit", "");
                        to.text(" allowed");
                    });
                    to.element("span", &[("class", "spare")], |to| {
                        to.flag("hidden", !has_limit);
                        number(to, "headroom", "");
                        to.text(" to spare");
                    });
                });
                self.panel(to, &panel);
            });
        });
    }
}

/// One situation to choose; a sign says where something is above 80 % of its limit.
fn choice(to: &mut Drawing, situation: Situation, is_chosen: bool, severity: Option<Severity>) {
    let severity = severity.filter(|severity| *severity != Severity::Info);
    to.element("label", &[("class", if is_chosen { "chosen" } else { "" })], |to| {
        to.key(situation.word());
        to.element("input", &[("type", "radio"), ("name", "situation"), ("value", situation.word())], |to| {
            to.checked(is_chosen);
            to.on_choose(Action::Look(situation));
        });
        to.words("span", &[], short_name(situation));
        if severity.is_some() {
            icon::sign(to, severity);
            to.words("span", &[("class", "visually-hidden")], icon::word(severity));
        }
    });
}

/// What a situation is called where several are to choose from.
const fn short_name(situation: Situation) -> &'static str {
    match situation {
        Situation::Steady => "As configured",
        Situation::Autoscaled => "Autoscaler’s maximum",
        Situation::RollingUpdate => "Rolling update",
        Situation::InstanceLost => "One pooler lost",
    }
}

/// What limits a link, as a heading.
const fn title(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Clients => "Pooler’s clients",
        LinkKind::Server => "Pooler’s server connections",
        LinkKind::Role => "Role limit",
        LinkKind::Database => "Database",
    }
}

/// Where in the picture, 1000 units wide, the limit stands.
const LIMIT: u32 = 780;
const WIDTH: u32 = 1_000;

/// A bar up to the limit, hatched beyond it, and broken off where it would leave the picture.  The numbers beside it say
/// the same, so it is hidden from screen readers.
fn bar(to: &mut Drawing, utilization: &Quantity, has_limit: bool) {
    let end = match utilization.number() {
        Some(Number::Real(share)) => units(share * f64::from(LIMIT)),
        // Asked for where nothing is allowed: as far beyond the limit as can be drawn.
        _ if has_limit => u32::MAX,
        _ => 0,
    };
    to.element(
        "svg",
        &[
            ("class", if has_limit { "meter" } else { "meter unlimited" }),
            ("viewBox", "0 0 1000 24"),
            ("preserveAspectRatio", "none"),
            ("aria-hidden", "true"),
        ],
        |to| {
            rectangle(to, "track", 0, if has_limit { LIMIT } else { WIDTH });
            rectangle(to, "fill", 0, end.min(LIMIT));
            if has_limit {
                for percent in [70, 80, 90] {
                    line(to, "tick", LIMIT * percent / 100);
                }
                rectangle(to, "over", LIMIT, end.min(WIDTH).saturating_sub(LIMIT));
                line(to, "limit", LIMIT);
            }
            if end > WIDTH {
                to.element("path", &[("class", "break"), ("d", "M958 2l-14 10l14 10M980 2l-14 10l14 10")], |_| {});
            }
        },
    );
}

fn rectangle(to: &mut Drawing, class: &str, x: u32, width: u32) {
    to.element(
        "rect",
        &[
            ("class", class),
            ("fill", "url(#hatch)"),
            ("x", &x.to_string()),
            ("y", "4"),
            ("width", &width.to_string()),
            ("height", "16"),
        ],
        |_| {},
    );
}

fn line(to: &mut Drawing, class: &str, x: u32) {
    let x = x.to_string();
    to.element("line", &[("class", class), ("x1", &x), ("x2", &x), ("y1", "0"), ("y2", "24")], |_| {});
}

/// The nearest whole number of units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
fn units(real: f64) -> u32 {
    (real + 0.5) as u32
}

/// The hatching of what is beyond a limit, which every bar uses.
fn hatch(to: &mut Drawing) {
    to.element("svg", &[("class", "definitions"), ("width", "0"), ("height", "0"), ("aria-hidden", "true")], |to| {
        to.element(
            "pattern",
            &[("id", "hatch"), ("width", "14"), ("height", "8"), ("patternUnits", "userSpaceOnUse")],
            |to| {
                to.element("rect", &[("class", "hatch-ground"), ("width", "14"), ("height", "8")], |_| {});
                to.element("path", &[("class", "hatch-line"), ("d", "M-4 10L10 -2M6 12L20 0")], |_| {});
            },
        );
    });
}
