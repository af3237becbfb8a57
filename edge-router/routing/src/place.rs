//! Where a client is, by what the platform knows of it.

use crate::geo::Coordinates;

/// A data centre by its code of three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Colo([u8; 3]);

/// What the platform knows of a client's place; empty where it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'p> {
    /// Degrees north as decimal text.
    pub latitude: &'p str,
    /// Degrees east as decimal text.
    pub longitude: &'p str,
    /// Code of the data centre the request came in at.
    pub colo: &'p str,
    /// Country, ISO 3166-1 alpha-2; `T1` and `XX` stand for none.
    pub country: &'p str,
    /// Continent: AF, AN, AS, EU, NA, OC or SA.
    pub continent: &'p str,
}

impl Colo {
    /// Reads a code: three letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_alphabetic).then(|| Self(code.map(|letter| letter.to_ascii_uppercase())))
    }
}

impl Place<'_> {
    /// The best that is known: the client's coordinates, else its data centre's, its country's centroid, its
    /// continent's; `None` where nothing is known.
    #[must_use]
    pub fn coordinates(&self) -> Option<Coordinates> {
        Coordinates::from_text(self.latitude, self.longitude)
    }
}
