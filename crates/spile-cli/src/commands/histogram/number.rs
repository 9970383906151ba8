//! Counts in few characters.

use indicatif::HumanCount;

/// What a thousand, a million and so on are called.
const UNITS: [char; 6] = ['k', 'M', 'G', 'T', 'P', 'E'];

/// Exact below a hundred thousand, else three figures and a unit: `12,345`, `123k`, `1.23M`. At most six characters.
pub(super) fn short(number: u64) -> String {
    if number < 100_000 {
        return HumanCount(number).to_string();
    }
    let mut unit = 1_000_u64;
    let mut name = 0;
    // Rounded up to a thousand of a unit it is one of the next.
    while name + 1 < UNITS.len() && number.saturating_add(unit / 2) / unit >= 1_000 {
        unit *= 1_000;
        name += 1;
    }
    let whole = number / unit;
    let decimals = match whole {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    };
    let value = number as f64 / unit as f64;
    format!("{value:.decimals$}{}", UNITS[name])
}

/// A part of a whole, for people; never 0 when there is something, never all when something is missing.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    match percent {
        _ if part == whole => "100%".to_owned(),
        _ if percent < 0.1 => "<0.1%".to_owned(),
        _ if percent > 99.9 => ">99.9%".to_owned(),
        _ => format!("{percent:.1}%"),
    }
}
