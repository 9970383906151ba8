//! A large first read, what comes after it, and ends of every kind in between.

use std::time::{Duration, Instant};

use spile_proto::v1::TailRequest;
use spile_tests::ServerOptions;

use super::cluster::Cluster;
use crate::support::{Reading, all_of, until_metric};

const LOGS: &str =
    "CREATE TABLE logs (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), level text, message text);
    CREATE FUNCTION announce() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NOTIFY new_logs; RETURN NULL; END';
    CREATE TRIGGER announce AFTER INSERT ON logs FOR EACH STATEMENT EXECUTE FUNCTION announce();";

fn rows(from: u64, to: u64, bytes: usize) -> String {
    let last = to - 1;
    format!(
        "INSERT INTO logs (level, message) SELECT CASE WHEN n % 10 = 0 THEN 'error' ELSE 'info' END, n || ' ' || repeat('x', {bytes})
         FROM generate_series({from}, {last}) n"
    )
}

/// Every row once, in order.
fn check(bodies: &[&str], count: u64) {
    let numbers = bodies.iter().map(|body| body.split(' ').next().unwrap().parse::<u64>().unwrap());
    assert!(numbers.eq(0..count), "{} rows of {count}", bodies.len());
}

/// Memory at rest and what reading adds are below this: 120,000 rows of 1 KiB are more.
const MAX_GROWTH_BYTES: u64 = 80 << 20;

#[tokio::test]
async fn a_large_table_is_read_in_bounded_memory_over_kills_and_crashes() {
    const ROWS: u64 = 120_000;
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    cluster.execute(&rows(0, ROWS, 1000)).await;
    let options = |from: ServerOptions| {
        from.args(["--ring-bytes", "1MiB", "--source"]).args([&cluster.url("table=logs&cursor=id")])
    };
    let mut server = options(ServerOptions::new()).start().await.unwrap();
    let at_rest = server.resident_bytes().unwrap();
    for round in 1..=4 {
        let read = (round * ROWS / 6) as f64;
        until_metric(&server, "spile_database_rows_total", &[], |rows| rows >= ROWS as f64 / 6.0).await;
        let growth = server.resident_bytes().unwrap().saturating_sub(at_rest);
        assert!(growth < MAX_GROWTH_BYTES, "{growth} bytes more after {read} rows");
        if round == 2 {
            cluster.crash();
            until_metric(&server, "spile_databases", &["state=\"failing\""], |failing| failing == 1.0).await;
            cluster.resume("");
        } else {
            server.kill().await.unwrap();
            server = options(ServerOptions::new().data_of(&server)).start().await.unwrap();
        }
    }
    cluster.execute(&rows(ROWS, ROWS + 500, 10)).await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    reading.until_records(ROWS as usize + 500).await.unwrap();
    let growth = server.resident_bytes().unwrap().saturating_sub(at_rest);
    assert!(growth < MAX_GROWTH_BYTES, "{growth} bytes more");
    drop(reading);
    server.terminate().unwrap();
    assert_eq!(server.wait().await.unwrap(), Some(0));
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let mut reading = Reading::open(&server, all_of("")).await.unwrap();
    reading.read_to_end().await.unwrap();
    check(&reading.bodies(), ROWS + 500);
}

#[tokio::test]
async fn what_is_announced_is_read_at_once() {
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    // Nobody looks for it within the test.
    let server = cluster.spile("table=logs&cursor=id&notify=new_logs&interval=1d").start().await.unwrap();
    until_metric(&server, "spile_databases", &["state=\"following\""], |following| following == 1.0).await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    let writer = cluster.connect().await;
    let mut latencies = Vec::new();
    for at in 0..50 {
        let begun = Instant::now();
        writer.batch_execute(&rows(at, at + 1, 10)).await.unwrap();
        reading.until_records(at as usize + 1).await.unwrap();
        latencies.push(begun.elapsed());
    }
    check(&reading.bodies(), 50);
    latencies.sort_unstable();
    println!("from INSERT to a reader: median {:?}, worst {:?}", latencies[25], latencies[49]);
    assert!(latencies[25] < Duration::from_secs(1), "{latencies:?}");
}

#[tokio::test]
async fn a_database_that_restarts_is_followed_on() {
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    let server = cluster.spile("table=logs&cursor=id&interval=20ms").start().await.unwrap();
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    for round in 0..3 {
        cluster.execute(&rows(round * 100, round * 100 + 100, 10)).await;
        reading.until_records(round as usize * 100 + 100).await.unwrap();
        cluster.crash();
        until_metric(&server, "spile_databases", &["state=\"failing\""], |failing| failing == 1.0).await;
        cluster.resume("");
    }
    cluster.execute(&rows(300, 400, 10)).await;
    reading.until_records(400).await.unwrap();
    check(&reading.bodies(), 400);
}
