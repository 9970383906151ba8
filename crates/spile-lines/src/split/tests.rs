//! The splitter against a plain reading of the same bytes, however they are chunked.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// A line as the tests compare it: text, bytes consumed, bytes cut.
type Seen = (Vec<u8>, u64, u64);

fn split(chunks: &[&[u8]], max: usize) -> Vec<Seen> {
    let mut splitter = LineSplitter::with_max_line_bytes(max);
    let mut lines = Vec::new();
    for chunk in chunks {
        let mut input = *chunk;
        while let Some(line) = splitter.next_line(&mut input) {
            lines.push((line.bytes.to_vec(), line.consumed, line.cut));
        }
        assert!(splitter.kept.capacity() <= 2 * max + 64, "the buffer stays near the limit");
    }
    lines.extend(splitter.finish().map(|line| (line.bytes.to_vec(), line.consumed, line.cut)));
    assert_eq!(splitter.pending_bytes(), 0);
    lines
}

/// What the splitter has to say, found by looking at the whole input at once.
fn expected(input: &[u8], max: usize) -> Vec<Seen> {
    let mut lines = Vec::new();
    for piece in input.split_inclusive(|byte| *byte == b'\n') {
        let text = match piece.strip_suffix(b"\n") {
            Some(text) => text.strip_suffix(b"\r").unwrap_or(text),
            None => piece,
        };
        if text.len() <= max {
            lines.push((text.to_vec(), piece.len() as u64, 0));
        } else {
            let kept = char_floor(text, max);
            let cut = (text.len() - kept) as u64;
            lines.push(([&text[..kept], cut_mark(cut).as_bytes()].concat(), piece.len() as u64, cut));
        }
    }
    lines
}

#[test]
fn terminators_are_taken_off_and_counted() {
    let lines = split(&[b"a\nb\r\n\r\n\nc\rd\n"], 100);
    let want: [(&[u8], u64); 5] = [(b"a", 2), (b"b", 3), (b"", 2), (b"", 1), (b"c\rd", 4)];
    assert_eq!(lines, want.map(|(text, consumed)| (text.to_vec(), consumed, 0)));
}

#[test]
fn last_line_without_terminator_comes_at_finish() {
    assert_eq!(split(&[b"a\nb"], 100), [(b"a".to_vec(), 2, 0), (b"b".to_vec(), 1, 0)]);
    assert_eq!(split(&[b"a\n"], 100), [(b"a".to_vec(), 2, 0)]);
    assert_eq!(split(&[b"a\r"], 100), [(b"a\r".to_vec(), 2, 0)], "a carriage return alone ends no line");
    assert_eq!(split(&[], 100), []);
}

#[test]
fn line_at_the_limit_is_whole_and_over_it_is_cut() {
    assert_eq!(split(&[b"12345\r\n"], 5), [(b"12345".to_vec(), 7, 0)]);
    assert_eq!(split(&[b"12345", b"\r", b"\n"], 5), [(b"12345".to_vec(), 7, 0)]);
    assert_eq!(split(&[b"123456\n"], 5), [("12345…[spile: cut 1 bytes]".as_bytes().to_vec(), 7, 1)]);
    assert_eq!(split(&[b"12345\r"], 5), [("12345…[spile: cut 1 bytes]".as_bytes().to_vec(), 6, 1)]);
}

#[test]
fn cut_never_splits_a_character() {
    for (text, max, kept) in [
        ("aäb", 2, "a"),
        ("aäb", 3, "aä"),
        ("a€b", 3, "a"),
        ("a€b", 4, "a€"),
        ("a😀b", 4, "a"),
        ("a😀b", 5, "a😀"),
    ] {
        let cut = text.len() - kept.len();
        let want = format!("{kept}…[spile: cut {cut} bytes]");
        assert_eq!(split(&[text.as_bytes()], max)[0].0, want.as_bytes());
    }
    // Bytes that are no UTF-8 are cut where the limit is.
    assert_eq!(split(&[&[0x80; 10]], 8)[0].2, 2);
}

#[test]
fn gigantic_line_takes_no_memory() {
    let mut splitter = LineSplitter::with_max_line_bytes(1000);
    let chunk = vec![0_u8; 1 << 20];
    for _ in 0..64 {
        let mut input = &chunk[..];
        assert!(splitter.next_line(&mut input).is_none());
        assert!(splitter.kept.capacity() <= 2000);
    }
    assert_eq!(splitter.pending_bytes(), 64 << 20);
    let mut input = &b"\nnext\n"[..];
    let line = splitter.next_line(&mut input).unwrap();
    assert_eq!(
        (line.consumed, line.cut, line.kept()),
        ((64 << 20) + 1, (64 << 20) - 1000, &[0_u8; 1000][..])
    );
    assert_eq!(splitter.next_line(&mut input).unwrap().bytes, b"next");
}

#[test]
fn reset_forgets_an_unfinished_line() {
    let mut splitter = LineSplitter::new();
    assert!(splitter.next_line(&mut &b"half"[..]).is_none());
    splitter.reset();
    assert_eq!(splitter.next_line(&mut &b"new\n"[..]).unwrap().bytes, b"new");
}

/// Bytes that are rich in line ends and broken characters.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => Just(b'\n'), 3 => Just(b'\r'), 8 => b'a'..=b'f', 2 => any::<u8>(), 2 => Just(0xC3), 2 => Just(0xA4)];
    prop::collection::vec(byte, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn lines_do_not_depend_on_chunks(input in bytes(), cuts in prop::collection::vec(0_usize..300, 0..20), max in 0_usize..20) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(input.len())).chain([0, input.len()]).collect();
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &input[pair[0]..pair[1]]).collect();
        prop_assert_eq!(split(&chunks, max), expected(&input, max));
    }

    #[test]
    fn positions_are_exact(input in bytes(), max in 1_usize..20) {
        let mut position = 0;
        for (text, consumed, cut) in split(&[&input], max) {
            let from = usize::try_from(position).unwrap();
            let kept = without_mark(&text, cut);
            prop_assert!(input[from..].starts_with(kept));
            position += consumed;
            let to = usize::try_from(position).unwrap();
            prop_assert!(to == input.len() || input[to - 1] == b'\n');
        }
        prop_assert_eq!(position, input.len() as u64);
    }
}
