//! `spile push`.

use std::fs;

use spile_proto::v1::UploadHeader;

use crate::fake::Fake;
use crate::process::{run, run_with, spile_at};

#[tokio::test]
async fn files_and_standard_input_arrive_as_they_are() {
    let fake = Fake::start(0).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.log");
    let text = b"not only text: \xff\x00\n".repeat(50_000);
    fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    let arguments = [
        "push",
        "-s",
        "web",
        "--service",
        "shop",
        "--attr",
        "host.name=h1",
        "--producer-id",
        "me",
        path,
        "-",
    ];
    let run = run_with(spile_at(fake.address, &arguments), b"from a pipe\n").await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""));
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].starts_with(&format!("spile: {path}: 50,000 records, ")), "{lines:?}");
    assert!(lines[1].starts_with("spile: standard input: 1 record, 12 B in "), "{lines:?}");
    assert!(lines[2].starts_with("spile: 2 of 2 files pushed: 50,001 records, "), "{lines:?}");
    let state = fake.state();
    let (header, bytes) = &state.uploads[0];
    assert_eq!(*bytes, text);
    let UploadHeader { stream, file_name, resource_attributes, producer_id } = header;
    assert_eq!((stream.as_str(), file_name.as_str()), ("web", "app.log"));
    assert_eq!(resource_attributes.len(), 2);
    assert!(producer_id.starts_with("me:"));
    let (header, bytes) = &state.uploads[1];
    assert_eq!((header.file_name.as_str(), bytes.as_slice()), ("", &b"from a pipe\n"[..]));
}

#[tokio::test]
async fn one_file_that_fails_does_not_stop_the_others_but_is_told() {
    let fake = Fake::start(0).await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["refused.log", "good.log"] {
        fs::write(path(name), "x\n").unwrap();
    }
    let (missing, refused, good, itself) =
        (path("missing.log"), path("refused.log"), path("good.log"), folder.path().to_str().unwrap());
    let run = run(spile_at(fake.address, &["push", &missing, itself, &refused, &good])).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""));
    let lines: Vec<_> = run.stderr.lines().collect();
    assert!(lines[0].contains("missing.log: cannot read"), "{lines:?}");
    assert!(lines[1].contains("cannot read") && lines[1].contains("directory"), "{lines:?}");
    assert!(lines[2].contains("refused.log: INVALID_ARGUMENT: no"), "{lines:?}");
    assert!(lines[3].contains("good.log: 1 record,"), "{lines:?}");
    assert!(lines[4].contains("1 of 4 files pushed"), "{lines:?}");
    assert_eq!(fake.state().uploads.len(), 1);
}

#[tokio::test]
async fn quiet_is_quiet() {
    let fake = Fake::start(0).await;
    let run = run_with(spile_at(fake.address, &["push", "-q", "-"]), b"x\n").await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}
