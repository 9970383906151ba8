//! Short histories in steps, which between them do everything that changes a disk.

use super::oracle::Oracle;
use super::world::{World, small_limits};
use crate::{Retention, SealPolicy, Stream};

/// One step of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A producer sends a batch of so many records.
    Append(u64),
    /// Everything goes to a segment.
    Seal,
    /// Small segments are merged; nothing is sealed.
    Merge,
    /// The oldest segment goes; or the oldest journal file, if there is no segment.
    RetainNewest,
    /// Everything goes that can.
    RetainNothing,
    /// The stream gets a retention of its own, which keeps all there is; or it is taken away.
    OwnRetention(Option<u64>),
    /// The journal is marked as durable.
    Close,
}

use Step::{Append, Close, Merge, OwnRetention, RetainNewest, RetainNothing, Seal};

/// From nothing: appends, segments, retention, all of it taken away, and on.
pub(super) const FROM_NOTHING: &[Step] = &[
    Append(4),
    Append(9),
    Seal,
    Append(7),
    OwnRetention(Some(1 << 40)),
    Seal,
    OwnRetention(None),
    Append(3),
    RetainNewest,
    Append(5),
    Seal,
    Append(2),
    RetainNothing,
    Append(6),
    Seal,
    Append(3),
    Close,
];

/// On many small segments: merging, and what comes with it and after.
pub(super) const ON_SMALL_SEGMENTS: &[Step] = &[
    Append(5),
    Seal,
    Merge,
    Append(4),
    RetainNewest,
    Seal,
    Append(3),
    RetainNothing,
    OwnRetention(Some(1 << 41)),
];

/// Never due.
const NEVER: SealPolicy = SealPolicy { bytes: u64::MAX, age_nanos: u64::MAX };

/// Does a step, and takes in what it answers.
pub(super) fn step(stream: &Stream, oracle: &mut Oracle, step: Step) -> Result<(), String> {
    match step {
        Append(records) => {
            let (sequence, bodies) = oracle.next_batch(records);
            oracle.send(stream, sequence, &bodies).map_err(|error| error.to_string())
        }
        Seal => stream.seal().map(drop).map_err(|error| error.to_string()),
        Merge => stream.keep_sealed(&NEVER, 1).map(drop).map_err(|error| error.to_string()),
        RetainNewest => {
            let bytes = stream.status().stored_bytes - 1;
            retain(stream, oracle, bytes)
        }
        RetainNothing => retain(stream, oracle, 0),
        OwnRetention(bytes) => {
            let retention = bytes.map(|bytes| Retention { bytes: Some(bytes), age_nanos: None });
            oracle.retentions.push(retention);
            stream.set_own_retention(retention).map_err(|error| error.to_string())?;
            oracle.retentions = vec![retention];
            Ok(())
        }
        Close => {
            stream.close();
            Ok(())
        }
    }
}

fn retain(stream: &Stream, oracle: &mut Oracle, bytes: u64) -> Result<(), String> {
    oracle.head_unknown = true;
    let retained = stream.retain(&Retention { bytes: Some(bytes), age_nanos: None }, 1);
    retained.map_err(|error| error.to_string())?;
    let head = stream.extent().head.0;
    assert!(head >= oracle.head && head <= oracle.tail(), "the head went from {} to {head}", oracle.head);
    oracle.head = head;
    oracle.head_unknown = false;
    Ok(())
}

/// A world with so many small segments that they are merged at the next occasion, and what it holds.
pub(super) fn small_segments() -> (World, Oracle) {
    let mut world = World::new(small_limits(4));
    let mut oracle = Oracle::new();
    let (_engine, stream) = world.open().unwrap();
    for _ in 0..9 {
        step(&stream, &mut oracle, Append(4)).unwrap();
        step(&stream, &mut oracle, Seal).unwrap();
    }
    assert_eq!(stream.status().segments, 9);
    world.disk = world.disk.copy();
    world.limits = small_limits(64);
    (world, oracle)
}
