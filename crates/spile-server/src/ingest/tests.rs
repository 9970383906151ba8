//! What lines become, and that the numbering of batches is exact.
#![allow(clippy::unwrap_used)]

mod decoder;
mod origin;
mod pipeline;
mod records;

use spile_engine::record::Value;
use spile_engine::{Frame, Offset, RecordView};

use super::decoder::{Batch, LineDecoder, Moment};
use super::place::Place;

/// 2023-11-14T22:13:20Z.
const NOW: u64 = 1_700_000_000_000_000_000;

/// The frames of batches.
fn frames(batches: Vec<Batch>) -> Vec<Frame> {
    batches.into_iter().flat_map(|batch| batch.drafts).map(|draft| draft.into_frame(Offset::ZERO)).collect()
}

/// The bodies in batches.
fn bodies(batches: Vec<Batch>) -> Vec<String> {
    let frames = frames(batches);
    let bodies =
        frames.iter().flat_map(|frame| (0..frame.len()).map(|at| frame.record(at).body().to_owned()));
    bodies.collect()
}

/// What becomes of a whole input.
fn decode(input: &[u8]) -> Frame {
    let mut decoder = LineDecoder::new(Vec::new(), Place::default());
    let mut batches = Vec::new();
    decoder.decode(input, Moment::live(NOW), &mut batches);
    decoder.finish(Moment::live(NOW), &mut batches);
    let mut frames = frames(batches);
    assert_eq!(frames.len(), 1, "a small input fits in one frame");
    frames.remove(0)
}

/// The text of an attribute.
fn text(value: Option<Value<'_>>) -> Option<String> {
    match value? {
        Value::Str(text) => Some(text.into_owned()),
        other => Some(format!("{other:?}")),
    }
}
