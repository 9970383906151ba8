//! Records as lines of JSON, the form that most services write: what "raw" means where sizes are compared.

use std::io::{self, Write};

use spile_proto::v1::{AnyValue, KeyValue, LogRecord, Resource, any_value::Value};

use super::fill;

/// Writes records as lines of JSON.
pub struct JsonLines {
    /// By the number of the resource, from 1: what its records say of where they come from, as members of an object.
    sources: Vec<String>,
    line: String,
}

impl JsonLines {
    /// For records that name these resources.
    #[must_use]
    pub fn new(resources: &[Resource]) -> Self {
        let members = |resource: &Resource| {
            let mut members = String::new();
            for (name, key) in [("service", "service.name"), ("host", "host.name"), ("pod", "k8s.pod.name")] {
                let value = resource.attributes.iter().find(|attribute| attribute.key == key);
                members.push_str(",\"");
                members.push_str(name);
                members.push_str("\":");
                json(&mut members, value.and_then(|attribute| attribute.value.as_ref()));
            }
            members
        };
        Self { sources: resources.iter().map(members).collect(), line: String::new() }
    }

    /// Writes one line, and says how long it is, in bytes, with its newline.
    pub fn write(&mut self, record: &LogRecord, output: &mut impl Write) -> io::Result<usize> {
        let line = &mut self.line;
        line.clear();
        line.push_str("{\"time\":\"");
        time(line, record.time_unix_nano);
        line.push_str("\",\"severity\":\"");
        line.push_str(&record.severity_text);
        line.push('"');
        line.push_str(&self.sources[record.resource_hash as usize - 1]);
        line.push_str(",\"msg\":");
        string(line, &record.body);
        if !record.attributes.is_empty() {
            line.push_str(",\"attributes\":");
            object(line, &record.attributes);
        }
        for (name, id) in [("trace_id", &record.trace_id), ("span_id", &record.span_id)] {
            if !id.is_empty() {
                line.push_str(",\"");
                line.push_str(name);
                line.push_str("\":\"");
                id.iter().for_each(|byte| fill::hex(line, u64::from(*byte), 2));
                line.push('"');
            }
        }
        line.push_str("}\n");
        output.write_all(line.as_bytes())?;
        Ok(line.len())
    }
}

/// RFC 3339 in UTC, to the nanosecond.
fn time(line: &mut String, unix_nano: u64) {
    let (seconds, nanos) = (unix_nano / 1_000_000_000, unix_nano % 1_000_000_000);
    let (year, month, day) = date(seconds / 86_400);
    let of_day = seconds % 86_400;
    padded(line, year, 4);
    for (before, number) in
        [('-', month), ('-', day), ('T', of_day / 3600), (':', of_day / 60 % 60), (':', of_day % 60)]
    {
        line.push(before);
        padded(line, number, 2);
    }
    line.push('.');
    padded(line, nanos, 9);
    line.push('Z');
}

/// Year, month and day of a day since 1970, by Howard Hinnant's arithmetic over eras of 400 years that begin in March.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

fn padded(line: &mut String, number: u64, digits: u32) {
    for at in (0..digits).rev() {
        fill::number(line, number / 10_u64.pow(at) % 10);
    }
}

fn string(line: &mut String, text: &str) {
    line.push_str(&serde_json::to_string(text).expect("every text can be written as JSON"));
}

fn object(line: &mut String, attributes: &[KeyValue]) {
    line.push('{');
    for (at, attribute) in attributes.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        string(line, &attribute.key);
        line.push(':');
        json(line, attribute.value.as_ref());
    }
    line.push('}');
}

/// A value of the kinds that are generated.
fn json(line: &mut String, value: Option<&AnyValue>) {
    let value = match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => return string(line, text),
        Some(Value::BoolValue(flag)) => serde_json::Value::from(*flag),
        Some(Value::IntValue(int)) => serde_json::Value::from(*int),
        Some(Value::DoubleValue(double)) => serde_json::Value::from(*double),
        _ => serde_json::Value::Null,
    };
    line.push_str(&value.to_string());
}
