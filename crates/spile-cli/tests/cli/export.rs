//! `spile export`: what is written, and that nothing half is left behind.

use std::fs::{self, File};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rustix::process::Signal;
use rustix::termios::Winsize;
use spile_proto::v1::{Gap, GapCause, KeyValue, LogRecord, Resource};

use crate::fake::Fake;
use crate::process::{Lines, ended, finish, run, signal, spile, spile_at, until};
use crate::terminal::Terminal;

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[tokio::test]
async fn lines_are_those_of_a_tail_over_any_break() {
    let fake = Fake::start(1_000).await;
    let tail = run(spile_at(fake.address, &["tail", "-o", "jsonl"])).await.stdout;
    fake.state().breaks = vec![10, 0, 333, 1];
    let export = run(spile_at(fake.address, &["export"])).await;
    assert_eq!((export.code, &export.stdout), (Some(0), &tail));
    assert!(export.stderr.starts_with("spile: 1,000 records, "), "{}", export.stderr);
    let quiet = run(spile_at(fake.address, &["export", "-q"])).await;
    assert_eq!(quiet.stderr, "");
}

#[tokio::test]
async fn a_file_is_written_in_the_format_of_its_name() {
    let fake = Fake::start(3).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let arguments =
        ["export", "-O", path.to_str().unwrap(), "-s", "web", "-l", "warn", "--since", "@10", "x"];
    let export = run(spile_at(fake.address, &arguments)).await;
    assert_eq!((export.code, export.stdout.as_str()), (Some(0), ""));
    assert!(
        export.stderr.starts_with(&format!("spile: {}: 3 records, ", path.display())),
        "{}",
        export.stderr
    );
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("\r\n").count(), 4);
    assert!(text.contains("\r\n2,2026-11-22T10:00:00.000000000Z,,9,,,line 2,"), "{text}");
    assert_eq!(names(folder.path()), ["out.csv"]);
    let request = fake.state().tails[0].clone();
    let filter = request.filter.unwrap();
    assert_eq!((request.stream.as_str(), request.follow, filter.level.as_str()), ("web", false, "warn"));
    assert_eq!((filter.since_unix_nano, filter.expression.as_str()), (10_000_000_000, "x"));
}

#[tokio::test]
async fn parquet_has_every_record_once_in_groups() {
    let fake = Fake::start(70_000).await;
    fake.state().resources.push(Resource {
        hash: 5,
        attributes: vec![KeyValue { key: "service.name".to_owned(), value: Some(text("shop")) }],
    });
    fake.state().records[69_999] = LogRecord {
        body: "last".to_owned(),
        attributes: vec![KeyValue { key: "a".to_owned(), value: Some(text("b")) }],
        resource_hash: 5,
        ..LogRecord::default()
    };
    fake.state().breaks = vec![40_000];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let export = run(spile_at(fake.address, &["export", "--output-file", path.to_str().unwrap()])).await;
    assert_eq!(export.code, Some(0), "{}", export.stderr);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    assert_eq!(reader.schema().fields(), spile_columns::schema().fields());
    let groups: Vec<_> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [32_768, 32_768, 70_000 - 2 * 32_768]);
    let mut offsets = Vec::new();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        offsets
            .extend_from_slice(batch.column_by_name("offset").unwrap().as_primitive::<UInt64Type>().values());
        if *offsets.last().unwrap() == 69_999 {
            let last = batch.num_rows() - 1;
            let cell =
                |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().value(last).to_owned();
            let cells = ["body", "attributes", "service_name"].map(cell);
            assert_eq!(cells, ["last", "{\"a\":\"b\"}", "shop"]);
        }
    }
    assert!(offsets.into_iter().eq(0..70_000));
}

fn text(text: &str) -> spile_proto::v1::AnyValue {
    spile_proto::v1::AnyValue { value: Some(spile_proto::v1::any_value::Value::StringValue(text.to_owned())) }
}

#[tokio::test]
async fn an_export_of_nothing_is_a_file_that_can_be_read() {
    let fake = Fake::start(0).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.parquet");
    let export = run(spile_at(fake.address, &["export", "-O", path.to_str().unwrap()])).await;
    assert_eq!(export.code, Some(0), "{}", export.stderr);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
}

#[tokio::test]
async fn what_fails_or_is_interrupted_leaves_what_was_there() {
    let fake = Fake::start(1_000).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    fs::write(&path, "before").unwrap();
    let arguments = ["export", "-O", path.to_str().unwrap()];
    fake.state().missing = "gone".to_owned();
    let failed = run(spile_at(fake.address, &[&arguments[..], &["-s", "gone"]].concat())).await;
    assert_eq!(failed.code, Some(1));
    assert!(failed.stderr.contains("NOT_FOUND"), "{}", failed.stderr);
    assert_eq!(
        (names(folder.path()), fs::read_to_string(&path).unwrap()),
        (vec!["out.jsonl".to_owned()], "before".to_owned())
    );

    for (number, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        // It waits for its server when the signal comes.
        fake.state().stalls = true;
        let child = spile_at(fake.address, &arguments).spawn().unwrap();
        until(|| names(folder.path()).len() == 2 && std::mem::take(&mut fake.state().stalled)).await;
        signal(&child, number);
        let run = finish(child).await;
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (Some(code), "", ""));
        assert_eq!(names(folder.path()), ["out.jsonl"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_it_quietly() {
    let fake = Fake::start(200_000).await;
    let mut child = spile_at(fake.address, &["export"]).spawn().unwrap();
    let mut lines = Lines::of(&mut child);
    lines.next().await;
    drop(lines);
    let run = finish(child).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn a_device_is_written_to_and_a_folder_refused() {
    let fake = Fake::start(10).await;
    let null = run(spile_at(fake.address, &["export", "-O", "/dev/null"])).await;
    assert_eq!(null.code, Some(0), "{}", null.stderr);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let folder = tempfile::tempdir().unwrap();
    let refused = run(spile(&["export", "-O", folder.path().to_str().unwrap()])).await;
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("cannot write") && refused.stderr.contains("directory"),
        "{}",
        refused.stderr
    );
}

#[tokio::test]
async fn gaps_are_told() {
    let fake = Fake::start(1).await;
    fake.state().gap = Some(Gap { from: 3, to: 9, cause: GapCause::Quarantined.into() });
    let told = run(spile_at(fake.address, &["export"])).await;
    assert!(
        told.stderr.starts_with("spile: gap: offsets 3 to 8 were set aside as damaged\n"),
        "{}",
        told.stderr
    );
}

#[tokio::test]
async fn progress_is_drawn_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.jsonl");
    // Over records when the server knows how many come; else over the offsets of the stream: 5 to 12345.
    for (total, drawn) in [(Some(1_000), "500/1,000 records"), (None, " 4% ")] {
        let fake = Fake::start(1_000).await;
        fake.state().total_records = total;
        fake.state().stalls = true;
        let terminal = Terminal::new(Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 });
        let mut command = spile_at(fake.address, &["export", "-O", path.to_str().unwrap(), "-s", "web"]);
        command.env("TERM", "xterm").stderr(terminal.far());
        let child = command.spawn().unwrap();
        terminal.shows(drawn).await;
        signal(&child, Signal::INT);
        assert_eq!(ended(child).await, Some(130));
    }
}

#[tokio::test]
async fn parquet_is_not_for_terminals() {
    let fake = Fake::start(1).await;
    let terminal = Terminal::new(Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 });
    let mut command = spile_at(fake.address, &["export", "--format", "parquet"]);
    command.stdout(terminal.far());
    assert_eq!(ended(command.spawn().unwrap()).await, Some(2));
}
