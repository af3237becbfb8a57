//! The connection chain as a picture: a row for each link, a bar up to its limit, and what goes beyond it.

use sizing::pool::chain::{Chain, Link, LinkKind, Situation};
use sizing::quantity::Number;
use sizing::{Quantity, Severity};
use yew::{Event, Html, html};

use crate::icon;
use crate::state::Action;
use crate::view::{View, counted, joined};

impl View<'_> {
    pub(crate) fn chain(&self) -> Html {
        let scenario = &self.state.scenario;
        let chain_of = |situation: Situation| Some(Chain::of(scenario, situation.fleet(scenario)?));
        // The situation that was chosen may no longer exist.
        let chosen = self.state.situation;
        let (situation, chain) = match chain_of(chosen) {
            Some(chain) => (chosen, chain),
            None => (Situation::Steady, Chain::of(scenario, scenario.fleet())),
        };
        let mut switch = Vec::new();
        for each in Situation::ALL {
            if let Some(chain) = chain_of(each) {
                switch.push(self.choice(each, each == situation, chain.binding().severity()));
            }
        }
        let binding = chain.binding().kind;
        let mut rows = Vec::new();
        for link in chain.links() {
            rows.push(self.link(situation, link, link.kind == binding));
        }
        html! {
            <section class="chain" aria-labelledby="chain-heading">
                <h2 id="chain-heading">{ "Connection chain" }</h2>
                { hatch() }
                <fieldset class="switch"><legend class="visually-hidden">{ "Situation" }</legend>{ for switch }</fieldset>
                <p class="origin">{ self.origin(situation) }</p>
                <ol>{ for rows }</ol>
                <p class="legend">
                    { "Each bar ends at its limit; the ticks stand at 70, 80 and 90 % of it. Select any number to see how \
                       it comes about." }
                </p>
            </section>
        }
    }

    /// One situation to choose; a sign says where something is above 80 % of its limit.
    fn choice(&self, situation: Situation, is_chosen: bool, severity: Option<Severity>) -> Html {
        let send = self.send.clone();
        let onchange = move |_: Event| send.dispatch(Action::Look(situation));
        let severity = severity.filter(|severity| *severity != Severity::Info);
        html! {
            <label key={situation.word()} class={if is_chosen { "chosen" } else { "" }}>
                <input type="radio" name="situation" value={situation.word()} checked={is_chosen} {onchange} />
                <span>{ short_name(situation) }</span>
                { severity.map(|_| icon::sign(severity)) }
                <span class="visually-hidden">{ severity.map(|_| icon::word(severity)) }</span>
            </label>
        }
    }

    /// Where the connections come from.
    fn origin(&self, situation: Situation) -> String {
        let scenario = &self.state.scenario;
        let Some(fleet) = situation.fleet(scenario) else { return String::new() };
        let pods = counted(fleet.pods, "pod");
        let verb = if fleet.pods == 1 { " opens up to " } else { " open up to " };
        let app = counted(scenario.app_connections(fleet.pods), "connection");
        let poolers = counted(fleet.instances, "pooler instance");
        let (to, end) =
            if scenario.has_pooler() { (" to ", poolers.as_str()) } else { (" straight to ", "the database") };
        [&pods, verb, &app, to, end, "."].concat()
    }

    fn link(&self, situation: Situation, link: &Link, is_binding: bool) -> Html {
        let word = link.kind.word();
        let panel = joined(&["chain-", situation.word(), "-", word]);
        let value = |metric: &str| self.state.plan.value(&[&situation.prefix(), ".", word, ".", metric].concat());
        let number = |metric: &str, class: &str| value(metric).map(|value| self.number(&panel, value, class));
        let severity = link.severity().filter(|severity| *severity != Severity::Info);
        let tag = if severity == Some(Severity::Error) { "breaks first" } else { "tightest" };
        let has_limit = link.limit.is_some();
        html! {
            <li key={word} data-link={word}
                class={joined(&["link-row ", icon::class(severity), if is_binding { " binding" } else { "" }])}>
                { icon::sign(severity) }
                <div class="link-body">
                    <div class="link-head">
                        <h3>{ title(link.kind) }</h3>
                        <span class="tag" hidden={!is_binding}>{ tag }</span>
                        <p class="link-use">{ number("utilization", if has_limit { "link-share" } else { "link-none" }) }</p>
                    </div>
                    { bar(&link.utilization(), has_limit) }
                    <p class="link-numbers">
                        <span>{ number("demand", "") }{ " asked for" }</span>
                        <span hidden={!has_limit}>{ " of " }{ number("limit", "") }{ " allowed" }</span>
                        <span class="spare" hidden={!has_limit}>{ number("headroom", "") }{ " to spare" }</span>
                    </p>
                    { self.panel(&panel) }
                </div>
            </li>
        }
    }
}

