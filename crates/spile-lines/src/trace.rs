//! Trace and span ids: hexadecimal as W3C and OpenTelemetry write them, and the older 64-bit and decimal forms.

use memchr::{memchr, memmem};

use crate::parsed::ParsedLine;
use crate::scan::Scanner;

/// Trace flags' bit 0.
pub(crate) const SAMPLED: u8 = 1;

/// A trace id of 32 hexadecimal digits, or of 16 (64 bits, the upper half zero). Never all zeros.
pub(crate) fn trace_id(text: &str) -> Option<[u8; 16]> {
    let id = match text.len() {
        32 => u128::from_str_radix(hex(text)?, 16).ok()?,
        16 => u128::from(u64::from_str_radix(hex(text)?, 16).ok()?),
        _ => return None,
    };
    (id != 0).then(|| id.to_be_bytes())
}

/// A span id of 16 hexadecimal digits. Never all zeros.
pub(crate) fn span_id(text: &str) -> Option<[u8; 8]> {
    if text.len() != 16 {
        return None;
    }
    let id = u64::from_str_radix(hex(text)?, 16).ok()?;
    (id != 0).then(|| id.to_be_bytes())
}

/// The text if all of it is hexadecimal digits (numbers may begin with a sign, ids may not).
fn hex(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(text)
}

/// Datadog's ids: 64 bits as a decimal number, or hexadecimal as above.
pub(crate) fn decimal_trace_id(text: &str) -> Option<[u8; 16]> {
    match decimal(text) {
        Some(id) => Some(u128::from(id).to_be_bytes()),
        None => trace_id(text),
    }
}

/// As [`decimal_trace_id`], for a span.
pub(crate) fn decimal_span_id(text: &str) -> Option<[u8; 8]> {
    match decimal(text) {
        Some(id) => Some(id.to_be_bytes()),
        None => span_id(text),
    }
}

fn decimal(text: &str) -> Option<u64> {
    let is_number = text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|id| is_number && *id != 0)
}

/// Trace flags: two hexadecimal digits.
pub(crate) fn flags(text: &str) -> Option<u8> {
    if text.len() == 2 { u8::from_str_radix(hex(text)?, 16).ok() } else { None }
}

/// A W3C `traceparent`: version, trace id, span id and flags.
pub(crate) fn traceparent(text: &str) -> Option<([u8; 16], [u8; 8], u8)> {
    let mut parts = text.split('-');
    let version = parts.next()?;
    if version.len() != 2 || version == "ff" {
        return None;
    }
    let (trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?);
    (trace.len() == 32).then_some(())?;
    Some((trace_id(trace)?, span_id(span)?, self::flags(flags)?))
}

/// Takes `trace_id=… span_id=… trace_flags=…` out of a line of text, the form that OpenTelemetry recommends for plain text.
pub(crate) fn find_in_text(text: &str, line: &mut ParsedLine<'_>) {
    /// Where a header's context stands; a long line is not searched to its end.
    const MAX_SEARCHED_BYTES: usize = 2048;
    let bytes = &text.as_bytes()[..text.len().min(MAX_SEARCHED_BYTES)];
    // Most lines have no `=` at all, and looking for one byte is the quickest way to know.
    if memchr(b'=', bytes).is_none() {
        return;
    }
    let Some(at) = memmem::find(bytes, b"trace_id=") else { return };
    let value_of = |key: &str| {
        let at = memmem::find(bytes, key.as_bytes())? + key.len();
        let mut scanner = Scanner::new(text.get(at..)?);
        scanner.eat(b'"');
        Some(scanner.take_until(|byte| !byte.is_ascii_hexdigit()))
    };
    let begins_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    if let Some(id) = value_of("trace_id=").and_then(trace_id).filter(|_| begins_word) {
        line.trace_id = Some(id);
        line.span_id = value_of("span_id=").and_then(span_id);
        line.trace_flags = value_of("trace_flags=").and_then(flags).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests;
