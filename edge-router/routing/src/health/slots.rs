//! Requests in flight, each under a ticket until it is reported or too old.

use smallvec::SmallVec;

use crate::decision::{Asked, Reason};
use crate::time::{Milliseconds, Moment};
use crate::topology::ClusterIndex;

use super::breaker::Permit;

/// What stands for an attempt in flight until it is reported: a number that fits into 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(u32);

/// Most requests in flight in one isolate; the bits of a ticket that say where one is kept.
const PLACES: u32 = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 12;
/// The other bits count how often a place was given away, so that a late report finds nobody else's request.
const GENERATIONS: u32 = 1 << (u32::BITS - PLACE_BITS);

/// An attempt in flight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InFlight {
    pub(crate) asked: Asked,
    pub(crate) cluster: ClusterIndex,
    /// Where the request was sent before.
    pub(crate) tried: SmallVec<[ClusterIndex; 4]>,
    pub(crate) reason: Reason,
    pub(crate) permit: Permit,
    /// How long a lost one keeps its place.
    pub(crate) limit: Milliseconds,
}

/// The places, given out again and again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slots {
    places: Vec<Place>,
    free: Vec<u32>,
    /// Nothing expires before.
    next_expiry: Moment,
    seed: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct Place {
    generation: u32,
    held: Option<Held>,
}

#[derive(Debug, Clone, PartialEq)]
struct Held {
    expires: Moment,
    in_flight: InFlight,
}

impl Ticket {
    /// Stands for nothing: generations begin at 1.
    pub(crate) const NONE: Self = Self(0);

    /// The ticket as a number, to be kept outside.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The ticket of that number; of one that was never given out, nothing comes.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

impl Slots {
    /// None taken.  The seed sets where generations begin: a ticket of another `Slots` finds nothing in this one.
    pub(crate) fn new(seed: u64) -> Self {
        let seed = u32::try_from(seed % u64::from(GENERATIONS)).unwrap_or_default();
        Self { places: Vec::new(), free: Vec::new(), next_expiry: Moment::from_millis(u64::MAX), seed }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.free.is_empty() && self.places.len() >= PLACES as usize
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len().saturating_sub(self.free.len())
    }

    /// Gives a place; where there is none, the request comes back.
    pub(crate) fn insert(&mut self, in_flight: InFlight, now: Moment) -> Result<Ticket, InFlight> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.is_full() => return Err(in_flight),
            None => {
                let index = u32::try_from(self.places.len()).unwrap_or(PLACES);
                self.places.push(Place { generation: self.seed, held: None });
                index
            }
        };
        let expires = full_second(now.after(in_flight.limit));
        let Some(place) = self.places.get_mut(index as usize) else { return Err(in_flight) };
        place.generation = place.generation % (GENERATIONS - 1) + 1;
        place.held = Some(Held { expires, in_flight });
        self.next_expiry = self.next_expiry.min(expires);
        Ok(Ticket(place.generation << PLACE_BITS | index))
    }

    /// Takes a request out of its place; `None` where the ticket is not, or no longer, one of a request in flight.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<InFlight> {
        let index = ticket.0 % PLACES;
        let place = self.places.get_mut(index as usize)?;
        let held = place.held.take_if(|_| place.generation == ticket.0 >> PLACE_BITS)?;
        self.free.push(index);
        Some(held.in_flight)
    }

    /// Takes out what is too old.  It looks at every place, but at most once a second, because what expires does so at
    /// full seconds; a lost report keeps its place for less than a second longer than its limit.
    pub(crate) fn expire(&mut self, now: Moment, mut freed: impl FnMut(InFlight)) {
        if now < self.next_expiry {
            return;
        }
        self.next_expiry = Moment::from_millis(u64::MAX);
        for (index, place) in (0..).zip(&mut self.places) {
            if let Some(held) = place.held.take_if(|held| held.expires <= now) {
                self.free.push(index);
                freed(held.in_flight);
            } else if let Some(held) = &place.held {
                self.next_expiry = self.next_expiry.min(held.expires);
            }
        }
    }
}

/// The moment itself where it is a full second, else the next one.
fn full_second(moment: Moment) -> Moment {
    Moment::from_millis(moment.millis().div_ceil(1_000).saturating_mul(1_000))
}
