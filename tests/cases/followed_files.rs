//! Files followed by a real server that is killed again and again while they are written and rotated: every line once.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use spile_proto::v1::TailRequest;
use spile_tests::{Server, ServerOptions};

use crate::support::{Reading, all_of, until_metric};

const ROUNDS: usize = 15;
const WRITERS: usize = 3;
const LINES_PER_ROUND: usize = 700;

/// After so many lines a file is rotated.
const LINES_PER_FILE: usize = 300;

/// A thread that writes lines and rotates its file by renaming.
struct Writer {
    rounds: SyncSender<()>,
    running: JoinHandle<()>,
}

impl Writer {
    fn start(folder: &Path, number: usize) -> Self {
        let path = folder.join(format!("w{number}.log"));
        let (rounds, receiver) = sync_channel(1);
        Self { rounds, running: std::thread::spawn(move || write_rounds(&path, number, &receiver)) }
    }
}

fn write_rounds(path: &Path, writer: usize, rounds: &Receiver<()>) {
    let open = || OpenOptions::new().append(true).create(true).open(path).unwrap();
    let mut file: File = open();
    let mut line = 0;
    while rounds.recv().is_ok() {
        for _ in 0..LINES_PER_ROUND {
            // In two pieces, so that lines are met without their end.
            file.write_all(format!("{writer} ").as_bytes()).unwrap();
            file.write_all(format!("{line}\n").as_bytes()).unwrap();
            line += 1;
            if line % LINES_PER_FILE == 0 {
                fs::rename(path, path.with_extension(format!("log.{}", line / LINES_PER_FILE))).unwrap();
            }
            // The writer notices a little later than it is rotated.
            if line % LINES_PER_FILE == 3 {
                file = open();
            }
        }
    }
}

fn following(folder: &Path) -> ServerOptions {
    let pattern = folder.join("*.log*").display().to_string();
    ServerOptions::new().args(["--follow", &pattern, "--journal-file-bytes", "256KiB"])
}

#[tokio::test]
async fn no_line_of_a_followed_file_is_lost_or_doubled_by_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let writers: Vec<_> = (0..WRITERS).map(|number| Writer::start(folder.path(), number)).collect();
    let mut server = following(folder.path()).start().await.unwrap();
    for round in 0..ROUNDS {
        writers.iter().for_each(|writer| writer.rounds.send(()).unwrap());
        // In the middle of it: after the first lines, after some more, and when it is nearly done.
        let lines = 1 + round % 5 * 450;
        until_metric(&server, "spile_followed_lines_total", &[], |read| read >= lines as f64).await;
        let killed = std::process::Command::new("kill").args(["-9", &server.pid().to_string()]).status();
        assert!(killed.unwrap().success());
        server.wait().await.expect("the server has ended");
        server = following(folder.path()).data_of(&server).start().await.unwrap();
    }
    for writer in writers {
        drop(writer.rounds);
        writer.running.join().unwrap();
    }
    let files: Vec<PathBuf> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 10 * WRITERS, "files were rotated: {files:?}");
    check(&read_all(server, WRITERS * ROUNDS * LINES_PER_ROUND).await);
}

/// Waits until so many lines are stored, stops the server, and gives all that is stored.
async fn read_all(mut server: Server, lines: usize) -> Vec<String> {
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    reading.until_records(lines).await.unwrap();
    drop(reading);
    server.terminate().unwrap();
    server.wait().await.expect("the server has ended");
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let mut reading = Reading::open(&server, all_of("")).await.unwrap();
    reading.read_to_end().await.unwrap();
    reading.bodies().into_iter().map(str::to_owned).collect()
}

/// Each writer's lines are there once. Those of one file are in order; the last ones of a rotated file may come after the first of the next.
fn check(bodies: &[String]) {
    for writer in 0..WRITERS {
        let prefix = format!("{writer} ");
        let numbers = bodies.iter().filter_map(|body| body.strip_prefix(&prefix));
        let mut numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..ROUNDS * LINES_PER_ROUND), "writer {writer}");
    }
}
