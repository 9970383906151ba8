//! The ring stays within its bytes and finds what it holds.

#![allow(clippy::unwrap_used)]

use spile_proto::v1::LogRecord;

use super::*;
use crate::frame::FrameDraft;

fn frame(first: u64, records: u64) -> Arc<Frame> {
    let mut draft = FrameDraft::default();
    for n in 0..records {
        let record = LogRecord { body: format!("{n}"), ..LogRecord::default() };
        draft.push(&record, None, 1).unwrap();
    }
    Arc::new(draft.into_frame(Offset(first)))
}

#[test]
fn the_oldest_frames_leave_when_the_bytes_are_used_up() {
    let one = frame(0, 10).memory_bytes();
    let mut ring = Ring::new(Offset(0), 3 * one);
    for n in 0..8 {
        ring.push(frame(n * 10, 10));
    }
    assert_eq!((ring.first_offset(), ring.tail()), (Offset(50), Offset(80)));
    assert!(ring.frame_at(Offset(49)).is_none());
    assert_eq!(ring.frame_at(Offset(50)).unwrap().first_offset(), Offset(50));
    assert_eq!(ring.frame_at(Offset(79)).unwrap().first_offset(), Offset(70));
    assert!(ring.frame_at(Offset(80)).is_none());
    let before: Vec<_> = ring.frames_before(Offset(65)).map(|f| f.first_offset().0).collect();
    assert_eq!(before, [60, 50], "the frame that holds 64 is the first");
}

#[test]
fn a_frame_larger_than_the_ring_leaves_it_empty_at_the_tail() {
    let mut ring = Ring::new(Offset(5), 10);
    ring.push(frame(5, 100));
    assert_eq!((ring.first_offset(), ring.tail()), (Offset(105), Offset(105)));
}

#[test]
#[should_panic(expected = "without a hole")]
fn a_hole_is_a_bug() {
    Ring::new(Offset(0), 1).push(frame(1, 1));
}

#[test]
fn what_readers_make_of_frames_counts_and_leaves_with_them() {
    let one = frame(0, 10).memory_bytes();
    let mut ring = Ring::new(Offset(0), 4 * one);
    for n in 0..3 {
        ring.push(frame(n * 10, 10));
    }
    for n in 0..3 {
        let _ = ring.frame_at(Offset(n * 10)).unwrap().entry_form();
    }
    let forms = ring.forms.load(Ordering::Relaxed);
    assert!(forms > 3 * 10 * 5, "three forms of ten messages are counted");
    for n in 3..40 {
        ring.push(frame(n * 10, 10));
    }
    assert_eq!(ring.forms.load(Ordering::Relaxed), 0, "they went with their frames");
    assert_eq!(ring.first_offset(), Offset(360));
}
