//! From an input's bytes to batches of records, without I/O: splits, unwraps, reads, lays down.

use std::sync::Arc;

use spile_engine::frame::PushError;
use spile_engine::{FrameDraft, ResourceDef};
use spile_lines::{Assembled, CriAssembler, Line, LineParser, LineSplitter, ParsedLine};
use spile_proto::v1::{KeyValue, LogRecord};

use super::convert;
use super::place::{MAX_RESULTS, Place};
use super::resources::Resources;

/// When bytes are read: what lines are given that say no time, or only a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// When they were received, Unix nanoseconds.
    pub(crate) received_unix_nano: u64,
    /// When they were written at the latest, Unix nanoseconds: completes times without a year or date.
    pub(crate) written_unix_nano: u64,
}

impl Moment {
    /// Bytes that are received as they are written.
    pub(crate) fn live(now_unix_nano: u64) -> Self {
        Self { received_unix_nano: now_unix_nano, written_unix_nano: now_unix_nano }
    }
}

/// Records to be appended together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) drafts: Vec<FrameDraft>,
    /// What of the input is stored when this batch and all before are.
    pub(crate) place: Place,
    pub(crate) received_unix_nano: u64,
}

/// What became of the lines so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Records that were put into batches.
    pub(crate) records: u64,
    /// Records passed over because they are stored already.
    pub(crate) duplicates: u64,
    /// Lines cut because they were over the limit.
    pub(crate) cut_lines: u64,
}

/// Reads one input from a place on. Memory: the longest line a few times, and the batch in the making.
#[derive(Debug)]
pub(crate) struct LineDecoder {
    splitter: LineSplitter,
    reader: Reader,
}

/// What happens to whole lines.
#[derive(Debug)]
struct Reader {
    parser: LineParser,
    assembler: CriAssembler,
    /// Where the next line begins.
    position: u64,
    /// What lies at or before this place is stored already.
    stored: Place,
    laying: Laying,
    counts: Counts,
}

impl LineDecoder {
    /// A decoder of an input that is given from `stored.start` on. `base` is what is known of where its lines come from.
    pub(crate) fn new(base: Vec<KeyValue>, stored: Place) -> Self {
        Self::starting_at(stored.start, base, stored)
    }

    /// A decoder of an input that is given from its very start, whatever is stored of it.
    pub(crate) fn from_the_start(base: Vec<KeyValue>, stored: Place) -> Self {
        Self::starting_at(0, base, stored)
    }

    fn starting_at(position: u64, base: Vec<KeyValue>, stored: Place) -> Self {
        Self {
            splitter: LineSplitter::new(),
            reader: Reader {
                parser: LineParser::new(),
                assembler: CriAssembler::new(),
                position,
                stored,
                laying: Laying::new(base),
                counts: Counts::default(),
            },
        }
    }

    /// Takes the next bytes in. Batches that are full are given out; the rest stays until [`take`](Self::take).
    pub(crate) fn decode(&mut self, mut bytes: &[u8], moment: Moment, full: &mut Vec<Batch>) {
        while let Some(line) = self.splitter.next_line(&mut bytes) {
            self.reader.take_line(&line, moment, full);
        }
        if self.splitter.pending_bytes() == 0 {
            // Gives the memory of a long line back: thousands of these may lie idle.
            self.splitter = LineSplitter::new();
        }
    }

    /// The batch in the making, if it has any record.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        self.reader.laying.close()
    }

    /// Ends the input: a line without an end, and pieces whose rest never came, become records as they are. The decoder may go on
    /// all the same, should there be more.
    pub(crate) fn finish(&mut self, moment: Moment, full: &mut Vec<Batch>) {
        if let Some(line) = self.splitter.finish() {
            self.reader.take_line(&line, moment, full);
        }
        self.splitter = LineSplitter::new();
        self.reader.give_up_pieces(moment, full);
        full.extend(self.take());
    }

    /// Passes over bytes that belong to no line. What is unfinished must be finished before.
    pub(crate) fn skip(&mut self, bytes: u64) {
        debug_assert!(bytes == 0 || !self.has_unfinished(), "bytes are skipped inside of a line");
        self.reader.position += bytes;
    }

    /// The position behind the last byte taken in.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position + self.splitter.pending_bytes()
    }

    /// Whether something was taken in that is in no batch: a line without an end, or pieces of one.
    pub(crate) fn has_unfinished(&self) -> bool {
        self.splitter.pending_bytes() > 0 || self.reader.assembler.rewind().bytes > 0
    }

    /// What became of the lines so far.
    pub(crate) fn counts(&self) -> Counts {
        self.reader.counts
    }
}

