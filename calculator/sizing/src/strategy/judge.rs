//! Which option helps here, and why: from what was computed, with the numbers.

use crate::Scenario;
use crate::action::Level;
use crate::choice::{Distance, Flag, Partitioning, PoolMode};
use crate::memory::Memory;
use crate::model::Model;
use crate::pool::chain::LinkKind;
use crate::pool::documented::hikaricp_connections;
use crate::quantity::{
    Bytes, Connections, Count, MeanConnections, Millis, PerSecond, Quantity, Share, Unit, approximate, ceiling,
};
use crate::replica;
use crate::scenario::MOST_BACKENDS;
use crate::strategy::need::{self, Further, Need};
use crate::strategy::options::{self, Choice};

/// What an option can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A limit of connections is exceeded, or nearly.
    Connections = 1,
    /// The primary, or its replicas, cannot bear what is read.
    Reads = 2,
    /// One primary cannot bear what is written or stored.
    Writes = 4,
    /// A table is too large for one piece.
    Rows = 8,
    /// What is expected at peak does not fit memory.
    Memory = 16,
    /// A secret store keeps more leases than is practical.
    Leases = 32,
    /// More is asked of a secret store than it answers.
    StoreRate = 64,
    /// An autoscaler moves a secret store's voters.
    Voters = 128,
}

impl Problem {
    /// Every problem, the most pressing first.
    pub(super) const ALL: [Self; 5] = [Self::Connections, Self::Memory, Self::Writes, Self::Reads, Self::Rows];

    /// What is the matter, for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Connections => "a connection limit",
            Self::Reads => "reads beyond what the nodes bear",
            Self::Writes => "writes or data beyond one primary",
            Self::Rows => "the size of one table",
            Self::Memory => "memory",
            Self::Leases => "leases",
            Self::StoreRate => "requests beyond what the secret store answers",
            Self::Voters => "voters that an autoscaler moves",
        }
    }
}

/// What is to be said of an option.
#[derive(Debug, Clone)]
pub(crate) struct Judgement {
    pub(super) option: &'static Choice,
    pub(super) feasible: bool,
    /// What it ends, as a sum of [`Problem`]s.
    pub(super) ends: u8,
    pub(super) outcome: String,
    /// The values that prove it.
    pub(super) why: &'static [&'static str],
    /// The number its commands need, and the one there is.
    pub(super) numbers: (u64, u64),
    /// What it costs here.
    pub(super) cost: Level,
}

impl Judgement {
    pub(super) fn ends(&self, problem: Problem) -> bool {
        self.feasible && self.ends & problem as u8 != 0
    }

    /// The cheapest and least risky comes first.
    pub(super) fn price(&self) -> impl Ord {
        let Choice { risk, complexity, lead, .. } = self.option;
        (self.cost, risk, complexity, lead)
    }
}

/// Collects what is said of each option.
struct Judge<'m, 's> {
    model: &'m Model<'s>,
    need: &'m Need,
}

/// Every option, in the documents' order.
pub(super) fn judge(model: &Model<'_>, need: &Need) -> Vec<Judgement> {
    let judge = Judge { model, need };
    let mut judgements = vec![
        judge.smaller_pools(),
        judge.smaller_server_pools(),
        judge.larger_server_pools(),
        judge.memory_settings(),
        judge.higher_limit(),
        judge.external_events(),
        judge.pooler(),
        judge.cache(),
        judge.vertical(),
        judge.replicas(),
        judge.partitioning(),
        judge.sharding(),
        judge.multi_region(),
    ];
    // What the further pools ask of their databases is ended by no option but smaller pools.
    if !need::further(model.scenario, need.pods).is_empty() {
        for judgement in &mut judgements {
            if judgement.option.code != options::SMALLER_POOLS.code {
                judgement.ends &= !CONNECTIONS;
            }
        }
    }
    judgements
}

const CONNECTIONS: u8 = Problem::Connections as u8;
const READS: u8 = Problem::Reads as u8;
const WRITES: u8 = Problem::Writes as u8;
const ROWS: u8 = Problem::Rows as u8;
const MEMORY: u8 = Problem::Memory as u8;

