//! Typed attributes, as programs of each kind give them to some of their records.

use spile_proto::v1::{AnyValue, KeyValue, any_value::Value};

use super::random::Random;
use super::services::Kind;

/// How an attribute's value is drawn.
#[derive(Clone, Copy)]
enum Draw {
    OneOf(&'static [&'static str]),
    Status,
    /// Below this.
    Whole(u64),
    Millis,
    Flag,
}

type Attribute = (&'static str, Draw);

const HTTP: [Attribute; 4] = [
    ("http.response.status_code", Draw::Status),
    ("http.request.method", Draw::OneOf(&["GET", "POST", "PUT", "DELETE"])),
    ("duration_ms", Draw::Millis),
    ("cache.hit", Draw::Flag),
];
const JAVA: [Attribute; 4] = [
    ("thread.id", Draw::Whole(64)),
    ("db.operation.name", Draw::OneOf(&["SELECT", "UPDATE", "INSERT"])),
    ("duration_ms", Draw::Millis),
    ("customer.id", Draw::Whole(500_000)),
];
const WORKER: [Attribute; 4] = [
    ("messaging.operation.type", Draw::OneOf(&["receive", "process", "settle"])),
    ("retry", Draw::Flag),
    ("duration_ms", Draw::Millis),
    ("messaging.batch.message_count", Draw::Whole(500)),
];
const STORAGE: [Attribute; 4] = [
    ("io.bytes", Draw::Whole(1 << 22)),
    ("io.sync", Draw::Flag),
    ("duration_ms", Draw::Millis),
    ("volume", Draw::OneOf(&["vol-a", "vol-b", "vol-c", "vol-d"])),
];
const DAEMON: [Attribute; 4] = [
    ("process.pid", Draw::Whole(32_768)),
    ("log.iostream", Draw::OneOf(&["stdout", "stderr"])),
    ("system.load", Draw::Millis),
    ("container.restart_count", Draw::Whole(6)),
];

/// One to four attributes.
pub(super) fn draw(kind: Kind, random: &mut Random) -> Vec<KeyValue> {
    let all = match kind {
        Kind::Http => &HTTP,
        Kind::Java => &JAVA,
        Kind::Worker => &WORKER,
        Kind::Storage => &STORAGE,
        Kind::Daemon => &DAEMON,
    };
    let count = 1 + random.below(all.len() as u64) as usize;
    all[..count].iter().map(|(key, draw)| attribute(key, *draw, random)).collect()
}

fn attribute(key: &str, draw: Draw, random: &mut Random) -> KeyValue {
    let value = match draw {
        Draw::OneOf(all) => Value::StringValue(random.pick_skewed(all).to_owned()),
        Draw::Status => Value::IntValue(random.pick_skewed(&[200, 201, 304, 404, 500])),
        Draw::Whole(bound) => Value::IntValue(random.below(bound) as i64),
        // A quotient of two whole numbers is the same double everywhere.
        Draw::Millis => Value::DoubleValue(random.size(7, 18) as f64 / 1000.0),
        Draw::Flag => Value::BoolValue(random.below(4) == 0),
    };
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}
