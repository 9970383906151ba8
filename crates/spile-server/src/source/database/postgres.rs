//! PostgreSQL: connects, looks for new rows, waits until none can come in between, and reads them through a portal.
//!
//! Rows become visible when their transaction commits, which need not be in the order of their ids. So a look at the table takes two steps. The
//! first finds the highest cursor (the head), and who is writing to the tables of the query at that moment. When those have all ended, the second
//! reads the rows up to that head, in a snapshot of its own: whoever took a lower id before has committed by then, or never will.

mod connect;
mod query;
mod shape;
mod tls;
mod writers;

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_postgres::{AsyncMessage, Client, Connection};

use self::query::Query;
use self::shape::Shape;
use super::address::PostgresServer;
use super::follow::{Session, lag_behind};
use super::position::{Key, Position};
use super::row::Records;
use super::trouble::Trouble;

/// Rows of about so many bytes are fetched at a time at most.
const PAGE_BYTES: usize = 2 << 20;

/// So many rows are fetched first, while it is not known how large they are.
const FIRST_PAGE: usize = 100;

/// A snapshot is held for so long at most: it keeps the database from cleaning up.
const MAX_SNAPSHOT_AGE: Duration = Duration::from_secs(60);

/// What makes every value's text the same, whoever the user is.
const SETTINGS: &str = "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = 1; \
                        SET bytea_output = 'hex'; SET client_encoding = 'UTF8'";

/// Connects, and reads until something goes wrong.
pub(super) async fn session(
    server: &PostgresServer,
    session: &mut Session<'_>,
) -> Result<Infallible, Trouble> {
    let (client, connection) = connect::connect(server).await?;
    let announced = Arc::new(Notify::new());
    // The connection makes progress only while somebody polls it, also while nothing is asked.
    tokio::select! {
        broken = listen(connection, &announced) => Err(broken),
        ended = follow(client, server, session, &announced) => ended,
    }
}

/// Drives the connection until it breaks.
async fn listen<S, T>(mut connection: Connection<S, T>, announced: &Notify) -> Trouble
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(_))) => announced.notify_one(),
            Some(Ok(_)) => {}
            Some(Err(error)) => return error.into(),
            None => return Trouble::Connect("the connection was closed".into()),
        }
    }
}

async fn follow(
    mut client: Client,
    server: &PostgresServer,
    session: &mut Session<'_>,
    announced: &Arc<Notify>,
) -> Result<Infallible, Trouble> {
    client.batch_execute(SETTINGS).await?;
    let is_standby: bool = client.query_one("SELECT pg_is_in_recovery()", &[]).await?.try_get(0)?;
    if let Some(name) = &server.notify {
        client.batch_execute(&format!("LISTEN {}", query::identifier(name))).await?;
    }
    let announced = server.notify.as_ref().map(|_| announced);
    loop {
        let more = Pass { client: &mut client, session, is_standby }.run().await?;
        if !more {
            session.rest(announced).await?;
        }
    }
}

/// One look for new rows.
struct Pass<'a, 's> {
    client: &'a mut Client,
    session: &'a mut Session<'s>,
    is_standby: bool,
}

impl Pass<'_, '_> {
    /// Reads what is new. Tells whether there may be more.
    async fn run(mut self) -> Result<bool, Trouble> {
        let seen = Instant::now();
        let transaction = self.client.build_transaction().read_only(true).start().await?;
        let shape = Shape::of(&transaction, self.session.address).await?;
        self.session.feed.set_cursor(&shape.cursor_names())?;
        let from = self.session.feed.position().cloned();
        let query = Query::new(&self.session.address.rows, &shape);
        let Some(head) = query.head(&transaction, from.as_ref()).await? else {
            transaction.commit().await?;
            return Ok(false);
        };
        let writers = writers::Writers::of(&transaction, self.is_standby).await?;
        transaction.commit().await?;
        if !writers.is_empty() {
            self.session.state.waiting();
            writers.ended(self.client, self.session.address).await?;
        }
        let lag = self.session.lag(shape.usual_lag(self.is_standby));
        if !lag.is_zero() {
            self.session.state.waiting();
            lag_behind(seen, lag).await;
        }
        self.session.state.reading();
        self.read(&query, &shape, from.as_ref(), &head).await?;
        Ok(true)
    }

    /// Reads the rows after `from`, up to `head`, in one snapshot.
    async fn read(
        &mut self,
        query: &Query,
        shape: &Shape,
        from: Option<&Position>,
        head: &Position,
    ) -> Result<(), Trouble> {
        let begun = Instant::now();
        let Session { address, feed, .. } = &mut *self.session;
        let mut records = Records::new(address, shape.meanings(address)?);
        let transaction = self.client.build_transaction().read_only(true).start().await?;
        let portal = query.rows(&transaction, from, head).await?;
        let mut page = FIRST_PAGE.min(address.fetch);
        loop {
            let limit = i32::try_from(page).unwrap_or(i32::MAX);
            let fetched = transaction.query_portal(&portal, limit).await?;
            let is_last = fetched.len() < page;
            let rows = fetched.iter().map(|row| shape.row(row)).collect::<Result<Vec<_>, _>>()?;
            drop(fetched);
            let bytes: usize = rows.iter().map(|row| row.bytes).sum();
            page = (PAGE_BYTES * rows.len().max(1) / bytes.max(1)).clamp(1, address.fetch).min(page * 4);
            feed.take(rows, &mut records).await?;
            if is_last {
                break;
            }
            if begun.elapsed() > MAX_SNAPSHOT_AGE {
                // Rows of the last position may be missing; what is laid down of it is read again.
                feed.flush().await?;
                return feed.recover().await;
            }
        }
        transaction.commit().await?;
        feed.send().await
    }
}

/// The position of a row whose columns from the first on are the cursor's.
fn position(row: &tokio_postgres::Row, columns: usize) -> Result<Position, tokio_postgres::Error> {
    let keys = (0..columns).map(|at| row.try_get::<_, String>(at).map(Key::Text));
    Ok(Position(keys.collect::<Result<_, _>>()?))
}