/// What is expected at peak fits, and what the open connections do at worst.  The worst of a server without a setting
/// of its own is for a finding: nobody buys memory for it.
fn fits_memory(memory: &Memory<'_>, scenario: &Scenario) -> bool {
    let open = scenario.open_connections();
    let (now, recommended) = memory.work_mem();
    memory.expected_with(open) <= memory.available()
        && (now <= recommended || memory.worst_with(open) <= memory.available())
}

impl Problem {
    /// Whether the scenario has it.
    pub(super) fn is_found(self, model: &Model<'_>, need: &Need) -> bool {
        let scenario = model.scenario;
        match self {
            Self::Connections => need.pressed.is_some() || !need::further(scenario, need.pods).is_empty(),
            Self::Memory => !fits_memory(&model.memory, scenario),
            Self::Reads => model.replicas.needed().is_some_and(|needed| needed > scenario.replicas.get()),
            Self::Writes => model.replicas.shards().is_some_and(|shards| shards > 1),
            Self::Leases | Self::StoreRate | Self::Voters => false,
            Self::Rows => {
                scenario.partitioning == Partitioning::None
                    && model.storage.rows_after(model.storage.horizon(), 0.0) >= LARGE
            }
        }
    }
}

/// A number in a sentence.
#[derive(Debug, Clone, Copy)]
pub(super) enum Word {
    /// Of whatever the sentence says.
    Number(u64),
    /// Connections busy on average.
    Load(f64),
    Share(f64),
    Rate(PerSecond),
    Size(Bytes),
    /// `None` where those who wait are saturated.
    Wait(Option<Millis>),
    Text(&'static str),
}
use Word::{Load, Number, Rate, Size, Wait};

/// A sentence with its numbers, each in the place of a `#`.
pub(super) fn say(sentence: &str, words: &[Word]) -> String {
    let mut words = words.iter();
    let mut text = String::with_capacity(160);
    for character in sentence.chars() {
        let Some(word) = (character == '#').then(|| words.next()).flatten() else {
            text.push(character);
            continue;
        };
        let quantity: Quantity = match *word {
            Number(number) => Count(number).into(),
            Load(load) => MeanConnections::new(load).into(),
            Word::Share(share) => Share::new(share).into(),
            Rate(rate) => rate.into(),
            Size(bytes) => bytes.into(),
            Wait(Some(wait)) => wait.into(),
            Wait(None) => Quantity::None(Unit::Millis, "saturated"),
            Word::Text(word) => Quantity::None(Unit::Name, word),
        };
        text.push_str(&quantity.to_string());
    }
    text
}

/// What is said where nobody waits, before and after.
fn nobody_waits(before: Option<Millis>, after: Option<Millis>) -> Option<&'static str> {
    let short = |wait: Option<Millis>| wait.is_some_and(|wait| wait.get() < 0.01);
    (short(before) && short(after)).then_some("nobody waits either way")
}

