//! Named fields of structured lines (JSON, logfmt): which of them mean time, level, text, ids and the like, and how they are read.

mod assign;
mod level;
mod read;
mod roles;
mod times;

pub(crate) use assign::assign;
pub use read::{Field, Meaning};
pub(crate) use read::{from_json as value_of_json, read};
pub(crate) use roles::{Role, Scale, role_of};
pub(crate) use times::{from_json, from_value};
