//! A text as terms are taken from it: in one case, with its runs of letters and digits.
//!
//! Both sides read it the same way: the bodies of a row group when it is written, and what a filter looks for. That is what
//! makes a refusal sound, so every rule here speaks of what a part of a text tells about the whole text:
//!
//! - **One case.** ASCII letters are made small, and the two characters that fold to ASCII letters, the Kelvin sign and the long
//!   s, become these. No other character folds to ASCII. So where a text matches another by simple case folding, character by
//!   character, their ASCII characters are then the same, and stand between the same others.
//! - **Runs** are the longest stretches of ASCII letters and digits. `_` and `-` part them: so the id in `req_7f3a`, `blk_-123` or
//!   `pod-7f3a-x2x4z` is a run of its own, found with whatever it is joined to. A run of a part is the same run of the whole unless it
//!   lies at an end of the part that is open: then it may go on.
//! - **UUIDs** are five runs that count as one: nobody looks for the second part of one.

use memchr::memmem;

/// The Kelvin sign, and the long s.
const FOLDED: [(&[u8], u8); 2] = [("\u{212a}".as_bytes(), b'k'), ("\u{17f}".as_bytes(), b's')];

/// The fewest digits of a run of hexadecimal digits that is taken for an id, not for a word.
const MIN_HEX_ID: usize = 8;

const DIGIT: u8 = 1;
const HEX_LETTER: u8 = 2;
const OTHER_LETTER: u8 = 4;
/// Not ASCII, or NUL: in no gram.
const FOREIGN: u8 = 8;
const IN_RUN: u8 = DIGIT | HEX_LETTER | OTHER_LETTER;

const KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX_LETTER,
            b'g'..=b'z' | b'G'..=b'Z' => OTHER_LETTER,
            0 | 128.. => FOREIGN,
            _ => 0,
        };
        byte += 1;
    }
    kinds
}

/// Whether a byte can be in a gram: ASCII, no digit, not NUL.
pub(super) fn is_in_gram(byte: u8) -> bool {
    KINDS[usize::from(byte)] & (DIGIT | FOREIGN) == 0
}

/// A text that was read. It is kept to be read into again.
#[derive(Debug, Default)]
pub(super) struct Text {
    bytes: Vec<u8>,
    runs: Vec<Run>,
    has_foreign: bool,
    /// Whether it has what a whole UUID could be part of, without being one.
    has_long_uuid: bool,
}

/// A run of letters and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Of what it has some.
    kinds: u8,
    pub(super) part: Part,
}

/// What a run is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Nothing but itself.
    Alone,
    /// It is the first of a UUID.
    UuidStart,
    /// It is another of a UUID.
    UuidRest,
}

impl Text {
    /// Reads a text; what was read before is forgotten.
    pub(super) fn read(&mut self, text: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(text);
        self.bytes.make_ascii_lowercase();
        if !text.is_ascii() {
            for (folded, letter) in FOLDED {
                replace(&mut self.bytes, folded, letter);
            }
        }
        self.find_runs();
        self.find_uuids();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub(super) fn run(&self, run: Run) -> &[u8] {
        &self.bytes[run.start as usize..run.end as usize]
    }

    /// The text of a UUID that starts with a run.
    pub(super) fn uuid(&self, first: Run) -> &[u8] {
        &self.bytes[first.start as usize..][..UUID_BYTES]
    }

    /// Whether some bytes are in no gram though they are no digits.
    pub(super) fn has_foreign(&self) -> bool {
        self.has_foreign
    }

    pub(super) fn has_long_uuid(&self) -> bool {
        self.has_long_uuid
    }

    /// The byte before a run.
    pub(super) fn before(&self, run: Run) -> Option<u8> {
        (run.start as usize).checked_sub(1).map(|at| self.bytes[at])
    }

    /// The byte behind a run.
    pub(super) fn behind(&self, run: Run) -> Option<u8> {
        self.bytes.get(run.end as usize).copied()
    }

    /// Whether a run is what stands behind the point of a number: seldom looked for, and different in each line.
    pub(super) fn is_fraction(&self, run: Run) -> bool {
        let start = run.start as usize;
        start >= 2 && self.bytes[start - 1] == b'.' && self.bytes[start - 2].is_ascii_digit()
    }

    fn find_runs(&mut self) {
        self.runs.clear();
        let (mut kinds, mut start, mut all) = (0, 0, 0);
        for (at, &byte) in self.bytes.iter().enumerate() {
            let kind = KINDS[usize::from(byte)];
            if kind & IN_RUN != 0 {
                if kinds == 0 {
                    start = at as u32;
                }
                kinds |= kind;
            } else {
                all |= kind;
                if kinds != 0 {
                    self.runs.push(Run { start, end: at as u32, kinds, part: Part::Alone });
                    kinds = 0;
                }
            }
        }
        if kinds != 0 {
            self.runs.push(Run { start, end: self.bytes.len() as u32, kinds, part: Part::Alone });
        }
        self.has_foreign = all & FOREIGN != 0;
    }

    /// Marks UUIDs: five runs of 8, 4, 4, 4 and 12 hexadecimal digits, joined by `-`. No run is in two of them, because none of
    /// the first four is as long as the last.
    fn find_uuids(&mut self) {
        self.has_long_uuid = false;
        for last in 4..self.runs.len() {
            if self.runs[last].len() < 12 || !self.is_like_uuid(last) {
                continue;
            }
            let five = &mut self.runs[last - 4..=last];
            if five[0].len() > 8 || five[4].len() > 12 {
                self.has_long_uuid = true;
            } else if five.iter().all(|run| run.is_hex()) {
                five.iter_mut().for_each(|run| run.part = Part::UuidRest);
                five[0].part = Part::UuidStart;
            }
        }
    }

    /// Whether the five runs up to `last` look like a UUID with something before or behind it, or like one alone.
    fn is_like_uuid(&self, last: usize) -> bool {
        let five = &self.runs[last - 4..=last];
        five[0].len() >= 8
            && five[1..4].iter().all(|run| run.len() == 4)
            && five
                .windows(2)
                .all(|two| two[0].end + 1 == two[1].start && self.bytes[two[0].end as usize] == b'-')
    }
}

/// How many bytes a UUID's text has.
const UUID_BYTES: usize = 36;

impl Run {
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub(super) fn has_digit(self) -> bool {
        self.kinds & DIGIT != 0
    }

    /// Whether it has digits only.
    pub(super) fn is_decimal(self) -> bool {
        self.kinds == DIGIT
    }

    /// Whether all of it could be digits of a hexadecimal number.
    pub(super) fn is_hex(self) -> bool {
        self.kinds & OTHER_LETTER == 0
    }

    /// Whether its letters are in no gram: it is an id whose letters are there by chance, or the part of one.
    pub(super) fn hides_letters(self) -> bool {
        let is_id = self.is_hex() && self.has_digit() && self.len() >= MIN_HEX_ID;
        self.kinds & HEX_LETTER != 0 && (is_id || self.part != Part::Alone)
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
