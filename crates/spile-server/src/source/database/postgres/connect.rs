//! A connection to PostgreSQL.

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Connection, Socket};

use super::tls::{Tls, TlsStream};
use crate::source::database::address::{PostgresServer, TlsMode};
use crate::source::database::trouble::Trouble;

/// Connects, with the password as it is in its file now.
pub(super) async fn connect(
    server: &PostgresServer,
) -> Result<(Client, Connection<Socket, TlsStream>), Trouble> {
    let mut config = server.config.clone();
    if let Some(path) = &server.password_file {
        let password = tokio::fs::read_to_string(path).await;
        let password = password.map_err(|error| Trouble::Connect(format!("{}: {error}", path.display())))?;
        config.password(password.trim_end_matches(['\r', '\n']));
    }
    let is_local = server.config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_)));
    config.ssl_mode(match server.tls {
        // What stays on this machine is not encrypted, as everywhere.
        _ if is_local => SslMode::Disable,
        TlsMode::Disable => SslMode::Disable,
        TlsMode::Prefer => SslMode::Prefer,
        TlsMode::Require | TlsMode::VerifyFull => SslMode::Require,
    });
    let tls = Tls::new(server.tls, server.root_certificates.as_deref())
        .map_err(|why| Trouble::Connect(format!("TLS: {why}")))?;
    Ok(config.connect(tls).await?)
}
