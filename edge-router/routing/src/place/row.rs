//! A row of a table of places: a code and where that is.

use crate::geo::Coordinates;

/// A place by a code of `N` letters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<const N: usize> {
    pub(super) code: [u8; N],
    /// Hundredths of a degree north: a kilometre or so.
    latitude: i16,
    /// Hundredths of a degree east.
    longitude: i16,
}

pub(super) const fn row<const N: usize>(code: &[u8; N], latitude: i16, longitude: i16) -> Row<N> {
    Row { code: *code, latitude, longitude }
}

/// The place of a code in a table sorted by it.
pub(super) fn find<const N: usize>(table: &[Row<N>], code: [u8; N]) -> Option<Coordinates> {
    let row = table.get(table.binary_search_by_key(&code, |row| row.code).ok()?)?;
    Coordinates::from_degrees(f64::from(row.latitude) / 100.0, f64::from(row.longitude) / 100.0)
}
