//! What a stream must hold, by what its users were told; and the look that says whether it does.

use std::collections::BTreeSet;

use super::known::is_severe;
use super::reading::{Came, forward, newest_first};
use super::world::{World, drive};
use crate::cursor::GapCause;
use crate::filter::Filter;
use crate::subscription::Start;
use crate::{Ack, Append, AppendError, FrameDraft, Offset, ProducerSequence, Retention, Stream};
use spile_proto::v1::LogRecord;

/// From this severity on records are looked for by filters.
pub(super) const SEVERE: u8 = 17;

/// What the users of a stream were told.
#[derive(Clone, Debug, Default)]
pub(super) struct Oracle {
    /// The bodies of acknowledged records, by offset.
    pub(super) acked: Vec<String>,
    /// The batches that got no answer, with their sequences: each may be there, whole, if those before it are.
    pub(super) unanswered: Vec<(u64, Vec<String>)>,
    /// The last batch that was acknowledged: its sequence, first offset and length.
    last: Option<(u64, u64, u64)>,
    next_sequence: u64,
    /// The head that was seen: what lies before it never comes back.
    pub(super) head: u64,
    /// Whether retention was asked for and did not answer: the head may have moved.
    pub(super) head_unknown: bool,
    /// What the stream's own retention may be.
    pub(super) retentions: Vec<Option<Retention>>,
}

/// A batch as its producer sends it.
pub(super) fn batch(producer: &str, sequence: u64, bodies: &[String]) -> Append {
    let mut draft = FrameDraft::default();
    for (n, body) in bodies.iter().enumerate() {
        let severity_number = if is_severe(body) { SEVERE.into() } else { 1 + (n % 9) as i32 };
        let record = LogRecord {
            time_unix_nano: 1_000 + sequence,
            severity_number,
            body: body.clone(),
            ..LogRecord::default()
        };
        draft.push(&record, None, 1).unwrap();
    }
    let producer = ProducerSequence { producer: producer.into(), sequence, after: None };
    Append { drafts: vec![draft], producer: Some(producer), received_unix_nano: sequence }
}

impl Oracle {
    /// That of a stream that is not there yet.
    pub(super) fn new() -> Self {
        Self { retentions: vec![None], ..Self::default() }
    }

    pub(super) fn tail(&self) -> u64 {
        self.acked.len() as u64
    }

    /// The next batch's sequence and bodies.
    pub(super) fn next_batch(&mut self, records: u64) -> (u64, Vec<String>) {
        self.next_sequence += 1;
        let sequence = self.next_sequence;
        let body = |n: u64| {
            let kind = if (sequence + n).is_multiple_of(3) { "severe" } else { "plain" };
            format!("record {n} of batch {sequence} {kind}")
        };
        (sequence, (0..records).map(body).collect())
    }

    /// Sends a batch, and takes in what its producer hears.
    pub(super) fn send(
        &mut self,
        stream: &Stream,
        sequence: u64,
        bodies: &[String],
    ) -> Result<(), AppendError> {
        let answer = drive(stream.append(batch("producer", sequence, bodies)));
        self.take(sequence, bodies, &answer);
        answer.map(drop)
    }

    fn take(&mut self, sequence: u64, bodies: &[String], answer: &Result<Ack, AppendError>) {
        match answer {
            Ok(ack) => {
                let Ack { first_offset, records, next_offset, duplicate } = *ack;
                assert_eq!((first_offset.0, duplicate), (self.tail(), false), "batch {sequence}");
                assert_eq!((records, next_offset.0 - first_offset.0), (bodies.len() as u64, records));
                self.last = Some((sequence, first_offset.0, records));
                self.acked.extend(bodies.iter().cloned());
            }
            // Whether it is stored shows when the stream is opened again.
            Err(AppendError::Poisoned(_)) => self.unanswered.push((sequence, bodies.to_vec())),
            Err(AppendError::NotWritten(_)) => {}
            Err(error) => panic!("batch {sequence}: {error}"),
        }
    }

