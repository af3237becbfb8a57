//! Erlang's formulas: how likely all connections of a pool are busy.

use crate::quantity::{Connections, MeanConnections, Share, approximate};

/// What is smaller than this part of a sum no longer changes it.
const NEGLIGIBLE: f64 = 1e-18;
/// From here a probability of one over it is taken for none at all.
const HUGE: f64 = 1e300;

/// Erlang-B: the share of arrivals that find all `servers` busy where nobody waits.  1 without a server, 0 without
/// load; correct to 1e-9 of itself while it is above 1e-290.
///
/// Source: Erlang (1917).
#[must_use]
pub fn erlang_b(servers: Connections, load: MeanConnections) -> Share {
    Share::new(1.0 / inverse_b(approximate(servers.get()), load.get()))
}

/// Erlang-C: the share of arrivals that must wait for one of `servers`; `None` where the load saturates them.  Correct
/// to 1e-9 of itself while it is above 1e-290.
///
/// Source: Erlang (1917).
#[must_use]
pub fn erlang_c(servers: Connections, load: MeanConnections) -> Option<Share> {
    let (servers, load) = (approximate(servers.get()), load.get());
    (load < servers).then(|| Share::new(c_of(servers, load, inverse_b(servers, load))))
}

/// One over Erlang-B.
///
/// The stable recurrence I(0) = 1, I(n) = 1 + I(n − 1) × n ÷ load, written out from its end: the terms fall off after
/// some `servers − load` + 9 √`load` of them, long before n is 0, and all are positive, so nothing cancels out.
pub(super) fn inverse_b(servers: f64, load: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, servers);
    while n > 0.0 && term > sum * NEGLIGIBLE {
        term *= n / load;
        sum += term;
        n -= 1.0;
        if sum > HUGE {
            return f64::INFINITY;
        }
    }
    sum
}

/// One step of the recurrence: one over Erlang-B for `servers` from that for one fewer.
pub(super) fn next_inverse_b(inverse: f64, servers: f64, load: f64) -> f64 {
    1.0 + inverse * (servers / load)
}

/// Erlang-C from one over Erlang-B, for `load` < `servers`: B ÷ (1 − ρ (1 − B)), without its cancellation.
pub(super) fn c_of(servers: f64, load: f64, inverse_b: f64) -> f64 {
    let (free, busy) = ((servers - load) / servers, load / servers);
    1.0 / (free * inverse_b + busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(computed: f64, expected: f64, reason: &str) {
        assert!((computed - expected).abs() <= expected.abs() * 1e-9, "{computed} is not {expected}: {reason}");
    }

    #[test]
    fn exact_identities() {
        for (servers, load, expected, reason) in [
            (1, 0.3, 0.3, "one server: all that find it busy wait, ρ"),
            (2, 1.0, 1.0 / 3.0, "two servers at half"),
            (3, 2.0, 4.0 / 9.0, "three servers at two thirds"),
            (7, 0.0, 0.0, "no load"),
        ] {
            close(erlang_c(Connections(servers), MeanConnections::new(load)).unwrap().get(), expected, reason);
        }
        for (servers, load, expected, reason) in [
            (0, 5.0, 1.0, "no server: all are lost"),
            (1, 1.0, 0.5, "one server: load ÷ (1 + load)"),
            (2, 1.0, 0.2, "two servers: ½ ÷ (1 + 1 + ½)"),
            (4, 0.0, 0.0, "no load"),
        ] {
            close(erlang_b(Connections(servers), MeanConnections::new(load)).get(), expected, reason);
        }
        assert_eq!(erlang_c(Connections(4), MeanConnections::new(4.0)), None, "saturated");
        assert_eq!(erlang_c(Connections(0), MeanConnections::new(0.0)), None, "no server");
        let tiny = erlang_c(Connections(100_000), MeanConnections::new(2.0)).unwrap().get();
        assert!(tiny < 1e-290, "far more servers than load: {tiny}");
    }

    /// Computed by the recurrence for one over Erlang-B from 0 up, with 60 digits (Python's mpmath).
    #[test]
    fn high_precision() {
        for (servers, load, b, c) in REFERENCE {
            let (servers, load) = (Connections(*servers), MeanConnections::new(*load));
            let reason = format!("{servers:?}, {load:?}");
            close(erlang_b(servers, load).get(), *b, &reason);
            match (erlang_c(servers, load), c) {
                (Some(computed), Some(c)) => close(computed.get(), *c, &reason),
                (computed, c) => assert!(computed.is_none() && c.is_none(), "{reason}"),
            }
        }
    }

    #[test]
    fn each_step_is_the_recurrence() {
        let load = 6.4;
        for servers in [1.0, 7.0, 8.0, 40.0] {
            let stepped = next_inverse_b(inverse_b(servers - 1.0, load), servers, load);
            close(stepped, inverse_b(servers, load), "one more server");
        }
    }

    #[rustfmt::skip]
    #[expect(clippy::unreadable_literal, clippy::excessive_precision, reason = "as they were computed")]
    const REFERENCE: &[(u64, f64, f64, Option<f64>)] = &[
        (1, 0.1, 9.0909090909090914e-2, Some(1.0000000000000001e-1)),
        (1, 0.999, 4.9974987493746873e-1, Some(9.99e-1)),
        (2, 1.0, 2.0e-1, Some(3.3333333333333333e-1)),
        (3, 2.0, 2.1052631578947368e-1, Some(4.4444444444444444e-1)),
        (5, 4.5, 2.4302100181497166e-1, Some(7.6249322073293562e-1)),
        (8, 6.4, 1.4439388985339493e-1, Some(4.5764492544201622e-1)),
        (10, 1.0, 1.0137771298164932e-7, Some(1.1264190204412386e-7)),
        (10, 9.99, 2.1412180266740018e-1, Some(9.9634318236476978e-1)),
        (20, 15.0, 4.5593215589811839e-2, Some(1.6042938741692362e-1)),
        (50, 20.0, 7.6301886342841807e-9, Some(1.2716980992451659e-8)),
        (100, 90.0, 2.6957380464359215e-2, Some(2.1694048090636638e-1)),
        (100, 99.9, 7.5127952737684923e-2, Some(9.8783908355965078e-1)),
        (100, 150.0, 3.4537343497184039e-1, None),
        (1000, 900.0, 5.9298626701462239e-5, Some(5.9266996637878122e-4)),
        (1000, 999.5, 2.4504822170982473e-2, Some(9.8048429618881579e-1)),
        (1000, 700.0, 3.0708489861268828e-27, Some(1.0236163287089609e-26)),
        (10000, 9900.0, 2.8581267388565864e-3, Some(2.2277692886414824e-1)),
        (10000, 9999.9, 7.9302653762736895e-3, Some(9.9875057117625576e-1)),
        (10000, 9000.0, 2.0916197944192896e-26, Some(2.0916197944192896e-25)),
        (100000, 99000.0, 8.2257755985042223e-6, Some(8.219082374107954e-4)),
        (100000, 99999.0, 2.5125519888942874e-3, Some(9.9604568156441053e-1)),
        (100000, 99999.999, 2.5188870787261903e-3, Some(9.9999604000840228e-1)),
        (100000, 100500.0, 6.315849711506666e-3, None),
        (100000, 98000.0, 1.9835482077349745e-12, Some(9.9177410377109288e-11)),
        (100000, 94000.0, 4.4994672313034338e-85, Some(7.4991120521723896e-84)),
    ];
}
