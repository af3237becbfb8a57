//! What only a printed report needs: the inputs and the link, because the form is not printed.

use yew::{Html, html};

use crate::url;
use crate::view::View;

impl View<'_> {
    pub(crate) fn report_inputs(&self) -> Html {
        let scenario = &self.state.scenario;
        let mut rows = Vec::new();
        for (input, text) in scenario.changed() {
            rows.push(
                html! { <div key={input.id}><dt>{ input.name }</dt><dd>{ text }{ " " }{ input.unit }</dd></div> },
            );
        }
        html! {
            <section class="print-only" aria-hidden="true">
                <h2>{ "Inputs that differ from the defaults" }</h2>
                <dl class="operands">{ for rows }</dl>
                <p class="source">{ url::link(scenario) }</p>
            </section>
        }
    }
}
