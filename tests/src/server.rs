//! A real server process.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spile_proto::example::log_service_client::LogServiceClient;
use spile_proto::otlp::collector::logs::v1::logs_service_client::LogsServiceClient;
use spile_proto::v1::admin_service_client::AdminServiceClient;
use spile_proto::v1::read_service_client::ReadServiceClient;
use spile_proto::v1::write_service_client::WriteServiceClient;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint};

use crate::programs::program;

/// Where a server keeps its data.
#[derive(Debug)]
enum DataDir {
    /// Removed when the last server in it is gone.
    Temporary(TempDir),
    Kept(PathBuf),
}

impl DataDir {
    fn path(&self) -> &Path {
        match self {
            Self::Temporary(folder) => folder.path(),
            Self::Kept(folder) => folder,
        }
    }
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    arguments: Vec<String>,
    data: Option<Arc<DataDir>>,
    listen: Option<String>,
}

impl ServerOptions {
    /// With defaults, on free ports, in a new folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With further arguments.
    #[must_use]
    pub fn args<const N: usize>(mut self, arguments: [&str; N]) -> Self {
        self.arguments.extend(arguments.map(str::to_owned));
        self
    }

    /// In the folder of another server, which must have ended.
    #[must_use]
    pub fn data_of(mut self, other: &Server) -> Self {
        self.data = Some(Arc::clone(&other.data));
        self
    }

    /// In this folder, which is kept.
    #[must_use]
    pub fn data_dir(mut self, folder: &Path) -> Self {
        self.data = Some(Arc::new(DataDir::Kept(folder.to_owned())));
        self
    }

    /// At this address instead of a free port.
    #[must_use]
    pub fn listen(mut self, address: &str) -> Self {
        self.listen = Some(address.to_owned());
        self
    }

    /// Starts the server and waits until it listens.
    pub async fn start(self) -> Result<Server> {
        let data = match self.data {
            Some(data) => data,
            None => Arc::new(DataDir::Temporary(tempfile::tempdir()?)),
        };
        let mut command = Command::new(program("spile-server"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SPILE_"))
        {
            command.env_remove(name);
        }
        let listen = self.listen.as_deref().unwrap_or("127.0.0.1:0");
        command.args(["--listen", listen, "--admin-listen", "127.0.0.1:0", "--log-format", "json"]);
        command.arg("--data-dir").arg(data.path()).args(&self.arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().context("start spile-server")?;
        let log = child.stderr.take().context("standard error is piped")?;
        let log_lines = Arc::default();
        let Addresses { main, admin, otlp, syslog } = listening(BufReader::new(log), &log_lines).await?;
        Ok(Server { child, address: main, admin, otlp, syslog, data, log: log_lines })
    }
}

/// A running server. It is killed when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// The main port, `host:port`.
    pub address: String,
    /// The admin port, `host:port`.
    pub admin: String,
    /// The further ports for OTLP, `host:port` each.
    pub otlp: Vec<String>,
    /// Where syslog is taken in, `host:port` each.
    pub syslog: Vec<String>,
    data: Arc<DataDir>,
    log: LogLines,
}

/// The lines of a server's log.
type LogLines = Arc<Mutex<Vec<String>>>;

impl Server {
    /// Starts a server with defaults.
    pub async fn start() -> Result<Self> {
        ServerOptions::new().start().await
    }

    /// Its data folder.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.data.path().to_owned()
    }

    /// The journal files of a stream, oldest first.
    pub fn journal_files(&self, stream: &str) -> Result<Vec<PathBuf>> {
        let folder = self.data.path().join("streams").join(stream).join("journal");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "spj"));
        files.sort();
        Ok(files)
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the server has not been waited for")
    }

    /// kill -9, and waits for the end.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// SIGTERM, without waiting.
    pub fn terminate(&self) -> Result<()> {
        let status = std::process::Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        anyhow::ensure!(status.success(), "kill answers {status}");
        Ok(())
    }

    /// Waits for the process's end and returns its exit code.
    pub async fn wait(&mut self) -> Result<Option<i32>> {
        Ok(self.child.wait().await?.code())
    }

    /// A new connection.
    pub async fn channel(&self) -> Result<Channel> {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address))?;
        Ok(endpoint
            .initial_connection_window_size(16 << 20)
            .initial_stream_window_size(4 << 20)
            .connect()
            .await?)
    }

    /// A client of the article's service, on a new connection.
    pub async fn logs(&self) -> Result<LogServiceClient<Channel>> {
        Ok(LogServiceClient::new(self.channel().await?))
    }

    /// A reading client on a new connection.
    pub async fn read(&self) -> Result<ReadServiceClient<Channel>> {
        Ok(ReadServiceClient::new(self.channel().await?).max_decoding_message_size(16 << 20))
    }

    /// An administrating client on a new connection.
    pub async fn admin(&self) -> Result<AdminServiceClient<Channel>> {
        Ok(AdminServiceClient::new(self.channel().await?))
    }

    /// An OTLP client on a new connection to the main port.
    pub async fn otlp(&self) -> Result<LogsServiceClient<Channel>> {
        Ok(LogsServiceClient::new(self.channel().await?))
    }

    /// A writing client on a new connection.
    pub async fn write(&self) -> Result<WriteServiceClient<Channel>> {
        Ok(WriteServiceClient::new(self.channel().await?))
    }

    /// Resident memory, bytes.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = std::fs::read_to_string(Path::new("/proc").join(self.pid().to_string()).join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS is told")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
        Ok(kib * 1024)
    }

    /// Its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// The sum of a metric's samples with these labels.
    pub async fn metric(&self, name: &str, labels: &[&str]) -> Result<f64> {
        crate::http::metric(&self.admin, name, labels).await
    }
}

/// Where a server listens.
struct Addresses {
    main: String,
    admin: String,
    otlp: Vec<String>,
    syslog: Vec<String>,
}

/// Reads the server's JSON log until it tells its addresses, then goes on reading it in the background, so that the server never
/// waits for who reads its log.
async fn listening(
    log: impl tokio::io::AsyncBufRead + Unpin + Send + 'static,
    seen: &LogLines,
) -> Result<Addresses> {
    #[derive(Deserialize)]
    struct Line {
        message: String,
        main: Option<String>,
        admin: Option<String>,
        #[serde(default)]
        otlp: String,
        address: Option<String>,
    }
    let keep = |seen: &LogLines, line| seen.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    let mut lines = log.lines();
    let mut syslog = Vec::new();
    while let Some(line) = lines.next_line().await? {
        let parsed = serde_json::from_str(&line).ok();
        keep(seen, line);
        let Some(Line { message, main, admin, otlp, address }) = parsed else { continue };
        if message == "listening for syslog" {
            syslog.extend(address);
        } else if let ("listening", Some(main), Some(admin)) = (message.as_str(), main, admin) {
            let show = std::env::var_os("SPILE_TEST_LOG").is_some();
            let seen = Arc::clone(seen);
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    if show {
                        eprintln!("{line}");
                    }
                    keep(&seen, line);
                }
            });
            let otlp = otlp.trim_matches(['[', ']']).split(", ").filter(|address| !address.is_empty());
            return Ok(Addresses { main, admin, otlp: otlp.map(str::to_owned).collect(), syslog });
        }
    }
    bail!("the server did not start:\n{}", seen.lock().unwrap_or_else(PoisonError::into_inner).join("\n"))
}
