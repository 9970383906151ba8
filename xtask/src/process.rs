//! Running other programs: shown, captured, or read line by line.

use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

/// Shows the command and runs it on this process's output; fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
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
pub(crate) fn each_line(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", shown(command)))?;
    let stdout = child.stdout.take().expect("standard output is piped");
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.context("read the program's output")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(&line);
    }
    child.wait().context("wait for the program")
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
