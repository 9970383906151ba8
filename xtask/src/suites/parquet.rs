//! DuckDB and pyarrow on the segment files of a real server: what others can read of them, without Spile.

use anyhow::Result;

use crate::process;
use crate::report::Counts;
use crate::server::Server;
use crate::tap;
use crate::tools::Python;
use crate::workspace::Workspace;

/// The contract's files that the program sends records by.
const CONTRACT: &[&str] =
    &["spile/v1/record.proto", "spile/v1/read.proto", "spile/v1/write.proto", "spile/v1/admin.proto"];

pub(super) fn run(workspace: &Workspace) -> Result<Counts> {
    let python = Python::with(workspace, "parquet-readers", "tests/interop/parquet/requirements.txt")?;
    let generated = tempfile::tempdir()?;
    let mut protoc = python.command();
    protoc.current_dir(&workspace.root).args(["-m", "grpc_tools.protoc", "--proto_path=proto"]);
    for plugin in ["--python_out", "--grpc_python_out"] {
        protoc.arg(format!("{plugin}={}", generated.path().display()));
    }
    process::run(protoc.args(CONTRACT))?;

    let server = Server::build_and_start(workspace)?;
    let mut check = python.command();
    check.env("PYTHONPATH", generated.path()).arg("-B");
    check.arg(workspace.root.join("tests/interop/parquet/check.py"));
    let counts = tap::run(check.arg(server.address()).arg(server.data_dir()))?;
    if counts.failed > 0 {
        println!("the server's log ends with:\n{}", server.log_tail());
    }
    server.stop()?;
    Ok(counts)
}
