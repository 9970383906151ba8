//! What is said of records that are not delivered.

use spile_client::proto::{Gap, GapCause};

/// Which offsets, and why.
pub(crate) fn describe(gap: &Gap) -> String {
    let Gap { from, to, .. } = gap;
    let range = format!("offsets {from} to {}", to.saturating_sub(1));
    match gap.cause() {
        GapCause::Lagged => format!("skipped to live: {range} are not shown here, but stored"),
        GapCause::Retention => format!("gap: {range} are no longer stored"),
        GapCause::Quarantined => format!("gap: {range} were set aside as damaged"),
        GapCause::Unspecified => format!("gap: {range} cannot be read"),
    }
}

#[cfg(test)]
mod tests;
