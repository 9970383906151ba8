//! A segment gives back what was put into it, and reads little of itself for filters that want little.

#![allow(clippy::unwrap_used)]

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use proptest::prelude::*;
use spile_columns::RecordFields;
use spile_proto::v1::any_value::Value as Any;
use spile_proto::v1::{AnyValue, KeyValue, LogRecord};

use super::{OpenSegment, Sealed, SegmentError, SegmentWriter, Worth};
use crate::block::SeverityCounts;
use crate::filter::Filter;
use crate::frame::{Frame, FrameDraft};
use crate::limits::SegmentLayout;
use crate::offset::Offset;
use crate::record::RecordView;
use crate::resource::ResourceDef;

const STREAM: u64 = 0x5eed;
const SMALL: SegmentLayout = SegmentLayout { group_records: 24, page_records: 4, segment_records: 1_000 };

/// A sealed segment beside the frames that it was made of.
struct Fixture {
    frames: Vec<Arc<Frame>>,
    bytes: Bytes,
    segment: OpenSegment,
    read: Cell<u64>,
}

fn resource(service: &str, host: &str) -> Arc<ResourceDef> {
    let pair = |key: &str, value: &str| KeyValue {
        key: key.into(),
        value: Some(AnyValue { value: Some(Any::StringValue(value.into())) }),
    };
    ResourceDef::new(vec![pair("service.name", service), pair("host.name", host)])
}

/// Records of four services on three hosts, in frames of ten.
fn frames(count: u64) -> Vec<Arc<Frame>> {
    let mut frames = Vec::new();
    for start in (0..count).step_by(10) {
        let mut draft = FrameDraft::default();
        for n in start..(start + 10).min(count) {
            let (service, host) =
                (["cart", "pay", "mail", "web"][(n % 4) as usize], ["a", "b", "c"][(n % 3) as usize]);
            let of = (n % 7 != 0).then(|| resource(service, host));
            let record = LogRecord {
                time_unix_nano: 1_000 + n * 10 + (n * 7919) % 50,
                observed_time_unix_nano: 5,
                severity_number: [9, 9, 9, 5, 17, 13, 21, 0][(n * 31 % 8) as usize],
                body: match n % 3 {
                    0 => format!(
                        "connection from 10.0.0.{} closed request_id={:016x}",
                        n % 250,
                        n.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    ),
                    1 => format!("{{\"msg\":\"payment took {} ms\",\"user\":\"Zoë\"}}", n * 3),
                    _ => format!("cache miss for key {n}"),
                },
                trace_id: if n % 5 == 0 { vec![(n % 251) as u8 + 1; 16] } else { Vec::new() },
                ..LogRecord::default()
            };
            draft.push(&record, of.as_ref(), 1).unwrap();
        }
        frames.push(Arc::new(draft.into_frame(Offset(100 + start))));
    }
    frames
}

fn seal(frames: &[Arc<Frame>], layout: SegmentLayout) -> Sealed {
    let first = frames[0].first_offset();
    let next = frames.last().unwrap().next_offset();
    let mut writer = SegmentWriter::new(STREAM, first, layout).unwrap();
    frames.iter().for_each(|frame| writer.push(frame, first, next).unwrap());
    writer.finish(next, 77, |_, _| Path::from("s.parquet")).unwrap()
}

impl Fixture {
    fn new(frames: Vec<Arc<Frame>>, layout: SegmentLayout) -> Self {
        let Sealed { bytes, meta } = seal(&frames, layout);
        let bytes = Bytes::from(bytes);
        let tail = bytes.slice(meta.tail_at as usize..);
        let segment = OpenSegment::open(Arc::new(meta), STREAM, &tail).unwrap();
        Self { frames, bytes, segment, read: Cell::new(0) }
    }

