//! A set of the pages of one row group.

use std::fmt;

/// The most pages of a row group that terms are kept for: 128.
pub const MAX_PAGES: usize = 128;

/// Which of a row group's pages may hold what was asked for. Pages are numbered from 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PageSet {
    bits: u128,
    pages: u8,
}

impl PageSet {
    /// Every page.
    ///
    /// # Panics
    /// If there are more than [`MAX_PAGES`].
    #[must_use]
    pub fn all(pages: usize) -> Self {
        Self::of_bits(u128::MAX, pages)
    }

    pub(super) fn bits(self) -> u128 {
        self.bits
    }

    /// Those of the first `pages` pages whose bits are set.
    pub(super) fn of_bits(bits: u128, pages: usize) -> Self {
        assert!(pages <= MAX_PAGES, "terms are kept for at most {MAX_PAGES} pages");
        Self { bits: bits & low_bits(pages), pages: pages as u8 }
    }

    /// How many pages the row group has.
    #[must_use]
    pub fn pages(self) -> usize {
        self.pages.into()
    }

    /// Whether a page is in the set.
    #[must_use]
    pub fn contains(self, page: usize) -> bool {
        page < self.pages() && self.bits >> page & 1 != 0
    }

    /// How many pages are in the set.
    #[must_use]
    pub fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// Whether no page is in the set.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Whether every page of the row group is in the set.
    #[must_use]
    pub fn is_all(self) -> bool {
        self.len() == self.pages()
    }

    /// The pages in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.bits;
        std::iter::from_fn(move || {
            let page = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(page)
        })
    }
}

impl fmt::Debug for PageSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "of {}: ", self.pages)?;
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The bits of the first `count` pages.
fn low_bits(count: usize) -> u128 {
    if count == MAX_PAGES { u128::MAX } else { (1 << count) - 1 }
}
