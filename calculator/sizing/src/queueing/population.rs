//! A pool whose clients are few: one that waits cannot ask again.

use crate::quantity::{Connections, Count, MeanConnections, Millis, PerSecond, Share, approximate, floor};

/// Most clients that are looked at one by one; more are as good as any number of them.
pub const MOST_CLIENTS: u64 = 100_000;

/// What is smaller than this part of a sum no longer counts.
const NEGLIGIBLE: f64 = 1e-15;

/// A number of clients, each of which thinks, takes a connection, holds it, gives it back and thinks again.  Think and
/// hold times are exponential (the machine repair model, M/M/c//N).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Population {
    /// How long a client thinks between two transactions, on average.
    pub think: Millis,
    /// What the clients get done.
    pub throughput: PerSecond,
    /// Connections busy on average.
    pub busy: MeanConnections,
    /// The share of arrivals that find all connections busy.
    pub wait_probability: Share,
    /// The mean wait of all arrivals.
    pub wait: Millis,
}

impl Population {
    /// `clients` that would offer `arrivals` if nobody ever waited: their think time is clients ÷ arrivals − hold, and
    /// none where even clients that never think offer less.  `None` for more than [`MOST_CLIENTS`] and
    /// for no server at all.
    #[must_use]
    pub fn of(servers: Connections, clients: Count, arrivals: PerSecond, hold: Millis) -> Option<Self> {
        if clients.get() > MOST_CLIENTS || servers.get() == 0 {
            return None;
        }
        let (c, n, hold) = (approximate(servers.get()), approximate(clients.get()), hold.get());
        if arrivals.get() <= 0.0 || hold <= 0.0 {
            let think = Millis::new(n * 1_000.0 / arrivals.get() - hold);
            let (busy, wait_probability, wait) = Default::default();
            return Some(Self { think, throughput: arrivals, busy, wait_probability, wait });
        }
        let think = Millis::new(n * 1_000.0 / arrivals.get() - hold);
        let sums = if think.get() > 0.0 { sums(c, n, hold / think.get()) } else { Sums::all_waiting(c, n) };
        let busy = sums.busy / sums.weight;
        let wait = if sums.busy > 0.0 { hold * sums.waiting / sums.busy } else { 0.0 };
        let wait_probability = sums.delayed / sums.arriving;
        Some(Self {
            think,
            throughput: PerSecond::new(busy * 1_000.0 / hold),
            busy: MeanConnections::new(busy),
            wait_probability: Share::new(wait_probability),
            wait: Millis::new(wait),
        })
    }
}

/// Sums over the states, each weighted by how likely it is.
#[derive(Default)]
struct Sums {
    weight: f64,
    busy: f64,
    waiting: f64,
    arriving: f64,
    delayed: f64,
}

impl Sums {
    fn add(&mut self, weight: f64, inside: f64, servers: f64, clients: f64) {
        self.weight += weight;
        self.busy += weight * inside.min(servers);
        self.waiting += weight * (inside - servers).max(0.0);
        self.arriving += weight * (clients - inside);
        if inside >= servers {
            self.delayed += weight * (clients - inside);
        }
    }

    /// Clients that never think are always inside.
    fn all_waiting(servers: f64, clients: f64) -> Self {
        let delayed = if clients > servers { 1.0 } else { 0.0 };
        let (busy, waiting) = (clients.min(servers), (clients - servers).max(0.0));
        Self { weight: 1.0, busy, waiting, arriving: 1.0, delayed }
    }
}

