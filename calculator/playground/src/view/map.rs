//! The map: the clusters where they are, and the way of the last request.

use routing::{Cluster, Coordinates, Outcome, Role};

use super::{Page, View};
use crate::action::{Action, Pointer, Tap};
use crate::condition::Condition;
use crate::projection::{HEIGHT, WIDTH, arc, number, place, unproject};
use crate::timeline::{Breakers, Health};
use crate::words;
use drawing::Happening;

impl View<'_> {
    pub(super) fn map(&self, to: &mut Page) {
        let state = self.state;
        to.element("div", &[("class", "pg-map-box")], |to| {
            to.element("fieldset", &[("class", "pg-taps")], |to| {
                to.words("legend", &[], "A press on the map");
                for (tap, id, label) in [
                    (Tap::Read, "pg-tap-read", "sends a read"),
                    (Tap::Write, "pg-tap-write", "sends a write"),
                    (Tap::Add, "pg-tap-add", "adds a cluster"),
                ] {
                    to.element("label", &[("class", "pg-tap")], |to| {
                        to.element("input", &[("type", "radio"), ("name", "pg-tap"), ("id", id)], |to| {
                            to.checked(state.tap == tap);
                            to.on_choose(Action::Tap(tap));
                        });
                        to.text(label);
                    });
                }
            });
            let view_box = ["0 0 ", &number(WIDTH), " ", &number(HEIGHT)].concat();
            let attributes = [
                ("class", "pg-map"),
                ("viewBox", view_box.as_str()),
                ("role", "group"),
                ("aria-label", "World map with the clusters. Arrow keys move a cluster, Enter opens its controls."),
            ];
            to.element("svg", &attributes, |to| {
                for (happening, pointer) in [
                    (Happening::PointerDown, Pointer::Down),
                    (Happening::PointerMove, Pointer::Move),
                    (Happening::PointerUp, Pointer::Up),
                    (Happening::PointerCancel, Pointer::Cancel),
                ] {
                    to.on(happening, Action::Pointer(pointer, 0.0, 0.0, None));
                }
                hatch(to);
                let backdrop = &state.backdrop;
                for (class, path) in
                    [("pg-globe", &backdrop.globe), ("pg-graticule", &backdrop.graticule), ("pg-land", &backdrop.land)]
                {
                    to.element("path", &[("class", class), ("d", path), ("aria-hidden", "true")], |_| {});
                }
                self.ways(to);
                for cluster in state.simulation.topology().clusters() {
                    self.marker(to, cluster);
                }
            });
            legend(to);
        });
    }

    /// The arcs of the last request, those that led nowhere first.
    fn ways(&self, to: &mut Page) {
        let Some(sent) = &self.state.sent else { return };
        let from = sent.journey.request.from;
        let number_of = sent.number.to_string();
        to.element("g", &[("aria-hidden", "true"), ("class", "pg-ways")], |to| {
            to.key(&number_of);
            for attempt in &sent.journey.attempts {
                let is_well = matches!(attempt.ended, Some((Outcome::Answered(..500), _)));
                let class = if is_well { "pg-way" } else { "pg-way pg-way-failed" };
                let path = arc(from, attempt.place);
                to.element("path", &[("class", class), ("d", &path), ("pathLength", "100")], |_| {});
            }
            let (x, y) = place(from);
            let (x, y) = (number(x), number(y));
            to.element("circle", &[("class", "pg-client-ring"), ("cx", &x), ("cy", &y), ("r", "5")], |_| {});
            to.element("circle", &[("class", "pg-client"), ("cx", &x), ("cy", &y), ("r", "2")], |_| {});
        });
    }

    fn marker(&self, to: &mut Page, cluster: &Cluster) {
        let state = self.state;
        let id = cluster.id.as_str();
        let dragged = state.drag.as_ref().filter(|drag| drag.id == id).and_then(|drag| drag.at);
        let dragged = dragged.filter(|(x, y)| unproject(*x, *y).is_some());
        let (x, y) = dragged.unwrap_or_else(|| place(cluster.coordinates));
        let (health, breakers) = self.seen(id);
        let condition = state.simulation.simulated(id).map_or(Condition::Alive, |cluster| cluster.condition);
        let is_writer = self.is_writer(id);
        let role = if is_writer && cluster.role != Role::Primary { "writer" } else { cluster.role.as_str() };
        let label = spoken(id, role, health, breakers, condition, cluster.coordinates);
        let at = ["translate(", &number(x), " ", &number(y), ")"].concat();
        let mut class = ["pg-cluster pg-", cluster.role.as_str(), " pg-is-", health.words()].concat();
        if state.selected.as_deref() == Some(id) {
            class.push_str(" pg-selected");
        }
        if breakers != Breakers::Closed {
            class.push_str(" pg-is-broken");
        }
        to.element("g", &[("class", class.as_str()), ("transform", &at)], |to| {
            to.key(id);
            self.mark(to, cluster, &label);
            let (anchor, shift) = if self.is_crowded(id, x, y) { ("end", "-11") } else { ("start", "11") };
            let under = under(health, breakers, role);
            for (class, y, text) in [("pg-name", "-1", id), ("pg-state", "8", &under)] {
                let attributes = [("class", class), ("x", shift), ("y", y), ("text-anchor", anchor)];
                to.element("text", &attributes, |to| {
                    // The mark has all of it in its name.
                    to.set("aria-hidden", "true");
                    to.text(text);
                });
            }
        });
    }

    /// What of a cluster can be pressed, moved and focused.
    fn mark(&self, to: &mut Page, cluster: &Cluster, label: &str) {
        let id = cluster.id.as_str();
        let (health, _) = self.seen(id);
        let attributes = [("class", "pg-mark"), ("tabindex", "0"), ("role", "button"), ("aria-label", label)];
        to.element("g", &attributes, |to| {
            to.set("data-cluster", id);
            to.on_press(Action::Select(id.to_owned()));
            to.on_key(Action::Key(id.to_owned(), "".into()));
            to.element("circle", &[("class", "pg-hit"), ("r", "15")], |_| {});
            to.element("circle", &[("class", "pg-breaker"), ("r", "9")], |_| {});
            // A shape for each role, so that no colour has to say it.
            let shape = match cluster.role {
                Role::Primary => "M-5-5H5V5H-5z",
                Role::Replica => "M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6z",
                Role::Standby => "M0-7L7 0L0 7L-7 0z",
            };
            to.element("path", &[("class", "pg-shape"), ("d", shape)], |_| {});
            match health {
                Health::Down => to.element("path", &[("class", "pg-cross"), ("d", "M-8-8L8 8M8-8L-8 8")], |_| {}),
                Health::Fenced => to.element("path", &[("class", "pg-cross"), ("d", "M-9 0H9")], |_| {}),
                Health::Lagging | Health::Draining => {
                    to.element("path", &[("class", "pg-hatched"), ("d", shape)], |_| {});
                }
                Health::Up | Health::Standby => {}
            }
            if self.is_writer(id) {
                to.element("path", &[("class", "pg-pen"), ("d", "M-2.2 0H2.2M0-2.2V2.2")], |_| {});
            }
        });
    }

    /// Whether a cluster's name has no room on its right: near the edge of the map, or where the next cluster or the
    /// client is.
    fn is_crowded(&self, id: &str, x: f64, y: f64) -> bool {
        let others = self.state.simulation.topology().clusters().filter(|other| other.id.as_str() != id);
        let is_next =
            |(other_x, other_y): (f64, f64)| (0.0..70.0).contains(&(other_x - x)) && (other_y - y).abs() < 16.0;
        let client = self.state.sent.iter().map(|sent| sent.journey.request.from);
        x > WIDTH * 0.78 || others.map(|other| other.coordinates).chain(client).map(place).any(is_next)
    }

    pub(super) fn seen(&self, id: &str) -> (Health, Breakers) {
        let line = self.state.simulation.timeline.iter().find(|line| line.cluster == id);
        line.map_or((Health::Up, Breakers::Closed), crate::timeline::Line::now)
    }

    pub(super) fn is_writer(&self, id: &str) -> bool {
        self.state.simulation.writer() == Some(id)
    }
}

