//! What the builder makes.

use std::time::{Duration, UNIX_EPOCH};

use spile_proto::v1::SeverityNumber;
use spile_proto::v1::any_value::Value;

use super::{NewRecord, resource};

#[test]
fn a_record_holds_what_it_was_given() {
    let record = NewRecord::new("slow")
        .severity(SeverityNumber::Warn2)
        .severity_text("warning")
        .time(UNIX_EPOCH + Duration::from_nanos(1_500))
        .attribute("ms", 1)
        .attribute("ms", 2.5)
        .attribute("cached", false)
        .trace([1; 16], [2; 8])
        .scope("db");
    let record = record.as_record();
    assert_eq!(record.body, "slow");
    assert_eq!(record.severity_number(), SeverityNumber::Warn2);
    assert_eq!(record.severity_text, "warning");
    assert_eq!(record.time_unix_nano, 1_500);
    assert_eq!((record.trace_id.len(), record.span_id.len()), (16, 8));
    assert_eq!(record.scope_name, "db");
    let values: Vec<_> =
        record.attributes.iter().map(|a| (a.key.as_str(), a.value.clone().unwrap().value.unwrap())).collect();
    assert_eq!(values, [("ms", Value::DoubleValue(2.5)), ("cached", Value::BoolValue(false))]);
}

#[test]
fn a_resource_is_named_by_its_attributes_in_any_order() {
    let one = resource([("b", "2"), ("a", "1")]);
    let two = resource([("a", "0"), ("a", "1"), ("b", "2")]);
    assert_eq!(one, two);
    assert_ne!(one.hash, resource([("a", "1")]).hash);
    let empty = resource([] as [(&str, &str); 0]);
    assert_ne!(empty.hash, 0);
}
