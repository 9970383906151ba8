//! Finds the file that declares a symbol.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

/// Encoded file descriptors by file name and by the full names of what they declare.
#[derive(Debug, Default)]
pub(super) struct Index {
    files: HashMap<String, Arc<[u8]>>,
    symbols: HashMap<String, Arc<[u8]>>,
}

impl Index {
    /// Indexes encoded `FileDescriptorSet`s. The first file of a name wins.
    pub(super) fn new(sets: &[&[u8]]) -> Self {
        let mut index = Self::default();
        for bytes in sets {
            let set = FileDescriptorSet::decode(*bytes).expect("descriptor sets are made by the build");
            for file in set.file {
                index.add_file(&file);
            }
        }
        index
    }

    /// The file of this name, encoded.
    pub(super) fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(AsRef::as_ref)
    }

    /// The file that declares this symbol, encoded.
    pub(super) fn file_of_symbol(&self, name: &str) -> Option<&[u8]> {
        self.symbols.get(name).map(AsRef::as_ref)
    }

    fn add_file(&mut self, file: &FileDescriptorProto) {
        if self.files.contains_key(file.name()) {
            return;
        }
        let encoded: Arc<[u8]> = file.encode_to_vec().into();
        self.files.insert(file.name().to_owned(), Arc::clone(&encoded));
        let mut names = Names { scope: file.package().to_owned(), found: Vec::new() };
        names.of_file(file);
        for name in names.found {
            self.symbols.insert(name, Arc::clone(&encoded));
        }
    }
}

/// Collects full names.
struct Names {
    scope: String,
    found: Vec<String>,
}

impl Names {
    fn of_file(&mut self, file: &FileDescriptorProto) {
        for message in &file.message_type {
            self.of_message(message);
        }
        for declared in &file.enum_type {
            self.of_enum(declared);
        }
        for service in &file.service {
            self.add(service.name());
            self.inside(service.name(), |names| {
                for method in &service.method {
                    names.add(method.name());
                }
            });
        }
    }

    fn of_message(&mut self, message: &DescriptorProto) {
        self.add(message.name());
        self.inside(message.name(), |names| {
            for field in &message.field {
                names.add(field.name());
            }
            for oneof in &message.oneof_decl {
                names.add(oneof.name());
            }
            for nested in &message.nested_type {
                names.of_message(nested);
            }
            for declared in &message.enum_type {
                names.of_enum(declared);
            }
        });
    }

    /// An enum's values are declared beside it, not inside it.
    fn of_enum(&mut self, declared: &EnumDescriptorProto) {
        self.add(declared.name());
        for value in &declared.value {
            self.add(value.name());
        }
    }

    fn add(&mut self, name: &str) {
        self.found.push(join(&self.scope, name));
    }

    fn inside(&mut self, name: &str, visit: impl FnOnce(&mut Self)) {
        let inner = join(&self.scope, name);
        let outer = std::mem::replace(&mut self.scope, inner);
        visit(self);
        self.scope = outer;
    }
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}
