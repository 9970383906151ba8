//! The times beside the bars: as short as they can be without becoming ambiguous.

use jiff::Zoned;

/// What stands beside each bar, all of one width, and what stands above them.
pub(super) struct Axis {
    pub(super) heading: String,
    pub(super) labels: Vec<String>,
}

/// As long as the blanks in place of a date that is that of the bar above.
const DATE_WIDTH: usize = "2026-11-22".len();

impl Axis {
    /// `starts` are those of the bars, ascending.
    pub(super) fn new(starts: &[Zoned], utc: bool) -> Self {
        let format = TimeFormat::fitting(starts);
        let one_offset = starts.windows(2).all(|pair| pair[0].offset() == pair[1].offset());
        let heading = match starts.first() {
            _ if utc => "UTC".to_owned(),
            Some(first) if one_offset => format!("UTC{}", first.strftime("%:z")),
            _ => "LOCAL".to_owned(),
        };
        let mut labels = Vec::with_capacity(starts.len());
        let mut date = None;
        for start in starts {
            let mut label = if date.replace(start.date()) == Some(start.date()) && format != TimeFormat::Day {
                " ".repeat(DATE_WIDTH)
            } else {
                start.date().to_string()
            };
            label.push_str(&start.strftime(format.pattern()).to_string());
            if !one_offset {
                // Where clocks go back, an hour comes twice.
                label.push_str(&start.strftime("%:z").to_string());
            }
            labels.push(label);
        }
        let width = labels.iter().map(String::len).chain([heading.len()]).max().unwrap_or(0);
        let pad = |label: String| format!("{label:<width$}");
        Self { heading: pad(heading), labels: labels.into_iter().map(pad).collect() }
    }
}

/// How much of a time of day there is to tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeFormat {
    Day,
    Minute,
    Second,
    Millisecond,
    Nanosecond,
}

impl TimeFormat {
    fn fitting(starts: &[Zoned]) -> Self {
        let all = |is: fn(&Zoned) -> bool| starts.iter().all(is);
        if !all(|start| start.subsec_nanosecond() % 1_000_000 == 0) {
            Self::Nanosecond
        } else if !all(|start| start.subsec_nanosecond() == 0) {
            Self::Millisecond
        } else if !all(|start| start.second() == 0) {
            Self::Second
        } else if !all(|start| start.hour() == 0 && start.minute() == 0) {
            Self::Minute
        } else {
            Self::Day
        }
    }

    fn pattern(self) -> &'static str {
        match self {
            Self::Day => "",
            Self::Minute => " %H:%M",
            Self::Second => " %H:%M:%S",
            Self::Millisecond => " %H:%M:%S%.3f",
            Self::Nanosecond => " %H:%M:%S%.9f",
        }
    }
}
