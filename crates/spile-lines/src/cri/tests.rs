//! Pieces of container lines, joined in any mixture, in bounded memory, and across restarts.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::split::{LineSplitter, cut_mark};

const TIME: &str = "2024-01-31T23:59:59.123456789Z";

/// What an assembler gave: a container's line, or a line of no container.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Line(Stream, String, u64),
    Other(String),
}

fn seen(line: &CriLine<'_>) -> Seen {
    Seen::Line(line.stream, String::from_utf8(line.text.to_vec()).unwrap(), line.cut)
}

/// Feeds a file's bytes; gives what came, and how far to go back if it ended there.
fn feed(input: &str, max: usize) -> (Vec<Seen>, Rewind) {
    let mut splitter = LineSplitter::new();
    let mut assembler = CriAssembler::with_max_line_bytes(max);
    let mut all = Vec::new();
    let mut input = input.as_bytes();
    while let Some(line) = splitter.next_line(&mut input) {
        match assembler.push(&line) {
            Assembled::Line(line) => all.push(seen(&line)),
            Assembled::Other => all.push(Seen::Other(String::from_utf8(line.bytes.to_vec()).unwrap())),
            Assembled::Pending => {}
        }
        assert!(assembler.capacity() <= 2 * (2 * max + 64), "the buffers stay near the limit");
    }
    (all, assembler.rewind())
}

fn line(stream: Stream, text: &str) -> Seen {
    Seen::Line(stream, text.into(), 0)
}

#[test]
fn pieces_are_joined_and_streams_kept_apart() {
    let input = format!(
        "{TIME} stdout P one, \n{TIME} stderr P err \n{TIME} stdout P two, \n{TIME} stderr F end\n{TIME} stdout F three\n\
         {TIME} stdout F whole\nno container\n"
    );
    let (all, rewind) = feed(&input, 100);
    assert_eq!(
        all,
        [
            line(Stream::Stderr, "err end"),
            line(Stream::Stdout, "one, two, three"),
            line(Stream::Stdout, "whole"),
            Seen::Other("no container".into()),
        ]
    );
    assert_eq!(rewind, Rewind::default());
}

#[test]
fn joined_line_has_the_time_of_its_first_piece() {
    let mut assembler = CriAssembler::new();
    let first = b"2024-01-31T00:00:01Z stdout P a";
    let second = b"2024-01-31T00:00:02Z stdout F b";
    assert_eq!(assembler.push(&Line::whole(first)), Assembled::Pending);
    let Assembled::Line(joined) = assembler.push(&Line::whole(second)) else { panic!("a whole line") };
    assert_eq!((joined.time_unix_nano, joined.text), (1_706_659_201_000_000_000, &b"ab"[..]));
}

#[test]
fn over_the_limit_is_cut_counted_and_marked_once() {
    let input = format!(
        "{TIME} stdout P 12345\n{TIME} stdout P 67ä90\n{TIME} stdout P abc\n{TIME} stdout F def\n{TIME} stdout F next\n"
    );
    let (all, _) = feed(&input, 8);
    let marked = format!("1234567{}", cut_mark(10));
    assert_eq!(all, [Seen::Line(Stream::Stdout, marked, 10), line(Stream::Stdout, "next")]);
}

#[test]
fn whole_line_over_the_limit_is_cut_as_well() {
    let (all, _) = feed(&format!("{TIME} stdout F 123456\n"), 5);
    assert_eq!(all, [Seen::Line(Stream::Stdout, format!("12345{}", cut_mark(1)), 1)]);
}

#[test]
fn piece_that_the_splitter_cut_leaves_no_hole() {
    let text = format!("{TIME} stdout P 0123456789");
    let mut splitter = LineSplitter::with_max_line_bytes(text.len() - 4);
    let mut assembler = CriAssembler::new();
    let input = format!("{text}\n");
    let mut bytes = input.as_bytes();
    assert_eq!(assembler.push(&splitter.next_line(&mut bytes).unwrap()), Assembled::Pending);
    let last = format!("{TIME} stdout F rest");
    let Assembled::Line(joined) = assembler.push(&Line::whole(last.as_bytes())) else {
        panic!("a whole line")
    };
    assert_eq!(seen(&joined), Seen::Line(Stream::Stdout, format!("012345{}", cut_mark(8)), 8));
}

#[test]
fn unfinished_lines_come_at_the_end() {
    let mut assembler = CriAssembler::new();
    for text in ["stderr P a", "stdout P b", "stderr P c"] {
        assembler.push(&Line::whole(format!("{TIME} {text}").as_bytes()));
    }
    let mut rest = Vec::new();
    while let Some(line) = assembler.finish() {
        rest.push(seen(&line));
    }
    assert_eq!(rest, [line(Stream::Stdout, "b"), line(Stream::Stderr, "ac")]);
    assert_eq!(assembler.rewind(), Rewind::default());
}

/// A file of mixed pieces and other lines.
fn file() -> impl Strategy<Value = String> {
    let line = (prop_oneof![Just("stdout"), Just("stderr"), Just("other")], any::<bool>(), "[a-c]{0,6}");
    prop::collection::vec(line, 0..30).prop_map(|lines| {
        let line = |(stream, is_partial, text): (&str, bool, String)| match stream {
            "other" => format!("{text}\n"),
            _ => format!("{TIME} {stream} {} {text}\n", if is_partial { 'P' } else { 'F' }),
        };
        lines.into_iter().map(line).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn restart_anywhere_loses_nothing_and_repeats_nothing(file in file(), stop in 0_usize..30, max in 1_usize..40) {
        let stop = file.split_inclusive('\n').take(stop).map(str::len).sum::<usize>();
        let (all, _) = feed(&file, max);
        let (before, rewind) = feed(&file[..stop], max);
        let from = stop - usize::try_from(rewind.bytes).unwrap();
        let (again, _) = feed(&file[from..], max);
        let skipped = usize::try_from(rewind.lines).unwrap();
        let resumed: Vec<Seen> = before.into_iter().chain(again.into_iter().skip(skipped)).collect();
        prop_assert_eq!(resumed, all);
    }
}
