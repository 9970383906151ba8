//! Records to be written: a convenient way to make them, with what produces them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;
use spile_proto::v1::any_value::Value;
use spile_proto::v1::{AnyValue, KeyValue, LogRecord, Resource, SeverityNumber};
use xxhash_rust::xxh3::xxh3_64;

/// A record that is to be written, and what produces it when that is not the appender's own resource.
///
/// ```
/// use spile_client::{NewRecord, proto::SeverityNumber};
/// let record = NewRecord::new("payment refused")
///     .severity(SeverityNumber::Error)
///     .attribute("order", 4711)
///     .attribute("gateway", "north");
/// assert_eq!(record.as_record().attributes.len(), 2);
/// ```
#[derive(Clone, Debug, Default)]
pub struct NewRecord {
    record: LogRecord,
    resource: Option<Arc<Resource>>,
}

impl NewRecord {
    /// A record of this text. Its time is when the server receives it.
    #[must_use]
    pub fn new(body: impl Into<String>) -> Self {
        Self::from(LogRecord { body: body.into(), ..LogRecord::default() })
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(mut self, severity: SeverityNumber) -> Self {
        self.record.severity_number = severity.into();
        self
    }

    /// The severity as the source spells it.
    #[must_use]
    pub fn severity_text(mut self, text: impl Into<String>) -> Self {
        self.record.severity_text = text.into();
        self
    }

    /// When it happened; a time before 1970 counts as not known.
    #[must_use]
    pub fn time(mut self, time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        self.record.time_unix_nano = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        self
    }

    /// Adds a typed attribute, or replaces the one of the same name.
    #[must_use]
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<AttributeValue>) -> Self {
        let attribute = key_value(key.into(), value.into());
        let attributes = &mut self.record.attributes;
        match attributes.iter_mut().find(|old| old.key == attribute.key) {
            Some(old) => *old = attribute,
            None => attributes.push(attribute),
        }
        self
    }

    /// The trace and span that it belongs to.
    #[must_use]
    pub fn trace(mut self, trace_id: [u8; 16], span_id: [u8; 8]) -> Self {
        self.record.trace_id = trace_id.to_vec();
        self.record.span_id = span_id.to_vec();
        self
    }

    /// The instrumentation scope: usually the logger's name.
    #[must_use]
    pub fn scope(mut self, name: impl Into<String>) -> Self {
        self.record.scope_name = name.into();
        self
    }

    /// What produced it, made once with [`resource`]. Default: the appender's resource.
    #[must_use]
    pub fn resource(mut self, resource: &Arc<Resource>) -> Self {
        self.resource = Some(Arc::clone(resource));
        self
    }

    /// The record as it will be sent, but for its resource.
    #[must_use]
    pub fn as_record(&self) -> &LogRecord {
        &self.record
    }

    /// Gives it a resource if it has none.
    pub(crate) fn or_resource(mut self, resource: Option<&Arc<Resource>>) -> Self {
        self.resource = self.resource.or_else(|| resource.cloned());
        self
    }

    pub(crate) fn parts(&self) -> (&LogRecord, Option<&Resource>) {
        (&self.record, self.resource.as_deref())
    }

    pub(crate) fn into_parts(self) -> (LogRecord, Option<Arc<Resource>>) {
        (self.record, self.resource)
    }
}

impl From<LogRecord> for NewRecord {
    fn from(record: LogRecord) -> Self {
        Self { record, resource: None }
    }
}

impl From<&str> for NewRecord {
    fn from(body: &str) -> Self {
        Self::new(body)
    }
}

impl From<String> for NewRecord {
    fn from(body: String) -> Self {
        Self::new(body)
    }
}

/// The value of an attribute: text, truth, a whole number, a fraction, or bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeValue(Value);

macro_rules! attribute_value {
    ($($from:ty => $variant:ident,)*) => {$(
        impl From<$from> for AttributeValue {
            fn from(value: $from) -> Self {
                Self(Value::$variant(value.into()))
            }
        }
    )*};
}

attribute_value! {
    &str => StringValue,
    String => StringValue,
    bool => BoolValue,
    i32 => IntValue,
    u32 => IntValue,
    i64 => IntValue,
    f64 => DoubleValue,
    Vec<u8> => BytesValue,
}

/// Makes a resource: what produces records, named by OpenTelemetry's conventions. Of equal names the last counts.
///
/// ```
/// let checkout = spile_client::resource([("service.name", "checkout"), ("host.name", "web-3")]);
/// assert_ne!(checkout.hash, 0);
/// ```
#[must_use]
pub fn resource<K, V>(attributes: impl IntoIterator<Item = (K, V)>) -> Arc<Resource>
where
    K: Into<String>,
    V: Into<AttributeValue>,
{
    let canonical: BTreeMap<String, AttributeValue> =
        attributes.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
    let mut resource = Resource {
        hash: 0,
        attributes: canonical.into_iter().map(|(key, value)| key_value(key, value)).collect(),
    };
    // 0 means "no resource".
    resource.hash = xxh3_64(&resource.encode_to_vec()).max(1);
    Arc::new(resource)
}

/// A named value, for instance of a resource or an upload's header.
#[must_use]
pub fn key_value(key: String, value: impl Into<AttributeValue>) -> KeyValue {
    KeyValue { key, value: Some(AnyValue { value: Some(value.into().0) }) }
}

#[cfg(test)]
mod tests;
