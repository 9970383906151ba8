//! A real PostgreSQL as a source: every row once, whatever happens to the server, the database, and the order of commits.

mod cluster;
mod following;
mod order;
mod trouble;
mod values;
