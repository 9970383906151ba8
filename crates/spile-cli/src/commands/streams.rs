//! `spile streams`.

use indicatif::BinaryBytes;
use serde::Serialize;
use spile_client::proto::StreamInfo;

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

/// Which columns hold numbers.
const RIGHT: [bool; 8] = [false, true, true, true, true, false, false, false];

fn table(streams: &[StreamInfo], clock: &Clock) -> Vec<[String; 8]> {
    let heading = ["STREAM", "RECORDS", "HEAD", "TAIL", "SIZE", "OLDEST", "NEWEST", "STATUS"];
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(streams.iter().map(|stream| row(stream, clock)));
    rows
}

fn row(stream: &StreamInfo, clock: &Clock) -> [String; 8] {
    let time = |nanos| {
        let mut time = String::new();
        match nanos {
            0 => time.push('-'),
            _ => clock.millis(nanos, &mut time),
        }
        time
    };
    let status = match stream.read_only_reason.as_str() {
        "" => "ok".to_owned(),
        reason => format!("read-only: {}", visible(reason)),
    };
    [
        visible(&stream.name).into_owned(),
        retained(stream).to_string(),
        stream.head.to_string(),
        stream.tail.to_string(),
        BinaryBytes(stream.stored_bytes).to_string(),
        time(stream.oldest_unix_nano),
        time(stream.newest_unix_nano),
        status,
    ]
}

fn retained(stream: &StreamInfo) -> u64 {
    stream.tail.saturating_sub(stream.head)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamJson<'a> {
    name: &'a str,
    records: u64,
    head: u64,
    tail: u64,
    stored_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
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
            records: _,
            segments: _,
            segment_records: _,
            segment_bytes: _,
            segment_raw_bytes: _,
            retention: _,
        } = stream;
        let time = |nanos: u64| (nanos > 0).then(|| rfc3339(nanos));
        Self {
            name,
            records: retained(stream),
            head: *head,
            tail: *tail,
            stored_bytes: *stored_bytes,
            oldest: time(*oldest_unix_nano),
            newest: time(*newest_unix_nano),
            read_only_reason,
        }
    }
}
