//! The connection of a command.

use spile_client::{Client, Error};

use crate::args::GlobalArgs;
use crate::exit::CliError;
use crate::settings::Settings;

/// Connects to the server that flags, environment or settings file name.
pub(crate) async fn connect(global: &GlobalArgs) -> Result<Client, CliError> {
    let Settings { addr, token } = Settings::load(global)?;
    let mut builder = Client::builder().user_agent(concat!("spile/", env!("CARGO_PKG_VERSION")));
    if let Some(token) = token {
        builder = builder.token(token);
    }
    builder.connect(&addr).await.map_err(|error| match error {
        error @ Error::Connect { .. } => CliError::Unreachable(error),
        error => error.into(),
    })
}
