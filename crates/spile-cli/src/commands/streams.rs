//! `spile streams`.

mod delete;
mod list;
mod retention;
mod segments;

use crate::args::{GlobalArgs, StreamsArgs, StreamsCommand};
use crate::exit::CliError;
use crate::notes::Notes;

pub(super) async fn run(global: &GlobalArgs, args: &StreamsArgs, notes: &Notes) -> Result<(), CliError> {
    match &args.command {
        None => list::run(global, args).await,
        Some(StreamsCommand::Retention(args)) => retention::run(global, args, notes).await,
        Some(StreamsCommand::Delete(args)) => delete::run(global, args, notes).await,
        Some(StreamsCommand::Seal { name }) => segments::seal(global, name, notes).await,
        Some(StreamsCommand::Verify { name }) => segments::verify(global, name.as_deref(), notes).await,
    }
}
