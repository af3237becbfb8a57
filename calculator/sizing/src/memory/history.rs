//! Settings that a version no longer knows: a server that finds one in its configuration does not start.
//!
//! Which of them the majors 15 to 18 refuse was asked of real servers.

use crate::choice::PgVersion;
use crate::quantity::Count;

/// A setting that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Its name.
    pub name: &'static str,
    /// The first major version that refuses it.
    pub since: Count,
    /// What stands in for it; a sentence without its full stop.
    pub instead: &'static str,
}

const fn gone(name: &'static str, since: u64, instead: &'static str) -> Gone {
    Gone { name, since: Count(since), instead }
}

/// All of them, since 13.
pub const GONE: &[Gone] = &[
    gone("wal_keep_segments", 13, "wal_keep_size, in MB and no longer in segments"),
    gone("operator_precedence_warning", 14, "nothing"),
    gone("vacuum_cleanup_index_scale_factor", 14, "nothing"),
    gone("stats_temp_directory", 15, "nothing: statistics are kept in shared memory"),
    gone("force_parallel_mode", 16, "debug_parallel_query"),
    gone("promote_trigger_file", 16, "pg_ctl promote or pg_promote()"),
    gone("vacuum_defer_cleanup_age", 16, "hot_standby_feedback and replication slots"),
    gone("db_user_namespace", 17, "nothing"),
    gone("old_snapshot_threshold", 17, "idle_in_transaction_session_timeout and transaction_timeout"),
    gone("trace_recovery_messages", 17, "log_min_messages"),
    gone("io_workers", 19, "io_min_workers and io_max_workers"),
];

/// The major version as a number.
#[must_use]
pub const fn major(version: PgVersion) -> Count {
    Count(match version {
        PgVersion::V14 => 14,
        PgVersion::V15 => 15,
        PgVersion::V16 => 16,
        PgVersion::V17 => 17,
        PgVersion::V18 => 18,
    })
}

/// The setting of that name, if some version refuses it; whether a given one does, [`major`] tells.
#[must_use]
pub fn find(name: &str) -> Option<&'static Gone> {
    GONE.iter().find(|gone| gone.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::guc::Guc;

    #[test]
    fn what_is_gone_is_not_in_the_table_of_that_version() {
        for gone in GONE {
            for version in [PgVersion::V14, PgVersion::V15, PgVersion::V16, PgVersion::V17, PgVersion::V18] {
                let is_known = Guc::find(gone.name).is_some_and(|guc| guc.in_version(version).is_some());
                assert!(!is_known || major(version) < gone.since, "{} in {version:?}", gone.name);
            }
        }
        assert_eq!(find("force_parallel_mode").map(|gone| gone.instead), Some("debug_parallel_query"));
        assert_eq!(find("work_mem"), None);
    }
}
