//! A real `spile-server` on free ports, filled with log files by the real `spile`.

use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tempfile::TempDir;

use crate::corpus::Corpus;
use crate::process;
use crate::workspace::Workspace;

/// How many of the last lines of the server's log are kept.
const LOG_LINES: usize = 40;

/// A running server, ended when dropped. Its data is in a folder of its own.
pub(crate) struct Server {
    child: Child,
    /// Where it listens, as `host:port`.
    address: String,
    log: Arc<Mutex<VecDeque<String>>>,
    log_reader: Option<JoinHandle<()>>,
    data: TempDir,
}

impl Server {
    /// Starts the program on free ports and waits until it has bound them. Settings in the environment do not reach it.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let mut command = Command::new(program);
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPILE_")) {
            command.env_remove(name);
        }
        command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-format", "json"]);
        command.arg("--data-dir").arg(data.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("start {}", program.display()))?;

        let log = Arc::default();
        let (bound, address) = sync_channel(1);
        let stderr = child.stderr.take().expect("standard error is piped");
        let log_reader = thread::spawn({
            let log = Arc::clone(&log);
            move || read_log(stderr, &log, bound)
        });
        let mut server = Self { child, address: String::new(), log, log_reader: Some(log_reader), data };
        // The reader hangs up when the server ends without having bound its ports.
        let Ok(address) = address.recv() else {
            let status = server.child.wait()?;
            bail!("the server did not start: {status}\n{}", server.log_tail());
        };
        server.address = address;
        Ok(server)
    }

    /// Builds the program and starts it.
    pub(crate) fn build_and_start(workspace: &Workspace) -> Result<Self> {
        let [server, _] = build(workspace)?;
        Self::start(&server)
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where its data is.
    pub(crate) fn data_dir(&self) -> &Path {
        self.data.path()
    }

    /// Asks the server to stop, as an orchestrator would, and waits for it.
    pub(crate) fn stop(mut self) -> Result<()> {
        process::run(Command::new("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}\n{}", self.log_tail());
        Ok(())
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        let log = self.log.lock().expect("the log's reader does not panic");
        log.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.log_reader.take() {
            let _ = reader.join();
        }
    }
}

/// Reads the server's JSON log to its end, keeps its last lines, and tells the address once.
fn read_log(stderr: impl Read, log: &Mutex<VecDeque<String>>, bound: SyncSender<String>) {
    #[derive(Deserialize)]
    struct Listening {
        message: String,
        main: String,
    }
    let mut bound = Some(bound);
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let listening = serde_json::from_str::<Listening>(&line).ok();
        if let Some(listening) = listening.filter(|record| record.message == "listening")
            && let Some(bound) = bound.take()
        {
            // Nobody waits any more when starting was given up.
            let _ = bound.send(listening.main);
        }
        let mut log = log.lock().expect("no other holder of the log panics");
        if log.len() == LOG_LINES {
            log.pop_front();
        }
        log.push_back(line);
    }
}

/// A server that holds the lines of a corpus.
pub(crate) struct Filled {
    server: Server,
    corpus: Corpus,
}

impl Filled {
    /// Builds the programs, starts the server, and pushes every file.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let [server, cli] = build(workspace)?;
        let server = Server::start(&server)?;
        let corpus = Corpus::find()?;
        let mut push = Command::new(cli);
        push.env("SPILE_ADDR", &server.address).arg("push").args(corpus.files());
        process::run(&mut push)?;
        Ok(Self { server, corpus })
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.server.address
    }

    /// The files that were pushed, in that order.
    pub(crate) fn files(&self) -> &[PathBuf] {
        self.corpus.files()
    }

    /// How many lines were pushed.
    pub(crate) fn lines(&self) -> usize {
        self.corpus.lines()
    }

    /// The last lines of the server's log.
    pub(crate) fn log_tail(&self) -> String {
        self.server.log_tail()
    }

    /// Drains the server.
    pub(crate) fn stop(self) -> Result<()> {
        self.server.stop()
    }
}

/// Builds `spile-server` and `spile`, and says where they are.
pub(crate) fn build(workspace: &Workspace) -> Result<[PathBuf; 2]> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package=spile-server", "--package=spile-cli", "--bins"]);
    cargo.arg("--message-format=json-render-diagnostics").stderr(Stdio::inherit());
    let messages = process::output(&mut cargo)?;
    Ok([executable(&messages, "spile-server")?, executable(&messages, "spile")?])
}

/// The path of a program in cargo's JSON messages.
fn executable(messages: &str, name: &str) -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Artifact {
        target: Target,
        executable: Option<PathBuf>,
    }
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Artifact>(line).ok());
    let mut programs =
        artifacts.filter(|artifact| artifact.target.name == name).filter_map(|artifact| artifact.executable);
    programs.next().with_context(|| format!("cargo built no program {name}"))
}
