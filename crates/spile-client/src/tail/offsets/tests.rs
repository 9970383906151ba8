//! Which offsets are taken, and in which order.

use spile_proto::v1::{LogRecord, Order, RecordBatch};

use super::{Offsets, OrderCheck};
use crate::tail::{ResourceTable, TailBatch};

fn all(offsets: &Offsets, records: usize) -> Vec<u64> {
    (0..records).map(|index| offsets.at(index)).collect()
}

#[test]
fn offsets_are_dense_or_behind_the_first_or_listed() {
    let dense = Offsets::new(3, 100, vec![], vec![]).unwrap();
    assert_eq!(all(&dense, 3), [100, 101, 102]);
    let sparse = Offsets::new(3, 100, vec![0, 5, 6], vec![]).unwrap();
    assert_eq!(all(&sparse, 3), [100, 105, 106]);
    let listed = Offsets::new(3, 0, vec![], vec![9, 3, u64::MAX]).unwrap();
    assert_eq!(all(&listed, 3), [9, 3, u64::MAX]);
}

#[test]
fn offsets_that_cannot_be_are_refused() {
    for (what, offsets) in [
        ("too few", Offsets::new(2, 0, vec![1], vec![])),
        ("too many", Offsets::new(1, 0, vec![], vec![1, 2])),
        ("in two ways", Offsets::new(1, 7, vec![], vec![1])),
        ("above the largest", Offsets::new(2, u64::MAX, vec![], vec![])),
        ("above the largest by their deltas", Offsets::new(2, u64::MAX - 1, vec![9, 0], vec![])),
    ] {
        assert!(offsets.is_err(), "{what}: {offsets:?}");
    }
}

/// As messages of calls that are not by offset bring them.
fn listed(offsets: &[u64]) -> TailBatch {
    let records = offsets.iter().map(|_| LogRecord::default()).collect();
    let batch = RecordBatch { records, offsets: offsets.to_vec(), ..RecordBatch::default() };
    ResourceTable::default().resolve(batch).unwrap()
}

fn accepts(order: Order, batches: &[&[u64]]) -> bool {
    let mut check = OrderCheck::new(order);
    batches.iter().all(|batch| check.accept(&listed(batch)).is_ok())
}

#[test]
fn order_holds_within_messages_and_between_them() {
    for (order, batches, accepted) in [
        (Order::Unspecified, &[&[1, 2][..], &[3]][..], true),
        (Order::Unspecified, &[&[1, 2], &[2]], false),
        (Order::Unspecified, &[&[2, 1]], false),
        (Order::NewestFirst, &[&[9, 7], &[], &[0]], true),
        (Order::NewestFirst, &[&[9, 9]], false),
        (Order::NewestFirst, &[&[9, 7], &[8]], false),
        (Order::ByTime, &[&[3, 1, 2], &[0]], true),
    ] {
        assert_eq!(accepts(order, batches), accepted, "{order:?} {batches:?}");
    }
}

#[test]
fn a_server_that_does_not_know_the_order_is_noticed() {
    let records = vec![LogRecord::default()];
    let batch = RecordBatch { records, ..RecordBatch::default() };
    let batch = ResourceTable::default().resolve(batch).unwrap();
    for order in [Order::NewestFirst, Order::ByTime] {
        let error = OrderCheck::new(order).accept(&batch).unwrap_err().to_string();
        assert!(error.contains("does not know this order"), "{error}");
    }
}
