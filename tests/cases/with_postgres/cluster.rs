//! A PostgreSQL of a test's own, in a temporary folder, on a socket there.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use spile_tests::ServerOptions;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// A running database server. It is stopped when dropped.
pub(super) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    /// As root it runs as another user: it refuses to run as root.
    is_root: bool,
}

impl Cluster {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let id = Command::new("id").arg("-u").output().unwrap();
        let cluster = Self { folder, programs: newest_programs(), is_root: id.stdout.trim_ascii() == b"0" };
        let data = cluster.path("data");
        cluster.run(
            "initdb",
            &[
                "--auth=trust",
                "--username=postgres",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
                &data,
            ],
        );
        cluster.resume("");
        cluster
    }

    /// Starts it with these options beside the usual ones.
    pub(super) fn resume(&self, options: &str) {
        let folder = self.folder.path().display();
        let options =
            format!("-k {folder} -c listen_addresses= -c fsync=off -c max_prepared_transactions=5 {options}");
        let (data, log) = (self.path("data"), self.path("log"));
        self.run("pg_ctl", &["start", "--wait", "-D", &data, "-l", &log, "-o", &options]);
    }

    /// Stops it at once, as a crash does.
    pub(super) fn crash(&self) {
        let data = self.path("data");
        self.run("pg_ctl", &["stop", "--mode=immediate", "-D", &data]);
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A file that only the database may read.
    pub(super) fn private_file(&self, from: &Path, name: &str) -> String {
        let path = self.path(name);
        fs::copy(from, &path).unwrap();
        if self.is_root {
            assert!(Command::new("chown").args(["postgres", &path]).status().unwrap().success());
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["--user", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // Not a pipe: the server keeps what it inherits open.
        let output = fs::File::create(self.folder.path().join("output")).unwrap();
        command.args(arguments).current_dir(self.folder.path());
        let status = command.stdout(output.try_clone().unwrap()).stderr(output).status().unwrap();
        let told = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        assert!(status.success(), "{command:?}: {}{}", told("output"), told("log"));
    }

    /// A connection.
    pub(super) async fn connect(&self) -> Client {
        let address = format!("host={} user=postgres dbname=postgres", self.folder.path().display());
        let (client, connection) = tokio_postgres::connect(&address, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// Runs statements on a connection of their own.
    pub(super) async fn execute(&self, statements: &str) {
        self.connect().await.batch_execute(statements).await.unwrap();
    }

    /// The URL of a source with these parameters.
    pub(super) fn url(&self, parameters: &str) -> String {
        format!("postgres://postgres@/postgres?host={}&{parameters}", self.folder.path().display())
    }

    /// A Spile server that reads with these parameters.
    pub(super) fn spile(&self, parameters: &str) -> ServerOptions {
        ServerOptions::new().args(["--source", &self.url(parameters)])
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.crash();
            return;
        }
        let program = self.programs.join("pg_ctl").display().to_string();
        let stop = ["stop", "--mode=immediate", "-D", &self.path("data")].map(str::to_owned);
        let mut command = Command::new(if self.is_root { "runuser" } else { &program });
        if self.is_root {
            command.args(["--user", "postgres", "--", &program]);
        }
        drop(command.args(stop).current_dir(self.folder.path()).status());
    }
}

/// Debian keeps each version's programs in a folder of its own.
fn newest_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let version = |folder: &PathBuf| {
        folder.parent().and_then(Path::file_name).and_then(|name| name.to_str()?.parse::<u32>().ok())
    };
    // Without such a folder, those on the search path.
    folders.filter(|folder| folder.join("initdb").exists()).max_by_key(version).unwrap_or_default()
}
