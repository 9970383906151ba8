//! Records grow old under their readers: from memory to the journal, to a segment, to a larger segment. And what reading old ones costs in memory.

use spile_proto::v1::{Filter, GetStreamRequest, SealStreamRequest, Start, StreamInfo, TailRequest, start};
use spile_tests::{Server, ServerOptions};

use crate::support::{Reading, after, all_of, append, numbered, patiently, record};

async fn seal(server: &Server) {
    let request = SealStreamRequest { stream: "s".into() };
    server.admin().await.unwrap().seal_stream(request).await.unwrap();
}

async fn info(server: &Server) -> StreamInfo {
    let request = GetStreamRequest { stream: "s".into() };
    server.read().await.unwrap().get_stream(request).await.unwrap().into_inner().stream.unwrap()
}

/// Two cursors that are only moved on: one over everything, one over errors.
struct Held {
    cursors: [Option<String>; 2],
    offsets: [Vec<u64>; 2],
}

impl Held {
    /// Reads so many records further with each.
    async fn read(&mut self, server: &Server, limit: u64) {
        for (nth, level) in ["", "error"].into_iter().enumerate() {
            let filter = Some(Filter { level: level.into(), ..Filter::default() });
            let start = match &self.cursors[nth] {
                Some(cursor) => after(cursor.clone()),
                None => Some(Start { position: Some(start::Position::Oldest(start::Oldest {})) }),
            };
            let request = TailRequest { start, filter, limit, ..all_of("s") };
            let mut reading = Reading::open(server, request).await.unwrap();
            patiently("the next records", reading.read_to_end()).await.unwrap();
            self.offsets[nth].extend(reading.offsets());
            self.cursors[nth] = Some(reading.cursor);
        }
    }
}

#[tokio::test]
async fn a_cursor_holds_while_its_records_move_through_all_tiers() {
    let options = || ServerOptions::new().args(["--seal-age", "1d", "--seal-bytes", "1GiB"]);
    let mut server = options().start().await.unwrap();
    let mut held = Held { cursors: [None, None], offsets: [Vec::new(), Vec::new()] };
    append(&server, "s", numbered("line", 0..500)).await;
    held.read(&server, 10).await;

    // A server that starts has nothing in memory: now they are read from the journal.
    server.kill().await.unwrap();
    let mut server = options().data_of(&server).start().await.unwrap();
    held.read(&server, 10).await;
    seal(&server).await;
    assert_eq!(info(&server).await.segments, 1, "now from a segment");
    held.read(&server, 10).await;
    for from in (500..1_200).step_by(100) {
        append(&server, "s", numbered("line", from..from + 100)).await;
        seal(&server).await;
    }
    patiently("small segments to be merged", async {
        while info(&server).await.segments > 1 {
            // The number of segments has no notification.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
    held.read(&server, 10).await;
    server.kill().await.unwrap();
    let server = options().data_of(&server).start().await.unwrap();
    append(&server, "s", numbered("line", 1_200..1_300)).await;
    held.read(&server, 0).await;
    assert!(held.offsets[0].iter().copied().eq(0..1_300), "each record once, in order");
    assert!(held.offsets[1].iter().copied().eq((0..1_300).step_by(10)), "each error once, in order");
}

#[tokio::test]
async fn readers_of_old_records_that_stop_hold_little() {
    const RECORDS: u64 = 60_000;
    const STOPPED: u64 = 40;
    let mut server = Server::start().await.unwrap();
    let long = "x".repeat(400);
    append(&server, "s", (0..RECORDS).map(|n| record(format!("{n} {long}"), 9)).collect()).await;
    seal(&server).await;
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    // One reads all of it: the caches are as full as they get.
    let mut reading = Reading::open(&server, all_of("s")).await.unwrap();
    patiently("all of it", reading.read_to_end()).await.unwrap();
    assert_eq!(reading.records.len() as u64, RECORDS);
    let before = server.resident_bytes().unwrap();
    let mut stopped = Vec::new();
    for nth in 0..STOPPED {
        let start = Some(Start { position: Some(start::Position::Offset(nth * RECORDS / STOPPED)) });
        let mut reading = Reading::open(&server, TailRequest { start, ..all_of("s") }).await.unwrap();
        patiently("a record", reading.until_records(1)).await.unwrap();
        stopped.push(reading);
    }
    let grown = server.resident_bytes().unwrap().saturating_sub(before);
    println!("{} KiB for each of {STOPPED} stopped readers of old records", (grown / STOPPED) >> 10);
    // Eight that decode a row group at a time take some ten MiB each for that moment, which the allocator may keep; the rest is what each holds.
    let bound = ((8 * 24) << 20) + (STOPPED << 20);
    assert!(grown < bound, "grew by {grown} bytes");
}
