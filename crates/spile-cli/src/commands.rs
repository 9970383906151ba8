//! The commands.

mod count;
mod explore;
mod export;
mod histogram;
mod man;
mod push;
mod streams;
mod tail;

use clap::CommandFactory;
use tokio_util::sync::CancellationToken;

use crate::args::{Cli, Command};
use crate::exit::CliError;
use crate::notes::Notes;
use crate::output::Sink;

/// Runs what the command line asks for; `stop` asks it to end in good order.
pub(crate) async fn run(cli: Cli, notes: Notes, stop: CancellationToken) -> Result<(), CliError> {
    let Cli { global, command } = cli;
    match command {
        Command::Push(args) => push::run(&global, args, &notes, &stop).await,
        Command::Tail(args) => tail::run(&global, &args, &notes, &stop).await,
        Command::Explore(args) => explore::run(&global, &args, &stop).await,
        Command::Count(args) => unless(&stop, count::run(&global, &args)).await,
        Command::Histogram(args) => unless(&stop, histogram::run(&global, &args, &notes)).await,
        Command::Export(args) => export::run(&global, &args, &notes, &stop).await,
        Command::Streams(args) => unless(&stop, streams::run(&global, &args, &notes)).await,
        Command::Completions { shell } => {
            let mut sink = Sink::new();
            sink.print(|out| clap_complete::generate(shell, &mut Cli::command(), "spile", out))?;
            sink.flush()
        }
        Command::Man(args) => man::run(&args),
    }
}

/// For what has nothing to put in order when it is given up.
async fn unless(
    stop: &CancellationToken,
    work: impl Future<Output = Result<(), CliError>>,
) -> Result<(), CliError> {
    tokio::select! {
        outcome = work => outcome,
        () = stop.cancelled() => Err(CliError::Told),
    }
}
