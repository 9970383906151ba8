//! Batches are numbered so that reading again stores nothing twice and leaves nothing out.

use proptest::prelude::*;

use super::{NOW, bodies};
use crate::ingest::decoder::{Batch, LineDecoder, Moment};
use crate::ingest::place::{MAX_RESULTS, Place};

fn moment() -> Moment {
    Moment::live(NOW)
}

/// Decodes an input cut into chunks; a batch is taken after each chunk for which `take` says so.
fn run(decoder: &mut LineDecoder, chunks: &[&[u8]], take: &[bool]) -> Vec<Batch> {
    let mut batches = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        decoder.decode(chunk, moment(), &mut batches);
        if take.get(at).copied().unwrap_or(true) {
            batches.extend(decoder.take());
        }
    }
    batches
}

#[test]
fn places_and_sequences_order_alike() {
    let places = [(0, 0), (0, 1), (1, 0), (7, MAX_RESULTS), (8, 0), (Place::MAX_START, 3)];
    let places: Vec<_> = places.iter().map(|&(start, results)| Place { start, results }).collect();
    let sequences: Vec<_> = places.iter().map(|place| place.sequence()).collect();
    assert!(sequences.is_sorted() && places.is_sorted());
    let back: Vec<_> = sequences.into_iter().map(Place::of_sequence).collect();
    assert_eq!(back, places);
    assert_eq!(Place::default().sequence(), 0, "0 stands for nothing");
}

#[test]
fn a_batch_s_place_lies_behind_its_last_line() {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    decoder.decode(b"one\ntwo\nthr", moment(), &mut Vec::new());
    assert_eq!(decoder.take().unwrap().place, Place::behind(8));
    assert!(decoder.take().is_none(), "an unended line is in no batch");
    assert!(decoder.has_unfinished());
    decoder.decode(b"ee\n", moment(), &mut Vec::new());
    assert_eq!(decoder.take().unwrap().place, Place::behind(14));
    assert!(!decoder.has_unfinished());
}

#[test]
fn many_lines_fill_one_batch_after_the_other() {
    let input: String = (0..20_000).map(|n| format!("line number {n}\n")).collect();
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let batches = run(&mut decoder, &[input.as_bytes()], &[]);
    assert!(batches.len() > 2, "{} batches", batches.len());
    assert!(batches.is_sorted_by(|a, b| a.place < b.place));
    assert!(batches.iter().all(|batch| batch.drafts.iter().all(|draft| draft.encoded_bytes() <= 256 * 1024)));
    assert_eq!(batches.last().unwrap().place, Place::behind(input.len() as u64));
    assert_eq!(bodies(batches).len(), 20_000);
    assert_eq!(decoder.counts().records, 20_000);
}

#[test]
fn lines_that_are_stored_are_counted_and_passed_over() {
    let input = b"one\ntwo\nthree\n";
    let mut decoder = LineDecoder::from_the_start(Vec::new(), Place::behind(8));
    assert_eq!(bodies(run(&mut decoder, &[input], &[])), ["three"]);
    assert_eq!((decoder.counts().records, decoder.counts().duplicates), (1, 2));
}

/// A container's line, of which `tag` says whether it is a piece.
fn cri(stream: &str, tag: char, text: &str) -> String {
    format!("2023-11-14T22:13:19.5Z {stream} {tag} {text}\n")
}

#[test]
fn pieces_of_a_container_s_line_are_joined_across_batches() {
    let pieces = [cri("stdout", 'P', "one "), cri("stderr", 'F', "between"), cri("stdout", 'F', "line")];
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let chunks: Vec<_> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    let batches = run(&mut decoder, &chunks, &[]);
    let places: Vec<_> = batches.iter().map(|batch| batch.place).collect();
    let end = pieces.iter().map(|piece| piece.len() as u64).sum();
    assert_eq!(places, [Place { start: 0, results: 1 }, Place::behind(end)]);
    assert_eq!(bodies(batches), ["between", "one line"]);
}

#[test]
fn reading_resumes_inside_of_a_joined_line() {
    let pieces = [cri("stdout", 'P', "one "), cri("stderr", 'F', "between"), cri("stdout", 'F', "line")];
    let input = pieces.concat();
    let mut decoder = LineDecoder::new(Vec::new(), Place { start: 0, results: 1 });
    assert_eq!(bodies(run(&mut decoder, &[input.as_bytes()], &[])), ["one line"]);
    assert_eq!(decoder.counts().duplicates, 1);
}

