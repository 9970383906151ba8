//! How fast the journal commits, reads back and opens, on the disk that holds the temporary directory.
//!
//! `cargo bench -p spile-engine --bench journal`

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use spile_engine::disk::{Disk, OsDisk};
use spile_engine::journal::{Journal, JournalOptions, PendingFrame};
use spile_engine::{FrameDraft, Offset};
use spile_proto::v1::LogRecord;

const OPTIONS: JournalOptions =
    JournalOptions { file_bytes: 64 << 20, new_stream_id: 0x5eed_0000_0000_0001, repair: false };

fn open(dir: &Path) -> Journal {
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    Journal::open(disk, &dir.join("journal"), OPTIONS).expect("a journal opens").0
}

/// A frame of about so many bytes: lines of 150 bytes with an id that does not repeat, which lz4 halves.
fn frame(seed: u64, bytes: usize) -> PendingFrame {
    let mut draft = FrameDraft::default();
    let mut state = seed + 1;
    while draft.encoded_bytes() + 200 < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let body = format!(
            "request {state:016x} GET /api/v1/orders/{} took {} ms for user {:08x} of region eu-central, cache {}",
            state >> 40,
            state % 997,
            state >> 20,
            if state & 4096 == 0 { "hit" } else { "miss" },
        );
        let record =
            LogRecord { time_unix_nano: state >> 3, severity_number: 9, body, ..LogRecord::default() };
        draft.push(&record, None, 1).expect("a record fits");
    }
    PendingFrame { draft, marks: Vec::new(), continues: false }
}

fn commits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("commit");
    group.sample_size(30);
    for (frames, kib) in [(1, 4), (1, 64), (1, 256), (16, 256)] {
        let temp = tempfile::tempdir().expect("a temporary directory");
        let mut journal = open(temp.path());
        let frames: Vec<_> = (0..frames).map(|n| frame(n, kib << 10)).collect();
        let bytes: usize = frames.iter().map(|frame| frame.draft.encoded_bytes()).sum();
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{} x {kib} KiB", frames.len())), |bench| {
            bench.iter(|| journal.commit(&frames, 1).expect("a commit"));
            journal.retain(Some(256 << 20), None, 2).expect("retention");
        });
    }
    group.finish();
}

/// Fills a journal; returns the encoded bytes of its records.
fn fill(dir: &Path, frame_bytes: usize, total_bytes: usize) -> usize {
    let mut journal = open(dir);
    let frames: Vec<_> = (0..64).map(|n| frame(n, frame_bytes)).collect();
    let bytes: usize = frames.iter().map(|frame| frame.draft.encoded_bytes()).sum();
    let rounds = total_bytes / bytes;
    for round in 0..rounds {
        journal.commit(&frames, round as u64).expect("a commit");
    }
    rounds * bytes
}

fn reads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.sample_size(10);
    for kib in [4, 256] {
        let temp = tempfile::tempdir().expect("a temporary directory");
        let bytes = fill(temp.path(), kib << 10, 128 << 20);
        let journal = open(temp.path());
        let (reader, tail) = (journal.reader(), journal.tail());
        group.throughput(Throughput::Bytes(bytes as u64));
        group.bench_function(BenchmarkId::new("all", format!("{kib} KiB frames")), |bench| {
            bench.iter(|| {
                let mut next = Offset::ZERO;
                while next < tail {
                    let run = reader.read(next, tail, 256 << 10, &|_| true).expect("a read");
                    next = black_box(run).next;
                }
            });
        });
        group.bench_function(BenchmarkId::new("refused", format!("{kib} KiB frames")), |bench| {
            bench.iter(|| {
                let mut next = Offset::ZERO;
                while next < tail {
                    next = reader.read(next, tail, 256 << 10, &|_| false).expect("a read").next;
                }
            });
        });
    }
    group.finish();
}

fn opens(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("open 256 MiB of records");
    group.sample_size(10);
    for kib in [1, 4, 256] {
        let temp = tempfile::tempdir().expect("a temporary directory");
        fill(temp.path(), kib << 10, 256 << 20);
        group.bench_function(BenchmarkId::from_parameter(format!("{kib} KiB frames")), |bench| {
            bench.iter(|| black_box(open(temp.path())).tail());
        });
    }
    group.finish();
}

criterion_group!(benches, commits, reads, opens);
criterion_main!(benches);
