//! What is true of every Raft cluster: quorum, failures survived, the price of voters, and the time without a leader.

use crate::quantity::{Count, Millis, Share, approximate};

/// Most voters of a cluster: beyond seven every write pays for safety nobody needs.
pub const MOST_VOTERS: u64 = 7;
/// What each voter above three costs writes: −10 % with five, −20 % with seven.
const WRITE_COST: f64 = 0.05;
/// The cost is documented up to seven voters; so far it is extended, and no further.
const COST_EXTENDS_TO: u64 = 13;
/// Raft's heartbeat and election timeout at a performance multiplier of 1, in milliseconds.
const TIMEOUT_MS: f64 = 1_000.0;

/// Voters that must agree: ⌊voters ÷ 2⌋ + 1.
#[must_use]
pub const fn quorum(voters: Count) -> Count {
    Count(voters.0 / 2 + 1)
}

/// Voters that may be lost: voters − quorum.
#[must_use]
pub const fn fault_tolerance(voters: Count) -> Count {
    Count(voters.0.saturating_sub(quorum(voters).0))
}

/// Writes a cluster of so many voters commits, as a share of what three commit.
#[must_use]
pub fn write_performance(voters: Count) -> Share {
    let beyond = voters.0.clamp(3, COST_EXTENDS_TO) - 3;
    Share::new(1.0 - WRITE_COST * approximate(beyond))
}

/// Voters that can join at once, before they have caught up, without stopping writes when `lost` others are down: the
/// most for which the quorum of all is not above those that answer.
#[must_use]
pub const fn joinable(voters: Count, lost: u64) -> Count {
    Count(voters.0.saturating_sub(1 + 2 * lost))
}

/// Voters that are left when the zone with the most of them is lost.
#[must_use]
pub const fn left_after_zone_loss(voters: Count, zones: Count) -> Count {
    let zones = if zones.0 == 0 { 1 } else { zones.0 };
    Count(voters.0.saturating_sub(voters.0.div_ceil(zones)))
}

/// The longest time until a follower misses its leader and asks for votes: each waits one to two timeouts, at random.
#[must_use]
pub fn leader_missed(performance_multiplier: Count) -> Millis {
    Millis::new(2.0 * TIMEOUT_MS * approximate(performance_multiplier.get()))
}

/// How long a leader goes on without hearing from a quorum: half a timeout.
#[must_use]
pub fn leader_lease(performance_multiplier: Count) -> Millis {
    Millis::new(0.5 * TIMEOUT_MS * approximate(performance_multiplier.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorum_and_tolerance() {
        for (voters, needed, survived) in [(1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 3, 1), (5, 3, 2), (6, 4, 2), (7, 4, 3)]
        {
            let voters = Count(voters);
            assert_eq!((quorum(voters), fault_tolerance(voters)), (Count(needed), Count(survived)), "{voters:?}");
        }
    }

    #[test]
    fn an_even_voter_adds_no_tolerance() {
        for voters in 1..500 {
            assert_eq!(fault_tolerance(Count(2 * voters)), fault_tolerance(Count(2 * voters - 1)));
        }
    }

    #[test]
    fn the_price_of_voters() {
        for (voters, share) in [(1, 1.0), (3, 1.0), (5, 0.9), (7, 0.8), (1_000, 0.5)] {
            assert!((write_performance(Count(voters)).get() - share).abs() < 1e-12, "{voters}");
        }
    }

    #[test]
    fn joining_voters_count_before_they_can_vote() {
        for voters in 1..200_u64 {
            for lost in 0..3 {
                let answering = voters.saturating_sub(lost);
                let keeps_quorum = |more: u64| quorum(Count(voters + more)).get() <= answering;
                let most = joinable(Count(voters), lost).get();
                assert!(!keeps_quorum(most + 1), "{voters} voters, {lost} lost: one more is too many");
                assert!(most == 0 || keeps_quorum(most), "{voters} voters, {lost} lost: so many can join");
            }
        }
        assert_eq!(joinable(Count(3), 0), Count(2), "a third would take the quorum to four of three that answer");
        assert_eq!(joinable(Count(3), 1), Count(0), "with one node down none can");
    }

    #[test]
    fn zones() {
        let rows = [(5, 3, 3), (5, 2, 2), (3, 3, 2), (7, 3, 4), (5, 1, 0), (3, 7, 2), (6, 3, 4)];
        for (voters, zones, left) in rows {
            assert_eq!(left_after_zone_loss(Count(voters), Count(zones)), Count(left), "{voters} over {zones}");
        }
    }
}
