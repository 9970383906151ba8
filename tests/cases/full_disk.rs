//! A disk that is really full: appends and sealing are refused with a word that says so, reading goes on, and all of it recovers with the space.

use std::path::{Path, PathBuf};
use std::process::Command;

use spile_proto::v1::{SealStreamRequest, VerifyStreamRequest};
use spile_tests::{Server, ServerOptions};
use tonic::{Code, Status};

use crate::support::{Reading, all_of, append_batches, patiently, record};

/// A file system in memory, of a size that can be changed; gone at the end of the test.
struct SmallDisk {
    temp: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where mounting is not permitted.
    fn mount(size: &str) -> Option<Self> {
        let temp = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        mount(&["-t", "tmpfs", "-o", &options, "spile-full-disk"], temp.path()).then_some(Self { temp })
    }

    fn resize(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], self.temp.path()), "it can be resized");
    }

    fn data(&self) -> PathBuf {
        self.temp.path().join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A server that is still ending may use it.
        let _ = Command::new("umount").arg("-l").arg(self.temp.path()).status();
    }
}

fn mount(arguments: &[&str], at: &Path) -> bool {
    let output = Command::new("mount").args(arguments).arg(at).output();
    output.is_ok_and(|output| output.status.success())
}

/// A body that hardly compresses: digits of a generator's numbers.
fn noise(seed: u64) -> String {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:016x}", state ^ (state >> 29))
    };
    format!("{seed} {}", (0..500).map(|_| next()).collect::<String>())
}

/// How many records a batch has.
const BATCH: u64 = 20;

async fn append_batch(server: &Server, first: u64) -> Result<(), Status> {
    let batch = (first..first + BATCH).map(|n| record(noise(n), 9)).collect();
    append_batches(server, "s", vec![batch]).await.map(drop)
}

async fn seal(server: &Server) -> Result<u64, Status> {
    let request = SealStreamRequest { stream: "s".into() };
    Ok(server.admin().await.unwrap().seal_stream(request).await?.into_inner().records)
}

async fn bodies(server: &Server) -> Vec<String> {
    let mut reading = Reading::open(server, all_of("s")).await.unwrap();
    patiently("all records", reading.read_to_end()).await.unwrap();
    reading.bodies().into_iter().map(str::to_owned).collect()
}

/// Whether there is each of so many records, once and in order.
async fn has_all(server: &Server, records: u64) -> bool {
    bodies(server).await.into_iter().eq((0..records).map(noise))
}

#[tokio::test]
async fn a_full_disk_refuses_what_is_new_and_recovers_with_space() {
    let Some(disk) = SmallDisk::mount("6m") else {
        eprintln!("left out: mounting a file system is not permitted here");
        return;
    };
    let options =
        || ServerOptions::new().data_dir(&disk.data()).args(["--seal-age", "1d", "--seal-bytes", "1GiB"]);
    let mut server = options().start().await.unwrap();
    let mut records = 0;
    let refusal = loop {
        match patiently("an answer", append_batch(&server, records)).await {
            Ok(()) => records += BATCH,
            Err(refusal) => break refusal,
        }
    };
    assert!(records > 100, "{records} records fit");
    assert!(matches!(refusal.code(), Code::ResourceExhausted | Code::Unavailable), "{refusal:?}");
    assert!(refusal.message().contains("space"), "{refusal:?}");
    let refusal = patiently("an answer", seal(&server)).await.unwrap_err();
    assert!(refusal.message().contains("space"), "{refusal:?}");
    assert!(has_all(&server, records).await, "reading goes on");

    disk.resize("40m");
    patiently("an answer", append_batch(&server, records)).await.unwrap();
    records += BATCH;
    assert_eq!(patiently("sealing", seal(&server)).await.unwrap(), records);
    assert!(has_all(&server, records).await);
    let request = VerifyStreamRequest { stream: "s".into() };
    let verified = server.admin().await.unwrap().verify_stream(request).await.unwrap().into_inner();
    assert_eq!((verified.records, verified.damages), (records, Vec::new()));
    server.kill().await.unwrap();
    let server = options().start().await.unwrap();
    assert!(has_all(&server, records).await, "nothing is lost, and nothing of what was refused is there");
}
