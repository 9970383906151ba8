//! The table of metrics, held against a scrape and the document.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;

const DOCUMENT: &str = include_str!("../../../../docs/metrics.md");

/// The name as a scrape shows it.
fn exposed(spec: &Spec) -> String {
    match spec.kind {
        "counter" => format!("{}_total", spec.name),
        "info" => format!("{}_info", spec.name),
        _ => spec.name.to_owned(),
    }
}

fn row(spec: &Spec) -> String {
    let labels: Vec<String> = spec.labels.iter().map(|label| format!("`{label}`")).collect();
    format!("| `{}` | {} | {} | {} |", exposed(spec), spec.kind, labels.join(", "), spec.help)
}

#[test]
fn the_document_has_a_row_for_each_metric_and_no_other() {
    let documented: Vec<&str> = DOCUMENT.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = names::ALL.iter().map(row).collect();
    assert_eq!(documented, wanted, "docs/metrics.md should have these rows:\n{}", wanted.join("\n"));
}

/// Each label set is used once, so that a label that is misspelt in one of the two places is seen.
#[tokio::test]
async fn a_scrape_shows_each_metric_of_the_table_with_its_labels_and_no_other() {
    let metrics = Metrics::new();
    let method = MethodLabel { method: "m" };
    let port = PortLabel { port: "p" };
    metrics.requests.get_or_create(&CodeLabels { method: "m", code: "c" }).inc();
    metrics.active_streams.get_or_create(&method).inc();
    metrics.time_to_first_message_seconds.get_or_create(&method).observe(0.001);
    metrics.sent_records.get_or_create(&method).inc();
    metrics.sent_bytes.get_or_create(&method).inc();
    metrics.lag_records.get_or_create(&method).observe(1.0);
    metrics.stream_ends.get_or_create(&EndLabels { method: "m", reason: "r" }).inc();
    metrics.appended_records.get_or_create(&SourceLabel { source: "s" }).inc();
    metrics.refused_records.get_or_create(&SourceLabel { source: "s" }).inc();
    metrics.appended_bytes.get_or_create(&SourceLabel { source: "s" }).inc();
    metrics.databases.get_or_create(&StateLabel { state: "s" }).inc();
    metrics.database_failures.get_or_create(&ReasonLabel { reason: "r" }).inc();
    metrics.syslog_messages.get_or_create(&TransportLabel { transport: "t" }).inc();
    metrics.open_connections.get_or_create(&port).inc();
    metrics.accepted_connections.get_or_create(&port).inc();
    metrics.refused_connections.get_or_create(&port).inc();
    metrics.closed_connections.get_or_create(&PortReasonLabels { port: "p", reason: "r" }).inc();
    let text = metrics.render();
    let helps = names::ALL.iter().map(|spec| (spec.name, spec.help)).collect();
    assert_eq!(described(&text, "# HELP "), helps);
    let kinds = names::ALL.iter().map(|spec| (spec.name, spec.kind)).collect();
    assert_eq!(described(&text, "# TYPE "), kinds);
    for spec in names::ALL {
        let samples = text.lines().filter(|line| line.starts_with(spec.name) && !line.starts_with('#'));
        let labels: BTreeSet<Vec<&str>> = samples.map(labels_of).collect();
        assert_eq!(labels, BTreeSet::from([spec.labels.to_vec()]), "{}", spec.name);
    }
}

/// What the lines with this keyword say of each metric.
fn described<'a>(text: &'a str, keyword: &str) -> BTreeSet<(&'a str, &'a str)> {
    text.lines().filter_map(|line| line.strip_prefix(keyword)?.split_once(' ')).collect()
}

/// The names of a sample's labels; a histogram's own `le` is not one of ours.
fn labels_of(sample: &str) -> Vec<&str> {
    let Some((_, rest)) = sample.split_once('{') else { return Vec::new() };
    let (labels, _) = rest.split_once('}').unwrap();
    let names = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0));
    names.filter(|name| *name != "le").collect()
}

#[tokio::test]
async fn the_process_tells_its_memory_and_tasks() {
    let metrics = Metrics::new();
    let value = |name: &str| -> i64 {
        let text = metrics.render();
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap().parse().unwrap()
    };
    let before = value("spile_tokio_tasks");
    let task = tokio::spawn(std::future::pending::<()>());
    assert_eq!(value("spile_tokio_tasks"), before + 1);
    task.abort();
    if cfg!(target_os = "linux") {
        assert!(value("process_resident_memory_bytes") > 1 << 20);
    }
}
