//! Records as comma-separated values, as RFC 4180 has them. The columns have the names that they have in Parquet.

use spile_client::TailRecord;
use spile_client::proto::{BodyKind, LogRecord};

use crate::escape::{Breaks, push_text};
use crate::output::{Target, attributes_json, hex, rfc3339, service_name};

const COLUMNS: [&str; 16] = [
    "offset",
    "time",
    "observed_time",
    "severity_number",
    "severity_text",
    "service_name",
    "body",
    "body_kind",
    "attributes",
    "dropped_attributes_count",
    "flags",
    "trace_id",
    "span_id",
    "event_name",
    "scope_name",
    "resource_attributes",
];

/// Appends the names of the columns.
pub(super) fn heading(out: &mut Vec<u8>) {
    out.extend_from_slice(COLUMNS.join(",").as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Appends a record. What it does not have is empty.
pub(super) fn row(record: &TailRecord<'_>, target: Target, out: &mut Vec<u8>) {
    let TailRecord { offset, record, resource } = *record;
    // Named one by one, so that a new field does not go missing here.
    let LogRecord {
        time_unix_nano,
        severity_number,
        severity_text,
        body,
        attributes,
        dropped_attributes_count,
        flags,
        trace_id,
        span_id,
        observed_time_unix_nano,
        event_name,
        resource_hash: _,
        scope_name,
        body_kind: _,
    } = record;
    let body_kind = match record.body_kind() {
        BodyKind::Unspecified => "",
        BodyKind::Json => "json",
        BodyKind::Escaped => "escaped",
    };
    let cells: [&str; COLUMNS.len()] = [
        &offset.to_string(),
        &time(*time_unix_nano),
        &time(*observed_time_unix_nano),
        &severity_number.to_string(),
        severity_text,
        service_name(resource).unwrap_or_default(),
        body,
        body_kind,
        &attributes_json(attributes),
        &number(*dropped_attributes_count),
        &number(*flags),
        &hex(trace_id),
        &hex(span_id),
        event_name,
        scope_name,
        &attributes_json(&resource.attributes),
    ];
    for (index, text) in cells.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        cell(text, target, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn cell(text: &str, target: Target, out: &mut Vec<u8>) {
    let quoted = text.contains([',', '"', '\r', '\n']);
    let escaped;
    let text = if quoted {
        escaped = text.replace('"', "\"\"");
        &escaped
    } else {
        text
    };
    let quote: &[u8] = if quoted { b"\"" } else { b"" };
    out.extend_from_slice(quote);
    if target.guarded {
        push_text(out, text, Breaks::Keep);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(quote);
}

fn time(nanos: u64) -> String {
    if nanos == 0 { String::new() } else { rfc3339(nanos) }
}

fn number(number: u32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

#[cfg(test)]
mod tests;