/// The line under a cluster's name: what is not as it should be, else its role.
fn under(health: Health, breakers: Breakers, role: &str) -> String {
    match (health, breakers) {
        (Health::Up | Health::Standby, Breakers::Closed) => role.to_owned(),
        (Health::Up | Health::Standby, breakers) => ["breaker ", breakers.state()].concat(),
        (health, _) => health.words().to_owned(),
    }
}

/// A cluster for who hears the map.
fn spoken(id: &str, role: &str, health: Health, breakers: Breakers, condition: Condition, at: Coordinates) -> String {
    let mut text = [id, ", ", role, ", ", health.words(), ", breakers ", &breakers.words()].concat();
    if condition != Condition::Alive {
        text.push_str(", simulated as ");
        text.push_str(condition.name());
    }
    text.push_str(", at ");
    text.push_str(&words::place(at));
    text
}

fn hatch(to: &mut Page) {
    let pattern = [("id", "pg-hatch"), ("width", "3"), ("height", "3"), ("patternUnits", "userSpaceOnUse")];
    to.element("defs", &[], |to| {
        to.element("pattern", &pattern, |to| {
            to.set("patternTransform", "rotate(45)");
            to.element("path", &[("class", "pg-hatch-line"), ("d", "M0 0V3")], |_| {});
        });
    });
}

/// What the shapes mean.
fn legend(to: &mut Page) {
    to.element("ul", &[("class", "pg-legend"), ("aria-label", "Signs on the map")], |to| {
        for (shape, class, text) in [
            ("M-5-5H5V5H-5z", "pg-primary", "primary"),
            ("M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6z", "pg-replica", "replica"),
            ("M0-7L7 0L0 7L-7 0z", "pg-standby", "standby"),
            ("M-2.6 0H2.6M0-2.6V2.6", "pg-pen-sign", "takes writes"),
            ("M-6-6L6 6M6-6L-6 6", "pg-cross-sign", "down"),
            ("M0-6A6 6 0 1 1 0 6A6 6 0 1 1 0-6z", "pg-ring-sign", "breaker open or half-open"),
        ] {
            to.element("li", &[], |to| {
                to.element("svg", &[("class", class), ("viewBox", "-9 -9 18 18"), ("aria-hidden", "true")], |to| {
                    to.element("path", &[("class", "pg-shape"), ("d", shape)], |_| {});
                });
                to.text(text);
            });
        }
    });
}
