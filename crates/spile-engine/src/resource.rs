//! What produced a record, defined once and named by hash.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use spile_proto::v1::{KeyValue, Resource};
use xxhash_rust::xxh3::xxh3_64;

use crate::record::{RecordError, Value, find_attribute, key_value};
use crate::wire::{Fields, WireValue};

/// The most encoded bytes of one resource: 64 KiB.
pub(crate) const MAX_RESOURCE_BYTES: usize = 64 * 1024;

/// Field numbers of `spile.v1.Resource`.
const HASH: u32 = 1;
const ATTRIBUTES: u32 = 2;

/// A resource: its attributes in canonical order, encoded once, and their hash.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceDef {
    hash: u64,
    encoded: Bytes,
}

impl ResourceDef {
    /// Makes a resource of attributes in any order; of equal keys the last counts.
    #[must_use]
    pub fn new(attributes: Vec<KeyValue>) -> Arc<Self> {
        let by_key = attributes.into_iter().map(|attribute| (attribute.key.clone(), attribute));
        let canonical: BTreeMap<String, KeyValue> = by_key.collect();
        let mut resource = Resource { hash: 0, attributes: canonical.into_values().collect() };
        // 0 means "no resource" on the wire, so the hash avoids it.
        resource.hash = xxh3_64(&resource.encode_to_vec()).max(1);
        Arc::new(Self { hash: resource.hash, encoded: resource.encode_to_vec().into() })
    }

    /// Checks an encoded `Resource` from outside and brings it into canonical form. Returns the hash by which the sender
    /// named it, too.
    pub fn check(encoded: &[u8]) -> Result<(u64, Arc<Self>), RecordError> {
        // Before it is decoded: many small attributes are much larger then. The hash may come on top.
        if encoded.len() > MAX_RESOURCE_BYTES + 9 {
            return Err(too_large());
        }
        let mut named = 0;
        for item in Fields::new(encoded) {
            let item = item?;
            match (item.number, item.value) {
                (HASH, WireValue::Fixed64(hash)) => named = hash,
                (HASH, _) => {
                    return Err(RecordError::FieldType { field: "resources.hash" });
                }
                (ATTRIBUTES, value) => key_value(value, 16)?,
                _ => {}
            }
        }
        let decoded = Resource::decode(encoded)
            .map_err(|_| RecordError::FieldType { field: "resources.attributes" })?;
        Ok((named, Self::new(decoded.attributes)))
    }

    /// Takes an encoded `Resource` that this engine wrote.
    pub(crate) fn trusted(encoded: Bytes) -> Option<Arc<Self>> {
        let hash = Fields::new(&encoded).flatten().find_map(|item| match (item.number, item.value) {
            (HASH, WireValue::Fixed64(hash)) => Some(hash),
            _ => None,
        })?;
        Some(Arc::new(Self { hash, encoded }))
    }

    /// Names the resource; never 0.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The bytes of the `Resource` message.
    #[must_use]
    pub fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// The attribute of this name.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<Value<'_>> {
        find_attribute(&self.encoded, ATTRIBUTES, key)
    }
}

/// Why a resource of more than [`MAX_RESOURCE_BYTES`] is refused.
pub(crate) fn too_large() -> RecordError {
    RecordError::Bounds { field: "resources.attributes", expected: "at most 64 KiB encoded" }
}
