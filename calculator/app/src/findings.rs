//! What is wrong or worth knowing: what proves it, what to do, and a button that does it.

use sizing::Finding;

use crate::icon;
use crate::results::Results;
use crate::state::{APPLIED, Action, assignments};
use crate::view::Drawing;
use crate::view::joined;

impl Results<'_> {
    pub(crate) fn findings(&self, to: &mut Drawing) {
        let findings = &self.plan.findings;
        let applied = self.state.applied();
        to.element("section", &[("class", "findings"), ("aria-labelledby", "findings-heading")], |to| {
            to.element("h2", &[("id", "findings-heading"), ("tabindex", "-1")], |to| {
                to.text("Findings ");
                to.words("span", &[("class", "count")], &findings.len().to_string());
            });
            to.element("p", &[("class", "applied"), ("id", APPLIED), ("tabindex", "-1")], |to| {
                to.flag("hidden", applied.is_none());
                to.words("span", &[("role", "status")], applied.map_or("", |what| what));
                to.text(" ");
                to.button("quiet", "Undo", Action::Undo);
            });
            to.element("p", &[("class", "nothing")], |to| {
                to.flag("hidden", !findings.is_empty());
                to.text("Nothing to report: every limit is used as the documents recommend, and nothing contradicts itself.");
            });
            to.element("ol", &[], |to| {
                for (position, finding) in findings.iter().enumerate() {
                    // The same code can be found at several places; the number keeps their keys apart.
                    let before = findings.iter().take(position).filter(|other| other.code == finding.code).count();
                    self.finding(to, finding, &joined(&["finding-", &finding.code, "-", &before.to_string()]));
                }
            });
        });
    }

    fn finding(&self, to: &mut Drawing, finding: &Finding, panel: &str) {
        let severity = Some(finding.severity);
        let class = joined(&["finding ", icon::class(severity)]);
        to.element("li", &[("class", &class), ("data-code", &finding.code)], |to| {
            to.key(panel);
            to.element("h3", &[], |to| {
                icon::sign(to, severity);
                to.element("span", &[], |to| {
                    to.words("span", &[("class", "severity")], icon::word(severity));
                    to.text(" ");
                    to.text(&finding.message);
                });
            });
            to.words("p", &[("class", "remedy")], &finding.remedy);
            to.element("p", &[("class", "fix")], |to| {
                to.flag("hidden", finding.fix.is_empty());
                if !finding.fix.is_empty() {
                    let label = joined(&["Set ", &assignments(&finding.fix)]);
                    to.button("primary", &label, Action::Apply(finding.fix.clone()));
                }
            });
            to.element("ul", &[("class", "evidence")], |to| {
                for value in finding.evidence.iter().filter_map(|id| self.plan.value(id)) {
                    to.element("li", &[], |to| {
                        to.key(&value.id);
                        to.text(&value.name);
                        to.text(" ");
                        self.number(to, panel, value, "");
                    });
                }
            });
            self.panel(to, panel);
        });
    }
}
