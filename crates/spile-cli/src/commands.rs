//! The commands.

mod count;
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
        Command::Count(args) => count::run(&global, &args).await,
        Command::Histogram(args) => histogram::run(&global, &args, &notes).await,
        Command::Export(args) => export::run(&global, &args, &notes, &stop).await,
        Command::Streams(args) => streams::run(&global, &args, &notes, &stop).await,
        Command::Completions { shell } => {
            let mut sink = Sink::new();
            sink.print(|out| clap_complete::generate(shell, &mut Cli::command(), "spile", out))?;
            sink.flush()
        }
        Command::Man(args) => man::run(&args),
    }
}
