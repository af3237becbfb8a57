//! Up and down by so many probes in a row, so that one lost packet moves no traffic.

/// Whether a cluster counts as up, by its probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Threshold {
    up: bool,
    /// Probes in a row that said otherwise.
    against: u32,
}

impl Default for Threshold {
    /// Up, until probes say otherwise.
    fn default() -> Self {
        Self { up: true, against: 0 }
    }
}

crate::json::read_fields!(Threshold { up, against });

impl Threshold {
    /// Whether it counts as up.
    #[must_use]
    pub fn is_up(self) -> bool {
        self.up
    }

    /// Counts a probe; the answer is whether that changed what it counts as.
    pub fn record(&mut self, success: bool, unhealthy: u32, healthy: u32) -> bool {
        if success == self.up {
            self.against = 0;
            return false;
        }
        self.against = self.against.saturating_add(1);
        let needed = if self.up { unhealthy } else { healthy };
        let changes = self.against >= needed;
        if changes {
            *self = Self { up: success, against: 0 };
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::Threshold;

    /// Probes as `+` and `-`; what it counts as after each of them, as `U`p and `d`own.
    #[track_caller]
    fn check(unhealthy: u32, healthy: u32, probes: &str, expected: &str, reason: &str) {
        let mut threshold = Threshold::default();
        let counted: String = probes
            .chars()
            .map(|probe| {
                let before = threshold.is_up();
                let changed = threshold.record(probe == '+', unhealthy, healthy);
                assert_eq!(changed, before != threshold.is_up(), "it says when it changes");
                if threshold.is_up() { 'U' } else { 'd' }
            })
            .collect();
        assert_eq!(counted, expected, "{reason}");
    }

    #[test]
    fn so_many_in_a_row() {
        check(3, 2, "", "", "up, until probes say otherwise");
        check(3, 2, "---", "UUd", "down at the third");
        check(3, 2, "--+--+---", "UUUUUUUUd", "a good one between begins anew");
        check(3, 2, "---+-++", "UUddddU", "up at the second good one in a row");
        check(3, 2, "-----++--", "UUddddUUU", "those before it came up do not count after it");
        check(1, 1, "-+-", "dUd", "every probe counts");
        check(0, 0, "-+-", "dUd", "as one");
        check(1, 3, "-++-+++", "ddddddU", "slow to trust");
    }
}
