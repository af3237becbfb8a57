//! What is wrong or worth knowing: what proves it, what to do, and a button that does it.

use sizing::Finding;

use crate::action::Action;
use crate::icon;
use crate::state::{APPLIED, assignments};
use crate::tab::Tab;
use crate::view::{Drawing, View, joined};

impl View<'_> {
    /// What was found of what a view shows; elsewhere, how much there is.
    pub(crate) fn findings(&self, to: &mut Drawing, tab: &Tab) {
        let findings = &self.plan().findings;
        let here = || findings.iter().filter(|finding| tab.has(&finding.code));
        let heading = joined(&["findings-", tab.word]);
        to.element("section", &[("class", "findings"), ("aria-labelledby", &heading)], |to| {
            to.flag("hidden", here().next().is_none() && !self.state.says_something(tab));
            to.element("h3", &[("id", &heading), ("class", "section-heading")], |to| {
                to.text("Findings ");
                to.words("span", &[("class", "count")], &here().count().to_string());
            });
            to.element("p", &[("class", "nothing")], |to| {
                to.flag("hidden", here().next().is_some());
                to.text("Nothing to report here: every limit is used as the documents recommend.");
            });
            to.element("ol", &[], |to| {
                for (position, finding) in here().enumerate() {
                    // The same code can be found at several places; the number keeps their keys apart.
                    let before = here().take(position).filter(|other| other.code == finding.code).count();
                    let panel = joined(&["finding-", &finding.code, "-", &before.to_string()]);
                    to.part(&panel, |to| self.finding(to, finding, &panel));
                }
            });
        });
    }

    /// What was applied last, and the way back.
    pub(crate) fn applied(&self, to: &mut Drawing) {
        let applied = self.state.applied();
        to.element("p", &[("class", "applied"), ("id", APPLIED), ("tabindex", "-1")], |to| {
            to.flag("hidden", applied.is_none());
            to.words("span", &[("role", "status")], applied.map_or("", |what| what));
            to.text(" ");
            to.button("quiet", "Undo", Action::Undo);
        });
    }

    fn finding(&self, to: &mut Drawing, finding: &Finding, panel: &str) {
        let severity = Some(finding.severity);
        let class = joined(&["finding ", icon::class(severity)]);
        to.element("li", &[("class", &class), ("data-code", &finding.code)], |to| {
            to.element("h4", &[], |to| {
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
                for value in finding.evidence.iter().filter_map(|id| self.plan().value(id)) {
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
