//! Messages are the same however their bytes are cut into chunks.

use proptest::prelude::*;

use super::*;

/// The messages of an input that comes in chunks of so many bytes.
fn messages(input: &[u8], chunk: usize, max: usize) -> Vec<(Vec<u8>, u64)> {
    let mut splitter = SyslogSplitter::with_max_message_bytes(max);
    let mut found = Vec::new();
    for mut chunk in input.chunks(chunk) {
        while let Some(message) = splitter.next_message(&mut chunk) {
            found.push((message.bytes.to_vec(), message.cut));
        }
    }
    if let Some((message, _)) = splitter.finish() {
        found.push((message.bytes.to_vec(), message.cut));
    }
    found
}

fn texts(input: &[u8]) -> Vec<String> {
    let texts = |chunk| {
        let found = messages(input, chunk, 1000);
        found.into_iter().map(|(bytes, _)| String::from_utf8(bytes).unwrap()).collect::<Vec<_>>()
    };
    let whole = texts(usize::MAX);
    (1..20).for_each(|chunk| assert_eq!(texts(chunk), whole, "chunks of {chunk}"));
    whole
}

#[test]
fn framing_is_found_for_each_message() {
    assert_eq!(texts(b"<13>a\n<14>b\r\n<15>c"), ["<13>a", "<14>b", "<15>c"]);
    assert_eq!(texts(b"5 <13>a7 <14>b\nc"), ["<13>a", "<14>b\nc"]);
    assert_eq!(
        texts(b"6 <13>a\n<14>b\n5 <15>c"),
        ["<13>a", "<14>b", "<15>c"],
        "a newline inside of the count"
    );
    assert_eq!(texts(b"5 <13>a\n5 <14>b"), ["<13>a", "<14>b"], "a newline between");
    assert_eq!(texts(b"<13>a\0<14>b\0"), ["<13>a", "<14>b"]);
    assert_eq!(texts(b"\n\r\n\0"), Vec::<String>::new());
}

#[test]
fn numbers_that_are_no_counts_are_text() {
    for text in
        ["2024-01-31 text", "12 drummers", "0 <13>a", "99999999999 <13>a", "16777217 <13>a", "1", "1 ", "12"]
    {
        assert_eq!(
            texts(format!("{text}\n<13>next\n").as_bytes()),
            [text.trim_end_matches('\r'), "<13>next"],
            "{text}"
        );
        assert_eq!(texts(text.as_bytes()), [text]);
    }
}

#[test]
fn long_messages_are_cut_and_what_follows_is_whole() {
    for input in
        [format!("{} <13>{}<13>next\n", 104, "x".repeat(100)), format!("<13>{}\n<13>next\n", "x".repeat(100))]
    {
        for chunk in [1, 7, 1000] {
            let found = messages(input.as_bytes(), chunk, 20);
            assert_eq!(found[0], (format!("<13>{}{}", "x".repeat(16), cut_mark(84)).into_bytes(), 84));
            assert_eq!(found[1..], [(b"<13>next".to_vec(), 0)]);
        }
    }
}

#[test]
fn a_counted_message_that_ends_early_is_partial() {
    let mut splitter = SyslogSplitter::new();
    assert!(splitter.next_message(&mut &b"50 <13>begins"[..]).is_none());
    assert_eq!(splitter.pending_bytes(), 10);
    let (message, is_partial) = splitter.finish().unwrap();
    assert_eq!((message.bytes, is_partial), (&b"<13>begins"[..], true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_make_no_difference(input in proptest::collection::vec(prop_oneof![
        Just(b'\n'), Just(b' '), Just(b'<'), Just(b'1'), Just(b'2'), Just(b'0'), Just(0), any::<u8>()
    ], 0..200), chunk in 1_usize..40) {
        prop_assert_eq!(messages(&input, chunk, 16), messages(&input, usize::MAX, 16));
    }
}
