//! Connection pools: how many connections there will be, which limit they meet first, and what to do about it.

pub mod chain;
pub mod documented;
mod findings;
pub mod further;
mod links;
pub mod service;
pub mod solve;
mod values;
mod verdict;

use crate::sheet::Sheet;
use crate::{Finding, Scenario};
use chain::{Chain, Situation};

pub(crate) use verdict::verdict;

/// Everything the formulas need more than once.
pub(crate) struct Pool<'s> {
    scenario: &'s Scenario,
    /// The scenario as it is.
    steady: Chain,
    /// Every other situation that can occur.
    situations: Vec<(Situation, Chain)>,
    /// Pods until the first limit.
    most_pods: Option<u64>,
    /// The largest pool that fits.
    largest: Option<u64>,
    /// The largest pool that stays inside the documented band.
    largest_in_band: Option<u64>,
}

/// The documented band for the use of a pool, in percent.
const BAND: (u64, u64) = (60, 80);

/// What is to be said first of the connections alone: do they fit, what breaks first, what to do.
#[must_use]
pub fn answer(scenario: &Scenario) -> String {
    let pool = Pool::of(scenario);
    verdict(&pool, &pool.findings())
}

impl<'s> Pool<'s> {
    pub(crate) fn of(scenario: &'s Scenario) -> Self {
        let chain = |situation: Situation| Some(Chain::of(scenario, situation.fleet(scenario)?));
        let steady = Chain::of(scenario, scenario.fleet());
        let situations = Situation::ALL
            .into_iter()
            .filter(|situation| *situation != Situation::Steady)
            .filter_map(|situation| Some((situation, chain(situation)?)))
            .collect();
        Self {
            scenario,
            steady,
            situations,
            most_pods: solve::most_pods(scenario, 100),
            largest: solve::largest_pool(scenario, 100),
            largest_in_band: solve::largest_pool(scenario, BAND.1),
        }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }
}
