//! The gRPC methods of the contract, known from its descriptors: what each is called and which side streams.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use prost::Message;
use prost_types::FileDescriptorSet;

/// The descriptor sets of everything that the server offers.
pub(crate) const DESCRIPTOR_SETS: &[&[u8]] = &[
    spile_proto::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
    tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
];

/// The label of a gRPC call to a method that does not exist; clients must not be able to invent labels.
pub const UNKNOWN: &str = "unknown";

/// A gRPC method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// `package.Service/Method`.
    pub name: String,
    /// The client sends a stream of messages.
    pub client_streams: bool,
    /// The server sends a stream of messages.
    pub server_streams: bool,
}

impl Method {
    /// Whether either side streams.
    pub fn is_streaming(&self) -> bool {
        self.client_streams || self.server_streams
    }
}

struct Table {
    by_path: HashMap<String, Method>,
    services: BTreeSet<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let sets = DESCRIPTOR_SETS.iter();
    let sets =
        sets.map(|bytes| FileDescriptorSet::decode(*bytes).expect("descriptor sets are made by the build"));
    table(sets)
});

/// The method at this request path, `/package.Service/Method`.
pub fn find(path: &str) -> Option<&'static Method> {
    TABLE.by_path.get(path)
}

/// The full names of all services, in order.
pub fn services() -> impl Iterator<Item = &'static str> {
    TABLE.services.iter().map(String::as_str)
}

/// Whether there is a service of this full name.
pub fn is_service(name: &str) -> bool {
    TABLE.services.contains(name)
}

fn table(sets: impl Iterator<Item = FileDescriptorSet>) -> Table {
    let mut table = Table { by_path: HashMap::new(), services: BTreeSet::new() };
    for file in sets.flat_map(|set| set.file) {
        let package = file.package().to_owned();
        for service in file.service {
            let service_name = format!("{package}.{}", service.name());
            for method in &service.method {
                let name = format!("{service_name}/{}", method.name());
                let method = Method {
                    client_streams: method.client_streaming(),
                    server_streams: method.server_streaming(),
                    name,
                };
                table.by_path.insert(format!("/{}", method.name), method);
            }
            table.services.insert(service_name);
        }
    }
    table
}
