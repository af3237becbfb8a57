//! Every value of the plan in a table, for whoever wants to check them all.

use sizing::Value;
use yew::{Html, html};

use crate::view::{View, joined};

/// The id of the element that the table is folded away in.
pub(crate) const DETAILS: &str = "values";

impl View<'_> {
    pub(crate) fn values(&self) -> Html {
        let values = &self.state.plan.values;
        let rows: Vec<Html> = values.iter().map(|value| self.value_row(value)).collect();
        html! {
            <section class="values" aria-labelledby="values-heading">
                <details id={DETAILS}>
                    <summary>
                        <h2 id="values-heading">{ "All values " }<span class="count">{ values.len() }</span></h2>
                    </summary>
                    <table>
                        <thead><tr>
                            <th scope="col">{ "Value" }</th><th scope="col" class="quantity">{ "Result" }</th>
                        </tr></thead>
                        { for rows }
                    </table>
                </details>
            </section>
        }
    }

    fn value_row(&self, value: &Value) -> Html {
        let panel = joined(&["value-", &value.id]);
        html! {
            <tbody key={value.id.to_string()}>
                <tr>
                    <th scope="row">{ value.name.as_ref() }<code>{ value.id.as_ref() }</code></th>
                    <td class="quantity">{ self.number(&panel, value, "") }</td>
                </tr>
                <tr class="derivation-row" hidden={self.state.trail(&panel).is_empty()}>
                    <td colspan="2">{ self.panel(&panel) }</td>
                </tr>
            </tbody>
        }
    }
}
