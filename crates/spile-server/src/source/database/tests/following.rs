//! Rows that are there, rows that come, and tables that do not stay as they are.

use super::Place;

const LOGS: &str =
    "CREATE TABLE logs (id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, level TEXT, message TEXT)";

fn insert(database: &rusqlite::Connection, from: usize, to: usize) {
    let transaction = database.unchecked_transaction().unwrap();
    let mut insert = transaction.prepare("INSERT INTO logs (level, message) VALUES ('info', ?1)").unwrap();
    for at in from..to {
        insert.execute([at.to_string()]).unwrap();
    }
    drop(insert);
    transaction.commit().unwrap();
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|at| at.to_string()).collect()
}

#[test]
fn rows_that_are_there_come_first_and_then_those_that_come() {
    let place = Place::new();
    let database = place.database(LOGS);
    insert(&database, 0, 5000);
    let server = place.read("table=logs&cursor=id&fetch=300");
    assert_eq!(server.bodies(5000), numbers(5000));
    insert(&database, 5000, 5001);
    assert_eq!(server.bodies(5001), numbers(5001));
    insert(&database, 5001, 7000);
    assert_eq!(server.bodies(7000), numbers(7000));
    server.until_metric("spile_databases{state=\"following\"} 1");
    server.until_metric("spile_database_rows_total 7000");
    server.until_metric("spile_appended_records_total{source=\"database\"} 7000");
    assert_eq!(server.stop(), numbers(7000));
}

#[test]
fn a_query_goes_where_it_is_told() {
    let place = Place::new();
    let database = place.database(LOGS);
    insert(&database, 0, 10);
    let query = "SELECT id AS n, 'row ' || message AS txt FROM logs WHERE id % 2 = 0 -- even ones";
    let server = place.read(&format!("query={query}&cursor=n&body=txt&stream=even"));
    assert_eq!(server.bodies(5), ["row 1", "row 3", "row 5", "row 7", "row 9"]);
    assert_eq!(server.stream.name(), "even");
    insert(&database, 10, 12);
    assert_eq!(server.bodies(6)[5], "row 11");
}

#[test]
fn equal_cursors_are_told_apart_by_the_key() {
    let place = Place::new();
    let database =
        place.database("CREATE TABLE logs (at TEXT, message TEXT, k TEXT PRIMARY KEY) WITHOUT ROWID");
    let mut insert = database.prepare("INSERT INTO logs VALUES (?1, ?2, ?2)").unwrap();
    database.execute_batch("BEGIN").unwrap();
    for at in 0..3000 {
        insert.execute([format!("2024-01-31 00:00:0{}", at / 1000), format!("{at:04}")]).unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    let server = place.read("table=logs&cursor=at&lag=0s&fetch=7");
    assert_eq!(server.bodies(3000), (0..3000).map(|at| format!("{at:04}")).collect::<Vec<_>>());
    // The last moment goes on.
    insert.execute(["2024-01-31 00:00:02", "3000"]).unwrap();
    assert_eq!(server.bodies(3001)[3000], "3000");
    assert_eq!(server.stop().len(), 3001);
}

#[test]
fn rows_of_one_cursor_without_a_key_come_together() {
    let place = Place::new();
    let database = place.database("CREATE TABLE logs (at INTEGER, message TEXT)");
    let rows = |at: i64, count: usize| {
        let transaction = database.unchecked_transaction().unwrap();
        let mut insert = transaction.prepare("INSERT INTO logs VALUES (?1, 'x' || ?1)").unwrap();
        for _ in 0..count {
            insert.execute([at]).unwrap();
        }
        drop(insert);
        transaction.commit().unwrap();
    };
    rows(1, 10_000);
    rows(2, 5);
    let server = place.read("table=logs&cursor=at&fetch=10");
    assert_eq!(server.bodies(10_005).iter().filter(|body| *body == "x2").count(), 5);
    assert_eq!(server.stop().len(), 10_005);
}

#[test]
fn a_file_and_a_table_that_are_missing_are_waited_for() {
    let place = Place::new();
    let server = place.read("table=logs&cursor=id");
    server.until_metric("spile_databases{state=\"failing\"} 1");
    let database = place.database("CREATE TABLE other (id INTEGER)");
    server.until_metric("spile_database_failures_total{reason=\"query\"} 1");
    database.execute_batch(LOGS).unwrap();
    insert(&database, 0, 3);
    assert_eq!(server.bodies(3), numbers(3));
    server.until_metric("spile_databases{state=\"failing\"} 0");
}

#[test]
fn a_column_that_is_missing_is_waited_for_and_new_ones_are_taken() {
    let place = Place::new();
    let database = place.database("CREATE TABLE logs (id INTEGER PRIMARY KEY, msg TEXT)");
    database.execute_batch("INSERT INTO logs VALUES (1, 'one')").unwrap();
    let server = place.read("table=logs&cursor=id&service=app");
    server.until_metric("spile_database_failures_total{reason=\"shape\"} 1");
    database.execute_batch("ALTER TABLE logs ADD COLUMN app TEXT").unwrap();
    assert_eq!(server.bodies(1), ["one"]);
    database
        .execute_batch("ALTER TABLE logs ADD COLUMN code INTEGER; INSERT INTO logs VALUES (2, 'two', 'a', 7)")
        .unwrap();
    let record = server.records(2).remove(1);
    assert!(record.attributes.iter().any(|attribute| attribute.key == "code"), "{record:?}");
}

#[test]
fn a_writer_that_holds_the_file_is_waited_for() {
    let place = Place::new();
    let database = place.database(LOGS);
    insert(&database, 0, 10);
    let server = place.read("table=logs&cursor=id");
    assert_eq!(server.bodies(10).len(), 10);
    let transaction = database.unchecked_transaction().unwrap();
    transaction.execute("INSERT INTO logs (message) VALUES ('10')", []).unwrap();
    server.until_metric("spile_databases{state=\"following\"} 1");
    assert_eq!(server.stream.tail().0, 10, "what is not committed is not read");
    transaction.commit().unwrap();
    assert_eq!(server.bodies(11), numbers(11));
}
