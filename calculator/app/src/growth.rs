//! The months to come as a table: every demand now and at the end of each year, beside its limit.

use sizing::{Quantity, Severity};

use crate::icon;
use crate::view::{Drawing, View, counted, joined, length};

/// Months between two columns.
const STEP: usize = 12;

impl View<'_> {
    pub(crate) fn series(&self, to: &mut Drawing) {
        let series = &self.plan().series;
        let months = series.iter().map(|line| line.points.len()).max().unwrap_or_default();
        to.element(
            "div",
            &[("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", "Growth by year")],
            |to| {
                to.flag("hidden", series.is_empty());
                to.element("table", &[], |to| {
                    to.element("thead", &[], |to| {
                        to.element("tr", &[], |to| {
                            to.words("th", &[("scope", "col")], "Demand");
                            to.words("th", &[("scope", "col"), ("class", "quantity")], "Limit");
                            for month in (0..months).step_by(STEP) {
                                let years = length(month / STEP);
                                let heading = if month == 0 { "Now".to_owned() } else { counted(years, "year") };
                                to.words("th", &[("scope", "col"), ("class", "quantity")], &heading);
                            }
                        });
                    });
                    to.element("tbody", &[], |to| {
                        for line in series {
                            to.element("tr", &[], |to| {
                                to.key(&line.id);
                                to.words("th", &[("scope", "row")], &line.name);
                                let limit = line.limit.as_ref().map_or_else(|| "none".to_owned(), Quantity::to_string);
                                to.words("td", &[("class", "quantity")], &limit);
                                for point in line.points.iter().step_by(STEP) {
                                    let is_over = line.limit.as_ref().is_some_and(|limit| is_above(point, limit));
                                    let class = joined(&["quantity ", if is_over { "error" } else { "" }]);
                                    to.element("td", &[("class", &class)], |to| {
                                        if is_over {
                                            icon::sign(to, Some(Severity::Error));
                                            to.words("span", &[("class", "visually-hidden")], "over the limit: ");
                                        }
                                        to.text(&point.to_string());
                                    });
                                }
                            });
                        }
                    });
                });
            },
        );
    }
}

/// Whether a demand is above its limit.
fn is_above(demand: &Quantity, limit: &Quantity) -> bool {
    matches!((demand.approximately(), limit.approximately()), (Some(demand), Some(limit)) if demand > limit)
}
