//! Field numbers of OTLP's messages. Those of a log record are Spile's own, below 13.

/// `opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest`.
pub(crate) mod request {
    pub(crate) const RESOURCE_LOGS: u32 = 1;
}

/// `opentelemetry.proto.logs.v1.ResourceLogs`.
pub(crate) mod resource_logs {
    pub(crate) const RESOURCE: u32 = 1;
    pub(crate) const SCOPE_LOGS: u32 = 2;
    pub(crate) const SCHEMA_URL: u32 = 3;
}

/// `opentelemetry.proto.resource.v1.Resource`.
pub(crate) mod resource {
    pub(crate) const ATTRIBUTES: u32 = 1;
    pub(crate) const DROPPED: u32 = 2;
    pub(crate) const ENTITY_REFS: u32 = 3;
}

/// `spile.v1.Resource`.
pub(crate) mod spile_resource {
    pub(crate) const ATTRIBUTES: u32 = 2;
}

/// `opentelemetry.proto.logs.v1.ScopeLogs`.
pub(crate) mod scope_logs {
    pub(crate) const SCOPE: u32 = 1;
    pub(crate) const RECORDS: u32 = 2;
    pub(crate) const SCHEMA_URL: u32 = 3;
}

/// `opentelemetry.proto.common.v1.InstrumentationScope`.
pub(crate) mod scope {
    pub(crate) const NAME: u32 = 1;
    pub(crate) const VERSION: u32 = 2;
    pub(crate) const ATTRIBUTES: u32 = 3;
    pub(crate) const DROPPED: u32 = 4;
}

/// `opentelemetry.proto.common.v1.KeyValue`.
pub(crate) mod pair {
    pub(crate) const KEY: u32 = 1;
    pub(crate) const VALUE: u32 = 2;
}

/// `opentelemetry.proto.common.v1.AnyValue`.
pub(crate) mod value {
    pub(crate) const STRING: u32 = 1;
    pub(crate) const BOOL: u32 = 2;
    pub(crate) const INT: u32 = 3;
    pub(crate) const DOUBLE: u32 = 4;
    pub(crate) const ARRAY: u32 = 5;
    pub(crate) const KVLIST: u32 = 6;
    pub(crate) const BYTES: u32 = 7;
}

/// The one field of `ArrayValue` and `KeyValueList`.
pub(crate) const LIST_VALUES: u32 = 1;

/// The numbers of `spile.v1.BodyKind`.
pub(crate) mod body_kind {
    pub(crate) const JSON: u64 = 1;
    pub(crate) const ESCAPED: u64 = 2;
}
