//! The records of a frame that a filter picked, in forms that every follower of the same filter shares.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::Frame;
use crate::offset::Offset;
use crate::resource::ResourceDef;

/// Which records were picked.
#[derive(Debug)]
enum Choice {
    /// A run of all records.
    Run(Range<usize>),
    /// These, ascending.
    Some(Box<[u32]>),
}

/// A choice among a frame's records, and its encodings, made when first asked for. It does not hold the frame, because
/// the frame keeps it for the next reader of the same filter.
#[derive(Debug)]
pub(super) struct Selection {
    choice: Choice,
    records: OnceLock<Bytes>,
    entries: OnceLock<Bytes>,
    checksum: OnceLock<BodyChecksum>,
    resources: OnceLock<Box<[u16]>>,
}

/// Picked records of one frame.
#[derive(Clone, Debug)]
pub struct Picked {
    frame: Arc<Frame>,
    selection: Arc<Selection>,
}

/// crc32c over bodies, each followed by a newline, and how many bytes that are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyChecksum {
    /// The checksum.
    pub crc32c: u32,
    /// The bytes it covers.
    pub bytes: u64,
}

impl BodyChecksum {
    /// The checksum over what this covers followed by what `next` covers.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        let crc32c = match (self.bytes, next.bytes) {
            (0, _) => next.crc32c,
            (_, 0) => self.crc32c,
            _ => crc32c::crc32c_combine(self.crc32c, next.crc32c, next.bytes as usize),
        };
        Self { crc32c, bytes: self.bytes + next.bytes }
    }

    /// Adds one body and its newline.
    #[must_use]
    pub(super) fn append(self, body: &[u8]) -> Self {
        let crc = crc32c::crc32c_append(self.crc32c, body);
        Self { crc32c: crc32c::crc32c_append(crc, b"\n"), bytes: self.bytes + body.len() as u64 + 1 }
    }
}

impl Selection {
    fn new(choice: Choice) -> Arc<Self> {
        let (records, entries, checksum, resources) = Default::default();
        Arc::new(Self { choice, records, entries, checksum, resources })
    }

    /// These records, ascending; contiguous ones become a run.
    pub(super) fn of(picked: Vec<u32>) -> Arc<Self> {
        Self::new(match (picked.first(), picked.last()) {
            (Some(&first), Some(&last)) if (last - first) as usize + 1 == picked.len() => {
                Choice::Run(first as usize..last as usize + 1)
            }
            _ => Choice::Some(picked.into()),
        })
    }

    fn len(&self) -> usize {
        match &self.choice {
            Choice::Run(run) => run.len(),
            Choice::Some(picked) => picked.len(),
        }
    }

    fn nth(&self, nth: usize) -> usize {
        match &self.choice {
            Choice::Run(run) => run.start + nth,
            Choice::Some(picked) => picked[nth] as usize,
        }
    }
}

/// Bodies up to this many bytes are summed directly: joining two checksums costs about as much.
const JOIN_CHECKSUMS_ABOVE: usize = 8 * 1024;

impl Picked {
    /// Every record of a run.
    #[must_use]
    pub fn run(frame: Arc<Frame>, run: Range<usize>) -> Self {
        Self { frame, selection: Selection::new(Choice::Run(run)) }
    }

    /// These records, ascending.
    #[must_use]
    pub fn of(frame: Arc<Frame>, picked: Vec<u32>) -> Self {
        Self { frame, selection: Selection::of(picked) }
    }

    pub(super) fn shared(frame: Arc<Frame>, selection: Arc<Selection>) -> Self {
        Self { frame, selection }
    }

    /// The frame they lie in.
    #[must_use]
    pub fn frame(&self) -> &Arc<Frame> {
        &self.frame
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.selection.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index in the frame of each.
    pub fn indexes(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        (0..self.len()).map(|nth| self.selection.nth(nth))
    }

    /// The offset of each, ascending.
    pub fn offsets(&self) -> impl Iterator<Item = Offset> + '_ {
        self.indexes().map(|at| self.frame.offset_of(at))
    }

