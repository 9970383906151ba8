//! Any bytes survive escaping; text does not need it.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

#[test]
fn text_stays_as_it_is() {
    for text in ["", "plain", "back\\slash", "ünïcödé 😀", "tab\tand\x1b[31mcolour"] {
        assert_eq!(text_of(text.as_bytes(), 100), Text { text: Cow::Borrowed(text), escaped: false, cut: 0 });
    }
}

#[test]
fn bad_bytes_and_nul_are_shown_in_hex_and_backslashes_doubled() {
    for (bytes, shown) in [
        (&b"caf\xe9"[..], r"caf\xe9"),
        (b"a\0b", r"a\x00b"),
        (b"C:\\dir\\\xff", r"C:\\dir\\\xff"),
        ("ä\u{20ac}".as_bytes().split_last().unwrap().1, r"ä\xe2\x82"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
    ] {
        let text = text_of(bytes, 100);
        assert_eq!((text.text.as_ref(), text.escaped, text.cut), (shown, true, 0));
        assert_eq!(unescape(shown), bytes);
    }
}

#[test]
fn unescape_takes_strange_backslashes_for_themselves() {
    for (text, bytes) in
        [(r"\q", &b"\\q"[..]), (r"\x4", b"\\x4"), (r"\xzz", b"\\xzz"), ("\\", b"\\"), (r"\x4A\x4a", b"JJ")]
    {
        assert_eq!(unescape(text), bytes);
    }
}

#[test]
fn escaped_form_is_bounded_and_tells_what_is_left_out() {
    let text = text_of(&[0xFF; 1000], 402);
    assert_eq!((text.text.len(), text.cut), (400, 900));
}

#[test]
fn ansi_sequences_are_taken_out() {
    for (text, plain) in [
        ("\x1b[2m2024\x1b[0m \x1b[1;32mINFO\x1b[m x", "2024 INFO x"),
        ("\x1b]8;;https://a\x1b\\link\x1b]8;;\x07!", "link!"),
        ("\x1b", ""),
        ("\x1b[", ""),
        ("\x1b[ä", "ä"),
        ("\x1b]no end", "no end"),
        ("\x1b(B\x1b[mx", "x"),
        ("\x1b=x", "x"),
        ("\x1bé", "é"),
    ] {
        assert_eq!(without_ansi(text).as_deref(), Some(plain), "{text:?}");
    }
    assert_eq!(without_ansi("plain"), None);
}

/// Bytes with many backslashes, `x`s, NULs and broken characters among them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => any::<u8>(), 2 => Just(b'\\'), 1 => Just(b'x'), 1 => Just(0), 1 => b'0'..=b'9', 1 => Just(0xE2), 1 => Just(0x82)];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn unescape_restores_any_bytes(bytes in bytes()) {
        prop_assert_eq!(unescape(&escape(&bytes)), bytes);
    }

    #[test]
    fn bounded_escape_is_a_prefix_and_within_its_bound(bytes in bytes(), max in 0_usize..300) {
        let (text, taken) = escape_up_to(&bytes, max);
        prop_assert!(text.len() <= max);
        prop_assert_eq!(unescape(&text), &bytes[..taken]);
    }

    #[test]
    fn ansi_removal_leaves_no_escape(text in "[\\x1b\\[\\]0-9;mä\\x07\\\\ ]{0,40}") {
        if let Some(plain) = without_ansi(&text) {
            prop_assert!(plain.chars().all(|character| text.contains(character)));
            prop_assert_eq!(memchr(0x1B, plain.as_bytes()), None);
        }
    }
}
