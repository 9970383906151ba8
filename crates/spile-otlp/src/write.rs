//! Spile's records as an encoded `ExportLogsServiceRequest`.

use spile_columns::wire::{Fields, WireValue, put_bytes, put_uint};

use crate::field::{LIST_VALUES, request, resource, resource_logs, scope_logs, spile_resource};
use crate::names;
use crate::read::ReadError;
use crate::record::{self, WrittenScope};
use crate::value;

/// Puts a request together of records, in their order. Neighbours of one resource and scope share what says so.
#[derive(Debug, Default)]
pub struct RequestWriter {
    out: Vec<u8>,
    resource: WrittenResource,
    /// Encoded fields `scope_logs` of the resource.
    scopes: Vec<u8>,
    scope: WrittenScope,
    /// Encoded fields `log_records` of the scope.
    records: Vec<u8>,
}

impl RequestWriter {
    /// A request without records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an encoded `spile.v1.LogRecord` and its encoded `spile.v1.Resource`, which is empty when it is not known.
    ///
    /// # Errors
    /// When they are no such messages.
    pub fn push(&mut self, record: &[u8], resource: &[u8]) -> Result<(), ReadError> {
        let resource = WrittenResource::of(resource)?;
        let record::Written { record, scope } = record::write(record)?;
        if resource != self.resource {
            self.end_resource();
            self.resource = resource;
        }
        if scope != self.scope {
            self.end_scope();
            self.scope = scope;
        }
        put_bytes(&mut self.records, scope_logs::RECORDS, &record);
        Ok(())
    }

    /// The request's bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.end_resource();
        self.out
    }

    fn end_resource(&mut self) {
        self.end_scope();
        let WrittenResource { resource, schema_url } = std::mem::take(&mut self.resource);
        if self.scopes.is_empty() {
            return;
        }
        let mut part = Vec::with_capacity(self.scopes.len() + resource.len() + schema_url.len() + 20);
        if !resource.is_empty() {
            put_bytes(&mut part, resource_logs::RESOURCE, &resource);
        }
        part.append(&mut self.scopes);
        put_unless_empty(&mut part, resource_logs::SCHEMA_URL, &schema_url);
        put_bytes(&mut self.out, request::RESOURCE_LOGS, &part);
    }

    fn end_scope(&mut self) {
        let WrittenScope { scope, schema_url } = std::mem::take(&mut self.scope);
        if self.records.is_empty() {
            return;
        }
        let mut part = Vec::with_capacity(self.records.len() + scope.len() + schema_url.len() + 20);
        put_unless_empty(&mut part, scope_logs::SCOPE, &scope);
        part.append(&mut self.records);
        put_unless_empty(&mut part, scope_logs::SCHEMA_URL, &schema_url);
        put_bytes(&mut self.scopes, resource_logs::SCOPE_LOGS, &part);
    }
}

fn put_unless_empty(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_bytes(out, number, bytes);
    }
}

/// The parts of a `ResourceLogs` that records of one resource share.
#[derive(Debug, Default, PartialEq, Eq)]
struct WrittenResource {
    /// Encoded `Resource`; empty when there is none.
    resource: Vec<u8>,
    schema_url: Vec<u8>,
}

impl WrittenResource {
    fn of(encoded: &[u8]) -> Result<Self, ReadError> {
        let mut written = Self::default();
        let out = &mut written.resource;
        for field in Fields::new(encoded) {
            let field = field?;
            let (spile_resource::ATTRIBUTES, WireValue::Bytes(pair)) = (field.number, field.value) else {
                continue;
            };
            let (key, value) = value::split_pair(pair);
            match (std::str::from_utf8(key).unwrap_or_default(), value::text(value), value::int(value)) {
                (names::RESOURCE_SCHEMA_URL, Some(text), _) => written.schema_url = text.to_vec(),
                (names::RESOURCE_DROPPED, _, Some(count)) => put_uint(out, resource::DROPPED, count as u64),
                (names::RESOURCE_ENTITY_REFS, ..) if put_entity_refs(out, value).is_some() => {}
                _ => put_bytes(out, resource::ATTRIBUTES, pair),
            }
        }
        Ok(written)
    }
}

/// Appends the entity references of an array of bytes. `None` when it is something else; then nothing was appended.
fn put_entity_refs(out: &mut Vec<u8>, array: &[u8]) -> Option<()> {
    let number = |field: &spile_columns::wire::Field<'_>| field.number;
    let start = out.len();
    let list =
        Fields::new(array).flatten().last().filter(|field| number(field) == crate::field::value::ARRAY)?;
    let WireValue::Bytes(list) = list.value else { return None };
    for element in Fields::new(list).flatten().filter(|field| number(field) == LIST_VALUES) {
        let WireValue::Bytes(element) = element.value else { continue };
        let bytes = Fields::new(element).flatten().last();
        let Some(WireValue::Bytes(entity)) =
            bytes.filter(|field| number(field) == crate::field::value::BYTES).map(|field| field.value)
        else {
            out.truncate(start);
            return None;
        };
        put_bytes(out, resource::ENTITY_REFS, entity);
    }
    Some(())
}
