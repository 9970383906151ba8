//! What is said of gaps.

use spile_client::proto::{Gap, GapCause};

use super::describe;

#[test]
fn a_gap_says_what_became_of_its_records() {
    for (cause, words) in [
        (GapCause::Lagged, "skipped to live: offsets 10 to 19 are not shown here, but stored"),
        (GapCause::Retention, "gap: offsets 10 to 19 are no longer stored"),
        (GapCause::Quarantined, "gap: offsets 10 to 19 were set aside as damaged"),
        (GapCause::Unspecified, "gap: offsets 10 to 19 cannot be read"),
    ] {
        assert_eq!(describe(&Gap { from: 10, to: 20, cause: cause.into() }), words);
    }
}
