//! The connection of a command.

use std::time::Duration;

use spile_client::{Client, Error, RetryPolicy};

use crate::args::GlobalArgs;
use crate::exit::CliError;
use crate::settings::Settings;

/// When somebody waits for the end, about half a minute of trying is enough.
const ATTEMPTS: u32 = 12;
const MAX_WAIT: Duration = Duration::from_secs(10);

/// For reading what never ends.
pub(crate) fn retry_for_ever() -> RetryPolicy {
    RetryPolicy::default().max(MAX_WAIT)
}

/// For reading to an end.
pub(crate) fn retry_for_a_while() -> RetryPolicy {
    retry_for_ever().max_attempts(ATTEMPTS)
}

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
