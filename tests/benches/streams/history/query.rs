//! The searches that are measured: each first over a server that has just started, then again and again, never quite the same and
//! then the very same: the server keeps the rows that a filter found.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use spile_proto::v1::start::Position;
use spile_proto::v1::{CountRequest, Filter, HistogramRequest, Order, Start, TailRequest};
use spile_tests::Server;
use spile_tests::generate::needles;

use super::data::{Facts, Filled};
use super::tail::{self, Answer};
use crate::process::{cpu, forget_peak_memory, median, memory, peak_memory};

/// Warm rounds go on for about so long, within the bounds below, unless their number is given.
const WARM: Duration = Duration::from_secs(2);
const FEWEST_ROUNDS: usize = 5;
const MOST_ROUNDS: usize = 50;

/// What is asked.
#[derive(Clone)]
enum Ask {
    /// A tail, whose records are decoded.
    Tail(TailRequest),
    /// A tail, whose messages are taken as bytes.
    Bytes(TailRequest),
    Count(CountRequest),
    Histogram(HistogramRequest),
}

/// A search.
pub(super) struct Query {
    pub(super) name: &'static str,
    /// How many records are stored, and how many the answer has or counts.
    stored: u64,
    records: u64,
    ask: Ask,
    pub(super) aim: String,
}

/// All that is measured.
pub(super) fn all(facts: &Facts) -> Vec<Query> {
    let stored = facts.records;
    let query = |name, records, ask, aim| Query { name, stored, records, ask, aim };
    let tail =
        |expression: &str| TailRequest { filter: Some(matching(expression)), ..TailRequest::default() };
    let errors = "severity>=ERROR";
    let last = Some(Start { position: Some(Position::Last(100)) });
    let newest_first = Order::NewestFirst as i32;
    let id = format!("\"{}\"", facts.request_id);
    vec![
        query("rare request id", 1, Ask::Tail(tail(&id)), "2.7 ms".to_owned()),
        query("word in 1 %", facts.with_word, Ask::Tail(tail(needles::WORD)), of_5_m(65.0, stored)),
        query(
            "substring in 1 %",
            facts.with_substring,
            Ask::Tail(tail(needles::SUBSTRING)),
            of_5_m(670.0, stored),
        ),
        query("all errors", facts.errors, Ask::Tail(tail(errors)), of_5_m(650.0, stored)),
        query(
            "last 100 errors",
            100,
            Ask::Tail(TailRequest { start: last, ..tail(errors) }),
            "48 ms".to_owned(),
        ),
        query(
            "100 errors, newest first",
            100,
            Ask::Tail(TailRequest { order: newest_first, limit: 100, ..tail(errors) }),
            String::new(),
        ),
        query("all records, as bytes", stored, Ask::Bytes(TailRequest::default()), of_5_m(3200.0, stored)),
        query("all records, decoded", stored, Ask::Tail(TailRequest::default()), of_5_m(3200.0, stored)),
        query(
            "count of errors",
            facts.errors,
            Ask::Count(CountRequest { filter: Some(matching(errors)), ..CountRequest::default() }),
            String::new(),
        ),
        query(
            "count of the word",
            facts.with_word,
            Ask::Count(CountRequest { filter: Some(matching(needles::WORD)), ..CountRequest::default() }),
            String::new(),
        ),
        query("histogram of all", stored, Ask::Histogram(HistogramRequest::default()), String::new()),
    ]
}

fn matching(expression: &str) -> Filter {
    Filter { expression: expression.to_owned(), ..Filter::default() }
}

/// An aim that is known of 5 M records, and grows with them.
fn of_5_m(ms: f64, stored: u64) -> String {
    let scaled = ms * stored as f64 / 5e6;
    if stored == 5_000_000 { format!("{ms:.0} ms") } else { format!("{scaled:.0} ms ({ms:.0} ms of 5 M)") }
}

impl Ask {
    /// The same question in other words, for which nothing that was found before can be used: everything that is stored was written after
    /// such a time.
    fn anew(mut self, round: usize) -> Self {
        let filter = match &mut self {
            // Nothing is kept for those: all of it is read, or the bounds of time are part of the answer.
            Self::Bytes(_) | Self::Histogram(_) => None,
            Self::Tail(request) => request.filter.as_mut(),
            Self::Count(request) => request.filter.as_mut(),
        };
        if let Some(filter) = filter {
            filter.since_unix_nano = round as u64 + 1;
        }
        self
    }
}

