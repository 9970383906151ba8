//! How far an export is, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use spile_client::{Client, TailBatch};

use crate::notes::Notes;

/// Not more than the eye can follow.
const REDRAWS_PER_SECOND: u8 = 10;

/// A bar over the records to come when the server knows how many those are; else over the offsets of the stream, which costs
/// no counting.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// The first offset and the one behind the last; `None` without a terminal.
    offsets: Option<(u64, u64)>,
    counts_records: bool,
}

impl Progress {
    /// `shown` is whether the records themselves go to a terminal.
    pub(super) async fn new(notes: &Notes, client: &Client, stream: &str, shown: bool) -> Self {
        let draws = notes.draws() && !shown;
        let target = if draws {
            ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style("{spinner} {msg}"));
        // What is wrong with the stream the export itself will tell.
        let offsets = if draws {
            client.get_stream(stream).await.ok().map(|stream| (stream.head, stream.tail))
        } else {
            None
        };
        let progress = Self { bar, offsets, counts_records: false };
        if let Some((head, tail)) = progress.offsets.filter(|(head, tail)| head < tail) {
            progress.bar.set_length(tail - head);
            progress.bar.set_style(style("{wide_bar} {percent}% {eta} {msg}"));
        }
        progress.bar.enable_steady_tick(Duration::from_millis(200));
        progress
    }

    /// Records came.
    pub(super) fn delivered(&mut self, batch: &TailBatch, records: u64, total: Option<u64>) {
        if self.bar.is_hidden() {
            return;
        }
        if let Some(total) = total {
            if !std::mem::replace(&mut self.counts_records, true) {
                self.bar.set_style(style("{wide_bar} {human_pos}/{human_len} records {per_sec} {eta}"));
            }
            self.bar.set_length(total);
            self.bar.set_position(records);
            return;
        }
        self.bar.set_message(format!("{} records", indicatif::HumanCount(records)));
        if let Some(last) = batch.iter().last() {
            self.scanned(last.offset + 1);
        }
    }

    /// Nothing before this offset is still to come.
    pub(super) fn scanned(&self, next_offset: u64) {
        if let (Some((head, _)), false) = (self.offsets, self.counts_records) {
            self.bar.set_position(next_offset.saturating_sub(head));
        }
    }

    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is well-formed")
}
