//! A static map from terms to the pages that have them, in about twelve bits an entry: a binary fuse filter that gives a page back.
//!
//! A binary fuse filter knows a key by three cells, whose xor is the key's fingerprint. Here the xor is the fingerprint *plus a
//! page's number*. One probe so says which page of a row group has a term, where a filter of (term, page) would have to be asked
//! for each page. A term that is not in the map gives a random number, which is seldom below the number of pages.
//!
//! A term in several pages has an entry for each: its first, its second, .... A look-up reads them until a number is no page, or
//! does not ascend. The first page given twice says that the term is in most pages, and all of them are to be taken.
//! Every entry that was put in is found again, so no page that has a term is ever missed.
//!
//! Stored: the number of the seed and the logarithm of the segment length (a byte each), the number of segments (4 bytes), the cells.

use super::page_set::MAX_PAGES;

/// The low bits of a term's hash are not used: they number its pages.
const NUMBER_BITS: u64 = MAX_PAGES as u64 - 1;

/// How often a map is tried to be built. One try in a few fails; so many in a row do only for keys that were made to collide.
const MAX_TRIES: u8 = 32;

/// A term in more than one page of so many counts as one of all pages: it refuses little, and has two entries instead of many.
const MOST: usize = 2;

const HEADER_BYTES: usize = 6;

/// How many bits a cell has. A term that is not in the map is taken for one of some page in `pages` of `2^bits` cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellBits {
    Eight,
    Ten,
}

/// That a page has a term: the term's hash, but for its low bits, and the page's number.
pub(super) fn entry(term: u64, page: usize) -> u64 {
    (term & !NUMBER_BITS) | page as u64
}

/// The page of an entry.
pub(super) fn page_of(entry: u64) -> usize {
    (entry & NUMBER_BITS) as usize
}

/// A map that lies in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageMap {
    shape: Shape,
    bits: CellBits,
    seed: u64,
}

/// How cells are laid out: segments of equal length, of which each key has one cell in three that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    segment_log2: u8,
    /// How many segments a key's first cell can lie in.
    segments: u32,
}

impl PageMap {
    /// Builds the map of entries that are sorted and of which none comes twice; returns its bytes. `None` when that
    /// cannot be done, which has to be taken for "every page may have every term".
    pub(super) fn build(entries: &[u64], pages: usize, bits: CellBits) -> Option<Vec<u8>> {
        let (keys, values) = numbered(entries, pages);
        (0..MAX_TRIES).find_map(|number| {
            let shape = Shape::for_keys(keys.len(), number);
            let map = Self { shape, bits, seed: seed(number) };
            let cells = map.solve(&keys, &values)?;
            let mut bytes = Vec::with_capacity(HEADER_BYTES + bits.bytes(cells.len()));
            bytes.extend([number, shape.segment_log2]);
            bytes.extend(shape.segments.to_le_bytes());
            bits.pack(&cells, &mut bytes);
            Some(bytes)
        })
    }

    /// Reads the head of a map; returns it, how many bytes its head has, and how many its cells. `None` unless all of them are there.
    pub(super) fn read(bytes: &[u8], bits: CellBits) -> Option<(Self, usize, usize)> {
        let head: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
        let [number, segment_log2, segments @ ..] = *head;
        let shape = Shape { segment_log2, segments: u32::from_le_bytes(segments) };
        if number >= MAX_TRIES || !Shape::SEGMENT_LOG2.contains(&segment_log2) || shape.segments == 0 {
            return None;
        }
        let cells = bits.bytes(shape.cells()?);
        (bytes.len() - HEADER_BYTES >= cells)
            .then(|| (Self { shape, bits, seed: seed(number) }, HEADER_BYTES, cells))
    }

    /// The pages that may have a term, as bits. `cells` are those that `read` found.
    pub(super) fn pages(&self, cells: &[u8], term: u64, pages: usize) -> u128 {
        let mut found = 0;
        let mut last = None;
        for number in 0..pages {
            let hash = mix(entry(term, number) ^ self.seed);
            let xor = self.shape.places(hash).into_iter().fold(0, |xor, at| xor ^ self.bits.get(cells, at));
            let page = xor.wrapping_sub(fingerprint(hash)) & self.bits.mask();
            match last {
                _ if usize::from(page) >= pages => break,
                Some(last) if page == last && number == 1 => return u128::MAX,
                Some(last) if page <= last => break,
                _ => found |= 1 << page,
            }
            last = Some(page);
        }
        found
    }

    /// Gives every cell a value so that each key's three come to what is wanted. `None` when this seed does not allow that.
    fn solve(&self, keys: &[u64], pages: &[u8]) -> Option<Vec<u16>> {
        let hashes: Vec<u64> = keys.iter().map(|key| mix(key ^ self.seed)).collect();
        let order = peel(&hashes, self.shape)?;
        let mut cells = vec![0; self.shape.cells()?];
        // The cell that a key was peeled by is in none of the keys that were peeled later, which have their cells already.
        for &(key, own) in order.iter().rev() {
            let hash = hashes[key as usize];
            let wanted = fingerprint(hash).wrapping_add(pages[key as usize].into()) & self.bits.mask();
            cells[own as usize] = self.shape.places(hash).into_iter().fold(wanted, |xor, at| xor ^ cells[at]);
        }
        Some(cells)
    }
}

