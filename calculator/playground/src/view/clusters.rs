//! A card for each cluster: what it is taken for, and what can be done to it.

use routing::{Cluster, Dialect, Role};
use yew::AttrValue;

use super::{Page, View, option};
use crate::action::{Action, Field};
use crate::condition::Condition;
use crate::projection::number;
use crate::timeline::{Breakers, Health};

impl View<'_> {
    pub(super) fn clusters(&self, to: &mut Page) {
        let state = self.state;
        to.element("section", &[("class", "pg-panel"), ("aria-labelledby", "pg-clusters-heading")], |to| {
            to.words("h3", &[("id", "pg-clusters-heading"), ("tabindex", "-1")], "Clusters");
            if let Some(why) = &state.refused {
                to.words("p", &[("class", "pg-alarm"), ("id", "pg-refused")], why);
            }
            to.element("ul", &[("class", "pg-cards")], |to| {
                for cluster in state.simulation.topology().clusters() {
                    self.card(to, cluster);
                }
            });
        });
    }

    fn card(&self, to: &mut Page, cluster: &Cluster) {
        let state = self.state;
        let id = cluster.id.as_str();
        let Some(simulated) = state.simulation.simulated(id) else { return };
        let (health, breakers) = self.seen(id);
        let is_selected = state.selected.as_deref() == Some(id);
        let class = if is_selected { "pg-card pg-selected" } else { "pg-card" };
        let card_id = ["pg-card-", id].concat();
        to.element("li", &[("class", class), ("id", &card_id), ("tabindex", "-1")], |to| {
            to.key(id);
            to.element("div", &[("class", "pg-card-head")], |to| {
                to.words("h4", &[], id);
                if self.is_writer(id) {
                    to.words("span", &[("class", "pg-tag pg-tag-writer")], "takes writes");
                }
                let class = ["pg-tag pg-tag-", health.words()].concat();
                to.words("span", &[("class", &class)], health.words());
                if breakers != Breakers::Closed {
                    to.words("span", &[("class", "pg-tag pg-tag-broken")], &["breakers ", &breakers.words()].concat());
                }
            });
            to.element("div", &[("class", "pg-pair")], |to| {
                choice(
                    to,
                    &["pg-condition-", id].concat(),
                    "It is",
                    Action::Condition(id.to_owned(), AttrValue::default()),
                    |to| {
                        for (condition, name, _) in Condition::ALL {
                            option(to, name, name, condition == simulated.condition);
                        }
                    },
                );
                choice(
                    to,
                    &["pg-role-", id].concat(),
                    "Role",
                    Action::Role(id.to_owned(), AttrValue::default()),
                    |to| {
                        for role in [Role::Primary, Role::Replica, Role::Standby] {
                            option(to, role.as_str(), role.as_str(), role == cluster.role);
                        }
                    },
                );
            });
            let meaning = Condition::ALL.iter().find(|row| row.0 == simulated.condition).map_or("", |row| row.2);
            to.words("p", &[("class", "pg-hint")], &["It ", meaning, "."].concat());
            to.element("div", &[("class", "pg-buttons")], |to| {
                let name = |what: &str| [what, " ", id].concat();
                let mut press = |label: &str, action: Action| {
                    let attributes = [("type", "button"), ("class", "pg-button"), ("aria-label", &*name(label))];
                    to.element("button", &attributes, |to| {
                        to.on_press(action);
                        to.text(label);
                    });
                };
                let to_condition = |condition: Condition| Action::Condition(id.to_owned(), condition.name().into());
                if simulated.condition == Condition::Alive {
                    press("Kill", to_condition(Condition::Killed));
                } else {
                    press("Revive", to_condition(Condition::Alive));
                }
                let is_draining = health == Health::Draining || state.simulation.is_drained(id);
                let label = if is_draining { "End drain" } else { "Drain" };
                press(label, Action::Drain(id.to_owned(), !is_draining));
                if health == Health::Fenced {
                    press("Readmit", Action::Readmit(id.to_owned()));
                } else if !self.is_writer(id) {
                    press("Promote", Action::Promote(id.to_owned()));
                }
                press("Remove", Action::Remove(id.to_owned()));
            });
            let dialect = state.simulation.topology().probing().map(|probing| probing.dialect);
            if dialect.is_some_and(Dialect::is_vault_like) && cluster.role != Role::Replica {
                to.element("label", &[("class", "pg-tap")], |to| {
                    to.element("input", &[("type", "checkbox")], |to| {
                        to.checked(simulated.is_secondary);
                        to.on_choose(Action::Secondary(id.to_owned(), !simulated.is_secondary));
                    });
                    to.text("says it is a disaster-recovery secondary");
                });
            }
            to.element("div", &[("class", "pg-three")], |to| {
                let seconds = simulated.lag.get() / 1_000;
                let lag = [seconds.to_string(), fraction(simulated.lag.get() % 1_000)].concat();
                self.field(to, Field::Lag(id.to_owned()), "Lag (s)", "", &lag);
                let at = cluster.coordinates;
                self.field(to, Field::Latitude(id.to_owned()), "° north", "", &number_of(at.latitude()));
                self.field(to, Field::Longitude(id.to_owned()), "° east", "", &number_of(at.longitude()));
            });
        });
    }
}

/// Milliseconds behind the point of a number of seconds.
fn fraction(millis: u64) -> String {
    if millis == 0 {
        return String::new();
    }
    let digits = millis.saturating_add(1_000).to_string();
    [".", digits.get(1..).unwrap_or_default().trim_end_matches('0')].concat()
}

fn number_of(degrees: f64) -> String {
    let text = degrees.to_string();
    if text.len() > 8 { number(degrees) } else { text }
}

fn choice(to: &mut Page, id: &str, label: &str, action: Action, options: impl FnOnce(&mut Page)) {
    to.element("div", &[("class", "pg-field")], |to| {
        to.words("label", &[("for", id)], label);
        to.element("select", &[("id", id)], |to| {
            to.on_choose(action);
            options(to);
        });
    });
}

#[cfg(test)]
mod tests {
    #[test]
    fn milliseconds_behind_the_point() {
        for (millis, expected) in [(0, ""), (500, ".5"), (50, ".05"), (7, ".007")] {
            assert_eq!(super::fraction(millis), expected);
        }
    }
}
