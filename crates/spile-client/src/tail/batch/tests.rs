//! How a message's records get their offsets and resources.

use spile_proto::v1::{LogRecord, RecordBatch, Resource};

use super::ResourceTable;

fn record(resource_hash: u64) -> LogRecord {
    LogRecord { resource_hash, ..LogRecord::default() }
}

fn batch(hashes: &[u64], defined: &[u64], deltas: &[u32]) -> RecordBatch {
    let define = |hash: &u64| Resource { hash: *hash, attributes: Vec::new() };
    RecordBatch {
        records: hashes.iter().copied().map(record).collect(),
        resources: defined.iter().map(define).collect(),
        first_offset: 100,
        offset_deltas: deltas.to_vec(),
        ..RecordBatch::default()
    }
}

#[test]
fn a_resource_defined_once_serves_the_later_messages_of_the_call() {
    let mut table = ResourceTable::default();
    let first = table.resolve(batch(&[7, 9, 7, 0], &[7, 9], &[])).unwrap();
    let seen: Vec<_> = first.iter().map(|r| (r.offset, r.resource.hash)).collect();
    assert_eq!(seen, [(100, 7), (101, 9), (102, 7), (103, 0)]);
    let second = table.resolve(batch(&[9], &[], &[])).unwrap();
    assert_eq!(second.iter().next().unwrap().resource.hash, 9);
}

#[test]
fn offsets_with_holes_are_those_of_the_deltas() {
    let resolved = ResourceTable::default().resolve(batch(&[0, 0, 0], &[], &[0, 5, 6])).unwrap();
    let offsets: Vec<_> = resolved.into_records().map(|(offset, ..)| offset).collect();
    assert_eq!(offsets, [100, 105, 106]);
}

#[test]
fn what_breaks_the_protocol_is_refused() {
    let mut overflow = batch(&[0], &[], &[]);
    overflow.first_offset = u64::MAX;
    for (what, bad) in [
        ("an undefined resource", batch(&[7], &[], &[])),
        ("too few offsets", batch(&[0, 0], &[], &[1])),
        ("an offset above the largest", overflow),
    ] {
        assert!(ResourceTable::default().resolve(bad).is_err(), "{what}");
    }
}
