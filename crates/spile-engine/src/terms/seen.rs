//! What a page was seen to have: so that most of a body, which is like the body before it, is not looked at again.

use xxhash_rust::xxh3::xxh3_64;

use super::gram::{GRAM, packed};

/// How many stretches, and how many entries, are remembered: a power of two.
const SLOTS: usize = 1024;

/// The longest stretch that is remembered; others are seldom the same.
const MAX_STRETCH: usize = 128;

/// How many grams of a page can be told apart before there are too many: half of the slots of a table that is searched slot by slot.
const MAX_GRAMS: usize = 8 * 1024;

/// The distinct grams of one page.
#[derive(Debug)]
pub(super) struct PageGrams {
    /// Packed grams, where their hash says or behind; 0 in free slots.
    slots: Box<[u32; MAX_GRAMS * 2]>,
    /// How many there are.
    len: usize,
}

impl Default for PageGrams {
    fn default() -> Self {
        Self { slots: Box::new([0; MAX_GRAMS * 2]), len: 0 }
    }
}

impl PageGrams {
    /// Adds every gram of a stretch.
    pub(super) fn add(&mut self, stretch: &[u8]) {
        for window in stretch.windows(GRAM) {
            if self.is_full() {
                return;
            }
            let gram = packed(window);
            // The high bits of a product depend on all bits of the gram.
            let mut at = (gram.wrapping_mul(0x9e37_79b1) >> 18) as usize;
            while self.slots[at] != gram {
                if self.slots[at] == 0 {
                    self.slots[at] = gram;
                    self.len += 1;
                    break;
                }
                at = (at + 1) % self.slots.len();
            }
        }
    }

    /// Whether there may have been more grams than there is room for.
    pub(super) fn is_full(&self) -> bool {
        self.len == MAX_GRAMS
    }

    /// Takes all grams out.
    pub(super) fn drain(&mut self, mut each: impl FnMut(u32)) {
        if self.len > 0 {
            self.slots.iter().filter(|&&gram| gram != 0).for_each(|&gram| each(gram));
            self.slots.fill(0);
            self.len = 0;
        }
    }
}

/// The latest stretches of a page.
#[derive(Debug)]
pub(super) struct LatestStretches {
    /// Where the stretch of a slot lies in `bytes`.
    slots: Box<[(u32, u32); SLOTS]>,
    bytes: Vec<u8>,
}

impl Default for LatestStretches {
    fn default() -> Self {
        Self { slots: Box::new([(0, 0); SLOTS]), bytes: Vec::new() }
    }
}

impl LatestStretches {
    /// The most bytes of stretches that are kept until all are forgotten.
    const MAX_BYTES: usize = SLOTS * MAX_STRETCH;

    /// Whether a stretch is new, for all that is remembered; then it is remembered. It is compared byte by byte: a
    /// new one must never be taken for one that was seen.
    pub(super) fn is_new(&mut self, stretch: &[u8]) -> bool {
        if stretch.len() > MAX_STRETCH {
            return true;
        }
        let slot = xxh3_64(stretch) as usize % SLOTS;
        let (start, end) = self.slots[slot];
        if &self.bytes[start as usize..end as usize] == stretch {
            return false;
        }
        if self.bytes.len() + stretch.len() > Self::MAX_BYTES {
            self.forget();
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(stretch);
        self.slots[slot] = (start, self.bytes.len() as u32);
        true
    }

    /// Forgets all of them.
    pub(super) fn forget(&mut self) {
        if !self.bytes.is_empty() {
            self.slots.fill((0, 0));
            self.bytes.clear();
        }
    }
}

/// The latest entries, which are not worth to be kept twice.
#[derive(Debug)]
pub(super) struct LatestEntries {
    slots: Box<[u64; SLOTS]>,
}

impl Default for LatestEntries {
    fn default() -> Self {
        Self { slots: Box::new(Self::FREE) }
    }
}

impl LatestEntries {
    /// In each free slot is an entry that belongs into another.
    const FREE: [u64; SLOTS] = {
        let mut slots = [0; SLOTS];
        slots[0] = u64::MAX;
        slots
    };

    /// Whether an entry is new, for all that is remembered; then it is remembered.
    pub(super) fn is_new(&mut self, entry: u64) -> bool {
        // The low bits of an entry are its page's number.
        let slot = &mut self.slots[(entry >> 32) as usize % SLOTS];
        std::mem::replace(slot, entry) != entry
    }

    /// Forgets all of them.
    pub(super) fn forget(&mut self) {
        *self.slots = Self::FREE;
    }
}
