//! Windows around matches.

use proptest::prelude::*;

use super::{Groups, Window};

fn window(from: u64, to: u64, apart: bool) -> Window {
    Window { from, to, apart }
}

#[test]
fn what_lies_behind_the_last_match_is_owed() {
    let mut groups = Groups::new(2, 3);
    assert_eq!(groups.around(&[10]), [window(8, 11, false)]);
    assert_eq!(groups.owed(), 3);
    assert_eq!(groups.around(&[30]), [window(11, 14, false), window(28, 31, true)]);
    assert_eq!(groups.owed_before(33), Some(window(31, 33, false)));
    assert_eq!(groups.owed(), 1);
    assert_eq!(groups.owed_before(33), None);
    assert_eq!(groups.owed_before(u64::MAX), Some(window(33, 34, false)));
    assert_eq!(groups.owed(), 0);
}

#[test]
fn groups_that_touch_or_overlap_are_one() {
    let mut groups = Groups::new(2, 3);
    // 10 to 13 and 14 to 16 touch; 17 is within.
    assert_eq!(groups.around(&[10, 16, 17]), [window(8, 18, false)]);
    let mut groups = Groups::new(2, 3);
    assert_eq!(groups.around(&[10, 17]), [window(8, 14, false), window(15, 18, true)]);
}

#[test]
fn nothing_is_before_the_first_record() {
    assert_eq!(Groups::new(5, 0).around(&[1]), [window(0, 2, false)]);
}

#[test]
fn no_context_is_matches_alone_with_marks_between_them() {
    let mut groups = Groups::new(0, 0);
    assert_eq!(groups.around(&[1, 2, 4]), [window(1, 3, false), window(4, 5, true)]);
    assert_eq!(groups.owed(), 0);
}

#[test]
fn matches_that_were_printed_already_are_not_printed_again() {
    let mut groups = Groups::new(1, 4);
    groups.around(&[10]);
    groups.advance(13, Some(12));
    assert_eq!(groups.owed(), 4);
    assert_eq!(groups.around(&[12]), []);
    assert_eq!(groups.around(&[12, 14]), [window(13, 15, false)]);
}

#[test]
fn a_wide_window_comes_in_parts_that_are_one_group() {
    let mut groups = Groups::new(1_000, 1_000);
    let windows = groups.around(&[1_500, 3_000, 4_400]);
    assert_eq!(windows[0], window(500, 1_500, false));
    assert_eq!(windows.last(), Some(&window(3_500, 4_401, false)));
    assert!(windows.windows(2).all(|pair| pair[0].to == pair[1].from && !pair[1].apart), "{windows:?}");
    assert!(windows.iter().all(|window| window.to - window.from <= 1_000), "{windows:?}");
    let next = groups.around(&[9_000]);
    assert_eq!(next, [window(4_401, 5_401, false), window(8_000, 9_000, true), window(9_000, 9_001, false)]);
}

proptest! {
    /// What grep would print, whatever parts the matches come in.
    #[test]
    fn each_record_near_a_match_comes_once(
        before in 0_u64..5,
        after in 0_u64..5,
        matches in prop::collection::btree_set(0_u64..80, 0..20),
        parts in prop::collection::vec(1_usize..6, 1..10),
    ) {
        let matches: Vec<u64> = matches.into_iter().collect();
        let mut groups = Groups::new(before, after);
        let mut windows = Vec::new();
        let mut rest = matches.as_slice();
        let mut parts = parts.into_iter().cycle();
        while !rest.is_empty() {
            let (part, more) = rest.split_at(parts.next().unwrap_or(1).min(rest.len()));
            windows.extend(groups.around(part));
            rest = more;
        }
        windows.extend(groups.owed_before(u64::MAX));
        let printed: Vec<u64> = windows.iter().flat_map(|window| window.from..window.to).collect();
        let near = |offset: &u64| {
            matches.iter().any(|hit| (hit.saturating_sub(before)..=hit + after).contains(offset))
        };
        let expected: Vec<u64> = (0..90).filter(near).collect();
        prop_assert_eq!(printed, expected);
        for (index, window) in windows.iter().enumerate() {
            prop_assert!(window.from < window.to);
            let apart = index > 0 && windows[index - 1].to < window.from;
            prop_assert_eq!(window.apart, apart);
        }
    }
}