    /// The offset of the first.
    #[must_use]
    pub fn first_offset(&self) -> Offset {
        self.offsets().next().unwrap_or(self.frame.first_offset())
    }

    /// The offset behind the last.
    #[must_use]
    pub fn next_offset(&self) -> Offset {
        let last = self.len().checked_sub(1).map(|last| self.selection.nth(last));
        last.map_or(self.frame.first_offset(), |last| self.frame.offset_of(last).plus(1))
    }

    /// Whether their offsets are consecutive.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        match &self.selection.choice {
            Choice::Run(run) => self.frame.is_dense(run),
            Choice::Some(_) => self.next_offset().since(self.first_offset()) == self.len() as u64,
        }
    }

    /// The last `count` of them.
    #[must_use]
    pub fn last(&self, count: usize) -> Self {
        let skipped = self.len().saturating_sub(count);
        if skipped == 0 {
            return self.clone();
        }
        let frame = Arc::clone(&self.frame);
        match &self.selection.choice {
            Choice::Run(run) => Self::run(frame, run.start + skipped..run.end),
            Choice::Some(picked) => Self::of(frame, picked[skipped..].to_vec()),
        }
    }

    /// The first `count` of them.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        if count >= self.len() {
            return self.clone();
        }
        let frame = Arc::clone(&self.frame);
        match &self.selection.choice {
            Choice::Run(run) => Self::run(frame, run.start..run.start + count),
            Choice::Some(picked) => Self::of(frame, picked[..count].to_vec()),
        }
    }

    /// Field `records` of a `RecordBatch` for each, one after the other.
    pub fn records(&self) -> &Bytes {
        self.selection.records.get_or_init(|| match &self.selection.choice {
            Choice::Run(run) => self.frame.records().slice(self.frame.record_span(run.clone())),
            Choice::Some(picked) => {
                let span = |&at: &u32| self.frame.record_span(at as usize..at as usize + 1);
                self.counted(concat(picked.iter().map(|at| &self.frame.records()[span(at)])))
            }
        })
    }

    /// The article's form of each: whole gRPC messages, one after the other.
    pub fn entries(&self) -> &Bytes {
        self.selection.entries.get_or_init(|| {
            let form = self.frame.entry_form();
            match &self.selection.choice {
                Choice::Run(run) => form.run(run.clone()),
                Choice::Some(picked) => self.counted(concat(picked.iter().map(|&at| form.one(at as usize)))),
            }
        })
    }

    fn counted(&self, form: Bytes) -> Bytes {
        self.frame.forms.add(form.len());
        form
    }

    /// Which of the frame's resources they name, ascending.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<ResourceDef>> {
        let used = self.selection.resources.get_or_init(|| {
            let named = self.indexes().filter_map(|at| self.frame.resource_of(at));
            let mut used: Vec<u16> = Vec::new();
            for resource in named.map(|at| at as u16) {
                if let Err(place) = used.binary_search(&resource) {
                    used.insert(place, resource);
                }
            }
            used.into()
        });
        used.iter().map(|&at| &self.frame.resources()[usize::from(at)])
    }

    /// `sum` extended by their bodies.
    #[must_use]
    pub fn extend_checksum(&self, sum: BodyChecksum) -> BodyChecksum {
        let add = |sum| self.indexes().fold(sum, |sum: BodyChecksum, at| sum.append(self.frame.body(at)));
        if self.records().len() <= JOIN_CHECKSUMS_ABOVE {
            return add(sum);
        }
        sum.then(*self.selection.checksum.get_or_init(|| add(BodyChecksum::default())))
    }
}

fn concat<'a>(parts: impl Iterator<Item = &'a [u8]> + Clone) -> Bytes {
    let mut whole = Vec::with_capacity(parts.clone().map(<[u8]>::len).sum());
    parts.for_each(|part| whole.extend_from_slice(part));
    whole.into()
}
