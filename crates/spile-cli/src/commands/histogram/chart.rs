//! A histogram as bars for a terminal: times to the left, counts beside them, and below what the colours mean.

use std::fmt::Write;

use anstyle::Style;
use indicatif::HumanCount;
use spile_client::proto::HistogramResponse;

use super::axis::Axis;
use super::bar;
use super::levels::{ALL, Counts, counts, total};
use super::number::{percent, short};
use crate::amount::interval;
use crate::output::Clock;

/// Bars are not drawn shorter, however narrow the terminal: lines then break.
const MIN_BAR: usize = 10;
/// Between two columns, and between two levels of the legend.
const SPACE: &str = "  ";
/// Above the counts.
const COUNT_HEADING: &str = "RECORDS";
const QUIET: Style = Style::new().dimmed();

/// How a histogram is drawn.
pub(super) struct Chart<'a> {
    /// Cells of a line.
    pub(super) width: usize,
    pub(super) coloured: bool,
    pub(super) clock: &'a Clock,
}

impl Chart<'_> {
    pub(super) fn draw(&self, histogram: &HistogramResponse) -> String {
        let starts: Vec<_> =
            histogram.buckets.iter().map(|bucket| self.clock.zoned(bucket.start_unix_nano)).collect();
        let axis = Axis::new(&starts, self.clock.is_utc());
        let bars: Vec<Counts> = histogram.buckets.iter().map(counts).collect();
        let most = bars.iter().map(total).max().unwrap_or(0);
        let before = axis.heading.len() + COUNT_HEADING.len() + 2 * SPACE.len();
        let width = self.width.saturating_sub(before).max(MIN_BAR);
        let mut out = String::new();
        let heading = format!("{}{SPACE}{COUNT_HEADING}", axis.heading);
        self.quiet(&heading, &mut out);
        out.push('\n');
        for (label, counts) in axis.labels.iter().zip(&bars) {
            self.quiet(label, &mut out);
            let count = short(total(counts));
            let _infallible = write!(out, "{SPACE}{count:>0$}", COUNT_HEADING.len());
            if total(counts) > 0 {
                out.push_str(SPACE);
            }
            bar::draw(counts, most, width, self.coloured, &mut out);
            out.push('\n');
        }
        out.push('\n');
        self.legend(&sum(&bars), &mut out);
        let (records, each) = (HumanCount(histogram.records), interval(histogram.bucket_nanos));
        let noun = if histogram.records == 1 { "record" } else { "records" };
        self.quiet(&format!("{records} {noun}, {each} a bar"), &mut out);
        out.push('\n');
        out
    }

    /// What each colour or letter stands for, and how many records that is, over as many lines as it takes.
    fn legend(&self, counts: &Counts, out: &mut String) {
        let all = total(counts);
        let mut used = 0;
        for (level, records) in ALL.iter().zip(counts).filter(|(_, records)| **records > 0) {
            let text = format!("{} {} ({})", level.name, HumanCount(*records), percent(*records, all));
            let cells = 2 + 1 + text.chars().count();
            if used > 0 && used + SPACE.len() + cells > self.width {
                out.push('\n');
                used = 0;
            }
            if used > 0 {
                out.push_str(SPACE);
                used += SPACE.len();
            }
            let _infallible = if self.coloured {
                write!(out, "{}██{:#} {text}", level.style, level.style)
            } else {
                write!(out, "{0}{0} {text}", level.letter)
            };
            used += cells;
        }
        out.push('\n');
    }

    fn quiet(&self, text: &str, out: &mut String) {
        let _infallible =
            if self.coloured { write!(out, "{QUIET}{text}{QUIET:#}") } else { write!(out, "{text}") };
    }
}

fn sum(bars: &[Counts]) -> Counts {
    let mut all = Counts::default();
    for (sum, records) in bars.iter().flat_map(|counts| counts.iter().enumerate()) {
        all[sum] += records;
    }
    all
}