    /// Takes in what an opened stream shows of what was left open.
    pub(super) fn take_over(&mut self, stream: &Stream, what: &str) {
        let tail = stream.tail().0;
        for (sequence, bodies) in std::mem::take(&mut self.unanswered) {
            if self.tail() < tail {
                self.last = Some((sequence, self.tail(), bodies.len() as u64));
                self.acked.extend(bodies);
            }
        }
        assert_eq!(self.tail(), tail, "{what}: batches are there whole, once, or not at all");
        let head = stream.extent().head.0;
        let may_move = if self.head_unknown { self.tail() } else { self.head };
        assert!((self.head..=may_move).contains(&head), "{what}: the head is {head}, not {}", self.head);
        self.head = head;
        self.head_unknown = false;
        let retention = stream.own_retention();
        assert!(self.retentions.contains(&retention), "{what}: {retention:?}");
        self.retentions = vec![retention];
    }

    /// What a reader from an offset on must see.
    fn from(&self, offset: u64, wanted: impl Fn(&str) -> bool) -> Vec<(u64, String)> {
        let start = offset.max(self.head);
        let records = (start..).zip(self.acked[start as usize..].iter().cloned());
        records.filter(|(_, body)| wanted(body)).collect()
    }

    /// Reads all of a stream once.
    pub(super) fn check_forward(&self, stream: &Stream, what: &str) {
        let expected = Came { records: self.from(0, |_| true), gaps: Vec::new(), position: self.tail() };
        assert_eq!(forward(stream, Start::Oldest, &Filter::all(), || {}), expected, "{what}");
    }

    /// Looks at all of a stream in every way.
    pub(super) fn check(&self, stream: &Stream, what: &str) {
        let (all, severe) = (Filter::all(), Filter::all().and_level(SEVERE));
        assert_eq!(stream.tail().0, self.tail(), "{what}");
        assert_eq!(stream.extent().head.0, self.head, "{what}");
        assert_eq!(stream.retained_records(), self.tail() - self.head, "{what}");
        let expected = self.from(0, |_| true);
        let gapless = |records, position| Came { records, gaps: Vec::new(), position };
        assert_eq!(
            forward(stream, Start::Oldest, &all, || {}),
            gapless(expected.clone(), self.tail()),
            "{what}"
        );
        let mut reversed = expected;
        reversed.reverse();
        assert_eq!(newest_first(stream, None, &all), gapless(reversed, self.head), "{what}");
        let severe_ones = gapless(self.from(0, is_severe), self.tail());
        assert_eq!(forward(stream, Start::Oldest, &severe, || {}), severe_ones, "{what}: filtered");
        // Cursors that were taken at any time go on where they are, or are told what retention removed.
        for cursor in [0, self.head / 2, (self.head + self.tail()) / 2, self.tail().saturating_sub(1)] {
            let came = forward(stream, Start::At(Offset(cursor)), &all, || {});
            let gap = (cursor < self.head).then_some((cursor, self.head, GapCause::Retention));
            assert_eq!(came.records, self.from(cursor, |_| true), "{what}: from {cursor}");
            assert_eq!(came.gaps, Vec::from_iter(gap), "{what}: from {cursor}");
        }
        let verified = stream.verify().unwrap();
        assert_eq!(verified.damages, [], "{what}");
    }

    /// After an open: the last batch is known when it is repeated, and no file lies there that nobody needs.
    pub(super) fn check_opened(&self, world: &World, stream: &Stream, what: &str) {
        if let Some((sequence, first, records)) = self.last {
            let bodies = vec!["again".to_owned()];
            let ack = drive(stream.append(batch("producer", sequence, &bodies))).unwrap();
            assert_eq!((ack.first_offset.0, ack.records, ack.duplicate), (first, records, true), "{what}");
        }
        let named: BTreeSet<String> = stream
            .segments()
            .manifest()
            .segments
            .iter()
            .map(|segment| segment.path.filename().unwrap().to_owned())
            .collect();
        let found: BTreeSet<String> = world.names("segments").into_iter().collect();
        assert_eq!(found, named, "{what}: the files of segments are those that the manifest names");
        let manifests = world.names("manifest");
        let whole = manifests.iter().all(|name| name.ends_with(".man"));
        assert!(whole && manifests.len() <= 8, "{what}: {manifests:?}");
        let journal = world.names("journal");
        let known = |name: &String| name == "checkpoint" || name.ends_with(".spj");
        assert!(journal.iter().all(known), "{what}: {journal:?}");
    }
}
