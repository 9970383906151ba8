//! grpcurl, built from its pinned Go module: lists, describes and calls services that it knows by reflection alone.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Deserializer, Value};

use super::Client;
use crate::process;
use crate::report::Counts;
use crate::server::Filled;
use crate::tools::Go;
use crate::workspace::Workspace;

const PACKAGE: &str = "github.com/fullstorydev/grpcurl/cmd/grpcurl";

/// What every Spile server offers.
const SERVICES: &[&str] = &[
    "example.LogService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "opentelemetry.proto.collector.logs.v1.LogsService",
    "spile.v1.AdminService",
    "spile.v1.ReadService",
    "spile.v1.WriteService",
];

pub(super) fn set_up(workspace: &Workspace) -> Result<Client> {
    let program =
        Go::find()?.build(workspace, "grpcurl", "tests/interop/grpcurl", &[], PACKAGE, |_| Ok(()))?;
    Ok(Box::new(move |server| Ok(run(&Grpcurl { program: &program, server }))))
}

struct Grpcurl<'a> {
    program: &'a Path,
    server: &'a Filled,
}

type Check = fn(&Grpcurl<'_>) -> Result<String>;

fn run(grpcurl: &Grpcurl<'_>) -> Counts {
    let checks: &[(&str, Check)] = &[
        ("lists the services", lists_services),
        ("describes the article's service", describes_the_article),
        ("streams every entry of GetLogs", streams_entries),
        ("tails with a limit", tails_with_a_limit),
        ("reads health", reads_health),
        ("reflection v1 answers", |grpcurl| reflects(grpcurl, "v1")),
        ("reflection v1alpha answers", |grpcurl| reflects(grpcurl, "v1alpha")),
    ];
    let mut counts = Counts::default();
    for (name, check) in checks {
        match check(grpcurl) {
            Ok(figures) => {
                counts.passed += 1;
                println!("ok - {name} # {figures}");
            }
            Err(error) => {
                counts.failed += 1;
                println!("not ok - {name}\n# {error:#}");
            }
        }
    }
    counts
}

impl Grpcurl<'_> {
    fn ask(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(self.program);
        process::output(command.arg("-plaintext").arg(self.server.address()).args(words))
    }

    /// The answers of a call, as JSON.
    fn call(&self, method: &str, request: &str) -> Result<Vec<Value>> {
        let mut command = Command::new(self.program);
        command.args(["-plaintext", "-emit-defaults", "-d", request]).arg(self.server.address()).arg(method);
        let answers = process::output(&mut command)?;
        let answers = Deserializer::from_str(&answers).into_iter();
        answers.collect::<Result<_, _>>().context("read the answers as JSON")
    }
}

fn lists_services(grpcurl: &Grpcurl<'_>) -> Result<String> {
    let listed = grpcurl.ask(&["list"])?;
    let missing: Vec<_> =
        SERVICES.iter().filter(|service| !listed.lines().any(|line| line == **service)).collect();
    ensure!(missing.is_empty(), "not listed: {missing:?}");
    Ok(listed.split_whitespace().collect::<Vec<_>>().join(", "))
}

fn describes_the_article(grpcurl: &Grpcurl<'_>) -> Result<String> {
    let described = grpcurl.ask(&["describe", "example.LogService"])?;
    for method in ["GetLogs", "StreamLogs"] {
        let signature = format!("rpc {method} ( .example.LogRequest ) returns ( stream .example.LogEntry );");
        ensure!(described.contains(&signature), "{method} is described otherwise:\n{described}");
    }
    Ok("GetLogs and StreamLogs".into())
}

fn streams_entries(grpcurl: &Grpcurl<'_>) -> Result<String> {
    let entries = grpcurl.call("example.LogService/GetLogs", "{}")?;
    ensure!(entries.iter().all(|entry| entry["message"].is_string()), "an entry has no message");
    let expected = grpcurl.server.lines();
    ensure!(entries.len() == expected, "{} entries for {expected} lines", entries.len());
    Ok(format!("{expected} entries"))
}

fn tails_with_a_limit(grpcurl: &Grpcurl<'_>) -> Result<String> {
    let answers = grpcurl.call("spile.v1.ReadService/Tail", r#"{"limit": 7}"#)?;
    let records = answers.iter().filter_map(|answer| answer["batch"]["records"].as_array());
    let records: usize = records.map(Vec::len).sum();
    ensure!(records == 7, "{records} records for a limit of 7");
    let end = &answers.last().context("the tail gave nothing")?["end"];
    ensure!(end["reason"] == "END_REASON_LIMIT", "ended otherwise: {end}");
    Ok(format!("{records} records, then {}", end["reason"]))
}

fn reads_health(grpcurl: &Grpcurl<'_>) -> Result<String> {
    let answers = grpcurl.call("grpc.health.v1.Health/Check", "{}")?;
    match answers.as_slice() {
        [answer] if answer["status"] == "SERVING" => Ok("SERVING".into()),
        other => bail!("{other:?}"),
    }
}

fn reflects(grpcurl: &Grpcurl<'_>, version: &str) -> Result<String> {
    let method = format!("grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
    let answers = grpcurl.call(&method, r#"{"list_services": ""}"#)?;
    let services =
        answers.iter().filter_map(|answer| answer["listServicesResponse"]["service"].as_array()).flatten();
    let names: Vec<_> = services.filter_map(|service| service["name"].as_str()).collect();
    ensure!(names.contains(&"example.LogService"), "services named: {names:?}");
    Ok(format!("{} services", names.len()))
}