/// The keys and values of entries: the n-th page of a term under the term and n.
fn numbered(entries: &[u64], pages: usize) -> (Vec<u64>, Vec<u8>) {
    let mut keys = Vec::with_capacity(entries.len());
    let mut values = Vec::with_capacity(entries.len());
    for of_term in entries.chunk_by(|a, b| a & !NUMBER_BITS == b & !NUMBER_BITS) {
        let in_most = of_term.len() > 2 && of_term.len() * MOST > pages;
        let of_term = if in_most { &[of_term[0]; 2] } else { of_term };
        for (number, &of_page) in of_term.iter().enumerate() {
            keys.push(entry(of_page, number));
            values.push(page_of(of_page) as u8);
        }
    }
    (keys, values)
}

/// What a cell has while keys are peeled off: how many keys, and the xor of their indexes.
#[derive(Clone, Copy, Default)]
struct Load {
    keys: u32,
    xor: u32,
}

/// Takes keys off, each by a cell that is no other remaining key's. Returns keys and cells in that order; `None` when some remain.
fn peel(hashes: &[u64], shape: Shape) -> Option<Vec<(u32, u32)>> {
    let mut loads = vec![Load::default(); shape.cells()?];
    for (key, &hash) in hashes.iter().enumerate() {
        for at in shape.places(hash) {
            loads[at].keys += 1;
            loads[at].xor ^= key as u32;
        }
    }
    let mut single: Vec<u32> = Vec::with_capacity(loads.len());
    single.extend((0..loads.len()).filter(|&at| loads[at].keys == 1).map(|at| at as u32));
    let mut order = Vec::with_capacity(hashes.len());
    while let Some(own) = single.pop() {
        let Load { keys: 1, xor: key } = loads[own as usize] else { continue };
        order.push((key, own));
        for at in shape.places(hashes[key as usize]) {
            let load = &mut loads[at];
            load.keys -= 1;
            load.xor ^= key;
            if load.keys == 1 {
                single.push(at as u32);
            }
        }
    }
    (order.len() == hashes.len()).then_some(order)
}

impl Shape {
    /// From 4 cells in a segment to 262,144.
    const SEGMENT_LOG2: std::ops::RangeInclusive<u8> = 2..=18;

    /// A shape for so many keys that is as tight as may just work, and some segments larger for each try that failed.
    fn for_keys(keys: usize, failed: u8) -> Self {
        // Below about this many cells a key no seed works (measured); the length is half of what is usual for a first try.
        let keys = keys.max(2) as f64;
        let factor = (1.45 - 0.026 * keys.ln()).max(1.12);
        let segment_log2 = (keys.ln() / 3.33_f64.ln() + 1.25).floor().clamp(2.0, 18.0) as u8;
        let segments = (keys * factor / f64::from(1_u32 << segment_log2)).round() as u32;
        let more = u32::from(failed) * segments.div_ceil(64);
        Self { segment_log2, segments: segments.saturating_sub(2).max(1) + more }
    }

    /// How many cells there are in all; `None` when a place would not fit into 32 bits.
    fn cells(self) -> Option<usize> {
        let cells = (u64::from(self.segments) + 2) << self.segment_log2;
        u32::try_from(cells).ok().map(|cells| cells as usize)
    }

    /// The cells of a key, by its hash: one in each of three segments that follow each other.
    fn places(self, hash: u64) -> [usize; 3] {
        let length = 1 << self.segment_log2;
        let span = u64::from(self.segments) << self.segment_log2;
        let first = ((u128::from(hash) * u128::from(span)) >> 64) as u64;
        // Segments begin at multiples of their length, so a change of the low bits stays within one.
        let second = (first + length) ^ ((hash >> 18) & (length - 1));
        let third = (first + 2 * length) ^ (hash & (length - 1));
        [first as usize, second as usize, third as usize]
    }
}

impl CellBits {
    fn mask(self) -> u16 {
        match self {
            Self::Eight => 0xff,
            Self::Ten => 0x3ff,
        }
    }

    /// How many bytes cells take; their number is a multiple of four.
    fn bytes(self, cells: usize) -> usize {
        match self {
            Self::Eight => cells,
            Self::Ten => cells / 4 * 5,
        }
    }

    fn get(self, bytes: &[u8], at: usize) -> u16 {
        match self {
            Self::Eight => bytes[at].into(),
            Self::Ten => {
                let byte = at + at / 4;
                let two = u16::from_le_bytes([bytes[byte], bytes[byte + 1]]);
                two >> (at % 4 * 2) & 0x3ff
            }
        }
    }

    fn pack(self, cells: &[u16], out: &mut Vec<u8>) {
        match self {
            Self::Eight => out.extend(cells.iter().map(|&cell| cell as u8)),
            Self::Ten => out.extend(cells.chunks_exact(4).flat_map(|four| {
                let joined = four.iter().rev().fold(0, |joined, &cell| joined << 10 | u64::from(cell));
                joined.to_le_bytes().into_iter().take(5)
            })),
        }
    }
}

fn seed(number: u8) -> u64 {
    mix(u64::from(number) + 1)
}

/// What is compared, of other bits than those that name the cells.
fn fingerprint(hash: u64) -> u16 {
    (hash ^ (hash >> 32)) as u16
}

/// Makes every bit depend on every bit: the end of SplitMix64.
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
