//! Up and down by so many probes in a row, so that one lost packet moves no traffic.

/// Whether a cluster counts as up, by its probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
