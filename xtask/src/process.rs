//! Running other programs: shown, captured, or read line by line.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How many lines are read ahead of the one that is being looked at.
const LINES_AHEAD: usize = 256;

/// Shows the command and runs it on this process's output; fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    pass(command)
}

/// Runs the command on this process's output, which is the command's alone; fails unless it succeeds.
pub(crate) fn pass(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("start {}", shown(command)))?;
    if !status.success() {
        bail!("{}: {status}", shown(command));
    }
    Ok(())
}

/// Runs the command in silence and gives its standard output; its other output is told only if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("start {}", shown(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}\n{}", shown(command), output.status, stderr.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("read what {} printed", shown(command)))
}

/// Like [`output`], but `None` when there is no such program or it fails.
pub(crate) fn probe(command: &mut Command) -> Option<String> {
    output(command).ok()
}

/// Shows the command, prints its output as it comes and hands each line of standard output to `see`.
///
/// With `patience`, a program that prints nothing for that long is ended together with all that it started. It then
/// runs in a process group of its own, which an interrupt from the terminal does not reach: for CI, where nobody looks.
pub(crate) fn each_line(
    command: &mut Command,
    patience: Option<Duration>,
    mut see: impl FnMut(&str),
) -> Result<ExitStatus> {
    println!("$ {}", shown(command));
    if patience.is_some() {
        command.process_group(0);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", shown(command)))?;
    let stdout = child.stdout.take().expect("standard output is piped");
    let (sender, lines) = sync_channel(LINES_AHEAD);
    let reader = thread::spawn(move || read_lines(stdout, &sender));
    loop {
        match lines.recv_timeout(patience.unwrap_or(Duration::MAX)) {
            Ok(line) => {
                println!("{line}");
                see(&line);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let patience = patience.expect("without patience nothing times out");
                run(Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]))?;
                child.wait()?;
                bail!("{} printed nothing for {patience:?} and was ended", shown(command));
            }
        }
    }
    reader.join().expect("the reader does not panic").context("read the program's output")?;
    child.wait().context("wait for the program")
}

/// Sends each line until the output ends or nobody listens any more.
fn read_lines(output: impl Read, sender: &SyncSender<String>) -> io::Result<()> {
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        if sender.send(line).is_err() {
            break;
        }
    }
    Ok(())
}

/// Whether a program of this name can be started.
pub(crate) fn exists(program: &str) -> bool {
    let started = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    !started.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
