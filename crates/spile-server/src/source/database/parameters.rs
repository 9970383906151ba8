//! The parameters of a database's URL: ours, and those of PostgreSQL's own URLs that are known here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use spile_engine::catalog::DEFAULT_STREAM;
use spile_lines::Meaning;

use super::address::{DatabaseAddress, PostgresServer, Rows, Server, TlsMode};
use crate::config::value::{parse_duration, render_duration};

/// Between two looks for new rows, unless said otherwise.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(1);

/// The most rows fetched at a time, unless said otherwise.
const DEFAULT_FETCH: usize = 1000;

/// The most columns of a cursor.
const MAX_CURSOR_COLUMNS: usize = 4;

/// The longest `id`, bytes: with its prefix it is a producer's id.
const MAX_ID_BYTES: usize = 100;

/// How long connecting may take, unless said otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection whose other end does not answer is given up after about this.
const DEAD_AFTER: Duration = Duration::from_secs(30);

/// Parameters by which columns get a meaning.
const MEANINGS: &[(&str, Meaning)] = &[
    ("time", Meaning::Time),
    ("severity", Meaning::Severity),
    ("level", Meaning::Severity),
    ("body", Meaning::Body),
    ("message", Meaning::Body),
    ("service", Meaning::Service),
    ("host_name", Meaning::Host),
    ("trace_id", Meaning::TraceId),
    ("span_id", Meaning::SpanId),
];

/// All other parameters, for both kinds of databases.
const COMMON: &[&str] = &["table", "query", "cursor", "stream", "interval", "fetch", "lag", "id"];

/// Those that PostgreSQL alone has.
const POSTGRES: &[&str] = &[
    "notify",
    "host",
    "port",
    "user",
    "password",
    "password_file",
    "dbname",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
    "application_name",
    "options",
];

/// What a URL says, and what is wrong with it.
struct Reading {
    /// Name and value, in order.
    given: Vec<(String, String)>,
    problems: Vec<String>,
}

/// Reads a URL whole, so that everything wrong with it is known at once.
pub(super) fn read(url: &str) -> Result<DatabaseAddress, Vec<String>> {
    let (base, parameters) = url.split_once('?').unwrap_or((url, ""));
    let Some((scheme, place)) = base.split_once("://") else {
        return Err(vec![
            "is not a URL; write postgres://user@host/database?... or sqlite:///path?...".into(),
        ]);
    };
    let is_postgres = match scheme {
        "postgres" | "postgresql" => true,
        "sqlite" | "sqlite3" => false,
        _ => return Err(vec![format!("`{scheme}` is no known kind of database; use postgres or sqlite")]),
    };
    let mut reading = Reading::of(parameters);
    reading.refuse_unknown(is_postgres);
    let server = if is_postgres { reading.postgres(place) } else { reading.sqlite(place) };
    let address = reading.address(server);
    if reading.problems.is_empty() { Ok(address) } else { Err(reading.problems) }
}