#[test]
fn pieces_whose_rest_never_comes_are_given_up_at_the_end() {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let input = cri("stdout", 'P', "half") + &cri("stderr", 'P', "other half");
    let mut batches = run(&mut decoder, &[input.as_bytes()], &[]);
    assert!(batches.is_empty());
    decoder.finish(moment(), &mut batches);
    assert_eq!(batches.len(), 1, "what shares a place is stored together");
    assert_eq!(batches[0].place, Place::behind(input.len() as u64));
    assert_eq!(bodies(batches), ["half", "other half"]);
}

#[test]
fn a_piece_without_a_rest_does_not_hold_others_back_for_ever() {
    let lines = MAX_RESULTS as usize + 100;
    let mut input = cri("stdout", 'P', "prompt> ");
    (0..lines).for_each(|_| input += &cri("stderr", 'F', "noise"));
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let batches = run(&mut decoder, &[input.as_bytes()], &[]);
    assert!(batches.is_sorted_by(|a, b| a.place < b.place));
    assert_eq!(batches.last().unwrap().place, Place::behind(input.len() as u64));
    let bodies = bodies(batches);
    assert_eq!(bodies.len(), lines + 1);
    assert_eq!(bodies[MAX_RESULTS as usize], "prompt> ");
}

/// Lines of every kind: plain, empty, pieces of both outputs, one without an end.
fn inputs() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        3 => "[a-z]{0,12}\n",
        2 => "[a-z]{1,6}".prop_map(|text| cri("stdout", 'P', &text)),
        2 => "[a-z]{1,6}".prop_map(|text| cri("stderr", 'P', &text)),
        2 => "[a-z]{1,6}".prop_map(|text| cri("stdout", 'F', &text)),
        2 => "[a-z]{1,6}".prop_map(|text| cri("stderr", 'F', &text)),
        1 => Just("\r\n".to_owned()),
    ];
    (proptest::collection::vec(line, 0..24), "[a-z]{0,5}")
        .prop_map(|(lines, end)| (lines.concat() + &end).into_bytes())
}

proptest! {
    /// Whatever was stored before a crash, and however the input is cut then and later: each line's record is stored once, in order,
    /// and is the same.
    #[test]
    fn resuming_at_any_batch_stores_each_record_once(
        input in inputs(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..8),
        crash in any::<prop::sample::Index>(),
        again in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
        from_the_start in any::<bool>(),
    ) {
        let chunked = |cuts: &mut Vec<usize>| {
            cuts.sort_unstable();
            let bounds: Vec<_> = std::iter::once(0).chain(cuts.iter().copied()).chain([input.len()]).collect();
            bounds.windows(2).map(|pair| input[pair[0]..pair[1]].to_vec()).collect::<Vec<_>>()
        };
        let whole = {
            let mut decoder = LineDecoder::new(Vec::new(), Place::default());
            let mut batches = run(&mut decoder, &[&input], &[]);
            decoder.finish(moment(), &mut batches);
            bodies(batches)
        };
        let mut positions: Vec<_> = cuts.iter().map(|(at, _)| at.index(input.len() + 1)).collect();
        let chunks = chunked(&mut positions);
        let chunks: Vec<_> = chunks.iter().map(Vec::as_slice).collect();
        let take: Vec<_> = cuts.iter().map(|(_, take)| *take).collect();
        let mut first = LineDecoder::new(Vec::new(), Place::default());
        let mut batches = run(&mut first, &chunks, &take);
        batches.truncate(crash.index(batches.len() + 1));
        let place = batches.last().map(|batch| batch.place).unwrap_or_default();
        let mut stored = bodies(batches);

        let mut positions: Vec<_> = again.iter().map(|at| at.index(input.len() + 1)).collect();
        let (mut second, skip) = match from_the_start {
            true => (LineDecoder::from_the_start(Vec::new(), place), 0),
            false => (LineDecoder::new(Vec::new(), place), place.start as usize),
        };
        let chunks = chunked(&mut positions);
        let mut to_skip = skip;
        let chunks: Vec<&[u8]> = chunks
            .iter()
            .map(|chunk| {
                let skipped = to_skip.min(chunk.len());
                to_skip -= skipped;
                &chunk[skipped..]
            })
            .collect();
        let mut rest = run(&mut second, &chunks, &[]);
        second.finish(moment(), &mut rest);
        prop_assert!(rest.is_sorted_by(|a, b| a.place < b.place));
        prop_assert!(rest.first().is_none_or(|batch| batch.place > place));
        let duplicates = stored.len() as u64;
        stored.extend(bodies(rest));
        prop_assert_eq!(stored, whole);
        if from_the_start {
            prop_assert_eq!(second.counts().duplicates, duplicates);
        }
    }
}
