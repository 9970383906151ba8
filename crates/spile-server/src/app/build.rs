//! Builds the server: opens what it stores, and puts its services together.

use std::io;
use std::path::PathBuf;

use super::App;
use crate::config::Config;
use crate::context::ServerContext;
use crate::router;
use crate::services::Services;

/// Why a server cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The data directory cannot be made.
    #[error("cannot make the data directory {path}: {source} (data-dir)")]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Config {
    /// Opens what the configuration names and makes the server of it. Nothing is served yet.
    ///
    /// # Errors
    /// What could not be opened.
    pub async fn build(self) -> Result<App, BuildError> {
        if let Err(source) = tokio::fs::create_dir_all(&self.data_dir).await {
            return Err(BuildError::DataDir { path: self.data_dir, source });
        }
        let context = ServerContext::new(self.limits);
        let services = Services::new();
        Ok(App { main: router::main(&context, services), admin: router::admin(&context), context })
    }
}
