//! Spile's wire contract as Rust: the messages of `proto/`, and behind the features `client` and `server` the tonic stubs.
//!
//! Everything under `generated/` is written by `cargo xtask codegen` and checked in; this file only gives it its module tree.

/// The serialized `FileDescriptorSet` of the whole contract, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!("generated/descriptors.binpb");

/// Package `example`: the contract of the article.
pub mod example {
    #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]
    include!("generated/example.rs");
}

/// Packages below `spile`.
pub mod spile {
    /// Package `spile.v1`: reading and writing streams of records.
    pub mod v1 {
        #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]
        include!("generated/spile.v1.rs");
    }
}

/// Packages below `grpc`.
pub mod grpc {
    /// Package `grpc.health.v1`: gRPC's health checking protocol.
    pub mod health {
        /// The protocol's version 1.
        pub mod v1 {
            #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic)]
            include!("generated/grpc.health.v1.rs");
        }
    }
}

/// Packages below `opentelemetry`: the OpenTelemetry protocol (OTLP) for logs, version 1.10.
pub mod opentelemetry {
    /// Packages below `opentelemetry.proto`.
    pub mod proto {
        /// Package `opentelemetry.proto.common.v1`: values and scopes.
        pub mod common {
            /// The protocol's version 1.
            pub mod v1 {
                #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic, rustdoc::all)]
                include!("generated/opentelemetry.proto.common.v1.rs");
            }
        }
        /// Package `opentelemetry.proto.resource.v1`: what produced records.
        pub mod resource {
            /// The protocol's version 1.
            pub mod v1 {
                #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic, rustdoc::all)]
                include!("generated/opentelemetry.proto.resource.v1.rs");
            }
        }
        /// Package `opentelemetry.proto.logs.v1`: log records.
        pub mod logs {
            /// The protocol's version 1.
            pub mod v1 {
                #![allow(missing_docs, unused_qualifications, clippy::all, clippy::pedantic, rustdoc::all)]
                include!("generated/opentelemetry.proto.logs.v1.rs");
            }
        }
        /// Packages below `opentelemetry.proto.collector`: the services.
        pub mod collector {
            /// Package `opentelemetry.proto.collector.logs.v1`: `LogsService`.
            pub mod logs {
                /// The protocol's version 1.
                pub mod v1 {
                    #![allow(
                        missing_docs,
                        unused_qualifications,
                        clippy::all,
                        clippy::pedantic,
                        rustdoc::all
                    )]
                    include!("generated/opentelemetry.proto.collector.logs.v1.rs");
                }
            }
        }
    }
}

pub use grpc::health::v1 as health;
pub use opentelemetry::proto as otlp;
pub use spile::v1;