impl Reading {
    fn of(parameters: &str) -> Self {
        let mut reading = Self { given: Vec::new(), problems: Vec::new() };
        for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                reading.problem("a parameter has no `=`; an `&` inside of a value is written %26");
                continue;
            };
            let Some(value) = reading.decoded(name, value) else { continue };
            if reading.given.iter().any(|(known, _)| known == name) {
                reading.problem(format!("`{name}` is given twice"));
                continue;
            }
            reading.given.push((name.to_owned(), value));
        }
        reading
    }

    fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Without percent-encoding. A plus stays one: SQL has it.
    fn decoded(&mut self, name: &str, value: &str) -> Option<String> {
        match percent_decode_str(value).decode_utf8() {
            Ok(text) if !text.contains('\0') => Some(text.into_owned()),
            _ => {
                self.problem(format!("`{name}` is not UTF-8 text, percent-encoded"));
                None
            }
        }
    }

    fn refuse_unknown(&mut self, is_postgres: bool) {
        let known: Vec<&str> = MEANINGS.iter().map(|(name, _)| *name).chain(COMMON.iter().copied()).collect();
        let names: Vec<String> = self.given.iter().map(|(name, _)| name.clone()).collect();
        for name in names {
            let name = name.as_str();
            if known.contains(&name) || is_postgres && POSTGRES.contains(&name) {
                continue;
            }
            if POSTGRES.contains(&name) {
                self.problem(format!("`{name}` is for postgres alone"));
                continue;
            }
            let own = if is_postgres { POSTGRES } else { &[] };
            let all: Vec<&str> = known.iter().copied().chain(own.iter().copied()).collect();
            self.problem(format!("`{name}` is no parameter; there are {}", all.join(", ")));
        }
    }

    /// A parameter's value; an empty one counts as wrong.
    fn take(&mut self, name: &str) -> Option<String> {
        let value = self.given.iter().find(|(known, _)| known == name)?.1.clone();
        if value.is_empty() {
            self.problem(format!("`{name}` is empty"));
            return None;
        }
        Some(value)
    }

    fn address(&mut self, server: Server) -> DatabaseAddress {
        DatabaseAddress {
            server,
            rows: self.rows(),
            cursor: self.cursor(),
            stream: self.stream(),
            meanings: self.meanings(),
            interval: self.duration("interval", "10ms", "1d").unwrap_or(DEFAULT_INTERVAL),
            fetch: self.fetch(),
            lag: self.duration("lag", "0s", "1d"),
            id: self.id(),
        }
    }

    fn rows(&mut self) -> Rows {
        match (self.take("table"), self.take("query")) {
            (Some(table), None) => Rows::Table(table),
            (None, Some(query)) => Rows::Query(query.trim().trim_end_matches(';').trim_end().to_owned()),
            (Some(_), Some(_)) => {
                self.problem("`table` and `query` are both given; use one");
                Rows::Query(String::new())
            }
            (None, None) => {
                self.problem("neither `table` nor `query` says what to read");
                Rows::Query(String::new())
            }
        }
    }

    fn cursor(&mut self) -> Vec<String> {
        let Some(text) = self.take("cursor") else {
            if !self.given.iter().any(|(name, _)| name == "cursor") {
                self.problem("`cursor` does not name the column that increases with each new row, for instance cursor=id");
            }
            return Vec::new();
        };
        let columns: Vec<String> = text.split(',').map(|column| column.trim().to_owned()).collect();
        if columns.iter().any(String::is_empty) || columns.len() > MAX_CURSOR_COLUMNS {
            self.problem(format!("`cursor` takes 1 to {MAX_CURSOR_COLUMNS} columns with commas between"));
        }
        columns
    }

    fn stream(&mut self) -> String {
        let name = self.take("stream").unwrap_or_else(|| DEFAULT_STREAM.to_owned());
        if let Err(error) = spile_engine::catalog::check_name(&name) {
            self.problem(format!("`stream`: {error}"));
        }
        name
    }

    fn meanings(&mut self) -> Vec<(Meaning, String)> {
        let mut meanings: Vec<(Meaning, String)> = Vec::new();
        for (parameter, meaning) in MEANINGS {
            let Some(column) = self.take(parameter) else { continue };
            if meanings.iter().any(|(known, _)| known == meaning) {
                self.problem(format!("`{parameter}` repeats another parameter of the same meaning"));
                continue;
            }
            if let Some((_, other)) = meanings.iter().find(|(_, known)| *known == column) {
                self.problem(format!("column `{other}` cannot mean two things (`{parameter}`)"));
                continue;
            }
            meanings.push((*meaning, column));
        }
        meanings
    }

    fn duration(&mut self, name: &str, min: &str, max: &str) -> Option<Duration> {
        let text = self.take(name)?;
        let bound = |text| parse_duration(text).unwrap_or_default();
        match parse_duration(&text) {
            Ok(time) if (bound(min)..=bound(max)).contains(&time) => Some(time),
            Ok(time) => {
                self.problem(format!(
                    "`{name}`: {} is out of bounds; use {min} to {max}",
                    render_duration(time)
                ));
                None
            }
            Err(why) => {
                self.problem(format!("`{name}`: {why}"));
                None
            }
        }
    }

    fn fetch(&mut self) -> usize {
        let Some(text) = self.take("fetch") else { return DEFAULT_FETCH };
        match text.parse() {
            Ok(rows @ 1..=10_000) => rows,
            _ => {
                self.problem("`fetch` takes 1 to 10000 rows");
                DEFAULT_FETCH
            }
        }
    }

    fn id(&mut self) -> Option<String> {
        let id = self.take("id")?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.len() > MAX_ID_BYTES || !id.bytes().all(is_plain) || id.starts_with('.') {
            self.problem(format!("`id` takes up to {MAX_ID_BYTES} of a-z, A-Z, 0-9, `-`, `_` and `.`"));
        }
        Some(id)
    }

    fn sqlite(&mut self, place: &str) -> Server {
        let path = self.decoded("path", place).unwrap_or_default();
        if path.is_empty() {
            self.problem("names no file; write sqlite:///path/to/file.db?... (or sqlite://file.db?... for a relative path)");
        }
        // So that its name stays the same wherever the server is started from.
        Server::Sqlite(std::path::absolute(Path::new(&path)).unwrap_or_else(|_| PathBuf::from(&path)))
    }

    fn postgres(&mut self, place: &str) -> Server {
        // What is wrong with it must not be shown: it may hold a password.
        let mut config = match format!("postgres://{place}").parse::<tokio_postgres::Config>() {
            Ok(config) => config,
            Err(_) => {
                self.problem("cannot be read up to the `?`; write postgres://user:password@host:port/database, with @ : / and % in names written %40 %3A %2F %25");
                tokio_postgres::Config::new()
            }
        };
        if let Some(host) = self.take("host") {
            config.host(host);
        }
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if let Some(port) = self.take("port") {
            match port.parse() {
                Ok(port) => drop(config.port(port)),
                Err(_) => self.problem("`port` is no port"),
            }
        }
        if let Some(user) = self.take("user") {
            config.user(user);
        }
        if let Some(database) = self.take("dbname") {
            config.dbname(database);
        }
        if let Some(password) = self.take("password") {
            config.password(password);
        }
        if config.get_user().is_none_or(str::is_empty) {
            self.problem("names no user; write postgres://user@host/database?...");
        }
        let password_file = self.take("password_file").map(PathBuf::from);
        if password_file.is_some() && config.get_password().is_some() {
            self.problem("has a password and `password_file`; use one");
        }
        let timeout = self
            .take("connect_timeout")
            .map(|text| text.parse().ok().filter(|seconds| (1..=600).contains(seconds)));
        if timeout == Some(None) {
            self.problem("`connect_timeout` takes 1 to 600 seconds");
        }
        config.connect_timeout(timeout.flatten().map_or(CONNECT_TIMEOUT, Duration::from_secs));
        config.application_name(self.take("application_name").unwrap_or_else(|| "spile".into()));
        if let Some(options) = self.take("options") {
            config.options(options);
        }
        config.keepalives_idle(DEAD_AFTER / 2).keepalives_interval(DEAD_AFTER / 6).keepalives_retries(3);
        config.tcp_user_timeout(DEAD_AFTER);
        let tls = self.tls();
        let root_certificates = self.take("sslrootcert").map(PathBuf::from);
        if root_certificates.is_some() && tls != TlsMode::VerifyFull {
            self.problem(
                "`sslrootcert` needs sslmode=verify-full: otherwise the server's certificate is not checked",
            );
        }
        let notify = self.take("notify");
        Server::Postgres(Box::new(PostgresServer { config, password_file, tls, root_certificates, notify }))
    }

    fn tls(&mut self) -> TlsMode {
        match self.take("sslmode").as_deref() {
            None | Some("prefer") => TlsMode::Prefer,
            Some("disable") => TlsMode::Disable,
            Some("require") => TlsMode::Require,
            Some("verify-full") => TlsMode::VerifyFull,
            Some(_) => {
                self.problem("`sslmode` is one of disable, prefer, require, verify-full");
                TlsMode::Prefer
            }
        }
    }
}

#[cfg(test)]
mod tests;
