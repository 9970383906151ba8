//! The fields of OTLP's messages for logs: their names in JSON and in the proto, their numbers and types.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto>; a test holds it against the descriptors.

/// A message.
pub(super) struct MessageSpec {
    pub(super) name: &'static str,
    pub(super) fields: &'static [FieldSpec],
}

/// A field.
pub(super) struct FieldSpec {
    pub(super) json: &'static str,
    pub(super) proto: &'static str,
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// A field's type, and its form in JSON.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Bool,
    Int64,
    Uint32,
    Enum,
    Double,
    Fixed64,
    Fixed32,
    /// Bytes in hexadecimal: ids.
    Hex,
    /// Other bytes.
    Base64,
    Message(&'static MessageSpec),
}

impl Kind {
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "true or false",
            Self::Int64 => "a whole number of 64 bits, or one as text",
            Self::Uint32 | Self::Fixed32 => "a whole number of 32 bits from 0",
            Self::Enum => "the number of an enum's value",
            Self::Double => "a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
            Self::Fixed64 => "a whole number of 64 bits from 0, or one as text",
            Self::Hex => "hexadecimal text",
            Self::Base64 => "base64 text",
            Self::Message(_) => "an object, or an array of them where the field is repeated",
        }
    }
}

const fn one(json: &'static str, proto: &'static str, number: u32, kind: Kind) -> FieldSpec {
    FieldSpec { json, proto, number, kind, repeated: false }
}

const fn many(json: &'static str, proto: &'static str, number: u32, kind: Kind) -> FieldSpec {
    FieldSpec { json, proto, number, kind, repeated: true }
}

pub(super) static REQUEST: MessageSpec = MessageSpec {
    name: "ExportLogsServiceRequest",
    fields: &[many("resourceLogs", "resource_logs", 1, Kind::Message(&RESOURCE_LOGS))],
};

pub(super) static RESOURCE_LOGS: MessageSpec = MessageSpec {
    name: "ResourceLogs",
    fields: &[
        one("resource", "resource", 1, Kind::Message(&RESOURCE)),
        many("scopeLogs", "scope_logs", 2, Kind::Message(&SCOPE_LOGS)),
        one("schemaUrl", "schema_url", 3, Kind::Text),
    ],
};

pub(super) static RESOURCE: MessageSpec = MessageSpec {
    name: "Resource",
    fields: &[
        many("attributes", "attributes", 1, Kind::Message(&KEY_VALUE)),
        one("droppedAttributesCount", "dropped_attributes_count", 2, Kind::Uint32),
        many("entityRefs", "entity_refs", 3, Kind::Message(&ENTITY_REF)),
    ],
};

pub(super) static ENTITY_REF: MessageSpec = MessageSpec {
    name: "EntityRef",
    fields: &[
        one("schemaUrl", "schema_url", 1, Kind::Text),
        one("type", "type", 2, Kind::Text),
        many("idKeys", "id_keys", 3, Kind::Text),
        many("descriptionKeys", "description_keys", 4, Kind::Text),
    ],
};

pub(super) static SCOPE_LOGS: MessageSpec = MessageSpec {
    name: "ScopeLogs",
    fields: &[
        one("scope", "scope", 1, Kind::Message(&SCOPE)),
        many("logRecords", "log_records", 2, Kind::Message(&LOG_RECORD)),
        one("schemaUrl", "schema_url", 3, Kind::Text),
    ],
};

pub(super) static SCOPE: MessageSpec = MessageSpec {
    name: "InstrumentationScope",
    fields: &[
        one("name", "name", 1, Kind::Text),
        one("version", "version", 2, Kind::Text),
        many("attributes", "attributes", 3, Kind::Message(&KEY_VALUE)),
        one("droppedAttributesCount", "dropped_attributes_count", 4, Kind::Uint32),
    ],
};

pub(super) static LOG_RECORD: MessageSpec = MessageSpec {
    name: "LogRecord",
    fields: &[
        one("timeUnixNano", "time_unix_nano", 1, Kind::Fixed64),
        one("observedTimeUnixNano", "observed_time_unix_nano", 11, Kind::Fixed64),
        one("severityNumber", "severity_number", 2, Kind::Enum),
        one("severityText", "severity_text", 3, Kind::Text),
        one("body", "body", 5, Kind::Message(&ANY_VALUE)),
        many("attributes", "attributes", 6, Kind::Message(&KEY_VALUE)),
        one("droppedAttributesCount", "dropped_attributes_count", 7, Kind::Uint32),
        one("flags", "flags", 8, Kind::Fixed32),
        one("traceId", "trace_id", 9, Kind::Hex),
        one("spanId", "span_id", 10, Kind::Hex),
        one("eventName", "event_name", 12, Kind::Text),
    ],
};

pub(super) static KEY_VALUE: MessageSpec = MessageSpec {
    name: "KeyValue",
    fields: &[one("key", "key", 1, Kind::Text), one("value", "value", 2, Kind::Message(&ANY_VALUE))],
};

pub(super) static ANY_VALUE: MessageSpec = MessageSpec {
    name: "AnyValue",
    fields: &[
        one("stringValue", "string_value", 1, Kind::Text),
        one("boolValue", "bool_value", 2, Kind::Bool),
        one("intValue", "int_value", 3, Kind::Int64),
        one("doubleValue", "double_value", 4, Kind::Double),
        one("arrayValue", "array_value", 5, Kind::Message(&ARRAY_VALUE)),
        one("kvlistValue", "kvlist_value", 6, Kind::Message(&KEY_VALUE_LIST)),
        one("bytesValue", "bytes_value", 7, Kind::Base64),
    ],
};

pub(super) static ARRAY_VALUE: MessageSpec =
    MessageSpec { name: "ArrayValue", fields: &[many("values", "values", 1, Kind::Message(&ANY_VALUE))] };

pub(super) static KEY_VALUE_LIST: MessageSpec =
    MessageSpec { name: "KeyValueList", fields: &[many("values", "values", 1, Kind::Message(&KEY_VALUE))] };
