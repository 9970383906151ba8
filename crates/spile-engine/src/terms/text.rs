//! A text as terms are taken from it: in one case, with its runs of letters and digits.
//!
//! Both sides read it the same way: the bodies of a row group when it is written, and what a filter looks for. That is what
//! makes a refusal sound, so every rule here says what a part of a text tells about the whole text:
//!
//! - **One case.** ASCII letters are made small, and the two characters that fold to ASCII letters, the Kelvin sign and the long
//!   s, become these. No other character folds to ASCII. So where a text matches another by simple case folding, character by
//!   character, their ASCII characters are then the same, and stand between the same others.
//! - **Runs** are the longest stretches of ASCII letters and digits. `_` and `-` part them: so the id in `req_7f3a`, `blk_-123` or
//!   `pod-7f3a-x2x4z` is a run of its own, found with whatever it is joined to. A run of a part is the same run of the whole unless it
//!   lies at an end of the part that is open: then it may go on.
//! - **`0x`** at the start of a run is none of it: what follows it is an id like any other.
//! - **UUIDs** are one run: nobody looks for the second part of one.

use memchr::{memchr, memmem};

use super::bits::{Bits, foreign, in_range};

/// The Kelvin sign, and the long s.
const FOLDED: [(&[u8], u8); 2] = [("\u{212a}".as_bytes(), b'k'), ("\u{17f}".as_bytes(), b's')];

/// The fewest digits of a run of hexadecimal digits that is taken for an id, not for a word.
const MIN_HEX_ID: usize = 8;

/// How many bytes of a UUID are before its last twelve digits.
const BEFORE_UUID_END: usize = 24;
const UUID_END: usize = 12;

/// What a number may start with.
pub(super) const HEX_PREFIX: &[u8] = b"0x";

/// A text that was read. It is kept to be read into again.
#[derive(Debug, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    /// Letters and digits; digits; letters that are no hexadecimal digits.
    in_run: Bits,
    digits: Bits,
    beyond_hex: Bits,
    foreign: Bits,
    has_foreign: bool,
    /// The runs that have a digit.
    runs: Vec<Run>,
    /// Whether it has what a whole UUID could be part of, without being one.
    has_long_uuid: bool,
}

/// A run of letters and digits that has a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) kind: Kind,
}

/// Of what a run consists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits only.
    Decimal,
    /// Hexadecimal digits, at least one of them a letter.
    Hex,
    /// Any letters.
    Mixed,
    /// A UUID: five runs of 8, 4, 4, 4 and 12 hexadecimal digits, joined by `-`, with a digit in the last.
    WholeUuid,
}

