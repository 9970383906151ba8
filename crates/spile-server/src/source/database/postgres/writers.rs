//! Who is writing to the tables of a query: transactions whose rows may have lower ids than rows that are visible already.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Transaction};

use crate::source::database::address::DatabaseAddress;
use crate::source::database::trouble::Trouble;

/// After so long a wait it is told who is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks whether they have ended: at first, and at most.
const LOOK: Duration = Duration::from_millis(5);
const LONGEST_LOOK: Duration = Duration::from_millis(200);

/// The tables that this transaction has read. What the system's own tables are locked for is no matter.
const TABLES_READ: &str = "SELECT coalesce(array_agg(DISTINCT relation), '{}') FROM pg_catalog.pg_locks \
                           WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384";

/// Transactions that hold a lock that writing takes, and that lasts until they end. It is taken before a row's default values are made.
const WRITERS: &str = "SELECT DISTINCT virtualtransaction FROM pg_catalog.pg_locks \
                       WHERE locktype = 'relation' AND granted AND relation = ANY ($1) AND pid IS DISTINCT FROM pg_backend_pid() \
                       AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) \
                       AND mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')";

/// Those of them that have not ended. A transaction that was prepared for a commit in two phases has another number by then, and no process.
const STILL_THERE: &str = "SELECT count(*) FROM pg_catalog.pg_locks WHERE virtualtransaction = ANY ($1) \
                           OR locktype = 'relation' AND pid IS NULL AND relation = ANY ($2) AND mode <> 'AccessShareLock'";

/// Who was writing when rows were looked for.
pub(super) enum Writers {
    /// Transactions, and the tables that they write to.
    Transactions(Vec<String>, Vec<u32>),
    /// On a standby, which does not know locks: all transactions before this number.
    Before(String),
}

impl Writers {
    /// Who writes to the tables that this transaction has read.
    pub(super) async fn of(transaction: &Transaction<'_>, is_standby: bool) -> Result<Self, Trouble> {
        if is_standby {
            let now = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
            return Ok(Self::Before(transaction.query_one(now, &[]).await?.try_get(0)?));
        }
        let tables: Vec<u32> = transaction.query_one(TABLES_READ, &[]).await?.try_get(0)?;
        let writers = transaction.query(WRITERS, &[&tables]).await?;
        let writers = writers.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Self::Transactions(writers, tables))
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Transactions(writers, _) if writers.is_empty())
    }

    /// Waits until all of them have ended.
    pub(super) async fn ended(&self, client: &Client, address: &DatabaseAddress) -> Result<(), Trouble> {
        let begun = Instant::now();
        let mut look = LOOK;
        let mut is_told = false;
        while self.are_there(client).await? {
            if begun.elapsed() > PATIENCE && !std::mem::replace(&mut is_told, true) {
                tracing::warn!(database = %address, "new rows wait for a transaction that writes to their table and does not end");
            }
            sleep(look).await;
            look = (look * 2).min(LONGEST_LOOK);
        }
        Ok(())
    }

    async fn are_there(&self, client: &Client) -> Result<bool, Trouble> {
        let row = match self {
            Self::Transactions(writers, tables) => {
                let count: i64 = client.query_one(STILL_THERE, &[writers, tables]).await?.try_get(0)?;
                return Ok(count > 0);
            }
            Self::Before(number) => {
                let oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot()) < $1::text::xid8";
                client.query_one(oldest, &[number]).await?
            }
        };
        Ok(row.try_get(0)?)
    }
}
