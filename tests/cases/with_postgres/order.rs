//! Rows whose transactions commit in another order than they took their ids.

use std::collections::BTreeSet;
use std::time::Duration;

use spile_proto::v1::TailRequest;
use spile_tests::Server;
use tokio_postgres::Client;

use super::cluster::Cluster;
use crate::support::{Reading, all_of, patiently, until_metric};

const LOGS: &str = "CREATE TABLE logs (id bigserial PRIMARY KEY, message text)";

async fn insert(client: &Client, message: &str) {
    client.execute("INSERT INTO logs (message) VALUES ($1)", &[&message]).await.unwrap();
}

async fn waiting(server: &Server, wanted: f64) {
    until_metric(server, "spile_databases", &["state=\"waiting\""], |waiting| waiting == wanted).await;
}

#[tokio::test]
async fn a_row_that_commits_late_is_not_passed_over() {
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    let server = cluster.spile("table=logs&cursor=id&interval=20ms").start().await.unwrap();
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    let mut slow = cluster.connect().await;
    let quick = cluster.connect().await;

    let transaction = slow.transaction().await.unwrap();
    transaction.execute("INSERT INTO logs (message) VALUES ('slow')", &[]).await.unwrap();
    insert(&quick, "quick").await;
    waiting(&server, 1.0).await;
    assert_eq!(server.metric("spile_database_rows_total", &[]).await.unwrap(), 0.0, "rows are held back");
    transaction.commit().await.unwrap();
    reading.until_records(2).await.unwrap();
    assert_eq!(reading.bodies(), ["slow", "quick"]);

    // Also through a commit in two phases, whose transaction has no process any more.
    slow.batch_execute("BEGIN; INSERT INTO logs (message) VALUES ('prepared'); PREPARE TRANSACTION 'two'")
        .await
        .unwrap();
    insert(&quick, "quick again").await;
    waiting(&server, 1.0).await;
    slow.batch_execute("COMMIT PREPARED 'two'").await.unwrap();
    reading.until_records(4).await.unwrap();
    assert_eq!(reading.bodies()[2..], ["prepared", "quick again"]);

    // One that is rolled back leaves nothing to wait for.
    let transaction = slow.transaction().await.unwrap();
    transaction.execute("INSERT INTO logs (message) VALUES ('never')", &[]).await.unwrap();
    insert(&quick, "last").await;
    waiting(&server, 1.0).await;
    transaction.rollback().await.unwrap();
    reading.until_records(5).await.unwrap();
    assert_eq!(reading.bodies()[4], "last");
}

#[tokio::test]
async fn readers_and_writers_of_other_tables_hold_nothing_up() {
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    cluster.execute("CREATE TABLE other (id bigserial PRIMARY KEY)").await;
    let server = cluster.spile("query=SELECT * FROM logs&cursor=id&interval=20ms").start().await.unwrap();
    let mut other = cluster.connect().await;
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute("INSERT INTO other DEFAULT VALUES; SELECT count(*) FROM logs").await.unwrap();
    insert(&cluster.connect().await, "one").await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    reading.until_records(1).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn every_row_of_many_writers_comes_once_over_kills() {
    const WRITERS: usize = 8;
    const TRANSACTIONS: usize = 120;
    let cluster = Cluster::start();
    cluster.execute(LOGS).await;
    let options = || cluster.spile("table=logs&cursor=id&interval=10ms");
    let mut server = options().start().await.unwrap();
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let mut client = cluster.connect().await;
        writers.push(tokio::spawn(async move {
            for number in 0..TRANSACTIONS {
                let transaction = client.transaction().await.unwrap();
                for part in 0..3 {
                    let message = format!("{writer} {number} {part}");
                    transaction.execute("INSERT INTO logs (message) VALUES ($1)", &[&message]).await.unwrap();
                    // Transactions overlap; how long each lasts decides the order of commits.
                    let pause =
                        f64::from(u32::try_from((writer * 7 + number * 3 + part) % 11).unwrap()) / 1000.0;
                    transaction.execute("SELECT pg_sleep($1)", &[&pause]).await.unwrap();
                }
                if number % 10 == 9 {
                    transaction.rollback().await.unwrap();
                } else {
                    transaction.commit().await.unwrap();
                }
            }
        }));
    }
    for round in 1..=4 {
        until_metric(&server, "spile_database_rows_total", &[], |rows| rows >= f64::from(round) * 30.0).await;
        server.kill().await.unwrap();
        server = options().data_of(&server).start().await.unwrap();
    }
    for writer in writers {
        patiently("a writer", writer).await.unwrap();
    }
    let count = WRITERS * TRANSACTIONS * 9 / 10 * 3;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    reading.until_records(count).await.unwrap();
    let ids = cluster.connect().await.query("SELECT message FROM logs ORDER BY id", &[]).await.unwrap();
    let ids: Vec<String> = ids.iter().map(|row| row.get(0)).collect();
    assert_eq!(reading.bodies(), ids, "every row once, in the order of ids");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), count);
}

/// `now()` is when a transaction began, so its rows may be older than what others have committed since.
#[tokio::test]
async fn a_cursor_of_times_lags_behind() {
    let cluster = Cluster::start();
    cluster.execute("CREATE TABLE logs (at timestamptz DEFAULT now(), message text)").await;
    let server = cluster.spile("table=logs&cursor=at&interval=20ms&lag=2s").start().await.unwrap();
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    let mut slow = cluster.connect().await;
    let transaction = slow.transaction().await.unwrap();
    // It has begun, and has not touched the table.
    transaction.execute("SELECT 1", &[]).await.unwrap();
    insert(&cluster.connect().await, "later").await;
    waiting(&server, 1.0).await;
    transaction.execute("INSERT INTO logs (message) VALUES ('earlier')", &[]).await.unwrap();
    transaction.commit().await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), reading.until_records(2)).await.unwrap().unwrap();
    assert_eq!(reading.bodies(), ["earlier", "later"]);
}
