//! The handle that calls are made with, and the unary calls.

mod admin;
mod context;
mod histogram;

use std::fmt;
use std::sync::Arc;

use spile_proto::v1::read_service_client::ReadServiceClient;
use spile_proto::v1::{
    CountRequest, CountResponse, Filter, GetStreamRequest, ListStreamsRequest, ListStreamsResponse,
    StreamInfo,
};
use tonic::client::Grpc;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};

use crate::append::AppenderBuilder;
use crate::auth::Auth;
use crate::builder::ClientBuilder;
use crate::error::Error;
use crate::explore::Explore;
use crate::tail::Tail;

pub use context::Context;

/// A channel whose calls say who calls.
pub(crate) type Authorized = InterceptedService<Channel, Auth>;

/// The most streams that one page may hold.
const MAX_PAGE: u32 = 1_000;

/// How connections of a client are made and used; what a new one needs to be like the first.
pub(crate) struct Connection {
    /// As given, for messages.
    pub(crate) address: String,
    pub(crate) endpoint: Endpoint,
    /// Makes a channel that connects when it is first used.
    pub(crate) dial: Arc<dyn Fn(&Endpoint) -> Channel + Send + Sync>,
    pub(crate) auth: Auth,
    /// Bytes.
    pub(crate) max_message: usize,
}

impl Connection {
    pub(crate) async fn open(&self) -> Result<Channel, Error> {
        self.endpoint
            .connect()
            .await
            .map_err(|source| Error::Connect { address: self.address.clone(), source: Arc::new(source) })
    }

    pub(crate) fn open_lazy(&self) -> Channel {
        (self.dial)(&self.endpoint)
    }
}

/// A connection to a server. Clones are cheap and share the connection; a connection that broke is made again by the next call.
///
/// ```no_run
/// # async fn example() -> Result<(), spile_client::Error> {
/// let client = spile_client::Client::connect("127.0.0.1:50051").await?;
/// for stream in client.all_streams().await? {
///     println!("{}: {} records", stream.name, stream.tail - stream.head);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    channel: Channel,
    connection: Arc<Connection>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.connection.address).finish_non_exhaustive()
    }
}

impl Client {
    pub(crate) fn new(channel: Channel, connection: Connection) -> Self {
        Self { channel, connection: Arc::new(connection) }
    }

    /// Connects to `host:port` or `http://host:port` (port 50051 when none is given) with the default settings.
    pub async fn connect(address: &str) -> Result<Self, Error> {
        ClientBuilder::default().connect(address).await
    }

    /// Settings other than the default ones.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client like this one with a connection of its own, made when it is first used: for a tail whose reader may pause for
    /// long, so that what it leaves unread does not take the connection's window from other calls.
    #[must_use]
    pub fn separate(&self) -> Self {
        Self { channel: self.connection.open_lazy(), connection: Arc::clone(&self.connection) }
    }

    /// Reads records: what is stored, then what arrives.
    pub fn tail(&self) -> Tail {
        Tail::new(self.clone())
    }

    /// Reads in a session: what is asked for changes while records flow.
    pub fn explore(&self) -> Explore {
        Explore::new(self.clone())
    }

    /// Writes records, each acknowledged when it is durable.
    pub fn appender(&self) -> AppenderBuilder {
        AppenderBuilder::new(self.clone())
    }

    /// Counts the stored records of a stream (empty: `default`) that match.
    pub async fn count(&self, stream: &str, filter: Filter) -> Result<CountResponse, Error> {
        let request = CountRequest { stream: stream.to_owned(), filter: Some(filter) };
        Ok(self.reading().count(request).await?.into_inner())
    }

    /// One page of the catalog, by name. `page_size` 0 means 100, the most is 1,000; `page_token` is empty for the first page and
    /// otherwise what the page before gave.
    pub async fn list_streams(&self, page_size: u32, page_token: &str) -> Result<ListStreamsResponse, Error> {
        let request = ListStreamsRequest { page_size, page_token: page_token.to_owned() };
        Ok(self.reading().list_streams(request).await?.into_inner())
    }

    /// The whole catalog, by name.
    pub async fn all_streams(&self) -> Result<Vec<StreamInfo>, Error> {
        let mut streams = Vec::new();
        let mut token = String::new();
        loop {
            let page = self.list_streams(MAX_PAGE, &token).await?;
            streams.extend(page.streams);
            if page.next_page_token.is_empty() {
                return Ok(streams);
            }
            if page.next_page_token == token {
                return Err(Error::Protocol("the page after this one is this one".to_owned()));
            }
            token = page.next_page_token;
        }
    }

    /// Describes one stream (empty: `default`).
    pub async fn get_stream(&self, stream: &str) -> Result<StreamInfo, Error> {
        let request = GetStreamRequest { stream: stream.to_owned() };
        let response = self.reading().get_stream(request).await?.into_inner();
        response.stream.ok_or_else(|| Error::Protocol("the answer holds no stream".to_owned()))
    }

    pub(crate) fn reading(&self) -> ReadServiceClient<Authorized> {
        ReadServiceClient::with_interceptor(self.channel.clone(), self.connection.auth.clone())
            .max_decoding_message_size(self.connection.max_message)
            .max_encoding_message_size(self.connection.max_message)
    }

    /// For calls whose requests the generated client cannot encode.
    pub(crate) fn writing(&self) -> Grpc<Authorized> {
        let auth = self.connection.auth.clone();
        Grpc::new(InterceptedService::new(self.channel.clone(), auth))
            .max_decoding_message_size(self.connection.max_message)
            .max_encoding_message_size(self.connection.max_message)
    }

    /// Bytes.
    pub(crate) fn max_message(&self) -> usize {
        self.connection.max_message
    }
}
