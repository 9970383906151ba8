//! Ids in their forms, and what is none.
#![allow(clippy::unwrap_used)]

use super::*;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

#[test]
fn hexadecimal_ids_are_read_and_zeros_refused() {
    assert_eq!(trace_id(TRACE).unwrap()[..3], [0x4b, 0xf9, 0x2f]);
    assert_eq!(trace_id(&TRACE.to_uppercase()), trace_id(TRACE));
    assert_eq!(trace_id(SPAN).unwrap()[..10], [0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0xf0]);
    assert_eq!(span_id(SPAN), Some([0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]));
    for text in [
        "",
        "0",
        &"0".repeat(32),
        &"g".repeat(32),
        &TRACE[1..],
        "+bf92f3577b34da6a3ce929d0e0e4736",
        "é0f067aa0ba902b",
    ] {
        assert_eq!(trace_id(text), None, "{text}");
    }
    assert_eq!(span_id("0000000000000000"), None);
    assert_eq!(span_id(TRACE), None);
}

#[test]
fn decimal_ids_are_read() {
    assert_eq!(decimal_trace_id("256").unwrap()[14..], [1, 0]);
    assert_eq!(decimal_span_id("18446744073709551615"), Some([255; 8]));
    assert_eq!(decimal_span_id("18446744073709551616"), None);
    assert_eq!(decimal_trace_id(TRACE), trace_id(TRACE));
}

#[test]
fn traceparent_gives_all_three() {
    let (trace, span, flags) = traceparent(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
    assert_eq!((Some(trace), Some(span), flags), (trace_id(TRACE), span_id(SPAN), SAMPLED));
    for text in ["", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-1-2-3"] {
        assert_eq!(traceparent(text), None, "{text}");
    }
}

#[test]
fn ids_are_found_in_text() {
    let text = format!("INFO trace_id={TRACE} span_id={SPAN} trace_flags=01 - done");
    let mut line = ParsedLine::plain(&text);
    find_in_text(&text, &mut line);
    assert_eq!((line.trace_id, line.span_id, line.trace_flags), (trace_id(TRACE), span_id(SPAN), SAMPLED));

    for text in ["trace_id= span_id=", "trace_id=none", &format!("subtrace_id={TRACE}")] {
        let mut line = ParsedLine::plain(text);
        find_in_text(text, &mut line);
        assert_eq!(line.trace_id, None, "{text}");
    }
}
