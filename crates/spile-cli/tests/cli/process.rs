//! Runs the binary away from the settings of whoever runs the tests.

use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Far beyond what anything here takes: a test that hangs fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The binary with arguments, its output to pipes.
pub(crate) fn spile(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spile"));
    command.args(arguments).env_clear().env("XDG_CONFIG_HOME", "/nonexistent").env("TZ", "UTC");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The binary with arguments and the server's address.
pub(crate) fn spile_at(address: std::net::SocketAddr, arguments: &[&str]) -> Command {
    let mut command = spile(arguments);
    command.env("SPILE_ADDR", address.to_string());
    command
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs to the end.
pub(crate) async fn run(mut command: Command) -> Run {
    finish(command.spawn().unwrap()).await
}

/// Runs to the end with this on standard input.
pub(crate) async fn run_with(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).await.unwrap();
    finish(child).await
}

/// Waits for the end.
pub(crate) async fn finish(child: Child) -> Run {
    let Output { status, stdout, stderr } =
        timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    Run {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

/// Waits for the end of a child whose output is seen to elsewhere; gives its exit status.
pub(crate) async fn ended(mut child: Child) -> Option<i32> {
    timeout(PATIENCE, child.wait()).await.unwrap().unwrap().code()
}

/// Waits until something is so that nobody tells.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let look = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, look).await.unwrap();
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// The standard output of a child that goes on.
pub(crate) struct Lines(BufReader<ChildStdout>);

impl Lines {
    pub(crate) fn of(child: &mut Child) -> Self {
        Self(BufReader::new(child.stdout.take().unwrap()))
    }

    /// The next line, without its end.
    pub(crate) async fn next(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.0.read_line(&mut line)).await.unwrap().unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// Everything up to the end.
    pub(crate) async fn rest(mut self) -> String {
        let mut rest = String::new();
        timeout(PATIENCE, self.0.read_to_string(&mut rest)).await.unwrap().unwrap();
        rest
    }
}
