//! Pseudo-random numbers that never change: SplitMix64 (Steele, Lea and Flood, 2014), in whole numbers only.

/// A sequence that its seed alone decides.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; the bias is below 2^-32 for every bound used here.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True so many times in a million.
    pub(super) fn chance(&mut self, per_million: u64) -> bool {
        self.below(1_000_000) < per_million
    }

    /// One of `all`, the first ones much likelier than the last ones.
    pub(super) fn pick_skewed<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.skewed(all.len())]
    }

    /// A place below `length`, the first ones much likelier than the last ones.
    pub(super) fn skewed(&mut self, length: usize) -> usize {
        let at = self.below(length as u64);
        self.below(at + 1) as usize
    }

    /// A size as sizes are spread: every power of two from `2^low` up to `2^high` as likely as the others.
    pub(super) fn size(&mut self, low: u64, high: u64) -> u64 {
        let base = 1 << (low + self.below(high - low));
        base + self.below(base)
    }
}
