//! The shapes of names in headers: loggers, source positions, threads with a class, trace contexts.

use crate::trace;

/// Whether a word can be a logger's name: letters, digits and the marks that join a path, and beginning with a letter.
pub(crate) fn is_name(word: &str) -> bool {
    const MAX_NAME_BYTES: usize = 200;
    let bytes = word.as_bytes();
    let begins_well = bytes.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    begins_well
        && bytes.len() <= MAX_NAME_BYTES
        && bytes.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        && bytes.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$' | b':' | b'/' | b'-')
        })
        && !is_uuid(bytes)
        && !word.contains("://")
}

/// Whether a name has more than one part: `a.b`, `a::b`, `a_b`, `a/b`.
pub(super) fn has_path(word: &str) -> bool {
    word.bytes().any(|byte| matches!(byte, b'.' | b':' | b'/' | b'_' | b'$'))
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36 && [8, 13, 18, 23].iter().all(|at| bytes[*at] == b'-')
}

/// `file.go:12`, `src/main.rs:5`.
pub(crate) fn file_and_line(word: &str) -> Option<(&str, i64)> {
    let (file, line) = word.rsplit_once(':')?;
    let (_, extension) = file.rsplit_once('.')?;
    let is_extension =
        (1..=4).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_file = is_extension && file.bytes().any(|byte| byte.is_ascii_alphabetic());
    Some((file, digits(line)?)).filter(|_| is_file)
}

/// Loguru's `module:function:12`.
pub(super) fn module_function_line(word: &str) -> Option<(&str, &str, i64)> {
    let (head, line) = word.rsplit_once(':')?;
    let (module, function) = head.rsplit_once(':')?;
    let is_module = is_name(module) && !function.is_empty() && !module.ends_with(':');
    Some((module, function, digits(line)?)).filter(|_| is_module)
}

/// ZooKeeper's `thread:Class@12`.
pub(super) fn class_at_line(text: &str) -> Option<(&str, &str, i64)> {
    let (head, line) = text.rsplit_once('@')?;
    let (thread, class) = head.rsplit_once(':')?;
    Some((thread, class, digits(line)?)).filter(|_| is_name(class) && !thread.is_empty())
}

fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A trace context between brackets.
pub(super) struct TraceGroup<'a> {
    pub(super) service: Option<&'a str>,
    pub(super) trace_id: [u8; 16],
    pub(super) span_id: Option<[u8; 8]>,
}

/// Spring's `service,trace,span` and `trace-span`, and a trace id alone.
pub(super) fn trace_group(text: &str) -> Option<TraceGroup<'_>> {
    if let Some((service, ids)) = text.split_once(',') {
        let mut ids = ids.split(',').map(str::trim_ascii);
        let trace_id = trace::trace_id(ids.next()?)?;
        let span_id = ids.next().and_then(trace::span_id);
        return Some(TraceGroup {
            service: Some(service).filter(|service| !service.is_empty()),
            trace_id,
            span_id,
        });
    }
    let (trace, span) = match text.split_once('-') {
        Some((trace, span)) => (trace, trace::span_id(span)),
        None => (text, None),
    };
    if trace.len() != 32 {
        return None;
    }
    Some(TraceGroup { service: None, trace_id: trace::trace_id(trace)?, span_id: span })
}
