//! `spile`: logs in and out on the command line.
//!
//! Data goes to standard output, everything that is said about it to standard error. `docs/cli.md` describes every command.

mod amount;
mod args;
mod commands;
mod connect;
mod cursor_file;
mod escape;
mod exit;
mod filter;
mod gap;
mod notes;
mod outage;
mod output;
mod settings;
mod signals;
mod time;
mod whole_file;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use args::Cli;
use exit::{CliError, Exit};
use notes::Notes;

fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => exit::usage(&error),
    };
    exit.code()
}

fn run(cli: Cli) -> Exit {
    let notes = Notes::new(&cli.global);
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(Err(CliError::Start(error)), &notes),
    };
    let told = notes.clone();
    let work = |stop| commands::run(cli, told, stop);
    let exit = runtime.block_on(signals::interruptible(work, &notes));
    // Whatever still hangs, in a write to a pipe that nobody reads for instance, ends with the process.
    runtime.shutdown_background();
    exit
}

/// One thread reads the connection while another formats.
fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
