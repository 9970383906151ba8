//! Times as numbers since 1970, exact to the nanosecond whatever their unit and fraction.

use super::Stamp;

/// A decimal number since 1970, the unit told by its size: below 10^11 seconds (until the year 5138), below 10^14 milliseconds,
/// below 10^17 microseconds, else nanoseconds. Exponents are understood (`1.7e9`).
///
/// `None` if it is no number, is negative or zero, or lies after 2554.
pub(crate) fn from_number(text: &str) -> Option<Stamp> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (digits, scale) = digits_of(whole, fraction)?;
    let scale = scale.checked_sub(exponent)?;
    let units = shifted(digits, -scale)?;
    let unit_digits = match units {
        0..=99_999_999_999 => 9,
        100_000_000_000..=99_999_999_999_999 => 6,
        100_000_000_000_000..=99_999_999_999_999_999 => 3,
        _ => 0,
    };
    let nanos = shifted(digits, unit_digits - scale)?;
    if nanos == 0 { None } else { Stamp::exact(nanos) }
}

/// Whole seconds and nanoseconds.
pub(crate) fn from_parts(seconds: i64, nanos: i64) -> Option<Stamp> {
    if !(0..1_000_000_000).contains(&nanos) || seconds <= 0 {
        return None;
    }
    Stamp::exact(i128::from(seconds) * super::NANOS_PER_SECOND + i128::from(nanos))
}

/// All digits as one number, and how many of them stand after the point. Digits too small to matter are left out.
fn digits_of(whole: &str, fraction: &str) -> Option<(i128, i32)> {
    const MAX_WHOLE_DIGITS: usize = 20;
    const MAX_FRACTION_DIGITS: usize = 18;
    if whole.is_empty()
        || whole.len() > MAX_WHOLE_DIGITS
        || !fraction.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let fraction = fraction.get(..fraction.len().min(MAX_FRACTION_DIGITS))?;
    let mut number = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        number = number * 10 + i128::from(digit.checked_sub(b'0').filter(|digit| *digit <= 9)?);
    }
    Some((number, i32::try_from(fraction.len()).ok()?))
}

/// `number` times ten to the power of `places`, towards zero.
fn shifted(number: i128, places: i32) -> Option<i128> {
    let power = 10_i128.checked_pow(places.unsigned_abs()).filter(|_| places.abs() <= 38)?;
    if places < 0 { Some(number / power) } else { number.checked_mul(power) }
}
