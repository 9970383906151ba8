//! The attributes that hold what `spile.v1.LogRecord` and `Resource` have no field for.

/// Of a record: `InstrumentationScope.version`, text.
pub const SCOPE_VERSION: &str = "otel.scope.version";
/// Of a record: `ScopeLogs.schema_url`, text.
pub const SCOPE_SCHEMA_URL: &str = "otel.scope.schema_url";
/// Of a record: `InstrumentationScope.dropped_attributes_count`, a whole number.
pub const SCOPE_DROPPED: &str = "otel.scope.dropped_attributes_count";
/// Of a record: `InstrumentationScope.attributes`, each under its name behind this.
pub const SCOPE_ATTRIBUTES: &str = "otel.scope.attributes.";
/// Of a record: a `severity_number` that is not one of the data model's (0 to 24), a whole number.
pub const SEVERITY_NUMBER: &str = "otel.severity_number";
/// Of a record: the body, where its JSON text does not give back every type: bytes, numbers that are not finite, unusual encodings.
pub const BODY: &str = "otel.body";
/// Of an OTLP record only: `json` or `escaped`, where the body is text of that kind that has no form of OTLP's own.
pub const BODY_KIND: &str = "spile.body_kind";

/// Of a resource: `ResourceLogs.schema_url`, text.
pub const RESOURCE_SCHEMA_URL: &str = "otel.resource.schema_url";
/// Of a resource: `Resource.dropped_attributes_count`, a whole number.
pub const RESOURCE_DROPPED: &str = "otel.resource.dropped_attributes_count";
/// Of a resource: `Resource.entity_refs`, an array of encoded messages.
pub const RESOURCE_ENTITY_REFS: &str = "otel.resource.entity_refs";
