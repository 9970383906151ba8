//! The window alone: what it takes, leaves and gives out.

#![allow(clippy::unwrap_used)]

use spile_proto::v1::LogRecord;

use super::*;
use crate::frame::FrameDraft;

/// A frame of records with these times.
fn frame(first_offset: u64, times: &[u64]) -> Frame {
    let mut draft = FrameDraft::default();
    for &time_unix_nano in times {
        let record = LogRecord { time_unix_nano, body: "body".into(), ..LogRecord::default() };
        draft.push(&record, None, 1).unwrap();
    }
    draft.into_frame(Offset(first_offset))
}

fn zone(frame: &Frame) -> Zone {
    let lower = TimeKey { unix_nano: frame.summary().min_time_unix_nano, offset: frame.first_offset() };
    Zone { from: frame.first_offset(), to: frame.next_offset(), lower, whole: None }
}

/// Reads the zone that is due from these frames.
fn read(window: &mut Window, frames: &[Frame]) -> Option<u64> {
    let from = window.open_zone()?.from;
    let frame = frames.iter().find(|frame| frame.first_offset() == from).unwrap();
    (0..frame.len()).for_each(|at| window.offer(frame, at));
    window.close_zone();
    Some(from.0)
}

fn given(window: &mut Window) -> Vec<u64> {
    let given = window.give_out(u64::MAX, usize::MAX);
    given.map_or(Vec::new(), |(rows, _)| rows.offsets().map(|offset| offset.0).collect())
}

#[test]
fn what_no_unread_zone_can_precede_is_given_out() {
    let frames = [frame(0, &[1, 2, 9]), frame(3, &[5, 6]), frame(5, &[9, 10])];
    let mut window = Window::new(frames.iter().map(zone).collect(), 1 << 20);
    assert!(given(&mut window).is_empty());
    assert_eq!(read(&mut window, &frames), Some(0));
    assert_eq!(given(&mut window), [0, 1]);
    assert_eq!(read(&mut window, &frames), Some(3));
    assert_eq!(given(&mut window), [3, 4, 2], "of the same time the lower offset comes first");
    assert_eq!(read(&mut window, &frames), Some(5));
    assert_eq!(given(&mut window), [5, 6]);
    assert_eq!((read(&mut window, &frames), window.bytes()), (None, 0));
}

#[test]
fn what_there_is_no_room_for_is_read_again() {
    // In the second case the later zone's records take the places of the earlier one's.
    for (later, wanted) in [([11, 21, 31], [0, 3, 1, 4, 2, 5]), ([11, 12, 13], [0, 3, 4, 5, 1, 2])] {
        let frames = [frame(0, &[10, 20, 30]), frame(3, &later)];
        let one = frames[0].field(0).len() + ROW_BYTES;
        let mut window = Window::new(frames.iter().map(zone).collect(), 2 * one);
        let (mut order, mut reads) = (Vec::new(), Vec::new());
        while let Some(zone) = read(&mut window, &frames) {
            reads.push(zone);
            assert!(window.bytes() <= 2 * one);
            order.extend(given(&mut window));
        }
        assert_eq!((order, reads), (wanted.to_vec(), vec![0, 3, 3, 0]));
    }
}

#[test]
fn a_zone_that_could_not_be_read_is_read_anew() {
    let frames = [frame(0, &[1, 2, 3])];
    let mut window = Window::new(frames.iter().map(zone).collect(), 1 << 20);
    window.open_zone().unwrap();
    window.offer(&frames[0], 0);
    window.abandon_zone();
    assert_eq!((given(&mut window), window.bytes()), (vec![], 0));
    read(&mut window, &frames);
    assert_eq!(given(&mut window), [0, 1, 2]);
}

#[test]
fn parts_take_the_place_of_a_zone() {
    let frames = [frame(0, &[4, 5]), frame(2, &[1, 2])];
    let whole = Zone {
        from: Offset(0),
        to: Offset(4),
        lower: TimeKey { unix_nano: 1, offset: Offset(0) },
        whole: None,
    };
    let mut window = Window::new(vec![whole], 1 << 20);
    window.open_zone().unwrap();
    window.divide_zone(frames.iter().map(zone).collect());
    assert_eq!(read(&mut window, &frames), Some(2));
    assert_eq!(given(&mut window), [2, 3]);
    assert_eq!(read(&mut window, &frames), Some(0));
    assert_eq!(given(&mut window), [0, 1]);
}
