//! Records as JSON objects are JSON, and say what the record says.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use prost::Message;
use serde_json::{Value, json};
use spile_proto::v1::{LogRecord, Resource};

use super::{Surroundings, put_record, rfc3339};
use crate::RecordFields;
use crate::tests::record;

fn object(record: &LogRecord, resource: &Resource) -> Value {
    let (record, resource) = (record.encode_to_vec(), resource.encode_to_vec());
    let around = Surroundings { offset: 7, cursor: Some("c\"1"), severity: "ERROR", resource: &resource };
    let mut out = Vec::new();
    put_record(&mut out, &RecordFields::read(&record).unwrap(), around).unwrap();
    serde_json::from_slice(&out).unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&out)))
}

proptest! {
    #[test]
    fn every_record_is_one_object(record in record()) {
        let resource = Resource { hash: 1, attributes: record.attributes.clone() };
        let object = object(&record, &resource);
        prop_assert_eq!(&object["offset"], 7);
        prop_assert_eq!(&object["cursor"], "c\"1");
        prop_assert_eq!(&object["body"], record.body.as_str());
        prop_assert_eq!(&object["severityNumber"], record.severity_number);
        prop_assert_eq!(&object["severityText"], record.severity_text.as_str());
        prop_assert_eq!(object["attributes"].is_object() && object["resource"].is_object(), true);
        prop_assert_eq!(&object["attributes"], &object["resource"]);
        let nanos = object.get("timeUnixNano").map(|text| text.as_str().unwrap().parse::<u64>().unwrap());
        prop_assert_eq!(nanos.unwrap_or_default(), record.time_unix_nano);
        prop_assert_eq!(object.get("traceId").is_some(), !record.trace_id.is_empty());
    }
}

#[test]
fn what_is_empty_is_left_out() {
    let record = LogRecord { body: "x".to_owned(), ..LogRecord::default() };
    let expected = json!({
        "offset": 7, "cursor": "c\"1", "severityNumber": 0, "severity": "ERROR", "severityText": "", "body": "x",
        "attributes": {}, "resource": {},
    });
    assert_eq!(object(&record, &Resource::default()), expected);
}

#[test]
fn times_have_nine_digits() {
    assert_eq!(rfc3339(1_795_341_600_000_000_001), "2026-11-22T10:00:00.000000001Z");
    assert_eq!(rfc3339(u64::MAX), "2554-07-21T23:34:33.709551615Z");
}