/// The birth-death chain, from its most likely state outwards until what follows no longer counts: nothing overflows,
/// nothing cancels out, and only some √`clients` states are visited.
fn sums(servers: f64, clients: f64, hold_to_think: f64) -> Sums {
    // How likely one more inside is, as a multiple of `inside`, and the other way round.
    let ratio = |inside: f64| (clients - inside) * hold_to_think / (inside + 1.0).min(servers);
    let back = |inside: f64| (inside + 1.0).min(servers) / ((clients - inside) * hold_to_think);
    let unhindered = (clients + 1.0) * hold_to_think / (1.0 + hold_to_think);
    let crowded = (clients + 1.0 - servers / hold_to_think).max(servers);
    let likeliest = if unhindered < servers { unhindered } else { crowded };
    let likeliest = approximate(floor(likeliest)).min(clients);
    let mut sums = Sums::default();
    sums.add(1.0, likeliest, servers, clients);
    let (mut weight, mut inside) = (1.0, likeliest);
    while inside < clients && weight > sums.weight * NEGLIGIBLE {
        weight *= ratio(inside);
        inside += 1.0;
        sums.add(weight, inside, servers, clients);
    }
    (weight, inside) = (1.0, likeliest);
    while inside > 0.0 && weight > sums.weight * NEGLIGIBLE {
        inside -= 1.0;
        weight *= back(inside);
        sums.add(weight, inside, servers, clients);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(computed: f64, expected: f64, reason: &str) {
        assert!((computed - expected).abs() <= expected.abs() * 1e-9, "{computed} is not {expected}: {reason}");
    }

    fn population(servers: u64, clients: u64, arrivals: f64, hold: f64) -> Population {
        let (arrivals, hold) = (PerSecond::new(arrivals), Millis::new(hold));
        Population::of(Connections(servers), Count(clients), arrivals, hold).unwrap()
    }

    /// Computed by the birth-death chain from the empty state up, with 60 digits (Python's mpmath).
    #[test]
    fn high_precision() {
        for (servers, clients, arrivals, hold, throughput, probability, wait) in REFERENCE {
            let closed = population(*servers, *clients, *arrivals, *hold);
            let reason = format!("{clients} clients of {servers}");
            close(closed.throughput.get(), *throughput, &reason);
            close(closed.wait_probability.get(), *probability, &reason);
            close(closed.wait.get(), *wait, &reason);
        }
    }

    #[rustfmt::skip]
    #[expect(clippy::unreadable_literal, reason = "as they were computed")]
    const REFERENCE: &[(u64, u64, f64, f64, f64, f64, f64)] = &[
        (1, 2, 1.0, 500.0, 0.941176470588235, 2.5e-1, 1.25e+2),
        (2, 3, 2.0, 500.0, 1.96363636363636, 1.11111111111111e-1, 2.77777777777778e+1),
        (8, 10, 300.0, 20.0, 298.143244593546, 7.17132459635008e-2, 2.07590975157502e-1),
        (8, 200, 359.0, 20.8, 350.057435382486, 7.10175960368774e-1, 1.42317506942526e+1),
        (20, 200, 990.0, 20.0, 954.259559030284, 7.37104089189158e-1, 7.56638069450457),
        (15, 200, 740.0, 20.0, 712.771408882556, 7.58809900003847e-1, 1.03245985861405e+1),
        (4, 100000, 190.0, 20.0, 189.968073641049, 8.91051110391554e-1, 8.84535306072076e+1),
        (1000, 2000, 49000.0, 20.0, 48921.9513203222, 2.10132334102957e-1, 6.51171980887015e-2),
    ];

    #[test]
    fn limits() {
        for (servers, clients, arrivals, throughput, probability, wait, reason) in [
            (8, 8, 320.0, 320.0, 0.0, 0.0, "as many connections as clients: nobody waits"),
            (8, 4, 1e9, 200.0, 0.0, 0.0, "clients that never think, with connections to spare"),
            (8, 16, 1e9, 400.0, 1.0, 20.0, "clients that never think: half of them always wait for the other half"),
            (8, 100, 0.0, 0.0, 0.0, 0.0, "nothing to do"),
        ] {
            let closed = population(servers, clients, arrivals, 20.0);
            close(closed.throughput.get(), throughput, reason);
            close(closed.wait_probability.get(), probability, reason);
            close(closed.wait.get(), wait, reason);
        }
        let (rate, hold) = (PerSecond::new(100.0), Millis::new(20.0));
        assert_eq!(Population::of(Connections(8), Count(MOST_CLIENTS + 1), rate, hold), None, "too many to count");
        assert_eq!(Population::of(Connections(0), Count(10), rate, hold), None, "no connection");
        let idle = population(8, 100, 100.0, 0.0);
        close(idle.throughput.get(), 100.0, "nothing is held");
        assert_eq!(idle.wait, Millis::default(), "nothing is held");
    }
}
