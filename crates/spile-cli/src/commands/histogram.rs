//! `spile histogram`.

mod axis;
mod bar;
mod chart;
mod json;
mod levels;
mod number;

use spile_client::proto::HistogramRequest;

use crate::args::{GlobalArgs, HistogramArgs, HistogramFormat};
use crate::connect::connect;
use crate::exit::CliError;
use crate::filter::filter;
use crate::notes::Notes;
use crate::output::{Clock, Sink, Target, columns, print_json};
use chart::Chart;
use json::{BucketJson, HistogramJson};

pub(super) async fn run(global: &GlobalArgs, args: &HistogramArgs, notes: &Notes) -> Result<(), CliError> {
    let request = HistogramRequest {
        stream: args.filter.stream.clone(),
        filter: Some(filter(&args.filter)?),
        max_buckets: if args.interval.is_some() { 0 } else { args.buckets },
        bucket_nanos: args.interval.unwrap_or(0),
    };
    let client = connect(global).await?;
    let histogram = client.histogram(request).await?;
    let target = Target::stdout(global.color);
    let mut sink = Sink::new();
    sink.print(|out| match args.output {
        HistogramFormat::Chart if histogram.records == 0 => notes.note("no record matches"),
        HistogramFormat::Chart => {
            let chart = Chart { width: columns(), coloured: target.coloured, clock: &Clock::new(args.local) };
            out.extend_from_slice(chart.draw(&histogram).as_bytes());
        }
        HistogramFormat::Json => print_json(&HistogramJson::new(&histogram), true, target, out),
        HistogramFormat::Jsonl => {
            for bucket in &histogram.buckets {
                print_json(&BucketJson::new(bucket), false, target, out);
            }
        }
    })?;
    sink.flush()
}

#[cfg(test)]
mod tests;
