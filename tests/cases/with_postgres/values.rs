//! Columns of every type through a real database.

use std::collections::BTreeMap;

use spile_proto::v1::any_value::Value;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{LogRecord, RecordBatch, TailRequest};
use spile_tests::Server;

use super::cluster::Cluster;
use crate::support::{all_of, patiently};

/// The first batch of a stream.
async fn batch(server: &Server) -> RecordBatch {
    let request = TailRequest { follow: true, ..all_of("") };
    let mut tail = server.read().await.unwrap().tail(request).await.unwrap().into_inner();
    loop {
        let message = patiently("a batch", tail.message()).await.unwrap().unwrap();
        if let Some(Payload::Batch(batch)) = message.payload {
            return batch;
        }
    }
}

fn attributes(record: &LogRecord) -> BTreeMap<&str, &Value> {
    let pairs = record.attributes.iter();
    pairs.filter_map(|pair| Some((pair.key.as_str(), pair.value.as_ref()?.value.as_ref()?))).collect()
}

fn text(text: &str) -> Value {
    Value::StringValue(text.into())
}

#[tokio::test]
async fn types_survive() {
    let cluster = Cluster::start();
    cluster
        .execute(
            "CREATE TYPE mood AS ENUM ('calm', 'loud'); CREATE DOMAIN code AS int CHECK (VALUE > 0);
             CREATE TABLE logs (id int PRIMARY KEY, logged_at timestamptz, severity_number int, msg text, app text, trace_id uuid, span_id text,
               small smallint, big bigint, real4 real, real8 double precision, exact numeric(30, 10), huge numeric, yes boolean, day date,
               local timestamp, took interval, doc jsonb, old json, tags text[], grid int[][], ip inet, id2 uuid, raw bytea, feeling mood,
               checked code, missing text, money money, span int4range, name \"char\");
             INSERT INTO logs VALUES (1, '2024-01-31 23:59:59.123456+01', 17, 'it failed', 'checkout', '0af76519-16cd-43dd-8448-eb211c80319c',
               'b7ad6b7169203331', -2, 9223372036854775807, 0.1, 'NaN', 12.5, 12345678901234567890.5, true, '2024-02-29',
               '2024-01-31 00:00:01', '1 day 02:03:04', '{\"a\": [1, null, {\"b\": 2.5}], \"c\": \"d\"}', '[1, 2]', '{a,NULL,\"b c\"}', '{{1,2},{3,4}}',
               '10.0.0.1/8', 'c2d29867-3d0b-d497-9191-18a9d8ee7830', '\\x00ff', 'loud', 7, NULL, 3, '[1,5)', 'x')",
        )
        .await;
    let server = cluster.spile("table=public.logs&cursor=id").start().await.unwrap();
    let batch = batch(&server).await;
    let record = &batch.records[0];
    assert_eq!(record.time_unix_nano, 1_706_741_999_123_456_000);
    assert_eq!((record.severity_number, record.body.as_str()), (17, "it failed"));
    assert_eq!(record.trace_id, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes());
    assert_eq!(record.span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
    let resource: BTreeMap<_, _> =
        batch.resources[0].attributes.iter().map(|pair| (pair.key.as_str(), pair.value.as_ref())).collect();
    let named = |name: &str| resource[name].unwrap().value.clone().unwrap();
    assert_eq!(named("service.name"), text("checkout"));
    assert_eq!(named("db.system.name"), text("postgresql"));
    assert_eq!(named("db.collection.name"), text("public.logs"));

    let found = attributes(record);
    let expected = [
        ("small", Value::IntValue(-2)),
        ("big", Value::IntValue(i64::MAX)),
        ("real4", Value::DoubleValue(0.1)),
        ("real8", text("NaN")),
        ("exact", Value::DoubleValue(12.5)),
        ("huge", text("12345678901234567890.5")),
        ("yes", Value::BoolValue(true)),
        ("day", text("2024-02-29")),
        ("local", text("2024-01-31T00:00:01")),
        ("took", text("P1DT2H3M4S")),
        ("ip", text("10.0.0.1/8")),
        ("id2", text("c2d29867-3d0b-d497-9191-18a9d8ee7830")),
        ("raw", Value::BytesValue(vec![0, 255])),
        ("feeling", text("loud")),
        ("checked", Value::IntValue(7)),
        ("span", text("[1,5)")),
    ];
    for (name, value) in expected {
        assert_eq!(found.get(name), Some(&&value), "{name}");
    }
    assert!(!found.contains_key("missing") && !found.contains_key("msg"), "{found:?}");
    assert!(matches!(found["doc"], Value::KvlistValue(map) if map.values.len() == 2));
    assert!(matches!(found["old"], Value::ArrayValue(list) if list.values.len() == 2));
    assert!(matches!(found["tags"], Value::ArrayValue(list) if list.values.len() == 3));
    assert!(
        matches!(found["grid"], Value::ArrayValue(list) if matches!(list.values[1].value, Some(Value::ArrayValue(_))))
    );
}

#[tokio::test]
async fn cursors_of_all_kinds_go_on_where_they_were() {
    let cluster = Cluster::start();
    cluster
        .execute(
            "CREATE TABLE logs (message text, u uuid, t text, n numeric, ts timestamp, f float8, d date, s smallint);
             INSERT INTO logs SELECT i, lpad(to_hex(i), 32, '0')::uuid, lpad(i::text, 5, '0'), i / 10.0, timestamp '2024-01-01' + i * interval '1 us',
               i / 3.0, date '2024-01-01' + i, i FROM generate_series(1, 300) i",
        )
        .await;
    for cursor in ["u", "t", "n", "ts", "f", "d", "s", "ts,u"] {
        let options =
            || cluster.spile(&format!("table=logs&cursor={cursor}&lag=0s&interval=20ms&fetch=50&stream=s"));
        let mut server = options().start().await.unwrap();
        crate::support::until_metric(&server, "spile_databases", &["state=\"following\""], |at| at == 1.0)
            .await;
        server.kill().await.unwrap();
        let mut server = options().data_of(&server).start().await.unwrap();
        crate::support::until_metric(&server, "spile_databases", &["state=\"following\""], |at| at == 1.0)
            .await;
        let mut reading = crate::support::Reading::open(&server, all_of("s")).await.unwrap();
        reading.read_to_end().await.unwrap();
        let expected: Vec<String> = (1..=300).map(|i| i.to_string()).collect();
        assert_eq!(reading.bodies(), expected, "{cursor}");
        server.kill().await.unwrap();
    }
}
