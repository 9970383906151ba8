//! Servers that end in order or are killed: what is stored is stored once, and reading goes on behind it.

use std::sync::Arc;

use super::Place;
use crate::testing::disk::FillableDisk;

fn fill(place: &Place, count: usize) -> rusqlite::Connection {
    let database = place.database("CREATE TABLE IF NOT EXISTS logs (id INTEGER PRIMARY KEY, message TEXT)");
    let sql = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1)
               INSERT INTO logs SELECT i, 'row ' || i || hex(zeroblob(100)) FROM n WHERE i >= (SELECT count(*) FROM logs)";
    database.execute(sql, [count as i64]).unwrap();
    database
}

/// Every row once, in order.
fn check(bodies: &[String], count: usize) {
    let numbers = bodies.iter().map(|body| body.trim_end_matches('0').to_owned());
    let numbers = numbers.map(|body| body.trim_start_matches("row ").to_owned()).collect::<Vec<_>>();
    assert_eq!(bodies.len(), count);
    for (at, number) in numbers.iter().enumerate() {
        assert!(at.to_string().starts_with(number.as_str()), "{number} at {at}");
    }
}

#[test]
fn reading_goes_on_behind_what_is_stored() {
    let place = Place::new();
    let _database = fill(&place, 100);
    let server = place.read("table=logs&cursor=id");
    assert_eq!(server.bodies(100).len(), 100);
    check(&server.stop(), 100);
    let _database = fill(&place, 150);
    let server = place.read("table=logs&cursor=id");
    server.bodies(150);
    check(&server.stop(), 150);
}

#[test]
fn no_row_is_missing_or_doubled_by_kills_at_any_moment() {
    let place = Place::new();
    let mut count = 0;
    for round in 0..8 {
        count += 2500;
        let _database = fill(&place, count);
        let server = place.read("table=logs&cursor=id&fetch=500");
        let seen = count - 2500 + 1 + (round * 997) % 2500;
        server.bodies(seen);
        server.kill();
    }
    let server = place.read("table=logs&cursor=id");
    server.bodies(count);
    check(&server.stop(), count);
}

#[test]
fn a_full_disk_holds_rows_up_and_loses_none() {
    let place = Place::new();
    let _database = fill(&place, 1000);
    let disk = FillableDisk::default();
    let server = place.read_on(Arc::new(disk.clone()), "table=logs&cursor=id");
    server.bodies(1000);
    disk.set_full(true);
    let _database = fill(&place, 3000);
    server.until_metric("spile_databases{state=\"failing\"} 1");
    assert!(disk.refused() > 0);
    disk.set_full(false);
    server.bodies(3000);
    check(&server.stop(), 3000);
}

#[test]
fn another_id_reads_everything_again() {
    let place = Place::new();
    let _database = fill(&place, 10);
    let server = place.read("table=logs&cursor=id&id=a");
    server.bodies(10);
    server.stop();
    let server = place.read("table=logs&cursor=id&id=b");
    server.bodies(20);
    assert_eq!(server.stop().len(), 20);
}
