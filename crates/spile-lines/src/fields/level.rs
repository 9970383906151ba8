//! Levels as fields: names, letters and the numbers of several scales.

use std::borrow::Cow;

use super::Scale;
use crate::severity::{
    DEBUG, ERROR, ERROR2, ERROR3, FATAL, INFO, INFO2, TRACE, WARN, from_letter, from_syslog,
    severity_from_name,
};
use crate::value::Value;

/// A level as a severity number (0: a name that is not known) and the text of the source. `None` if the value can be no level.
pub(super) fn level<'a>(value: &Value<'a>, scale: Scale) -> Option<(u8, Cow<'a, str>)> {
    match value {
        Value::I64(number) => Some((from_number(*number, scale)?, Cow::Owned(number.to_string()))),
        Value::Str(text) => Some((from_text(text, scale), text.clone())),
        _ => None,
    }
}

fn from_text(text: &str, scale: Scale) -> u8 {
    if scale == Scale::Serilog && text.eq_ignore_ascii_case("verbose") {
        return TRACE;
    }
    if let Some(number) = severity_from_name(text) {
        return number;
    }
    match (text.as_bytes(), text.parse()) {
        (_, Ok(number)) => from_number(number, scale).unwrap_or(0),
        // One letter, as in MongoDB, where D1 to D5 are kinds of debug.
        ([letter], _) | ([letter @ b'D', b'1'..=b'5'], _) => from_letter(*letter).unwrap_or(0),
        _ => 0,
    }
}

fn from_number(number: i64, scale: Scale) -> Option<u8> {
    let number = u32::try_from(number).ok()?;
    Some(match (scale, number) {
        (Scale::OpenTelemetry, 0..=24) => u8::try_from(number).ok()?,
        (Scale::OpenTelemetry, _) => return None,
        (Scale::Google, 100..=800) => {
            hundreds(number, [DEBUG, INFO, INFO2, WARN, ERROR, ERROR2, ERROR3, FATAL])
        }
        (Scale::Python, 50..) => ERROR2,
        (_, 0..=7) => from_syslog(u8::try_from(number).ok()?)?.1,
        (_, 8..=19) => {
            if scale == Scale::Python {
                DEBUG
            } else {
                TRACE
            }
        }
        (_, 20..=29) => {
            if scale == Scale::Python {
                INFO
            } else {
                DEBUG
            }
        }
        (_, 30..=39) => {
            if scale == Scale::Python {
                WARN
            } else {
                INFO
            }
        }
        (_, 40..=49) => {
            if scale == Scale::Python {
                ERROR
            } else {
                WARN
            }
        }
        (_, 50..=59) => ERROR,
        (_, 60..=99) => FATAL,
        // Monolog: 250 is notice, 550 is alert.
        (_, 250..=299) => INFO2,
        (_, 550..=599) => ERROR3,
        (_, 100..=999) => hundreds(number, [DEBUG, INFO, WARN, ERROR, ERROR2, FATAL, FATAL, FATAL]),
        (_, 1000..=9999) => TRACE,
        (_, 10_000..=49_999) => {
            hundreds(number / 100, [DEBUG, INFO, WARN, ERROR, ERROR, ERROR, ERROR, ERROR])
        }
        _ => return None,
    })
}

fn hundreds(number: u32, of: [u8; 8]) -> u8 {
    let step = usize::try_from(number / 100).unwrap_or(usize::MAX).clamp(1, of.len());
    of[step - 1]
}