/// What is said of an option.
pub(super) fn of(option: &'static Choice, why: &'static [&'static str], feasible: bool, outcome: String) -> Judgement {
    Judgement { option, feasible, ends: 0, outcome, why, numbers: (0, 0), cost: option.cost }
}

impl Judge<'_, '_> {
    fn smaller_pools(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["strategy.pool_size", "pool.utilization"];
            of(&options::SMALLER_POOLS, why, feasible, say(sentence, words))
        };
        let now = scenario.pool_size.get();
        if need.presses(LinkKind::Server) {
            // A smaller pool opens fewer connections; it does nothing for a pooler that has too few for its clients.
            return is(false, "Smaller pools change nothing: the pooler's server connections are what is short.", &[]);
        }
        let Some((size, each)) = need.smaller_pool(scenario) else {
            return is(false, "No pool size fits: what comes beside the pools already takes too much.", &[]);
        };
        let further = need::further(scenario, need.pods);
        if further.iter().any(|further| further.size == 0) {
            return is(false, "No size of the further pools fits their database.", &[]);
        }
        let words_further = |outcome: &mut String| {
            for Further { pool, size } in &further {
                let overflow = pool.overflow.map_or(Word::Text("unlimited"), |overflow| Number(overflow.get()));
                outcome.push_str(&[" The pool ", &pool.name, " to ", &pool.database].concat());
                outcome.push_str(&say(
                    " becomes # + 0 instead of # + #.",
                    &[Number(*size), Number(pool.size.get()), overflow],
                ));
            }
        };
        if need.pressed.is_none() && !further.is_empty() {
            let mut said = is(true, "Pools of # to the primary fit as they are.", &[Number(now)]);
            words_further(&mut said.outcome);
            return Judgement { numbers: (size, now), ends: CONNECTIONS, ..said };
        }
        let has_overflow = each < scenario.connections_per_process();
        if need.pressed.is_none() || size == now && !has_overflow {
            return is(false, "Nothing to shrink: pools of # fit with # pods.", &[Number(now), Number(need.pods)]);
        }
        let load = need.load_of_a_process(scenario);
        if load >= approximate(each) {
            let sentence = "Only pools of # would fit, and # connections of a process are busy at peak: saturated.";
            return is(false, sentence, &[Number(size), Load(load)]);
        }
        let floor = scenario.deadlock_floor();
        if each < floor {
            let sentence = "Only pools of # would fit: threads that hold several connections can deadlock below #.";
            return is(false, sentence, &[Number(size), Number(floor)]);
        }
        let processes = need.pods.saturating_mul(scenario.processes.get());
        let freed = scenario.connections_per_process().saturating_sub(each);
        let before = scenario.app_connections(need.pods);
        let after = before.saturating_sub(processes.saturating_mul(freed));
        let (old_wait, wait) =
            (need.p95_wait(scenario, scenario.connections_per_process()), need.p95_wait(scenario, each));
        // The documents' critical threshold is twice their target.
        let is_long = wait != old_wait && wait.is_none_or(|wait| wait.get() > 2.0 * scenario.wait_target_ms.get());
        let words = [
            Number(size),
            Number(now),
            Number(need.pods),
            Number(after),
            Number(before),
            Word::Share(load / approximate(each)),
            Wait(wait),
            Wait(old_wait),
            Word::Text(match () {
                () if is_long => " That is too long.",
                () if scenario.has_pooler() && !need.presses(LinkKind::Clients) => {
                    " It helps little here: the pooler's own server pools are what the limit meets."
                }
                () => "",
            }),
        ];
        let busy = "Pools of # instead of #: # pods open # connections instead of #; # of them are busy at peak, and ";
        let busy = if scenario.max_overflow == Some(Connections(0)) {
            busy.to_owned()
        } else {
            busy.replacen('#', "# with no overflow", 1)
        };
        let mut said = match nobody_waits(old_wait, wait) {
            Some(nobody) => {
                let [size, now, pods, after, before, share, .., last] = words;
                let words = [size, now, pods, after, before, share, Word::Text(nobody), last];
                is(!is_long, &[&busy, "#.#"].concat(), &words)
            }
            None => is(!is_long, &[&busy, "the p95 wait for one is # instead of #.#"].concat(), &words),
        };
        let enough = self.model.waiting.recommended_p99.map_or(0, Connections::get).max(floor);
        if need.pressed.is_some() && enough < size && !is_long {
            said.outcome += &say(" At today's peak # would do.", &[Number(enough)]);
        }
        words_further(&mut said.outcome);
        said.numbers = (size, now);
        said.ends = CONNECTIONS;
        said
    }

    fn smaller_server_pools(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["strategy.pooler_connections", "pool.utilization"];
            of(&options::SMALLER_SERVER_POOLS, why, feasible, say(sentence, words))
        };
        if !scenario.has_pooler() {
            return is(false, "No pooler stands between.", &[]);
        }
        if scenario.service.pooler().is_some() || scenario.pool_mode == PoolMode::Session {
            return is(false, "The service sets them, or session mode needs a connection for each client.", &[]);
        }
        if !need.presses(LinkKind::Role) && !need.presses(LinkKind::Database) {
            return is(false, "No limit behind the pooler is short.", &[]);
        }
        let Some(size) = need.server_pool_that_fits(scenario) else {
            return is(false, "No server pool fits: run fewer poolers.", &[]);
        };
        let today = scenario
            .server_connections(1)
            .map(|all| all / (Need::server_pools(scenario) / scenario.instances().max(1)).max(1));
        if today.is_some_and(|today| today <= size) {
            return is(false, "The server pools fit already, with #.", &[Number(today.unwrap_or_default())]);
        }
        let pools = Need::server_pools(scenario);
        let load = need.load / approximate(pools);
        let wait = need.p95_wait_at_pooler(scenario, size);
        let after = Need::with_server_pools(scenario, size);
        let then = Need::of(&after, self.model.growth.traffic_at_end());
        let is_long = wait.is_none_or(|wait| wait.get() > 2.0 * scenario.wait_target_ms.get());
        let words = [
            Number(size),
            today.map_or(Word::Text("no limit"), Number),
            Number(pools),
            Number(then.role),
            Number(need.role),
            Word::Share(load / approximate(size)),
            Word::Text(nobody_waits(wait, Some(Millis::default())).unwrap_or("the p95 wait for one is ")),
            if nobody_waits(wait, Some(Millis::default())).is_some() { Word::Text("") } else { Wait(wait) },
            Word::Text(if is_long { " That is too long." } else { "" }),
        ];
        let sentence = "Server pools of # instead of #: # of them open # connections instead of #; # of them are \
                        busy at peak, and ##.#";
        let ends = if then.pressed.is_none() { CONNECTIONS } else { 0 };
        let now = scenario.default_pool_size.map_or(0, Connections::get);
        Judgement { numbers: (size, now), ends, ..is(!is_long, sentence, &words) }
    }

    /// More server connections, where the pools and not what lies behind them are short.
    fn larger_server_pools(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["strategy.pooler_connections", "pool.utilization"];
            of(&options::LARGER_SERVER_POOLS, why, feasible, say(sentence, words))
        };
        if !scenario.has_pooler() || !need.presses(LinkKind::Server) {
            return is(false, "The pooler's server pools are not what is short.", &[]);
        }
        if scenario.service.pooler().is_some() || scenario.pool_mode == PoolMode::Session {
            return is(false, "The service sets them, or session mode needs a connection for each client.", &[]);
        }
        let pools = Need::server_pools(scenario);
        let reserve = scenario.reserve_pool_size.get();
        let users = scenario.pool_users.get().max(1);
        let room =
            |limit: u64, others: u64, pools: u64| (limit.saturating_mul(4) / 5).saturating_sub(others) / pools.max(1);
        let others = scenario.direct.get().saturating_add(scenario.reserved.get());
        let by_database = room(scenario.usable_connections(), others, pools);
        let by_role = scenario.role_connection_limit.map(|role| room(role.get(), scenario.direct.get(), pools / users));
        let most = by_role.map_or(by_database, |role| role.min(by_database)).saturating_sub(reserve);
        let today = scenario.default_pool_size.map_or(0, Connections::get);
        let load = scenario.offered_load().get() / approximate(pools);
        // As the documents have it: 80 % busy at most, once the load has grown; else as far as the database allows.
        let size = ceiling(need.load / approximate(pools) / 0.8).max(today.saturating_add(1)).min(most);
        if size <= today || approximate(size) <= load {
            let sentence = "The database leaves # for each pool; # are busy at peak.";
            return is(false, sentence, &[Number(most), Load(load)]);
        }
        let mut after = Need::with_server_pools(scenario, size);
        after.work_mem = None;
        let memory = Memory::of_settings(&after);
        let bears = memory.expected_with(after.open_connections()) <= memory.available();
        let words = [
            Number(size),
            Number(today),
            Load(load),
            Word::Share(load / approximate(size)),
            Size(memory.expected_with(after.open_connections())),
            Size(memory.available()),
            Word::Text(if bears { "" } else { " The server does not bear that." }),
            Word::Text(if need.load / approximate(pools) > 0.8 * approximate(size) {
                " The growth looked at needs more than the database has: shorten transactions meanwhile."
            } else {
                ""
            }),
        ];
        let sentence = "Server pools of # instead of #: # of each are busy at peak (#). Memory expected then, with the \
                        recommended work_mem: # of #.##";
        let ends = if need.presses(LinkKind::Clients) && load <= approximate(today) { 0 } else { CONNECTIONS };
        Judgement { numbers: (size, today), ends, ..is(bears, sentence, &words) }
    }

    /// The `work_mem` with which everything fits.
    fn memory_settings(&self) -> Judgement {
        let (scenario, memory) = (self.model.scenario, &self.model.memory);
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["memory.work_mem", "memory.expected", "memory.worst_case"];
            of(&options::MEMORY_SETTINGS, why, feasible, say(sentence, words))
        };
        let (now, recommended) = memory.work_mem();
        let open = scenario.open_connections();
        if memory.expected_with(open) <= memory.available() && memory.worst_with(open) <= memory.available() {
            return is(false, "What is set fits the memory, at worst too.", &[]);
        }
        if now <= recommended {
            return is(false, "work_mem is no more than what is recommended.", &[]);
        }
        let mended = Scenario { work_mem: None, ..scenario.clone() };
        let after = Memory::of_settings(&mended);
        let words = [
            Size(after.work_mem().0),
            Size(now),
            Size(after.expected_with(open)),
            Size(after.worst_with(open)),
            Size(after.available()),
            Size(memory.expected_with(open)),
            Size(memory.worst_with(open)),
        ];
        let sentence = "work_mem of # instead of #: expected at peak are #, at worst #, of #; now # and #.";
        let ends = if fits_memory(&after, &mended) { MEMORY } else { 0 };
        Judgement { numbers: (after.work_mem().0.get() >> 10, now.get() >> 10), ends, ..is(true, sentence, &words) }
    }

    fn higher_limit(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["strategy.role_limit", "strategy.max_connections", "pool.usable_connections"];
            of(&options::HIGHER_LIMIT, why, feasible, say(sentence, words))
        };
        let role = scenario.role_connection_limit.map(Connections::get).filter(|_| need.presses(LinkKind::Role));
        let server = need.server_is_short(scenario);
        if role.is_none() && !server {
            return is(false, "Neither the role's limit nor the server's is what is short.", &[]);
        }
        if server && scenario.service.max_connections(scenario.ram).is_some() {
            return is(false, "The server's limit is the provider's: only a larger plan raises it.", &[]);
        }
        if scenario.coordination == Flag::No {
            return is(
                false,
                "Shared limits cannot be changed: those who run the server are not to be had for it.",
                &[],
            );
        }
        let raised = need.max_connections(scenario);
        let memory = &self.model.memory;
        let expected = memory.expected_with(raised);
        let bears = !server || expected <= memory.available() && raised <= MOST_BACKENDS;
        let of_role = [Number(need.role_limit()), Number(role.unwrap_or_default())];
        let of_server =
            [Number(raised), Number(scenario.max_connections.get()), Size(expected), Size(memory.available())];
        let mut said = is(bears, "", &[]);
        if role.is_some() {
            said.outcome = say("The role limit becomes # instead of #. ", &of_role);
        }
        said.outcome += &if server {
            let sentence = "max_connections becomes # instead of #, with a restart: # of # are expected at peak, and \
                            more connections share what work_mem can have.";
            say(sentence, &of_server)
        } else {
            say("The server leaves #.", &[Number(scenario.usable_connections())])
        };
        if !bears {
            said.outcome.push_str(" The server does not bear that.");
        }
        let ends = if need.only(&[LinkKind::Role, LinkKind::Database]) { CONNECTIONS } else { 0 };
        // Connections of the server cost memory, and a restart; the role's limit is a number.
        Judgement { ends, cost: if server { Level::Medium } else { said.cost }, ..said }
    }

    fn external_events(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let is_wanted = scenario.external_consumers == Flag::Yes;
        let words = [
            Word::Text(if is_wanted {
                "Other systems get the events without the database"
            } else {
                "Nobody else needs the events"
            }),
            Number(need.pods),
            Number(scenario.app_connections(need.pods)),
        ];
        let sentence = "#. No connection is freed by it alone: # pods still open # until their pools shrink too.";
        of(&options::EXTERNAL_EVENTS, &["strategy.flow", "pool.offered_load"], is_wanted, say(sentence, &words))
    }

    fn pooler(&self) -> Judgement {
        let (scenario, need) = (self.model.scenario, self.need);
        let has_pooler = scenario.has_pooler();
        let is = |feasible, sentence: &str, words: &[Word]| {
            let why = &["strategy.pooler_connections", "pool.offered_load"];
            of(&options::POOLER, why, feasible, say(sentence, words))
        };
        if has_pooler && need.pressed.is_none() {
            return is(false, "It is there already, and its limits hold.", &[]);
        }
        if has_pooler && scenario.service.pooler().is_some() {
            return is(false, "It comes with the plan, and so do its limits.", &[]);
        }
        if has_pooler && need.presses(LinkKind::Clients) {
            let sentence = "It is there already: raise max_client_conn to #, and the file descriptors with it.";
            let ends = if need.only(&[LinkKind::Clients]) { CONNECTIONS } else { 0 };
            return Judgement { ends, ..is(true, sentence, &[Number(need.client_limit(scenario))]) };
        }
        if scenario.session_features == Flag::Yes {
            let sentence = "The application uses session features: in session mode a pooler saves no connections.";
            return is(false, sentence, &[]);
        }
        let usable = scenario.usable_connections();
        let Some(servers) = need.servers(scenario) else {
            let sentence = "# connections are busy at peak: too many for the # the database leaves.";
            return is(false, sentence, &[Load(need.load), Number(usable)]);
        };
        // Two instances at least, so that one can be lost; each pool of each has its share.
        let instances = if has_pooler { scenario.instances() } else { 2 };
        let pairs =
            if has_pooler { scenario.pool_databases.get().saturating_mul(scenario.pool_users.get()) } else { 1 };
        let pools = instances.saturating_mul(pairs).max(1);
        let each = servers.div_ceil(pools);
        let total = each.saturating_mul(pools);
        let by_role = total.saturating_add(scenario.direct.get());
        let demand = by_role.saturating_add(scenario.reserved.get());
        let fits = |demand: u64, limit: u64| demand.saturating_mul(5) <= limit.saturating_mul(4);
        let fits = fits(demand, usable) && scenario.role_connection_limit.is_none_or(|role| fits(by_role, role.get()));
        let words = [
            Number(pools),
            Number(each),
            Load(need.load),
            Number(demand),
            Number(usable),
            Word::Text(if fits { "however many pods there are." } else { "which does not fit either." }),
        ];
        let sentence = "# pools of # server connections carry the # that are busy at peak; with direct ones and the \
                        allowance # of # are taken, #";
        let memory = &self.model.memory;
        let needed = memory.expected_with(demand.saturating_add(scenario.other_connections.get()));
        let ends = CONNECTIONS | if needed <= memory.available() { MEMORY } else { 0 };
        Judgement { numbers: (each, 0), ends, ..is(fits, sentence, &words) }
    }

    fn cache(&self) -> Judgement {
        let scenario = self.model.scenario;
        let option = &options::CACHE;
        let why = &["cache.hit_ratio", "replica.reads"];
        if scenario.cache == Flag::Yes {
            return of(option, why, false, "It is there already.".to_owned());
        }
        let reads = scenario.reads_at_peak();
        let hit = self.model.cache.hit_ratio().get();
        let left = PerSecond::new(reads.get() * (1.0 - hit));
        let words = [
            Number(scenario.cache_keys.get()),
            Number(scenario.cache_ttl_s.get()),
            Word::Share(hit),
            Rate(left),
            Rate(reads),
        ];
        let sentence = "With # keys and a TTL of # s it answers # of the reads: # of # still reach the database.";
        let is_borne = replica::reads_borne(scenario).is_some_and(|borne| left.get() <= borne);
        let ends = if is_borne { READS } else { 0 };
        Judgement { ends, ..of(option, why, hit > 0.0 && reads.get() > 0.0, say(sentence, &words)) }
    }

    fn vertical(&self) -> Judgement {
        let scenario = self.model.scenario;
        let replicas = &self.model.replicas;
        let cpus = scenario.cpus.get().saturating_mul(2);
        let words = [
            Size(Bytes(scenario.ram.get().saturating_mul(2))),
            Number(cpus),
            Number(hikaricp_connections(cpus, scenario.spindles.get())),
            Number(hikaricp_connections(scenario.cpus.get(), scenario.spindles.get())),
        ];
        let sentence = "The next size has # and # cores: twice the reads and writes, and HikariCP's starting point of \
                        # connections in place of #.";
        // Twice the server does what two do, where it is the server that is short.
        let memory = &self.model.memory;
        let twice = memory.available().get().saturating_mul(2);
        let does = |problem, is_enough: bool| if is_enough { problem } else { 0 };
        let ends = does(WRITES, replicas.shards().is_some_and(|shards| shards == 2))
            | does(READS, replicas.needed().is_some_and(|needed| needed <= 2))
            | does(MEMORY, memory.expected_with(scenario.open_connections()).get() <= twice);
        let why = &["pool.hikaricp_connections", "nodes.shards"];
        Judgement { ends, ..of(&options::VERTICAL, why, true, say(sentence, &words)) }
    }

    fn replicas(&self) -> Judgement {
        let scenario = self.model.scenario;
        let reads = scenario.reads_at_peak();
        let needed = self.model.replicas.needed();
        let is_read = reads.get() > 0.0;
        let sentence = match needed {
            _ if !is_read => "Nothing is read: every transaction needs the primary.",
            None => "# of reads could leave the primary; how many replicas they need is known once node_reads is.",
            Some(0) => "The primary bears the # of reads.",
            Some(_) => "# of reads need # replicas, so that one can be lost; there are #.",
        };
        let words = [Rate(reads), Number(needed.unwrap_or_default()), Number(scenario.replicas.get())];
        let why = &["nodes.read_replicas", "replica.reads"];
        let is_help = is_read && needed != Some(0);
        let ends = if needed.is_some() { READS } else { 0 };
        Judgement { ends, ..of(&options::REPLICAS, why, is_help, say(sentence, &words)) }
    }

    fn partitioning(&self) -> Judgement {
        let scenario = self.model.scenario;
        let option = &options::PARTITIONING;
        let storage = &self.model.storage;
        if scenario.rows_per_day.is_none() {
            return of(option, &[], false, "No table is said to grow.".to_owned());
        }
        let rows = storage.rows_after(storage.horizon(), 0.0);
        let (is_help, what) = match scenario.partitioning {
            Partitioning::None if rows < LARGE => (false, "below 100M one table is simpler."),
            Partitioning::None => (true, "a month at a time is vacuumed, and dropped."),
            _ => (false, "it is divided by time already."),
        };
        let words = [Number(rows.get()), Word::Text(what)];
        let said = say("The growing table comes to # rows: #", &words);
        Judgement { ends: ROWS, ..of(option, &["storage.rows"], is_help, said) }
    }

    fn sharding(&self) -> Judgement {
        let shards = self.model.replicas.shards();
        let words = [Rate(self.model.scenario.writes_at_peak()), Number(shards.unwrap_or_default())];
        let sentence = match shards {
            None => "# of writes; what one primary bears is not measured.",
            Some(1) => "One primary bears what is stored and # of writes.",
            Some(_) => "# of writes and the data need # primaries.",
        };
        let is_help = shards.is_some_and(|shards| shards > 1);
        let why = &["nodes.shards", "replica.writes"];
        Judgement { ends: WRITES, ..of(&options::SHARDING, why, is_help, say(sentence, &words)) }
    }

    fn multi_region(&self) -> Judgement {
        let scenario = self.model.scenario;
        let trip = match scenario.client_distance {
            Distance::SameRegion => "",
            Distance::CrossRegion => "20–50 ms",
            Distance::CrossContinent => "100–200 ms",
        };
        let is_far = !trip.is_empty();
        let sentence = if is_far {
            "Each of # round trips of a transaction takes #; a replica in the region spares the # that read."
        } else {
            "The application is in the primary's region."
        };
        let words = [Number(scenario.round_trips.get()), Word::Text(trip), Word::Share(scenario.read_share.get())];
        of(&options::MULTI_REGION, &["replica.reads"], is_far, say(sentence, &words))
    }
}

/// "Large tables (> 100M rows)".
const LARGE: Count = Count(100_000_000);
