//! One search over a column of bodies finds the rows that are worth a look, before anything else of them is read.

use super::Filter;
use super::search::{Place, Search};

/// Texts of which a body contains at least one if its record matches.
#[derive(Clone, Debug)]
pub struct BodySearch {
    searches: Vec<Search>,
}

impl Filter {
    /// The search for what bodies must contain; `None` when a filter asks for no text in them. It is made at the first call.
    #[must_use]
    pub fn narrow(&self) -> Option<&BodySearch> {
        let make = || {
            let conditions = self.compiled.expr.clone().into_conjuncts();
            Search::for_all(&conditions, Place::Body).map(|searches| BodySearch { searches })
        };
        self.compiled.narrow.get_or_init(make).as_ref()
    }
}

impl BodySearch {
    /// Appends the numbers of the rows that may match, ascending: no row that matches is left out. `offsets` say where the
    /// bodies begin in `values`, and where the last one ends, as in an Arrow column of strings.
    ///
    /// # Panics
    /// If the offsets descend or lie outside of the values.
    pub fn find(&self, values: &[u8], offsets: &[i32], out: &mut Vec<u32>) {
        let bodies = Bodies { values, offsets };
        let mut next: Vec<_> = self.searches.iter().map(|search| bodies.row_from(0, search)).collect();
        while let Some(row) = next.iter().flatten().min().copied() {
            out.push(row as u32);
            for (search, next) in self.searches.iter().zip(&mut next).filter(|(_, next)| **next == Some(row))
            {
                *next = bodies.row_from(row + 1, search);
            }
        }
    }
}

/// The bodies of a column, one behind the other.
struct Bodies<'a> {
    values: &'a [u8],
    offsets: &'a [i32],
}

impl Bodies<'_> {
    /// The first row at or behind one in which a search hits.
    fn row_from(&self, mut row: usize, search: &Search) -> Option<usize> {
        if row + 1 >= self.offsets.len() {
            return None;
        }
        let values = &self.values[..self.start(self.offsets.len() - 1)];
        let mut from = self.start(row);
        loop {
            let hit = search.find(values, from)?;
            row += self.offsets[row + 1..].partition_point(|&end| end as usize <= hit.start);
            if hit.end <= self.start(row + 1) {
                return Some(row);
            }
            // It lies across two bodies; one that begins behind it may not.
            from = hit.start + 1;
        }
    }

    fn start(&self, row: usize) -> usize {
        usize::try_from(self.offsets[row]).expect("an offset of a column is not negative")
    }
}
