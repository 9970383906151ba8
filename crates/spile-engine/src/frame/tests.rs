//! Frames keep records as they came, and any run of them is wire data.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use spile_proto::example::LogEntry;
use spile_proto::v1::any_value::Value as Any;
use spile_proto::v1::{AnyValue, KeyValue, LogRecord, RecordBatch};

use super::*;
use crate::record::{RecordView, Value};

fn attribute(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }) }
}

fn service(name: &str) -> Arc<ResourceDef> {
    ResourceDef::new(vec![attribute("service.name", Any::StringValue(name.into()))])
}

fn record(n: u64) -> LogRecord {
    LogRecord {
        time_unix_nano: 1_000 + n,
        observed_time_unix_nano: 5,
        severity_number: (n % 25) as i32,
        body: format!("line {n}"),
        attributes: vec![attribute("code", Any::IntValue(n as i64))],
        trace_id: vec![n as u8; 16],
        ..LogRecord::default()
    }
}

fn draft(range: Range<u64>, resource: Option<&Arc<ResourceDef>>) -> FrameDraft {
    let mut draft = FrameDraft::default();
    for n in range {
        draft.push(&record(n), resource, 7).unwrap();
    }
    draft
}

#[test]
fn a_frame_read_back_equals_the_frame_written() {
    let shop = service("shop");
    let mut written = draft(0..3, Some(&shop));
    written.merge(&draft(3..5, None));
    written.merge(&draft(5..6, Some(&service("other"))));
    let encoded = Bytes::from(written.encode());
    let written = written.into_frame(Offset(40));
    let read = Frame::decode(Offset(40), &encoded).unwrap();
    assert_eq!(read.records(), written.records());
    assert_eq!(read.summary(), written.summary());
    assert_eq!(read.next_offset(), Offset(46));
    for at in 0..written.len() {
        let (a, b) = (read.record(at), written.record(at));
        assert_eq!(a.encoded(), b.encoded());
        assert_eq!(a.body(), format!("line {at}"));
        assert_eq!(read.resource_of(at), written.resource_of(at));
        assert_eq!(a.attribute("code"), Some(Value::Int(at as i64)));
        assert_eq!(read.record_at_byte(read.record_span(at..at + 1).start), at);
    }
    assert_eq!(read.record(0).resource_attribute("service.name"), Some(Value::Str("shop".into())));
    assert_eq!(read.record(3).resource_attribute("service.name"), None);
}

#[test]
fn any_run_of_records_is_a_record_batch() {
    let frame = draft(0..10, Some(&service("shop"))).into_frame(Offset(0));
    let run = frame.records().slice(frame.record_span(3..7));
    let batch = RecordBatch::decode(run).unwrap();
    let bodies: Vec<_> = batch.records.iter().map(|record| record.body.as_str()).collect();
    assert_eq!(bodies, ["line 3", "line 4", "line 5", "line 6"]);
    assert_eq!(batch.records[0].resource_hash, service("shop").hash());
}

#[test]
fn missing_times_are_filled_in() {
    let mut draft = FrameDraft::default();
    draft.push(&LogRecord { body: "x".into(), ..LogRecord::default() }, None, 99).unwrap();
    let frame = draft.into_frame(Offset(0));
    let decoded = LogRecord::decode(frame.record(0).encoded()).unwrap();
    assert_eq!((decoded.time_unix_nano, decoded.observed_time_unix_nano), (99, 99));
    assert_eq!(frame.time_unix_nano(0), 99);
}

#[test]
fn the_article_form_decodes_to_the_same_entries() {
    let frame = draft(0..4, None).into_frame(Offset(0));
    let mut bytes = frame.entry_form().run(1..4);
    for n in 1..4 {
        assert_eq!(bytes[0], 0, "not compressed");
        let length = u32::from_be_bytes(bytes[1..5].try_into().unwrap()) as usize;
        let entry = LogEntry::decode(bytes.slice(5..5 + length)).unwrap();
        assert_eq!(entry, LogEntry { message: format!("line {n}"), timestamp: 1_000 + n });
        bytes = bytes.slice(5 + length..);
    }
    assert!(bytes.is_empty());
}

#[test]
fn bad_records_are_refused_with_the_field_named() {
    let mut bad_text = LogRecord { body: "okay".into(), ..LogRecord::default() }.encode_to_vec();
    let last = bad_text.len() - 1;
    bad_text[last] = 0xff;
    let long_trace = LogRecord { trace_id: vec![0; 15], ..LogRecord::default() }.encode_to_vec();
    let severe = LogRecord { severity_number: 25, ..LogRecord::default() }.encode_to_vec();
    let big = LogRecord { body: "x".repeat(MAX_RECORD_BYTES), ..LogRecord::default() };
    for (bytes, named) in [
        (bad_text, "body"),
        (long_trace, "trace_id"),
        (severe, "severity_number"),
        (big.encode_to_vec(), "body"),
        (vec![0x0b], "protobuf"),
    ] {
        let error = FrameDraft::default().push_encoded(&bytes, None, 1).unwrap_err();
        assert!(error.to_string().contains(named), "{error} should name {named}");
    }
}

#[test]
fn resources_are_named_alike_whatever_the_order() {
    let a = attribute("a", Any::BoolValue(true));
    let b = attribute("b", Any::IntValue(-1));
    let one = ResourceDef::new(vec![a.clone(), b.clone()]);
    let other = ResourceDef::new(vec![b, a]);
    assert_eq!(one, other);
    assert_eq!(one.attribute("b"), Some(Value::Int(-1)));
    let (named, checked) = ResourceDef::check(one.encoded()).unwrap();
    assert_eq!((named, checked.hash()), (one.hash(), one.hash()));
}

#[test]
fn a_run_is_cut_to_whole_records_within_its_bytes() {
    let frame = draft(0..10, None).into_frame(Offset(0));
    let bytes = |run| frame.record_span(run).len();
    for run in [0..10, 3..10, 3..4, 9..10] {
        for limit in 0..=bytes(0..10) {
            let cut = frame.run_within(run.clone(), limit);
            assert!(cut.start == run.start && cut.end > run.start && cut.end <= run.end);
            assert!(cut.len() == 1 || bytes(cut.clone()) <= limit, "{cut:?} is within {limit}");
            assert!(
                cut == run || bytes(cut.start..cut.end + 1) > limit,
                "{cut:?} is as long as {limit} allows"
            );
        }
    }
    assert_eq!(frame.run_within(4..4, 100), 4..4);
}

#[test]
fn resources_are_bounded_so_that_a_frame_fits_the_journal() {
    let mut draft = FrameDraft::default();
    let large = service(&"x".repeat(64 * 1024));
    let refused = draft.push(&record(1), Some(&large), 7).unwrap_err();
    assert!(matches!(refused, PushError::Record(RecordError::Bounds { field: "resources.attributes", .. })));
    let sized = |n: u64| service(&format!("{n:0>60000}"));
    let mut n = 0;
    while draft.push(&record(n), Some(&sized(n)), 7).is_ok() {
        n += 1;
    }
    assert_eq!(n, 8, "512 KiB in all");
    assert_eq!(draft.push(&record(n), Some(&sized(n)), 7), Err(PushError::Full));
    draft.push(&record(n), Some(&sized(0)), 7).unwrap();
    assert!(draft.encode().len() <= crate::journal::MAX_BATCH_BYTES);
    let mut other = FrameDraft::default();
    other.push(&record(n), Some(&sized(n)), 7).unwrap();
    assert!(!draft.has_room_for(&other));
}