impl Text {
    /// Reads a text; what was read before is forgotten.
    pub(super) fn read(&mut self, text: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(text);
        self.bytes.make_ascii_lowercase();
        let is_ascii = text.is_ascii();
        if !is_ascii {
            for (folded, letter) in FOLDED {
                replace(&mut self.bytes, folded, letter);
            }
        }
        let letters_and_digits = |eight| in_range(eight, b'a', b'z') | in_range(eight, b'0', b'9');
        self.in_run.mark(&self.bytes, letters_and_digits);
        self.digits.mark(&self.bytes, |eight| in_range(eight, b'0', b'9'));
        self.beyond_hex.mark(&self.bytes, |eight| in_range(eight, b'g', b'z'));
        self.has_foreign = !is_ascii || memchr(0, &self.bytes).is_some();
        if self.has_foreign {
            self.foreign.mark(&self.bytes, foreign);
        }
        self.find_runs();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The runs that have a digit, in their order.
    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub(super) fn run(&self, run: Run) -> &[u8] {
        &self.bytes[run.start as usize..run.end as usize]
    }

    pub(super) fn has_long_uuid(&self) -> bool {
        self.has_long_uuid
    }

    /// The byte before a run.
    pub(super) fn before(&self, run: Run) -> Option<u8> {
        (run.start as usize).checked_sub(1).map(|at| self.bytes[at])
    }

    /// Where the letters and digits around a place begin and end.
    pub(super) fn around(&self, at: usize) -> (usize, usize) {
        (self.in_run.start_of_set(at), self.in_run.next_clear(at))
    }

    /// Whether a letter or a digit is at a place.
    pub(super) fn is_in_run(&self, at: usize) -> bool {
        self.in_run.any(at..at + 1)
    }

    /// Whether there are only hexadecimal digits from one place to another.
    pub(super) fn is_hex(&self, start: usize, end: usize) -> bool {
        self.in_run.all(start..end) && !self.beyond_hex.any(start..end)
    }

    /// Whether a run is what stands behind the point of a number: seldom looked for, and different in each line.
    pub(super) fn is_fraction(&self, run: Run) -> bool {
        let start = run.start as usize;
        start >= 2 && self.bytes[start - 1] == b'.' && self.bytes[start - 2].is_ascii_digit()
    }

    /// Marks in `cuts` the bytes that are in no gram: digits, what is not ASCII, and ids whose letters are there by chance.
    pub(super) fn mark_cuts(&self, cuts: &mut Bits) {
        cuts.copy(&self.digits);
        if self.has_foreign {
            cuts.add(&self.foreign);
        }
        for run in self.runs.iter().filter(|run| run.hides_letters()) {
            cuts.set(run.start as usize..run.end as usize);
        }
    }

    fn find_runs(&mut self) {
        self.runs.clear();
        self.has_long_uuid = false;
        let mut at = 0;
        loop {
            let digit = self.digits.next_set(at);
            if digit >= self.bytes.len() {
                return;
            }
            let (mut start, end) = self.around(digit);
            if self.bytes[start..end].starts_with(HEX_PREFIX) {
                start += HEX_PREFIX.len();
            }
            let range = start..end;
            if self.digits.any(range.clone()) {
                let kind = match range {
                    _ if self.beyond_hex.any(range.clone()) => Kind::Mixed,
                    _ if self.digits.all(range) => Kind::Decimal,
                    _ => Kind::Hex,
                };
                let run = Run { start: start as u32, end: end as u32, kind };
                self.runs.push(run);
                if run.len() >= UUID_END && self.before(run) == Some(b'-') {
                    self.find_uuid(run);
                }
            }
            at = end;
        }
    }

    /// Makes one run of a UUID that ends with a run, or notes that it is like one with something before or behind. No
    /// run is in two of them, because only the last is so long.
    fn find_uuid(&mut self, last: Run) {
        let Some(start) = (last.start as usize).checked_sub(BEFORE_UUID_END) else { return };
        let dashes = [8, 13, 18, 23];
        let is_like_one = (0..BEFORE_UUID_END).all(|at| match dashes.contains(&at) {
            true => self.bytes[start + at] == b'-',
            false => self.is_in_run(start + at),
        });
        if !is_like_one {
            return;
        }
        if last.len() > UUID_END || self.in_run.start_of_set(start) < start {
            self.has_long_uuid = true;
        } else if !self.beyond_hex.any(start..last.end as usize) {
            while self.runs.last().is_some_and(|run| run.start as usize >= start) {
                self.runs.pop();
            }
            self.runs.push(Run { start: start as u32, end: last.end, kind: Kind::WholeUuid });
        }
    }
}

impl Run {
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn is_uuid(self) -> bool {
        self.kind == Kind::WholeUuid
    }

    /// Whether its letters are in no gram.
    pub(super) fn hides_letters(self) -> bool {
        match self.kind {
            Kind::Hex => self.len() >= MIN_HEX_ID,
            Kind::WholeUuid => true,
            Kind::Decimal | Kind::Mixed => false,
        }
    }
}

/// Replaces each occurrence of a character by one byte.
fn replace(bytes: &mut Vec<u8>, character: &[u8], by: u8) {
    let Some(first) = memmem::find(bytes, character) else { return };
    let old = bytes.split_off(first);
    let mut from = 0;
    for at in memmem::find_iter(&old, character) {
        bytes.extend_from_slice(&old[from..at]);
        bytes.push(by);
        from = at + character.len();
    }
    bytes.extend_from_slice(&old[from..]);
}