    fn fetch(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, SegmentError> {
        let slice = |range: &Range<u64>| {
            self.read.set(self.read.get() + range.end - range.start);
            self.bytes.slice(range.start as usize..range.end as usize)
        };
        Ok(ranges.iter().map(slice).collect())
    }

    /// The offsets and bodies that a filter picks, through the segment.
    fn picked(&self, filter: &Filter) -> Vec<(u64, String)> {
        let mut picked = Vec::new();
        for nth in 0..self.segment.groups().len() {
            let Some(worth) = self.segment.worth_reading(nth, filter) else { continue };
            let rows = self.segment.read_group(nth, &worth, filter, &|ranges| self.fetch(ranges)).unwrap();
            picked.extend(pick(&rows.frames, filter));
        }
        picked
    }

    fn expected(&self, filter: &Filter) -> Vec<(u64, String)> {
        pick(&self.frames, filter)
    }
}

fn pick(frames: &[Arc<Frame>], filter: &Filter) -> Vec<(u64, String)> {
    let mut picked = Vec::new();
    for frame in frames {
        if let Some(of) = frame.pick(filter, 0..frame.len()) {
            picked.extend(of.indexes().map(|at| (frame.offset_of(at).0, frame.record(at).body().to_owned())));
        }
    }
    picked
}

const EXPRESSIONS: &[&str] = &[
    "",
    "severity>=ERROR",
    "severity=INFO",
    "severity<INFO",
    "service.name=\"cart\"",
    "host.name=\"b\"",
    "service.name=\"pay\" severity>=WARN",
    "host.name=\"a\" \"payment\"",
    "\"closed\"",
    "\"CONNECTION from\"",
    "\"zoë\"",
    "-\"cache\"",
    "body=~\"took \\d+ ms\"",
    "\"key 77\"",
    "trace_id=0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "\"no such text\"",
    "service.name=\"nobody\"",
    "severity>=ERROR OR \"miss\"",
    "service.name:*",
    "-service.name:*",
];

#[test]
fn records_come_back_in_offset_order_with_their_bytes_and_resources() {
    let fixture = Fixture::new(frames(200), SMALL);
    let mut frames = fixture.frames.iter().flat_map(|frame| (0..frame.len()).map(move |at| (frame, at)));
    for nth in 0..fixture.segment.groups().len() {
        let rows = fixture
            .segment
            .read_group(nth, &Worth::Whole, &Filter::all(), &|ranges| fixture.fetch(ranges))
            .unwrap();
        for frame in &rows.frames {
            for at in 0..frame.len() {
                let (expected, of) = frames.next().unwrap();
                assert_eq!(frame.offset_of(at), expected.offset_of(of));
                let fields = |frame: &Frame, at| {
                    RecordFields::read(frame.record(at).encoded()).map(|f| format!("{f:?}"))
                };
                assert_eq!(fields(frame, at), fields(expected, of));
                let named =
                    |frame: &Frame, at| frame.resource_of(at).map(|named| frame.resources()[named].hash());
                assert_eq!(named(frame, at), named(expected, of));
                assert_eq!(frame.body(at), expected.body(of));
            }
        }
    }
    assert!(frames.next().is_none());
}

#[test]
fn filters_pick_from_a_segment_what_they_pick_from_its_frames() {
    for layout in
        [SMALL, SegmentLayout::default(), SegmentLayout { group_records: 7, page_records: 3, ..SMALL }]
    {
        let fixture = Fixture::new(frames(300), layout);
        for expression in EXPRESSIONS {
            let filter = Filter::parse(expression).unwrap();
            assert_eq!(fixture.picked(&filter), fixture.expected(&filter), "{expression}");
            let timed = filter.and_time(Some(1_500), Some(2_700));
            assert_eq!(fixture.picked(&timed), fixture.expected(&timed), "{expression} in a range of time");
        }
    }
}

#[test]
fn the_index_counts_as_reading_does_where_it_can() {
    let fixture = Fixture::new(frames(300), SMALL);
    let mut decided = 0;
    for expression in EXPRESSIONS {
        let filter = Filter::parse(expression).unwrap();
        for group in fixture.segment.groups() {
            let Some(counts) = fixture.segment.counts(group, &filter) else { continue };
            let mut expected = SeverityCounts::default();
            for frame in &fixture.frames {
                let run = frame.index_from(group.first_offset())..frame.index_from(group.next_offset());
                if let Some(picked) = frame.pick(&filter, run) {
                    picked.indexes().for_each(|at| expected[usize::from(frame.severity(at))] += 1);
                }
            }
            assert_eq!(counts, expected, "{expression}");
            decided += usize::from(expected != SeverityCounts::default());
        }
    }
    assert!(decided > 50, "severity and service are counted from the index: {decided}");
}

#[test]
fn times_are_read_with_their_severities() {
    let fixture = Fixture::new(frames(300), SMALL);
    for expression in ["", "severity>=WARN", "service.name=\"cart\"", "severity=INFO service.name=\"web\""] {
        let filter = Filter::parse(expression).unwrap();
        for (nth, group) in fixture.segment.groups().iter().enumerate() {
            if fixture.segment.counts(group, &filter).is_none() {
                continue;
            }
            let mut times =
                fixture.segment.times(nth, &filter, &|ranges| fixture.fetch(ranges)).unwrap().unwrap();
            let mut expected = Vec::new();
            for frame in &fixture.frames {
                let run = frame.index_from(group.first_offset())..frame.index_from(group.next_offset());
                if let Some(picked) = frame.pick(&filter, run) {
                    expected
                        .extend(picked.indexes().map(|at| (frame.severity(at), frame.time_unix_nano(at))));
                }
            }
            times.sort_unstable();
            expected.sort_unstable();
            assert_eq!(times, expected, "{expression}");
        }
    }
}

#[test]
fn a_filter_for_little_reads_little() {
    let fixture =
        Fixture::new(frames(4_000), SegmentLayout { group_records: 2_000, page_records: 100, ..SMALL });
    let read_for = |expression: &str| {
        fixture.read.set(0);
        let filter = Filter::parse(expression).unwrap();
        assert!(!fixture.picked(&filter).is_empty(), "{expression} finds something");
        fixture.read.get()
    };
    let all = read_for("");
    assert!(read_for("severity>=FATAL") * 3 < all, "an eighth of the records");
    let id = format!("\"{:016x}\"", 999u64.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    assert!(read_for(&id) * 8 < all, "one record");
    fixture.read.set(0);
    assert!(fixture.picked(&Filter::parse("\"ffff0000ffff0001\"").unwrap()).is_empty());
    assert!(fixture.read.get() * 8 < all, "no record at all");
}

#[test]
fn a_changed_byte_is_found_before_it_is_believed() {
    let fixture = Fixture::new(frames(60), SMALL);
    let meta = Arc::clone(fixture.segment.meta());
    for at in 4..fixture.bytes.len() {
        let mut bytes = fixture.bytes.to_vec();
        bytes[at] ^= 0x20;
        let bytes = Bytes::from(bytes);
        if at as u64 >= meta.tail_at {
            let tail = bytes.slice(meta.tail_at as usize..);
            assert!(OpenSegment::open(Arc::clone(&meta), STREAM, &tail).is_err(), "byte {at}");
            continue;
        }
        let fetch = |ranges: &[Range<u64>]| {
            Ok(ranges.iter().map(|range| bytes.slice(range.start as usize..range.end as usize)).collect())
        };
        let groups = 0..fixture.segment.groups().len();
        let found = groups.filter(|&nth| fixture.segment.verify_group(nth, &fetch).is_err()).count();
        assert_eq!(found, 1, "byte {at} lies in one row group");
    }
}

#[test]
fn a_segment_of_another_stream_is_refused() {
    let Sealed { bytes, meta } = seal(&frames(10), SMALL);
    let tail = Bytes::from(bytes).slice(meta.tail_at as usize..);
    assert!(OpenSegment::open(Arc::new(meta), STREAM + 1, &tail).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_part_of_a_body_is_found_in_its_record(
        count in 1u64..120, nth in 0usize..120, from in 0usize..40, length in 1usize..30, group in 1usize..40, page in 1usize..9,
    ) {
        let layout = SegmentLayout { group_records: group, page_records: page, ..SMALL };
        let fixture = Fixture::new(frames(count), layout);
        let all = fixture.expected(&Filter::all());
        let (offset, body) = &all[nth % all.len()];
        let part: String = body.chars().skip(from).take(length).collect();
        prop_assume!(!part.trim().is_empty());
        let quoted = part.replace('\\', "\\\\").replace('"', "\\\"");
        let filter = Filter::parse(&format!("\"{quoted}\"")).unwrap();
        let picked = fixture.picked(&filter);
        prop_assert!(picked.iter().any(|(found, _)| found == offset), "{part:?} of {body:?}");
        prop_assert_eq!(picked, fixture.expected(&filter));
    }
}