impl Query {
    /// The row's name.
    pub(super) fn title(&self) -> String {
        format!("history, {} M: {} ({} records)", self.stored / 1_000_000, self.name, self.records)
    }

    /// Asks a server that has just started, then the same one in other words each time, then in the same words.
    pub(super) async fn measure(&self, filled: &Filled, rounds: Option<usize>) -> Result<Cost> {
        let mut server = filled.serve().await?;
        let cold = self.ask(&server, &self.ask).await?;
        let pid = server.pid();
        let resting = memory(pid)?;
        forget_peak_memory(pid)?;
        let (before, start) = (cpu(pid)?, Instant::now());
        let (mut totals, mut firsts, mut bytes) = (Vec::new(), Vec::new(), 0);
        let go_on = |done: usize, start: Instant| match rounds {
            Some(rounds) => done < rounds,
            None => done < FEWEST_ROUNDS || (done < MOST_ROUNDS && start.elapsed() < WARM),
        };
        while go_on(totals.len(), start) {
            let answer = self.ask(&server, &self.ask.clone().anew(totals.len())).await?;
            totals.push(millis(answer.total));
            firsts.extend(answer.first.map(millis));
            bytes = answer.bytes;
        }
        let cpu_ms = millis(cpu(pid)? - before) / totals.len() as f64;
        let peak = peak_memory(pid)?.saturating_sub(resting);
        let (mut again, start) = (Vec::new(), Instant::now());
        while go_on(again.len(), start) {
            again.push(millis(self.ask(&server, &self.ask).await?.total));
        }
        server.terminate()?;
        server.wait().await?;
        let first_ms = (!firsts.is_empty()).then(|| median(firsts));
        let (new_ms, again_ms) = (median(totals), median(again));
        let (cold_ms, cold_first_ms) = (millis(cold.total), cold.first.map(millis));
        Ok(Cost { cold_ms, cold_first_ms, new_ms, again_ms, first_ms, cpu_ms, peak, resting, bytes })
    }

    /// Asks once; the connection is there before the clock starts.
    async fn ask(&self, server: &Server, ask: &Ask) -> Result<Answer> {
        let answer = match ask {
            Ask::Tail(request) => tail::read(server, request.clone(), true).await?,
            Ask::Bytes(request) => tail::read(server, request.clone(), false).await?,
            Ask::Count(request) => {
                let mut client = server.read().await?;
                let start = Instant::now();
                let counted = client.count(request.clone()).await?.into_inner();
                Answer { records: counted.records, total: start.elapsed(), ..Answer::default() }
            }
            Ask::Histogram(request) => {
                let mut client = server.read().await?;
                let start = Instant::now();
                let histogram = client.histogram(request.clone()).await?.into_inner();
                Answer { records: histogram.records, total: start.elapsed(), ..Answer::default() }
            }
        };
        ensure!(answer.records == self.records, "{}: {} records", self.title(), answer.records);
        Ok(answer)
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// What a search cost. Times are medians but for those of the cold start; CPU is a mean; all but `cold` and `again` are of questions that
/// were not asked before.
pub(super) struct Cost {
    cold_ms: f64,
    cold_first_ms: Option<f64>,
    new_ms: f64,
    again_ms: f64,
    pub(super) first_ms: Option<f64>,
    cpu_ms: f64,
    /// Above what the server held before, bytes.
    peak: u64,
    resting: u64,
    bytes: u64,
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cold_ms, cold_first_ms, new_ms, again_ms, first_ms, cpu_ms, peak, resting, bytes } = self;
        write!(f, "{new_ms:.1} ms; again {again_ms:.1}; cold {cold_ms:.1}")?;
        if let (Some(first_ms), Some(cold_first_ms)) = (first_ms, cold_first_ms) {
            write!(f, "; first record {first_ms:.1}, cold {cold_first_ms:.1}")?;
        }
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        write!(f, "; CPU {cpu_ms:.1} ms; memory {:.0} + {:.1} MiB", mib(*resting), mib(*peak))?;
        if *bytes > 0 {
            write!(f, "; {:.2} MB", *bytes as f64 / 1e6)?;
        }
        Ok(())
    }
}
