//! What is wrong or worth knowing: what proves it, what to do, and a button that does it.

use sizing::Finding;
use yew::{AttrValue, Html, html};

use crate::icon;
use crate::state::{APPLIED, Action, assignments};
use crate::view::{View, joined, length};

impl View<'_> {
    pub(crate) fn findings(&self) -> Html {
        let findings = &self.state.plan.findings;
        let mut items = Vec::new();
        for (position, finding) in findings.iter().enumerate() {
            // The same code can be found at several places; the number keeps their keys apart.
            let before = findings.iter().take(position).filter(|other| other.code == finding.code).count();
            items.push(self.finding(finding, length(before)));
        }
        let applied = self.state.applied();
        html! {
            <section class="findings" aria-labelledby="findings-heading">
                <h2 id="findings-heading">{ "Findings " }<span class="count">{ findings.len() }</span></h2>
                <p class="applied" id={APPLIED} tabindex="-1" hidden={applied.is_none()}>
                    <span role="status">{ applied }</span>{ " " }
                    { self.button("quiet", "Undo", Action::Undo) }
                </p>
                <p class="nothing" hidden={!findings.is_empty()}>
                    { "Nothing to report: every limit is used as the documents recommend, and nothing contradicts \
                       itself." }
                </p>
                <ol>{ for items }</ol>
            </section>
        }
    }

    fn finding(&self, finding: &Finding, number: u64) -> Html {
        let severity = Some(finding.severity);
        let panel = joined(&["finding-", &finding.code, "-", &number.to_string()]);
        let mut evidence = Vec::new();
        for id in &finding.evidence {
            if let Some(value) = self.state.plan.value(id) {
                evidence.push(html! {
                    <li key={id.to_string()}>{ value.name.as_ref() }{ " " }{ self.number(&panel, value, "") }</li>
                });
            }
        }
        html! {
            <li key={panel.to_string()} class={joined(&["finding ", icon::class(severity)])}
                data-code={finding.code.to_string()}>
                <h3>
                    { icon::sign(severity) }
                    <span><span class="severity">{ icon::word(severity) }</span>{ " " }{ &finding.message }</span>
                </h3>
                <p class="remedy">{ &finding.remedy }</p>
                <p class="fix" hidden={finding.fix.is_empty()}>{ self.fix(finding) }</p>
                <ul class="evidence">{ for evidence }</ul>
                { self.panel(&panel) }
            </li>
        }
    }

    /// The button that applies a finding's fix; nothing where no single answer is right.
    fn fix(&self, finding: &Finding) -> Option<Html> {
        let label: AttrValue = joined(&["Set ", &assignments(&finding.fix)]);
        (!finding.fix.is_empty()).then(|| self.button("primary", label, Action::Apply(finding.fix.clone())))
    }
}
