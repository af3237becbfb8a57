//! The answer first: one sentence, how bad it is, and whether it stands for what the fields say.

use sizing::Severity;
use yew::{Html, html};

use crate::icon;
use crate::state::Action;
use crate::view::{View, joined};

impl View<'_> {
    pub(crate) fn verdict(&self) -> Html {
        let plan = &self.state.plan;
        let severity = plan.severity().filter(|severity| *severity != Severity::Info);
        let text = |id: &str| plan.value(id).map(|value| value.quantity.to_string());
        let stale = self.stale();
        html! {
            <section class={joined(&["verdict ", icon::class(severity)])} aria-labelledby="verdict-heading">
                <h2 id="verdict-heading" class="visually-hidden">{ "Verdict" }</h2>
                <p class="bar">
                    <span class="pill">{ icon::sign(severity) }{ icon::word(severity) }</span>
                    <span class="bar-text">
                        { text("pool.binding_limit") }{ " " }<strong>{ text("pool.utilization") }</strong>
                    </span>
                </p>
                <p class="sentence" id="verdict">{ &plan.verdict }</p>
                <div class="stale" hidden={stale.is_empty()}>{ for stale }</div>
                <p class="visually-hidden" role="status">{ &self.state.spoken }</p>
            </section>
        }
    }

    /// The fields that count with their last allowed text.
    fn stale(&self) -> Vec<Html> {
        let mut stale = Vec::new();
        for entry in &self.state.entries {
            if entry.shown_problem().is_none() {
                continue;
            }
            let input = entry.input;
            let stands = self.state.scenario.text(input.id).filter(|text| !text.is_empty());
            stale.push(html! {
                <p key={input.id}>
                    { self.button("link", input.name, Action::Visit(input.id)) }
                    { " cannot be read: the result stands for the last valid input, " }
                    <strong>{ stands.unwrap_or_else(|| "nothing given".to_owned()) }</strong>{ "." }
                </p>
            });
        }
        stale
    }
}
