//! Times as fields: texts in the usual spellings, numbers since 1970, and the small objects some loggers write.

use crate::scan::Scanner;
use crate::time::{self, Civil, Context, Stamp};
use crate::value::Value;

/// A time that is a text: a spelled-out time, or a number since 1970 as digits. All of the text must be the time.
pub(crate) fn from_text(text: &str, context: &Context) -> Option<Stamp> {
    let text = text.trim_ascii();
    let whole = |read: fn(&mut Scanner<'_>) -> Option<Civil>| {
        let mut scanner = Scanner::new(text);
        read(&mut scanner).filter(|_| scanner.is_done())?.resolve(context)
    };
    match text.as_bytes() {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-' | b'/', ..] => whole(time::numeric),
        // A number below 10^8 is more likely a duration or a count than a time before 1973.
        [b'0'..=b'9', ..] => {
            whole(time::access_log).or_else(|| whole(time::dashed_day)).or_else(|| from_digits(text))
        }
        [b'A'..=b'Z', ..] => whole(time::long).or_else(|| whole(time::month_name_day)),
        _ => None,
    }
}

/// A time that is the text of a JSON value; numbers keep every digit.
pub(crate) fn from_json(raw: &str, context: &Context) -> Option<Stamp> {
    match raw.as_bytes().first()? {
        b'0'..=b'9' => from_digits(raw),
        b'"' => {
            let inner = raw.get(1..raw.len() - 1)?;
            if inner.contains('\\') { None } else { from_text(inner, context) }
        }
        b'{' => {
            let value: crate::formats::json::Object<'_> = serde_json::from_str(raw).ok()?;
            from_value(&Value::Map(value.fields), context)
        }
        _ => None,
    }
}

/// A time that is a value: MongoDB's `$date`, Google's seconds and nanos, log4j's instant, or a text or number.
pub(crate) fn from_value(value: &Value<'_>, context: &Context) -> Option<Stamp> {
    let parts = |seconds: &str, nanos: &str| {
        let nanos = value.get(nanos).map_or(Some(0), Value::as_i64)?;
        time::from_parts(value.get(seconds)?.as_i64()?, nanos)
    };
    match value {
        Value::Str(text) => from_text(text, context),
        Value::I64(number) => from_digits(&number.to_string()),
        Value::F64(number) => from_digits(&number.to_string()),
        Value::Map(_) => match value.get("$date") {
            Some(date @ (Value::Str(_) | Value::I64(_))) => from_value(date, context),
            _ => parts("seconds", "nanos").or_else(|| parts("epochSecond", "nanoOfSecond")),
        },
        _ => None,
    }
}

fn from_digits(text: &str) -> Option<Stamp> {
    /// 3 March 1973.
    const EARLIEST_NANOS: u64 = 100_000_000_000_000_000;
    time::from_number(text).filter(|stamp| stamp.nanos >= EARLIEST_NANOS)
}
