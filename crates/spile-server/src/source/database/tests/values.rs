//! Values keep their types; what means something is found by its name.

use spile_proto::v1::any_value::Value;
use spile_proto::v1::{AnyValue, BodyKind, LogRecord};

use super::Place;

fn attribute<'a>(record: &'a LogRecord, key: &str) -> Option<&'a Value> {
    let found = record.attributes.iter().find(|attribute| attribute.key == key)?;
    found.value.as_ref().and_then(|value: &AnyValue| value.value.as_ref())
}

#[test]
fn columns_become_fields_and_typed_attributes() {
    let place = Place::new();
    let _database = place.database(
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, created_at TEXT, level TEXT, message TEXT, trace_id TEXT, span_id TEXT,
                            code INTEGER, ok BOOLEAN, ratio REAL, doc JSON, data BLOB, gone TEXT, wide TEXT);
         INSERT INTO logs VALUES (7, '2024-01-31 23:59:59.5', 'ERROR', 'it failed', '0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331',
                                  -3, 1, 0.1, '{\"a\":[1,null,\"x\"]}', x'00ff', NULL, 'größer')",
    );
    let record = place.read("table=logs&cursor=id").records(1).remove(0);
    assert_eq!(record.time_unix_nano, 1_706_745_599_500_000_000);
    assert_eq!((record.severity_number, record.severity_text.as_str()), (17, "ERROR"));
    assert_eq!(record.body, "it failed");
    assert_eq!((record.trace_id.len(), record.span_id.len()), (16, 8));
    assert_eq!(attribute(&record, "id"), Some(&Value::IntValue(7)));
    assert_eq!(attribute(&record, "code"), Some(&Value::IntValue(-3)));
    assert_eq!(attribute(&record, "ok"), Some(&Value::BoolValue(true)));
    assert_eq!(attribute(&record, "ratio"), Some(&Value::DoubleValue(0.1)));
    assert_eq!(attribute(&record, "data"), Some(&Value::BytesValue(vec![0, 255])));
    assert_eq!(attribute(&record, "wide"), Some(&Value::StringValue("größer".into())));
    assert!(matches!(attribute(&record, "doc"), Some(Value::KvlistValue(list)) if list.values[0].key == "a"));
    assert!(record.attributes.iter().all(|attribute| attribute.key != "gone"), "NULL is absent");
}

#[test]
fn a_row_without_a_text_is_its_own_body() {
    let place = Place::new();
    let _database = place.database("CREATE TABLE m (n INTEGER, v REAL); INSERT INTO m VALUES (1, 2.5)");
    let record = place.read("table=m&cursor=rowid").records(1).remove(0);
    assert_eq!((record.body.as_str(), record.body_kind), (r#"{"n":1,"v":2.5}"#, BodyKind::Json as i32));
    assert_eq!(attribute(&record, "n"), Some(&Value::IntValue(1)));
}

#[test]
fn long_values_are_cut_and_say_so() {
    let place = Place::new();
    let _database = place.database(
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, message TEXT, data BLOB);
         INSERT INTO logs VALUES (1, printf('%.*c', 300000, 'x'), zeroblob(1000000)), (2, 'next', NULL)",
    );
    let records = place.read("table=logs&cursor=id").records(2);
    let cut = 300_000 - 65_536 + 1_000_000 - 65_536;
    assert_eq!(attribute(&records[0], "spile.cut_bytes"), Some(&Value::IntValue(cut)));
    assert!(
        records[0].body.len() < 66_000 && records[0].body.ends_with(&spile_lines::cut_mark(300_000 - 65_536))
    );
    assert_eq!(records[1].body, "next");
}

#[test]
fn text_that_is_none_is_escaped() {
    let place = Place::new();
    let _database = place.database("CREATE TABLE logs (id INTEGER PRIMARY KEY, message TEXT); INSERT INTO logs VALUES (1, CAST(x'61ff' AS TEXT))");
    assert_eq!(place.read("table=logs&cursor=id").bodies(1), [spile_lines::escape(b"a\xff")]);
}
