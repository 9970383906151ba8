//! The Spile server, as a library: [`config::parse`] makes a [`config::Config`], `Config::build` makes an [`app::App`], and
//! [`app::App::run`] serves on listeners that are bound already until a future says stop.
//!
//! In reading order: `app` (life), `router` (what is served, through which layers), `transport` (connections), then the
//! handlers.

mod administer;
pub mod app;
pub mod banner;
pub mod config;
pub mod context;
pub mod deadline;
pub mod drain;
pub mod limits;
pub mod listen;
pub mod logging;
pub mod methods;
pub mod metrics;
pub mod observe;
pub mod readiness;
pub mod services;
pub mod signals;
pub mod source;
pub mod status;
pub mod transport;

mod admin;
mod details;
mod grpc;
mod grpc_web;
mod health;
mod ingest;
mod loki;
mod metered;
mod otlp;
mod protocol;
mod read;
mod receive;
mod reflection;
mod router;
mod viewer;
mod web;
mod write;

#[cfg(test)]
mod testing;