/// What a situation is called where several are to choose from.
const fn short_name(situation: Situation) -> &'static str {
    match situation {
        Situation::Steady => "As configured",
        Situation::Autoscaled => "Autoscaler’s maximum",
        Situation::RollingUpdate => "Rolling update",
        Situation::InstanceLost => "One pooler lost",
    }
}

/// What limits a link, as a heading.
const fn title(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Clients => "Pooler’s clients",
        LinkKind::Server => "Pooler’s server connections",
        LinkKind::Role => "Role limit",
        LinkKind::Database => "Database",
    }
}

/// Where in the picture, 1000 units wide, the limit stands.
const LIMIT: u32 = 780;
const WIDTH: u32 = 1_000;

/// A bar up to the limit, hatched beyond it, and broken off where it would leave the picture.  The numbers beside it say
/// the same, so it is hidden from screen readers.
fn bar(utilization: &Quantity, has_limit: bool) -> Html {
    let end = match utilization.number() {
        Some(Number::Real(share)) => units(share * f64::from(LIMIT)),
        // Asked for where nothing is allowed: as far beyond the limit as can be drawn.
        _ if has_limit => u32::MAX,
        _ => 0,
    };
    let rectangle = |class: &'static str, x: u32, width: u32| {
        html! { <rect {class} x={x.to_string()} y="4" width={width.to_string()} height="16" /> }
    };
    let line = |class: &'static str, x: u32| {
        html! { <line {class} x1={x.to_string()} x2={x.to_string()} y1="0" y2="24" /> }
    };
    let track = rectangle("track", 0, if has_limit { LIMIT } else { WIDTH });
    let mut marks = Vec::new();
    if has_limit {
        marks.extend([70, 80, 90].map(|percent| line("tick", LIMIT * percent / 100)));
        let over = end.min(WIDTH).saturating_sub(LIMIT).to_string();
        marks.push(html! { <rect class="over" fill="url(#hatch)" x="780" y="4" width={over} height="16" /> });
        marks.push(line("limit", LIMIT));
    }
    if end > WIDTH {
        marks.push(html! { <path class="break" d="M958 2l-14 10l14 10M980 2l-14 10l14 10" /> });
    }
    html! {
        <svg class={if has_limit { "meter" } else { "meter unlimited" }} viewBox="0 0 1000 24"
            preserveAspectRatio="none" aria-hidden="true" focusable="false">
            { track }{ rectangle("fill", 0, end.min(LIMIT)) }{ for marks }
        </svg>
    }
}

/// The nearest whole number of units.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
fn units(real: f64) -> u32 {
    (real + 0.5) as u32
}

/// The hatching of what is beyond a limit, which every bar uses.
fn hatch() -> Html {
    html! {
        <svg class="definitions" width="0" height="0" aria-hidden="true" focusable="false">
            <pattern id="hatch" width="14" height="8" patternUnits="userSpaceOnUse">
                <rect class="hatch-ground" width="14" height="8" />
                <path class="hatch-line" d="M-4 10L10 -2M6 12L20 0" />
            </pattern>
        </svg>
    }
}
