//! The settings of a client and of its HTTP/2 connection.

use std::sync::Arc;
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use crate::address;
use crate::auth::Auth;
use crate::client::{Client, Connection};
use crate::error::Error;

/// What a connection may hold unread, all its calls together: 16 MiB. With the protocol's default of 64 KiB, a burst of small
/// messages can be taken for a flood and the connection closed.
const CONNECTION_WINDOW: u32 = 16 << 20;
/// What one call may hold unread: 4 MiB, so that one that nobody reads leaves three quarters to the others.
const STREAM_WINDOW: u32 = 4 << 20;
/// Larger than any message that a server sends (4 MiB), with room to grow.
const MAX_MESSAGE: usize = 8 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection is asked whether it lives so often, and given up when it does not answer for as long again.
const KEEPALIVE: Duration = Duration::from_secs(20);

/// Makes a [`Client`].
///
/// ```no_run
/// # async fn example() -> Result<(), spile_client::Error> {
/// let client = spile_client::ClientBuilder::default()
///     .token("s3cret")
///     .user_agent("billing/1.2")
///     .connect("logs.example.com:50051")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ClientBuilder {
    token: Option<String>,
    user_agent: String,
    connect_timeout: Duration,
    keepalive: Duration,
    connection_window: u32,
    stream_window: u32,
    max_message: usize,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            token: None,
            user_agent: concat!("spile-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: CONNECT_TIMEOUT,
            keepalive: KEEPALIVE,
            connection_window: CONNECTION_WINDOW,
            stream_window: STREAM_WINDOW,
            max_message: MAX_MESSAGE,
        }
    }
}

impl ClientBuilder {
    /// The bearer token that each call carries as `authorization`. Default: none.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The name that servers see; this crate's and tonic's are added to it. Default: only those.
    #[must_use]
    pub fn user_agent(mut self, name: &str) -> Self {
        self.user_agent = format!("{name} spile-client/{}", env!("CARGO_PKG_VERSION"));
        self
    }

    /// How long making a connection may take. Default 5 s. Calls have no time limit of their own: a tail may go on for ever.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a connection may be quiet before it is asked whether it lives; it is given up when no answer comes for
    /// as long again. Default 20 s.
    #[must_use]
    pub fn keepalive(mut self, interval: Duration) -> Self {
        self.keepalive = interval;
        self
    }

    /// How many bytes a connection may hold unread, all calls together; at most 2 GiB - 1. Default 16 MiB.
    #[must_use]
    pub fn connection_window(mut self, bytes: u32) -> Self {
        self.connection_window = bytes;
        self
    }

    /// How many bytes one call may hold unread. Default 4 MiB. As many unread calls as fit into the connection's window stop
    /// all others on the same connection: see [`Client::separate`].
    #[must_use]
    pub fn stream_window(mut self, bytes: u32) -> Self {
        self.stream_window = bytes;
        self
    }

    /// The largest message that is taken or sent, in bytes. Default 8 MiB, which is also what servers take.
    #[must_use]
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// Connects, so that a wrong address is known at once. A connection that breaks later is made again by the calls
    /// that need it.
    pub async fn connect(self, address: &str) -> Result<Client, Error> {
        let connection = self.connection(address)?;
        let channel = connection.open().await?;
        Ok(Client::new(channel, connection))
    }

    /// As [`connect`](Self::connect), but the connection is made by the first call. Must be called within a Tokio runtime.
    pub fn connect_lazy(self, address: &str) -> Result<Client, Error> {
        let connection = self.connection(address)?;
        let channel = connection.open_lazy();
        Ok(Client::new(channel, connection))
    }

    /// The one place that knows how connections are made: what TLS needs would be added to the endpoint here.
    pub(crate) fn connection(self, address: &str) -> Result<Connection, Error> {
        let auth = self.token.as_deref().map(Auth::bearer).transpose()?;
        let endpoint = self.endpoint(address)?;
        Ok(Connection {
            address: address.to_owned(),
            endpoint,
            dial: Arc::new(Endpoint::connect_lazy),
            auth: auth.unwrap_or_default(),
            max_message: self.max_message,
        })
    }

    fn endpoint(&self, address: &str) -> Result<Endpoint, Error> {
        Channel::builder(address::parse(address)?)
            .user_agent(self.user_agent.as_str())
            .map_err(|_| Error::Setting {
                setting: "user agent",
                reason: "it cannot be sent in a header".to_owned(),
            })
            .map(|endpoint| {
                endpoint
                    .connect_timeout(self.connect_timeout)
                    .http2_keep_alive_interval(self.keepalive)
                    .keep_alive_timeout(self.keepalive)
                    .keep_alive_while_idle(true)
                    .initial_connection_window_size(self.connection_window)
                    .initial_stream_window_size(self.stream_window)
            })
    }
}
