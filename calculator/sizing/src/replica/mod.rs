//! Relational nodes: read replicas, shards, replication lag and the latency from other regions.

mod distance;
mod findings;
mod values;

use crate::cache::Cache;
use crate::choice::Replication;
use crate::quantity::{Bytes, PerSecond, approximate, ceiling};
use crate::sheet::Sheet;
use crate::storage::Storage;
use crate::{Finding, Scenario};

/// The use of a node that needs no mention.
const USE: f64 = 0.7;

/// What this calculator computed.
pub(crate) struct Replicas<'s> {
    scenario: &'s Scenario,
    /// Reads a second that reach the database at peak.
    reads: f64,
    /// Writes a second at peak.
    writes: f64,
    /// Bytes of WAL a second at peak.
    wal: f64,
    /// Bytes of data once the growing table grows no more, or after a year.
    data: Option<Bytes>,
}

/// Reads a second the nodes bear with one of them lost, none of them used above 70 %; `None` where it is not measured.
pub(crate) fn reads_borne(scenario: &Scenario) -> Option<f64> {
    let each = scenario.node_reads?.get();
    Some(match scenario.replicas.get() {
        // With its only replica lost, the primary bears everything.
        0 | 1 => each * (USE - write_use(scenario).unwrap_or_default()).max(0.0),
        replicas => each * USE * approximate(replicas - 1),
    })
}

/// The use of the primary by writes; `None` where its capacity is not measured.
fn write_use(scenario: &Scenario) -> Option<f64> {
    scenario.node_writes.map(|capacity| scenario.writes_at_peak().get() / capacity.get())
}

impl<'s> Replicas<'s> {
    pub(crate) fn of(scenario: &'s Scenario, storage: &Storage<'_>, cache: &Cache<'_>) -> Self {
        Self {
            scenario,
            reads: cache.database_reads().get(),
            writes: scenario.writes_at_peak().get(),
            wal: storage.peak_wal.rate,
            data: storage.data_needed(),
        }
    }

    pub(crate) fn values(&self, sheet: &mut Sheet<'_>) {
        values::values(self, sheet);
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings::findings(self)
    }

    /// Reads a second all nodes bear with one lost, fully used; `None` where that is not measured.
    pub(crate) fn read_capacity(&self) -> Option<PerSecond> {
        self.read_capacity_of(self.scenario.replicas.get())
    }

    /// The same with so many replicas.
    pub(crate) fn read_capacity_of(&self, replicas: u64) -> Option<PerSecond> {
        let each = self.scenario.node_reads?.get();
        let nodes = match replicas {
            0 | 1 => (1.0 - self.write_use().unwrap_or_default()).max(0.0),
            replicas => approximate(replicas - 1),
        };
        Some(PerSecond::new(each * nodes))
    }

    /// Writes a second the primary bears, fully used; `None` where that is not measured.
    pub(crate) fn write_capacity(&self) -> Option<PerSecond> {
        self.scenario.node_writes
    }

    /// The use of the primary by writes.
    fn write_use(&self) -> Option<f64> {
        write_use(self.scenario)
    }

    /// The use of the nodes by reads with one lost; of the primary, writes included, where no replica is left.
    fn read_use(&self) -> Option<f64> {
        let used = self.reads / self.scenario.node_reads?.get();
        if used <= 0.0 {
            return Some(0.0);
        }
        Some(match self.scenario.replicas.get() {
            0 | 1 => used + self.write_use().unwrap_or_default(),
            replicas => used / approximate(replicas - 1),
        })
    }

    /// Read replicas needed with one lost: none where the primary bears everything.
    pub(crate) fn needed(&self) -> Option<u64> {
        let used = self.reads / self.scenario.node_reads?.get();
        let alone = used + self.write_use().unwrap_or_default();
        Some(if used <= 0.0 || alone <= USE { 0 } else { ceiling(used / USE).saturating_add(1) })
    }

    /// Shards needed for the writes and for the data; `None` where neither limit is given.
    pub(crate) fn shards(&self) -> Option<u64> {
        let for_writes = self.write_use().map(|used| ceiling(used / USE));
        let for_data = self
            .scenario
            .disk
            .zip(self.data)
            .map(|(disk, data)| ceiling(approximate(data.get()) / (approximate(disk.get()) * USE)));
        for_writes.max(for_data).map(|shards| shards.max(1))
    }

    /// Whether a commit waits for a standby.
    fn is_synchronous(&self) -> bool {
        matches!(self.scenario.replication, Some(Replication::Sync | Replication::Quorum))
    }

    /// Bytes a second the primary sends to its replicas.
    fn bandwidth(&self) -> f64 {
        self.wal * approximate(self.scenario.replicas.get())
    }

    /// The use of the network to the replicas.
    fn bandwidth_use(&self) -> Option<f64> {
        self.scenario.replication_bandwidth.map(|limit| self.bandwidth() / approximate(limit.get()))
    }

    /// The use of a replica's replay.
    fn apply_use(&self) -> Option<f64> {
        self.scenario.apply_rate.map(|limit| self.wal / approximate(limit.get()))
    }

    /// Milliseconds a replica is behind after an hour at peak: what was given, or what the network and the replay
    /// cannot keep up with.
    pub(crate) fn lag(&self) -> f64 {
        let used = self.bandwidth_use().unwrap_or_default().max(self.apply_use().unwrap_or_default());
        let behind = if used > 1.0 { libm::ceil(3_600_000.0 * (1.0 - 1.0 / used)) } else { 0.0 };
        behind.max(self.scenario.replication_lag_ms.get())
    }
}
