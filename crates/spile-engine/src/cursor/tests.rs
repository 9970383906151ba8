//! The cursor's decision, for every order of its positions.

use super::*;

fn cursor(next: u64) -> Cursor {
    Cursor {
        next: Offset(next),
        end: None,
        remaining: u64::MAX,
        loss_policy: LossPolicy::CatchUp,
        live: false,
    }
}

const EXTENT: Extent = Extent { head: Offset(10), ring: Offset(20), tail: Offset(30) };

#[test]
fn the_tier_follows_from_the_position() {
    let gap = Step::Gap { from: Offset(4), to: Offset(10), cause: GapCause::Retention };
    assert_eq!(cursor(4).step(&EXTENT), gap);
    assert_eq!(cursor(10).step(&EXTENT), Step::Disk { up_to: Offset(20) });
    assert_eq!(cursor(19).step(&EXTENT), Step::Disk { up_to: Offset(20) });
    assert_eq!(cursor(20).step(&EXTENT), Step::Memory { up_to: Offset(30) });
    assert_eq!(cursor(30).step(&EXTENT), Step::AtTail);
}

#[test]
fn an_end_bounds_every_tier() {
    let ending = |next, end| Cursor { end: Some(Offset(end)), ..cursor(next) }.step(&EXTENT);
    assert_eq!(ending(12, 15), Step::Disk { up_to: Offset(15) });
    assert_eq!(ending(22, 25), Step::Memory { up_to: Offset(25) });
    assert_eq!(ending(25, 25), Step::End(End::EndOfHistory));
    assert_eq!(ending(30, 40), Step::AtTail, "the end is not written yet");
    let gap = Step::Gap { from: Offset(2), to: Offset(5), cause: GapCause::Retention };
    assert_eq!(ending(2, 5), gap, "a gap is not told beyond the end");
}

#[test]
fn no_record_is_read_beyond_the_limit() {
    let spent = Cursor { remaining: 0, ..cursor(12) };
    assert_eq!(spent.step(&EXTENT), Step::End(End::Limit));
}

#[test]
fn a_live_reader_that_may_skip_skips_to_memory() {
    let live = Cursor { live: true, loss_policy: LossPolicy::SkipToLive, ..cursor(12) };
    let gap = Step::Gap { from: Offset(12), to: Offset(20), cause: GapCause::Lagged };
    assert_eq!(live.step(&EXTENT), gap);
    let not_live = Cursor { live: false, ..live };
    assert_eq!(not_live.step(&EXTENT), Step::Disk { up_to: Offset(20) }, "history is not skipped");
}