impl Reader {
    fn take_line(&mut self, line: &Line<'_>, moment: Moment, full: &mut Vec<Batch>) {
        self.position += line.consumed;
        // What is stored need not be read to be counted.
        let is_new = self.position > self.stored.start;
        let now = moment.written_unix_nano;
        let (parsed, is_cut) = match self.assembler.push(line) {
            Assembled::Pending => return,
            Assembled::Line(cri) => (is_new.then(|| self.parser.parse_cri(&cri)), cri.cut > 0),
            Assembled::Other => (is_new.then(|| self.parser.parse_line(line, now)), line.cut > 0),
        };
        let record = parsed.map(|parsed| self.laying.record(parsed));
        let rewind = self.assembler.rewind();
        let place = Place { start: self.position - rewind.bytes, results: rewind.lines };
        self.counts.cut_lines += u64::from(is_cut);
        match record {
            Some(record) if place > self.stored => self.lay_down(&[record], place, moment, full),
            _ => self.counts.duplicates += 1,
        }
        if rewind.lines >= MAX_RESULTS {
            self.give_up_pieces(moment, full);
        }
    }

    /// Makes records of pieces whose rest has not come.
    fn give_up_pieces(&mut self, moment: Moment, full: &mut Vec<Batch>) {
        let mut records = Vec::new();
        while let Some(cri) = self.assembler.finish() {
            let parsed = self.parser.parse_cri(&cri);
            records.push(self.laying.record(parsed));
        }
        let place = Place::behind(self.position);
        if records.is_empty() {
            return;
        }
        if place > self.stored {
            self.lay_down(&records, place, moment, full);
        } else {
            self.counts.duplicates += records.len() as u64;
        }
    }

    /// Lays records down that share a place; they are stored together.
    fn lay_down(&mut self, records: &[Resourced], place: Place, moment: Moment, full: &mut Vec<Batch>) {
        self.counts.records += records.len() as u64;
        self.laying.lay_down(records, place, moment.received_unix_nano, full);
    }
}

/// A record and its resource.
type Resourced = (LogRecord, Option<Arc<ResourceDef>>);

/// The batch in the making.
#[derive(Debug)]
struct Laying {
    resources: Resources,
    drafts: Vec<FrameDraft>,
    place: Place,
    received_unix_nano: u64,
}

impl Laying {
    fn new(base: Vec<KeyValue>) -> Self {
        Self {
            resources: Resources::new(base),
            drafts: Vec::new(),
            place: Place::default(),
            received_unix_nano: 0,
        }
    }

    fn record(&mut self, parsed: ParsedLine<'_>) -> Resourced {
        let resource = self.resources.of(&parsed.resource).cloned();
        (convert::record(parsed), resource)
    }

    fn lay_down(&mut self, records: &[Resourced], place: Place, received: u64, full: &mut Vec<Batch>) {
        for (at, record) in records.iter().enumerate() {
            if let Some(draft) = self.drafts.last_mut()
                && push(draft, record, received).is_ok()
            {
                continue;
            }
            // The first record may begin a batch; those of the same place stay with it.
            if at == 0 {
                full.extend(self.close());
            }
            let mut draft = FrameDraft::default();
            if push(&mut draft, record, received).is_err() {
                tracing::error!("a record does not fit into an empty frame, and is left out");
            }
            self.drafts.push(draft);
        }
        self.place = place;
        self.received_unix_nano = received;
    }

    /// The batch, closed.
    fn close(&mut self) -> Option<Batch> {
        if self.drafts.is_empty() {
            return None;
        }
        let drafts = std::mem::take(&mut self.drafts);
        Some(Batch { drafts, place: self.place, received_unix_nano: self.received_unix_nano })
    }
}

/// The draft has no room for the record.
struct Full;

/// Adds a record to a draft, reduced if it is not acceptable as it is.
fn push(draft: &mut FrameDraft, (record, resource): &Resourced, received: u64) -> Result<(), Full> {
    let refused = match draft.push(record, resource.as_ref(), received) {
        Ok(()) => return Ok(()),
        Err(PushError::Full) => return Err(Full),
        Err(PushError::Record(why)) => why,
    };
    tracing::debug!(%refused, "a line's record is not acceptable; its text is stored alone");
    draft.push(&convert::reduced(record.clone()), resource.as_ref(), received).map_err(|_| Full)
}
