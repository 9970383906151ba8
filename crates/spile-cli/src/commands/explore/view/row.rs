//! A row: time, severity, service and text of a record on one line, or the mark of a gap.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar;

use super::Styles;
use crate::commands::explore::model::Model;
use crate::commands::explore::model::window::{Record, Row};
use crate::escape::visible;
use crate::gap;
use crate::output::{Clock, service_name, severity_name};

/// As wide as most names, so that what follows stands in one column.
const SEVERITY_WIDTH: usize = 5;

/// What a tab becomes.
const TAB: &str = "    ";

/// The rows of a screen.
pub(super) struct Rows<'a> {
    model: &'a Model,
    styles: &'a Styles,
    /// `None`: times are relative.
    clock: Option<&'a Clock>,
    /// What is searched for, where it is plain text.
    needle: Option<String>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(model: &'a Model, styles: &'a Styles, clock: Option<&'a Clock>) -> Self {
        Self { model, styles, clock, needle: needle(&model.search) }
    }

    /// Those on the screen, from the top.
    pub(super) fn visible(&self) -> impl Iterator<Item = (u64, &'a Row)> {
        let top = self.model.top;
        top.into_iter().flat_map(|top| self.model.window.from(top)).take(self.model.page())
    }

    pub(super) fn line(&self, key: u64, row: &Row) -> Line<'static> {
        let line = match row {
            Row::Record(record) => self.record(record),
            Row::Gap(gap) => Line::styled(format!("──── {} ────", gap::describe(gap)), self.styles.problem),
        };
        if self.model.selected == Some(key) { self.marked(line) } else { line }
    }

    /// The marked row, filled to the edge.
    fn marked(&self, mut line: Line<'static>) -> Line<'static> {
        let fill = usize::from(self.model.columns).saturating_sub(line.width());
        line.push_span(Span::raw(" ".repeat(fill)));
        line.spans.iter_mut().for_each(|span| span.style = span.style.patch(self.styles.marked));
        line
    }

    fn record(&self, record: &Record) -> Line<'static> {
        let quiet = record.is_context;
        let style = |style: Style| if quiet { self.styles.quiet } else { style };
        let severity = severity_name(record.record.severity_number);
        let mut spans = vec![
            Span::styled(self.time(record.time_unix_nano()), style(self.styles.time)),
            Span::raw(if quiet { "-" } else { " " }),
            Span::styled(
                format!("{severity:SEVERITY_WIDTH$} "),
                style(self.styles.severity(record.record.severity_number)),
            ),
        ];
        if let Some(service) = service_name(&record.resource) {
            spans.push(Span::styled(one_line(service, 0, 40), style(self.styles.service)));
            spans.push(Span::raw(" "));
        }
        let text = one_line(&record.record.body, self.model.shift, usize::from(self.model.columns));
        self.push_text(&mut spans, text, style(Style::new()));
        Line::from(spans)
    }

    fn time(&self, unix_nano: u64) -> String {
        let mut time = String::with_capacity(32);
        match self.clock {
            _ if unix_nano == 0 => time.push('-'),
            Some(clock) => clock.millis(unix_nano, &mut time),
            None => time = relative(unix_nano, self.model.now),
        }
        time
    }

    /// The text, with what is searched for set off.
    fn push_text(&self, spans: &mut Vec<Span<'static>>, text: String, style: Style) {
        let Some(needle) = &self.needle else { return spans.push(Span::styled(text, style)) };
        // ASCII case only, so that places in one are places in the other.
        let folded = text.to_ascii_lowercase();
        let mut rest = 0;
        for (at, found) in folded.match_indices(needle.as_str()) {
            spans.push(Span::styled(text[rest..at].to_owned(), style));
            rest = at + found.len();
            spans.push(Span::styled(text[at..rest].to_owned(), style.patch(self.styles.found)));
        }
        spans.push(Span::styled(text[rest..].to_owned(), style));
    }
}

/// What a search looks for in texts, when it is nothing but a text.
fn needle(search: &str) -> Option<String> {
    let search = search.trim();
    let quoted = search.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let text = quoted.unwrap_or(search);
    let plain = !text.is_empty() && !text.contains(['"', '\\', '(', ')', '=', '<', '>', '~', ':']);
    let one_word = quoted.is_some() || !text.starts_with('-') && !text.contains(' ');
    (plain && one_word).then(|| text.to_ascii_lowercase())
}

/// A text on one line with everything harmful made visible: `columns` cells of it behind `shift`.
pub(super) fn one_line(text: &str, shift: usize, columns: usize) -> String {
    // No character takes more than four bytes, and hardly one no cell.
    let bytes = (shift + columns).saturating_mul(8);
    let text = &text[..text.floor_char_boundary(bytes)];
    let shown = visible(text).replace('\t', TAB);
    let line = shifted(&shown, shift);
    let mut width = 0;
    let fits = line.char_indices().find(|(_, character)| {
        width += character.width().unwrap_or(0);
        width > columns
    });
    match fits {
        Some((at, _)) => line[..at].to_owned(),
        None => line,
    }
}

/// A text without its first cells.
pub(super) fn shifted(text: &str, shift: usize) -> String {
    let mut width = 0;
    let skipped = text.char_indices().find(|(_, character)| {
        let before = width;
        width += character.width().unwrap_or(0);
        before >= shift
    });
    skipped.map_or_else(String::new, |(at, _)| text[at..].to_owned())
}

/// How long ago that was, in eight cells.
fn relative(unix_nano: u64, now: u64) -> String {
    let (sign, nanos) = match now.checked_sub(unix_nano) {
        Some(ago) => ('-', ago),
        None => ('+', unix_nano - now),
    };
    let seconds = nanos / 1_000_000_000;
    let text = match seconds {
        0..60 => format!("{sign}{seconds}s"),
        60..3_600 => format!("{sign}{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{sign}{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{sign}{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
    };
    format!("{text:>8}")
}
