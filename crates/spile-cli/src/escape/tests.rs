//! Hostile text.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::{Breaks, indented, json, push_bytes, push_indented, push_text, visible};

fn text(text: &str, breaks: Breaks) -> String {
    let mut out = Vec::new();
    push_text(&mut out, text, breaks);
    String::from_utf8(out).unwrap()
}

#[test]
fn what_a_terminal_would_obey_becomes_visible() {
    for (hostile, shown) in [
        ("plain text, ünïcödé 日本 👩‍💻", "plain text, ünïcödé 日本 👩‍💻"),
        ("tab\tstays", "tab\tstays"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\u{9b}31m", "\\u{9b}31m"),
        ("over\rwritten", "over\\rwritten"),
        ("a\x08b\x7fc\0", "a\\x08b\\x7fc\\x00"),
        ("user\u{202e}gnp.exe", "user\\u{202e}gnp.exe"),
        ("\u{2066}x\u{2069}\u{200f}\u{61c}", "\\u{2066}x\\u{2069}\\u{200f}\\u{61c}"),
        ("next\u{85}line\u{2028}", "next\\u{85}line\\u{2028}"),
    ] {
        assert_eq!(text(hostile, Breaks::Indent), shown);
        assert_eq!(visible(hostile), shown);
    }
}

#[test]
fn a_text_of_several_lines_cannot_pass_for_several_records() {
    let hostile = "first\n2026-11-22T10:00:00Z ERROR forged";
    assert_eq!(text(hostile, Breaks::Indent), "first\n    2026-11-22T10:00:00Z ERROR forged");
    assert_eq!(text(hostile, Breaks::Keep), hostile);
    assert_eq!(visible("a\nb"), "a\\nb");
    assert_eq!(indented("a\n\x1bb"), "a\n    \\x1bb");
    let mut out = Vec::new();
    push_indented(&mut out, "a\n\x1bb");
    assert_eq!(out, b"a\n    \x1bb");
}

#[test]
fn bytes_that_are_no_text_are_shown_as_numbers() {
    let mut out = Vec::new();
    push_bytes(&mut out, b"ok \xff\x1b \xc3\xa9 \xc3", Breaks::Keep);
    assert_eq!(String::from_utf8(out).unwrap(), "ok \\xff\\x1b é \\xc3");
}

#[test]
fn json_stays_json_of_the_same_value() {
    let value = "\u{9b}1m \u{202e} \x7f é\u{2028}";
    let escaped = json(serde_json::to_string(value).unwrap());
    assert_eq!(escaped, "\"\\u009b1m \\u202e \\u007f é\\u2028\"");
    assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), value);
}

proptest! {
    #[test]
    fn nothing_harmful_ever_comes_out(hostile in any::<String>(), bytes in any::<Vec<u8>>()) {
        let mut out = Vec::new();
        push_text(&mut out, &hostile, Breaks::Indent);
        push_bytes(&mut out, &bytes, Breaks::Keep);
        out.extend_from_slice(visible(&hostile).as_bytes());
        out.extend_from_slice(json(serde_json::to_string(&hostile).unwrap()).as_bytes());
        let shown = String::from_utf8(out).unwrap();
        let reorders = |c: char| "\u{202e}\u{2066}\u{200f}\u{2028}".contains(c);
        let harmful = |c: char| reorders(c) || c.is_control() && c != '\n' && c != '\t';
        prop_assert!(!shown.contains(harmful));
    }
}
