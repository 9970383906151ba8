//! The binary as its users start it: what it prints, how it stops, and its exit codes.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// A command that no environment of the developer's own reaches.
fn spile_server() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spile-server"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(args: &[&str]) -> Output {
    spile_server().args(args).output().unwrap()
}

/// A server that runs until it is told to stop, or the test ends.
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    main: SocketAddr,
    admin: SocketAddr,
    _data: TempDir,
}

impl Running {
    /// Starts a server on ports that are free, and reads from its banner which.
    fn start(args: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut command = spile_server();
        command.args(["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--data-dir"]).arg(data.path());
        let mut child = command.args(args).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let main = word_after(&mut stderr, "gRPC").parse().unwrap();
        let admin = word_after(&mut stderr, "admin").trim_start_matches("http://").parse().unwrap();
        Self { child, stderr, main, admin, _data: data }
    }

    /// Sends a signal by its name.
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// The rest of what it prints, and its exit code.
    fn end(mut self) -> (String, Option<i32>) {
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test came to its end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The word that follows `name` in the first line that begins with it.
fn word_after(lines: &mut impl BufRead, name: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the server ended before it said {name}");
        if let Some(rest) = line.trim().strip_prefix(name) {
            return rest.split_whitespace().next().unwrap().to_owned();
        }
    }
}

/// An HTTP/1.1 answer, whole.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn serves_on_both_ports_and_stops_on_sigterm() {
    let server = Running::start(&[]);
    assert!(get(server.main, "/").starts_with("HTTP/1.1 200 "), "the main port serves");
    assert!(get(server.admin, "/readyz").starts_with("HTTP/1.1 200 "), "the admin port serves");

    server.signal("TERM");

    let (rest, code) = server.end();
    assert_eq!(code, Some(0), "{rest}");
    assert!(!rest.contains('\x1b'), "no colours where no terminal is: {rest:?}");
    assert!(rest.contains("draining") && rest.contains("stopped"), "{rest}");
}

#[test]
fn a_second_signal_ends_a_drain_that_would_last() {
    let server = Running::start(&["--drain-delay=10m"]);
    let mut server = server;
    server.signal("INT");
    let mut line = String::new();
    while !line.contains("draining") {
        line.clear();
        assert_ne!(server.stderr.read_line(&mut line).unwrap(), 0, "the server ended before it drained");
    }

    server.signal("TERM");

    assert_eq!(server.end().1, Some(0));
}

#[test]
fn a_bad_configuration_is_told_whole_and_exits_64() {
    let output = output(&["--listen=nowhere", "--max-connections=0", "--nonsense"]);

    assert_eq!(output.status.code(), Some(64));
    let text = String::from_utf8(output.stderr).unwrap();
    for part in [
        "3 problems",
        "--nonsense",
        "listen (--listen): \"nowhere\"",
        "max-connections (--max-connections): 0",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(output.stdout.is_empty());
}

#[test]
fn a_port_that_is_taken_is_named_with_its_setting() {
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap();

    let output = output(&[&format!("--listen={address}"), "--admin-listen=127.0.0.1:0"]);

    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&format!("cannot listen on {address}: ")) && text.contains("(listen)"), "{text}");
}

#[test]
fn a_printed_configuration_file_starts_a_server() {
    let output = output(&["--init-config"]);
    assert_eq!(output.status.code(), Some(0));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), output.stdout).unwrap();

    let server = Running::start(&["--config", file.path().to_str().unwrap()]);

    assert!(get(server.main, "/").starts_with("HTTP/1.1 200 "));
}

#[test]
fn json_logs_are_json_from_the_first_line_to_the_last() {
    let data = tempfile::tempdir().unwrap();
    let mut command = spile_server();
    command.args(["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--log-format=json", "--data-dir"]);
    let mut child = command.arg(data.path()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut lines = String::new();
    stderr.read_line(&mut lines).unwrap();
    let first: serde_json::Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(first["message"], "listening");
    let main: SocketAddr = first["main"].as_str().unwrap().parse().unwrap();
    assert!(get(main, "/").starts_with("HTTP/1.1 200 "));

    let killed = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    stderr.read_to_string(&mut lines).unwrap();

    assert_eq!(child.wait().unwrap().code(), Some(0));
    let messages = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let messages: Vec<String> = messages.map(|line| line["message"].as_str().unwrap().to_owned()).collect();
    for message in ["call ended", "draining", "stopped"] {
        assert!(messages.iter().any(|found| found == message), "{message} is missing in {messages:?}");
    }
}
