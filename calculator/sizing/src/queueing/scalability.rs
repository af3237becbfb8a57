//! The Universal Scalability Law: from where more active connections get less done.

use crate::quantity::{Connections, Ratio, Share, approximate, floor};

/// What stands in the way of transactions that run at the same time, measured on the system itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scalability {
    /// σ: the share of the work that only one can do at a time.
    pub contention: Share,
    /// κ: what each pair of active connections costs to keep in agreement, as a part of a transaction.
    pub coherence: Ratio,
}

impl Scalability {
    /// Throughput with so many active connections, as a multiple of that with one: N ÷ (1 + σ (N − 1) + κ N (N − 1)).
    ///
    /// Source: Gunther (2007).
    #[must_use]
    pub fn throughput(&self, active: Connections) -> Ratio {
        let n = approximate(active.get());
        let others = (n - 1.0).max(0.0);
        Ratio::new(n / (1.0 + self.contention.get() * others + self.coherence.get() * n * others))
    }

    /// The active connections with the highest throughput, near √((1 − σ) ÷ κ); `None` where more never get less done.
    #[must_use]
    pub fn best(&self) -> Option<Connections> {
        let (contention, coherence) = (self.contention.get().min(1.0), self.coherence.get());
        if coherence <= 0.0 {
            return None;
        }
        let below = Connections(floor(libm::sqrt((1.0 - contention) / coherence)).max(1));
        let above = Connections(below.get().saturating_add(1));
        Some(if self.throughput(above) > self.throughput(below) { above } else { below })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throughput_and_its_peak() {
        for (contention, coherence, best, reason) in [
            (0.0, 0.01, Some(10), "√(1 ÷ 0.01)"),
            (0.19, 0.01, Some(9), "√(0.81 ÷ 0.01)"),
            (0.02, 0.000_2, Some(70), "√(0.98 ÷ 0.0002) = 70"),
            (1.0, 0.5, Some(1), "only one can work at all"),
            (0.5, 0.0, None, "contention alone never makes it slower"),
            (0.0, 0.0, None, "no limit at all"),
        ] {
            let law = Scalability { contention: Share::new(contention), coherence: Ratio::new(coherence) };
            assert_eq!(law.best(), best.map(Connections), "{reason}");
            assert_eq!(law.throughput(Connections(1)), Ratio::new(1.0), "one connection is the measure: {reason}");
        }
        let linear = Scalability { contention: Share::default(), coherence: Ratio::default() };
        assert_eq!(linear.throughput(Connections(40)), Ratio::new(40.0), "nothing in the way");
        assert_eq!(linear.throughput(Connections(0)), Ratio::new(0.0), "nobody works");
        let serial = Scalability { contention: Share::new(1.0), coherence: Ratio::default() };
        assert_eq!(serial.throughput(Connections(40)), Ratio::new(1.0), "one at a time");
    }
}
