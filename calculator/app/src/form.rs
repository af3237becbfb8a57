//! The scenario's fields, grouped by what the user knows together.

use sizing::input::Group;
use web_sys::{FocusEvent, SubmitEvent};
use yew::{Html, html};

use crate::state::{Action, Entry, LINK, Sharing};
use crate::url;
use crate::view::{View, counted, joined, length};

/// The input that decides whether the rest of its group matters.
const POOLER: &str = "pooler";

impl View<'_> {
    pub(crate) fn form(&self) -> Html {
        let state = self.state;
        let is_changed = state.entries.iter().any(|entry| entry.is_changed);
        let mut groups = Vec::new();
        for group in Group::ALL {
            groups.push(self.group(group));
        }
        let mut notices = Vec::new();
        for notice in &state.notices {
            notices.push(html! { <li key={notice.to_string()}>{ notice }</li> });
        }
        let by_hand = (state.sharing == Sharing::ByHand).then(|| url::link(&state.scenario));
        let onfocusout = {
            let send = self.send.clone();
            move |_: FocusEvent| send.dispatch(Action::Tell)
        };
        html! {
            <form class="form" aria-labelledby="form-heading" autocomplete="off" {onfocusout}
                onsubmit={|event: SubmitEvent| event.prevent_default()}>
                <div class="form-head">
                    <h2 id="form-heading">{ "Scenario" }</h2>
                    <button type="button" class="quiet" onclick={self.on_press(Action::ResetAll)}
                        disabled={!is_changed}>{ "Reset all" }</button>
                    { self.button("quiet", "Copy link", Action::CopyLink(self.send.clone())) }
                    <span role="status" class="copied">
                        { if state.sharing == Sharing::Copied { "Link copied" } else { "" } }
                    </span>
                    <input class="link-field" id={LINK} type="text" readonly=true aria-label="Link to this scenario"
                        hidden={by_hand.is_none()} value={by_hand.clone().unwrap_or_default()} />
                </div>
                <div class="notices" role="status" hidden={notices.is_empty()}>
                    <ul>{ for notices }</ul>
                    { self.button("quiet", "Dismiss", Action::Dismiss) }
                </div>
                { for groups }
            </form>
        }
    }

    /// One group: the usual fields, and those rarely needed folded away.
    fn group(&self, group: Group) -> Html {
        let is_used = group != Group::Pooler || self.state.scenario.has_pooler();
        let entries: Vec<&Entry> = self.state.entries.iter().filter(|entry| entry.input.group == group).collect();
        // A field that cannot be read is shown, whether it matters or not.
        let is_shown =
            is_used || entries.iter().any(|entry| entry.input.id != POOLER && entry.shown_problem().is_some());
        let (mut usual, mut rare) = (Vec::new(), Vec::new());
        let (mut changed_rare, mut changed_unused) = (0, 0);
        for entry in entries {
            let is_always = entry.input.id == POOLER;
            changed_unused += u64::from(!is_used && !is_always && entry.is_changed);
            if entry.input.rare {
                changed_rare += u64::from(entry.is_changed);
                rare.push(self.field(entry));
            } else if is_always || is_shown {
                usual.push(self.field(entry));
            }
        }
        let heading = joined(&["group-", group.name()]);
        html! {
            <section class="group" key={group.name()} aria-labelledby={&heading}>
                <h3 id={heading}>{ group.name() }</h3>
                <div class="fields">{ for usual }</div>
                <p class="hint unused" hidden={is_shown || changed_unused == 0}>
                    { counted(changed_unused, "changed input") }{ " without effect: there is no pooler." }
                </p>
                <details class="rare" hidden={!is_shown || rare.is_empty()}>
                    <summary>
                        { counted(length(rare.len()), "more input") }
                        <span class="changed-count" hidden={changed_rare == 0}>{ changed_rare }{ " changed" }</span>
                    </summary>
                    <div class="fields">{ for rare }</div>
                </details>
            </section>
        }
    }
}
