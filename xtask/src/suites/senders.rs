//! Senders that others have made: OpenTelemetry's SDKs and Collector, and what pushes to Loki; their sources are in `tests/interop/`.
//!
//! Each program takes the server's address, sends, reads back what is stored, and reports in the Test Anything Protocol.

use std::process::Command;

use anyhow::Result;

use super::Client;
use crate::report::Counts;
use crate::server;
use crate::tap;
use crate::tools::{Go, Node, Python};
use crate::workspace::Workspace;

const PYTHON_PINS: &str = "tests/interop/otlp/requirements.txt";

/// A program that takes the server's address.
fn sender(mut command: Command) -> Client {
    Box::new(move |server| tap::run(command.arg(server.address())))
}

/// The SDK in Python, with its exporters over gRPC and HTTP.
pub(super) fn python(workspace: &Workspace) -> Result<Client> {
    let python = Python::with(workspace, "otlp-python", PYTHON_PINS)?;
    let mut command = python.command();
    command.arg("-B").arg(workspace.root.join("tests/interop/otlp/sdk.py"));
    Ok(sender(command))
}

/// The SDK in JavaScript, with its exporters over gRPC and HTTP, in protobuf and JSON.
pub(super) fn node(workspace: &Workspace) -> Result<Client> {
    Ok(sender(node_program(workspace, "sdk.js")?))
}

/// What pushes to Loki: Grafana's client for Go, and two loggers in JavaScript.
pub(super) fn loki(workspace: &Workspace) -> Result<Client> {
    let go = Go::find()?;
    let program = go.build(workspace, "loki-go", "tests/interop/loki", &[], ".", |_| Ok(()))?;
    let loggers = node_program(workspace, "loki.js")?;
    Ok(Box::new(move |server| {
        let mut counts = Counts::default();
        for mut command in [Command::new(program), loggers] {
            counts += tap::run(command.arg(server.address()))?;
        }
        Ok(counts)
    }))
}

fn node_program(workspace: &Workspace, name: &str) -> Result<Command> {
    let node = Node::find(workspace)?;
    let dir = node.project(workspace, "otlp-node", "tests/interop/otlp-node")?;
    let mut command = node.command("node")?;
    command.arg(dir.join(name));
    Ok(command)
}

/// An OpenTelemetry Collector built of its modules, in front of servers that the program itself starts, stops and kills.
pub(super) fn collector(workspace: &Workspace) -> Result<Counts> {
    let go = Go::find()?;
    let collector = go.build(workspace, "collector", "tests/interop/collector", &[], ".", |_| Ok(()))?;
    let python = Python::with(workspace, "otlp-python", PYTHON_PINS)?;
    let [server, _] = server::build(workspace)?;
    let mut command = python.command();
    command.arg("-B").arg(workspace.root.join("tests/interop/otlp/collector.py"));
    tap::run(command.arg(collector).arg(server))
}
