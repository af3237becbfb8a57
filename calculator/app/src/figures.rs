//! The handful of numbers that people ask for first.

use sizing::Value;
use yew::{Html, html};

use crate::view::{View, joined};

/// Where the derivations of the figures open.
const PANEL: &str = "figures";

/// The values, with a short name for each.
const FIGURES: &[(&str, &str)] = &[
    ("pool.total_connections", "connections in all"),
    ("pool.utilization", "of the first limit"),
    ("pool.headroom", "connections to spare"),
    ("pool.max_pods", "pods until the limit"),
    ("pool.max_pool_size", "largest pool size"),
];

impl View<'_> {
    pub(crate) fn figures(&self) -> Html {
        let mut figures = Vec::new();
        for (id, label) in FIGURES {
            let Some(value) = self.state.plan.value(id) else { continue };
            let class = if value.quantity.number().is_none() { "figure-words" } else { "figure-number" };
            figures.push(html! {
                <div class="figure" key={*id}>
                    <dt>{ *label }</dt>
                    <dd>
                        { self.number(PANEL, value, class) }
                        <span class="documented">{ documented(value) }</span>
                    </dd>
                </div>
            });
        }
        html! {
            <section class="figures" aria-label="Key figures">
                <dl>{ for figures }</dl>
                { self.panel(PANEL) }
            </section>
        }
    }
}

/// What a published rule says, where that differs.
fn documented(value: &Value) -> Option<yew::AttrValue> {
    let ours = value.quantity.to_string();
    let theirs = value.rules.iter().map(|rule| rule.quantity.to_string()).find(|theirs| *theirs != ours)?;
    Some(joined(&["documented: ", &theirs]))
}
