//! `spile streams` alone: the catalog as a table or as objects.

use indicatif::BinaryBytes;
use serde::Serialize;
use spile_client::proto::{Retention, StreamInfo};

use super::retention;
use crate::args::{GlobalArgs, StreamsArgs, StreamsFormat};
use crate::connect::connect;
use crate::escape::visible;
use crate::exit::CliError;
use crate::output::{Clock, Sink, Target, print_json, print_table, rfc3339};

pub(super) async fn run(global: &GlobalArgs, args: &StreamsArgs) -> Result<(), CliError> {
    let client = connect(global).await?;
    let streams = match &args.name {
        Some(name) => vec![client.get_stream(name).await?],
        None => client.all_streams().await?,
    };
    let target = Target::stdout(global.color);
    let mut sink = Sink::new();
    sink.print(|out| match args.output {
        StreamsFormat::Table => print_table(&table(&streams, &Clock::new(args.local)), RIGHT, out),
        StreamsFormat::Json => {
            let streams: Vec<_> = streams.iter().map(StreamJson::new).collect();
            print_json(&streams, true, target, out);
        }
        StreamsFormat::Jsonl => {
            for stream in &streams {
                print_json(&StreamJson::new(stream), false, target, out);
            }
        }
    })?;
    sink.flush()
}

/// How many columns the table has.
const COLUMNS: usize = 11;

/// Which columns hold numbers.
const RIGHT: [bool; COLUMNS] = [false, true, true, true, true, true, true, false, false, false, false];

fn table(streams: &[StreamInfo], clock: &Clock) -> Vec<[String; COLUMNS]> {
    let heading = [
        "STREAM",
        "RECORDS",
        "HEAD",
        "TAIL",
        "SIZE",
        "RATIO",
        "SEGMENTS",
        "OLDEST",
        "NEWEST",
        "RETENTION",
        "STATUS",
    ];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(streams.iter().map(|stream| row(stream, clock)));
    rows
}

fn row(stream: &StreamInfo, clock: &Clock) -> [String; COLUMNS] {
    let time = |nanos| {
        let mut time = String::new();
        match nanos {
            0 => time.push('-'),
            _ => clock.seconds(nanos, &mut time),
        }
        time
    };
    let status = match stream.read_only_reason.as_str() {
        "" => "ok".to_owned(),
        reason => format!("read-only: {}", visible(reason)),
    };
    [
        visible(&stream.name).into_owned(),
        stream.records.to_string(),
        stream.head.to_string(),
        stream.tail.to_string(),
        BinaryBytes(stream.stored_bytes).to_string(),
        compression(stream).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}:1")),
        stream.segments.to_string(),
        time(stream.oldest_unix_nano),
        time(stream.newest_unix_nano),
        stream.retention.map_or_else(|| "-".to_owned(), |retention| retention::describe(&retention)),
        status,
    ]
}

/// How many times smaller segments are than what is in them.
fn compression(stream: &StreamInfo) -> Option<f64> {
    (stream.segment_bytes > 0).then(|| stream.segment_raw_bytes as f64 / stream.segment_bytes as f64)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamJson<'a> {
    name: &'a str,
    records: u64,
    head: u64,
    tail: u64,
    stored_bytes: u64,
    segments: u64,
    segment_records: u64,
    segment_bytes: u64,
    segment_raw_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention: Option<RetentionJson>,
    #[serde(skip_serializing_if = "str::is_empty")]
    read_only_reason: &'a str,
}

impl<'a> StreamJson<'a> {
    fn new(stream: &'a StreamInfo) -> Self {
        // Named one by one, so that a new field does not go missing here.
        let StreamInfo {
            name,
            head,
            tail,
            oldest_unix_nano,
            newest_unix_nano,
            stored_bytes,
            read_only_reason,
            records,
            segments,
            segment_records,
            segment_bytes,
            segment_raw_bytes,
            retention,
        } = stream;
        let time = |nanos: u64| (nanos > 0).then(|| rfc3339(nanos));
        Self {
            name,
            records: *records,
            head: *head,
            tail: *tail,
            stored_bytes: *stored_bytes,
            segments: *segments,
            segment_records: *segment_records,
            segment_bytes: *segment_bytes,
            segment_raw_bytes: *segment_raw_bytes,
            compression: compression(stream),
            oldest: time(*oldest_unix_nano),
            newest: time(*newest_unix_nano),
            retention: retention.map(RetentionJson::from),
            read_only_reason,
        }
    }
}

/// What has no bound is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RetentionJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_nanos: Option<u64>,
    inherited: bool,
}

impl From<Retention> for RetentionJson {
    fn from(retention: Retention) -> Self {
        let Retention { max_bytes, max_age_nanos, inherited } = retention;
        let bound = |bound: u64| (bound > 0).then_some(bound);
        Self { max_bytes: bound(max_bytes), max_age_nanos: bound(max_age_nanos), inherited }
    }
}
