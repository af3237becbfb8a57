//! Everything the calculators computed from one scenario, for those that build on others.

use crate::Scenario;
use crate::cache::Cache;
use crate::growth::Growth;
use crate::memory::Memory;
use crate::node::Cluster;
use crate::pool::Pool;
use crate::queueing::Waiting;
use crate::replica::Replicas;
use crate::storage::Storage;
use crate::strategy::Strategy;

/// The calculators of one scenario.  Each is made from the scenario and from those before it.
pub(crate) struct Model<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) pool: Pool<'s>,
    pub(crate) waiting: Waiting<'s>,
    pub(crate) memory: Memory<'s>,
    pub(crate) replicas: Replicas<'s>,
    pub(crate) storage: Storage<'s>,
    pub(crate) cache: Cache<'s>,
    pub(crate) cluster: Cluster<'s>,
    pub(crate) growth: Growth,
    pub(crate) strategy: Strategy,
}

impl<'s> Model<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let pool = Pool::of(scenario);
        let cache = Cache::of(scenario);
        let storage = Storage::of(scenario);
        let memory = Memory::of(scenario, &storage);
        let mut model = Self {
            scenario,
            waiting: Waiting::of(scenario),
            memory,
            replicas: Replicas::of(scenario, &storage, &cache),
            storage,
            cache,
            cluster: Cluster::of(scenario),
            growth: Growth::default(),
            strategy: Strategy::default(),
            pool,
        };
        model.growth = Growth::of(&model);
        model.strategy = Strategy::of(&model);
        model
    }
}
