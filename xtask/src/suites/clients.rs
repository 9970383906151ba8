//! Clients in other languages, generated from the article's contract; their sources are in `tests/interop/`.
//!
//! Each is a program that takes the server's address and the log files that were pushed to it, makes the same calls,
//! and reports in the Test Anything Protocol.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use super::Client;
use crate::process;
use crate::tap;
use crate::tools::{Buf, Go, Node, Python};
use crate::workspace::Workspace;

/// The program against the server, which it gets as its arguments. `generated` is kept until it has run.
fn tap_client(mut command: Command, generated: Option<TempDir>) -> Client {
    Box::new(move |server| {
        let _kept = generated;
        tap::run(command.arg(server.address()).args(server.files()))
    })
}

/// grpcio, with code that grpcio-tools generates.
pub(super) fn python(workspace: &Workspace) -> Result<Client> {
    let python = Python::with(workspace, "python-client", "tests/interop/python/requirements.txt")?;
    let generated = tempfile::tempdir()?;
    let mut protoc = python.command();
    protoc.current_dir(&workspace.root).args(["-m", "grpc_tools.protoc", "--proto_path=proto"]);
    for plugin in ["--python_out", "--grpc_python_out"] {
        protoc.arg(format!("{plugin}={}", generated.path().display()));
    }
    process::run(protoc.arg("example/log_service.proto"))?;

    let mut command = python.command();
    command.env("PYTHONPATH", generated.path()).arg("-B");
    command.arg(workspace.root.join("tests/interop/python/client.py"));
    Ok(tap_client(command, Some(generated)))
}

/// grpc-js, which reads the contract's file when it starts.
pub(super) fn node(workspace: &Workspace) -> Result<Client> {
    let node = Node::find(workspace)?;
    let dir = node.project(workspace, "node-client", "tests/interop/node")?;
    let mut command = node.command("node")?;
    command.arg(dir.join("client.js")).arg(workspace.root.join("proto"));
    Ok(tap_client(command, None))
}

/// grpc-go, with code that protoc-gen-go and protoc-gen-go-grpc generate.
pub(super) fn go(workspace: &Workspace) -> Result<Client> {
    let go = Go::find()?;
    let buf = Buf::find(workspace)?;
    let generate = |dir: &Path| {
        let mut generate = buf.command()?;
        generate.current_dir(dir).arg("generate").arg(workspace.root.join("proto"));
        generate.arg("--path").arg(workspace.root.join("proto/example"));
        process::run(&mut generate)
    };
    let contract = fs::read_to_string(workspace.root.join("proto/example/log_service.proto"))?;
    let program = go.build(workspace, "go-client", "tests/interop/go", &[&contract], ".", generate)?;
    Ok(tap_client(Command::new(program), None))
}
