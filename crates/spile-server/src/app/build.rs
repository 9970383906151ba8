//! Builds the server: opens what it stores, and puts its services together.

use super::App;
use super::parts::{OpenError, Parts};
use crate::config::Config;
use crate::context::ServerContext;

/// Why a server cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// What is stored cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Config {
    /// Opens what the configuration names and makes the server of it. Nothing is served yet.
    ///
    /// # Errors
    /// What could not be opened.
    pub async fn build(self) -> Result<App, BuildError> {
        let context = ServerContext::new(self.limits.clone());
        let parts = Parts::open(self, context.clone()).await?;
        let services = parts.services();
        Ok(App { parts: Some(parts), ..App::new(context, services) })
    }
}
