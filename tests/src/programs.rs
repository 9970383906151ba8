//! Finds the programs under test, building them once per test run.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// The path of a program of this workspace, `spile-server` or `spile`, built in the profile that the tests run in.
///
/// # Panics
/// If it cannot be built.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build).join(name)
}

/// Builds both programs and returns the folder that they are in.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests lie in PROFILE/deps").to_owned();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", "spile-server", "--package", "spile-cli"]);
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    let target = folder.parent().expect("a profile folder lies in the target folder");
    let status = cargo.env("CARGO_TARGET_DIR", target).status().expect("cargo runs");
    assert!(status.success(), "spile-server and spile build");
    folder
}

/// Runs `spile` with arguments and bytes on its standard input, against a server.
///
/// # Panics
/// If it cannot be started.
pub fn run_spile(address: &str, arguments: &[&str], input: &[u8]) -> Output {
    use std::io::Write;
    let mut spile = Command::new(program("spile"))
        .args(arguments)
        .env("SPILE_ADDR", address)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("spile starts");
    let mut stdin = spile.stdin.take().expect("standard input is piped");
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = spile.wait_with_output().expect("spile ends");
    // The program may end before it has read everything; what it says of that is in its output.
    let _ = feeder.join();
    output
}
