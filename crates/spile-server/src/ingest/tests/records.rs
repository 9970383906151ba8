//! What a line's record has in it.

use spile_engine::{RecordView, record::Value};
use spile_proto::v1::{BodyKind, LogRecord};

use super::{NOW, decode, text};
use crate::ingest::convert::{reduced, text_attribute};
use crate::ingest::decoder::{LineDecoder, Moment};
use crate::ingest::place::Place;

fn stored(record: spile_engine::record::EncodedRecord<'_>) -> LogRecord {
    prost::Message::decode(record.encoded()).unwrap()
}

#[test]
fn time_severity_ids_and_fields_are_taken_from_the_line() {
    let frame = decode(
        br#"{"level":"error","ts":1699999999.5,"msg":"failed","logger":"db.pool","attempt":3,"trace_id":"0123456789abcdef0123456789abcdef","span_id":"0123456789abcdef","pid":77,"tags":["a",true,1.5,null,{"k":"v"}]}
"#,
    );
    let record = frame.record(0);
    assert_eq!(record.body(), "failed");
    assert_eq!((record.severity_number(), record.severity_text()), (17, "error"));
    assert_eq!(record.time_unix_nano(), 1_699_999_999_500_000_000);
    assert_eq!(record.scope_name(), "db.pool");
    assert_eq!(record.attribute("attempt"), Some(Value::Int(3)));
    assert_eq!(record.trace_id()[..2], [0x01, 0x23]);
    assert_eq!(record.span_id().len(), 8);
    assert_eq!(record.attribute("process.pid"), Some(Value::Int(77)), "a process is no resource");
    assert_eq!(record.attribute("tags"), Some(Value::Composite));
    assert_eq!(stored(record).observed_time_unix_nano, NOW);
}

#[test]
fn a_line_without_a_time_has_the_time_when_it_was_received() {
    let frame = decode(b"no time in here\n");
    let record = stored(frame.record(0));
    assert_eq!((record.body.as_str(), record.time_unix_nano), ("no time in here", NOW));
    assert_eq!(record.severity_number, 0);
}

#[test]
fn a_time_without_a_year_is_completed_from_when_the_line_was_written() {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    // Received in November 2023, from a file that was last written in 2019.
    let moment = Moment { received_unix_nano: NOW, written_unix_nano: 1_560_000_000_000_000_000 };
    decoder.decode(b"Jun  2 10:00:00 host sshd[1]: accepted\n", moment, &mut Vec::new());
    let frames = super::frames(decoder.take().into_iter().collect());
    assert_eq!(frames[0].time_unix_nano(0), 1_559_469_600_000_000_000, "2019-06-02T10:00:00Z");
}

#[test]
fn bytes_that_are_no_text_are_kept_readable_and_lossless() {
    let frame = decode(b"ok \xff\xfe \\ end\n");
    let record = stored(frame.record(0));
    assert_eq!(record.body_kind(), BodyKind::Escaped);
    assert_eq!(spile_lines::unescape(&record.body), b"ok \xff\xfe \\ end");
}

#[test]
fn every_line_is_a_record_the_empty_one_and_the_unended_one_too() {
    let frame = decode(b"first\n\nthird\r\nlast");
    let bodies: Vec<_> = (0..frame.len()).map(|at| frame.record(at).body().to_owned()).collect();
    assert_eq!(bodies, ["first", "", "third", "last"]);
}

#[test]
fn a_cut_line_says_by_how_much() {
    let long = "x".repeat(100 * 1024);
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let mut batches = Vec::new();
    decoder.decode(format!("{long}\nnext\n").as_bytes(), Moment::live(NOW), &mut batches);
    assert_eq!(decoder.counts().cut_lines, 1);
    let frames = super::frames(decoder.take().into_iter().collect());
    let cut = 100 * 1024 - 64 * 1024;
    assert_eq!(frames[0].record(0).attribute("spile.cut_bytes"), Some(Value::Int(cut)));
    assert_eq!(frames[0].record(1).body(), "next");
}

#[test]
fn a_record_that_cannot_be_stored_is_reduced_to_its_text() {
    let record = LogRecord {
        time_unix_nano: 5,
        severity_number: 17,
        body: "ä".repeat(50_000),
        attributes: vec![text_attribute("k", "v"), text_attribute("l", "w")],
        ..LogRecord::default()
    };
    let reduced = reduced(record);
    assert!(reduced.body.starts_with("ääää") && reduced.body.len() < 66_000, "cut between characters");
    assert_eq!(reduced.dropped_attributes_count, 2);
    assert_eq!((reduced.time_unix_nano, reduced.severity_number), (5, 17));
    assert_eq!(reduced.attributes[0].key, "spile.cut_bytes");
}

#[test]
fn a_line_with_huge_fields_is_kept_as_text() {
    // Each byte that is no text takes four; the body and the field together are more than a record may have.
    let mut line = br#"{"msg":"m","field":""#.to_vec();
    line.extend(std::iter::repeat_n(b'\x01', 60_000));
    line.extend_from_slice(b"\"}\n");
    let frame = decode(&line);
    assert_eq!(frame.len(), 1);
    assert!(!frame.record(0).body().is_empty());
}

#[test]
fn what_a_line_says_of_its_service_stands_over_what_is_known_of_the_input() {
    let base = vec![text_attribute("service.name", "file"), text_attribute("log.file.name", "a.log")];
    let mut decoder = LineDecoder::new(base, Place::default());
    let lines = b"plain\nNov 14 22:13:19 web-1 nginx: up\nNov 14 22:13:19 web-2 nginx: up\nplain again\n";
    decoder.decode(lines, Moment::live(NOW), &mut Vec::new());
    let frames = super::frames(decoder.take().into_iter().collect());
    let of = |at: usize, key: &str| text(frames[0].record(at).resource_attribute(key));
    assert_eq!(of(0, "service.name").as_deref(), Some("file"));
    assert_eq!(of(1, "service.name").as_deref(), Some("nginx"));
    assert_eq!(of(1, "host.name").as_deref(), Some("web-1"));
    assert_eq!(of(2, "host.name").as_deref(), Some("web-2"));
    assert_eq!(of(2, "log.file.name").as_deref(), Some("a.log"));
    assert_eq!(frames[0].resources().len(), 3, "equal resources are one");
}

#[test]
fn a_different_service_in_every_line_takes_bounded_memory() {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let mut batches = Vec::new();
    let lines: String = (0..20_000).map(|n| format!("Nov 14 22:13:19 host s{n}: up\n")).collect();
    decoder.decode(lines.as_bytes(), Moment::live(NOW), &mut batches);
    batches.extend(decoder.take());
    let frames = super::frames(batches);
    assert_eq!(frames.iter().map(spile_engine::Frame::len).sum::<usize>(), 20_000);
    let last = frames.last().unwrap();
    assert_eq!(
        text(last.record(last.len() - 1).resource_attribute("service.name")).as_deref(),
        Some("s19999")
    );
}
