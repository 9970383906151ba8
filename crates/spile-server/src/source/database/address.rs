//! `--source`: a database, what is read of it, and how, from one URL.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use spile_lines::Meaning;
use xxhash_rust::xxh3::xxh3_64;

use super::parameters;

/// A database and what is read of it. Its text forms hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseAddress {
    /// Where it is.
    pub(super) server: Server,
    /// What is read.
    pub(super) rows: Rows,
    /// The columns that increase; together they are a row's position.
    pub(super) cursor: Vec<String>,
    /// The stream that the records go to.
    pub(super) stream: String,
    /// Columns that were said to mean something.
    pub(super) meanings: Vec<(Meaning, String)>,
    /// Between two looks for new rows.
    pub(super) interval: Duration,
    /// The most rows fetched at a time.
    pub(super) fetch: usize,
    /// How much later than its neighbours a row may become visible. `None`: as the cursor's type suggests.
    pub(super) lag: Option<Duration>,
    /// The name under which it is remembered how far it is read. `None`: made of what is read.
    pub(super) id: Option<String>,
}

/// A database.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Server {
    /// PostgreSQL, or what speaks its protocol and has its catalog.
    Postgres(Box<PostgresServer>),
    /// An SQLite file.
    Sqlite(PathBuf),
}

/// A PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PostgresServer {
    /// How to connect, but for what a file says.
    pub(super) config: tokio_postgres::Config,
    /// A file with the password; it is read for each connection.
    pub(super) password_file: Option<PathBuf>,
    pub(super) tls: TlsMode,
    /// Certificates of those who may have signed the server's; `None`: those that the system trusts.
    pub(super) root_certificates: Option<PathBuf>,
    /// What new rows are announced under, by NOTIFY.
    pub(super) notify: Option<String>,
}

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TlsMode {
    /// Not at all.
    Disable,
    /// If the server can.
    Prefer,
    /// Always; the server's identity is not checked.
    Require,
    /// Always; the server's certificate must be signed by who is trusted, for the name that was asked for.
    VerifyFull,
}

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// All rows of a table or view, `table` or `schema.table`.
    Table(String),
    /// The rows of a query.
    Query(String),
}

impl DatabaseAddress {
    /// Reads a URL: `postgres://user@host/database?table=...&cursor=...`, or `sqlite:///path?table=...&cursor=...`.
    ///
    /// # Errors
    /// Everything that is wrong with it, without its password.
    pub fn parse(url: &str) -> Result<Self, String> {
        parameters::read(url).map_err(|problems| problems.join("; "))
    }

    /// The stream that its records go to.
    #[must_use]
    pub fn stream(&self) -> &str {
        &self.stream
    }

    /// The producer under which its records are appended: the same for the same rows, whoever asks for them and how often.
    #[must_use]
    pub fn producer(&self) -> String {
        match &self.id {
            Some(id) => format!("database:{id}"),
            None => {
                let what = format!("{:?} {:?} {:?}", self.server.place(), self.rows, self.cursor);
                format!("database:{:016x}", xxh3_64(what.as_bytes()))
            }
        }
    }

    /// What a row's records come from when no column says it: the table's name, else the database's.
    pub(super) fn service(&self) -> String {
        match (&self.rows, &self.id) {
            (_, Some(id)) => id.clone(),
            (Rows::Table(table), None) => {
                table.rsplit('.').next().unwrap_or(table).trim_matches('"').to_owned()
            }
            (Rows::Query(_), None) => self.server.database(),
        }
    }
}

impl Server {
    /// The kind of database, by OpenTelemetry's name.
    pub(super) fn system(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgresql",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// The database's name.
    pub(super) fn database(&self) -> String {
        match self {
            Self::Postgres(server) => {
                let config = &server.config;
                config.get_dbname().or(config.get_user()).unwrap_or("postgres").to_owned()
            }
            Self::Sqlite(path) => {
                path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
            }
        }
    }

    /// The host, where there is one.
    pub(super) fn host(&self) -> Option<String> {
        use tokio_postgres::config::Host;
        let Self::Postgres(server) = self else { return None };
        server.config.get_hosts().first().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        })
    }

    /// Where it is, without who asks.
    fn place(&self) -> String {
        match self {
            Self::Postgres(server) => {
                let ports: Vec<_> = server.config.get_ports().iter().map(u16::to_string).collect();
                let host = self.host().unwrap_or_else(|| "localhost".into());
                let port = if ports.is_empty() { String::new() } else { format!(":{}", ports.join(",")) };
                format!("postgres://{host}{port}/{}", self.database())
            }
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
        }
    }
}

/// Without user and password, and with the name of a table but not the text of a query.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.server.place())?;
        match (&self.rows, &self.id) {
            (Rows::Table(table), _) => write!(f, "?table={table}"),
            (Rows::Query(_), Some(id)) => write!(f, "?id={id}"),
            (Rows::Query(_), None) => f.write_str("?query=..."),
        }
    }
}

/// Without the password.
impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, rows, cursor, stream, meanings, interval, fetch, lag, id } = self;
        let mut shown = f.debug_struct("DatabaseAddress");
        shown.field("server", &server.place()).field("rows", rows).field("cursor", cursor);
        shown.field("stream", stream).field("meanings", meanings).field("interval", interval);
        shown.field("fetch", fetch).field("lag", lag).field("id", id).finish_non_exhaustive()
    }
}
