//! What lies over the records: the prompt, the help, the streams.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear};
use spile_client::proto::StreamInfo;
use unicode_width::UnicodeWidthStr;

use super::Styles;
use super::row::{one_line, shifted};
use crate::commands::explore::model::keys::HELP;
use crate::commands::explore::model::prompt::Prompt;
use crate::escape::visible;

/// The line that is typed in, with its cursor; what was wrong with it stands behind it.
pub(super) fn prompt(frame: &mut Frame<'_>, area: Rect, prompt: &Prompt, styles: &Styles) {
    let columns = usize::from(area.width);
    let before = visible(&prompt.text[..prompt.at]).replace('\t', " ");
    let shown = visible(&prompt.text).replace('\t', " ");
    // The cursor stays on the screen.
    let shift = (before.width() + 2).saturating_sub(columns);
    let mut line = Line::from(vec![Span::raw(prompt.sign()), Span::raw(shifted(&shown, shift))]);
    if let Some(problem) = &prompt.problem {
        line.push_span(Span::styled(format!("   {}", one_line(problem, 0, columns)), styles.problem));
    }
    frame.render_widget(Clear, area);
    frame.render_widget(line, area);
    let x = area.x + (1 + before.width() - shift).min(columns - 1) as u16;
    frame.set_cursor_position(Position { x, y: area.y });
}

/// The keys.
pub(super) fn help(frame: &mut Frame<'_>, area: Rect, styles: &Styles) {
    let lines = HELP.iter().map(|(keys, what)| {
        Line::from(vec![Span::styled(format!(" {keys:<18}"), styles.service), Span::raw((*what).to_owned())])
    });
    open(frame, area, "keys", lines.collect());
}

/// The streams to pick from.
pub(super) fn streams(
    frame: &mut Frame<'_>,
    area: Rect,
    streams: Option<&[StreamInfo]>,
    marked: usize,
    styles: &Styles,
) {
    let Some(streams) = streams else {
        return open(frame, area, "streams", vec![Line::raw(" looking ...")]);
    };
    let fits = usize::from(area.height.saturating_sub(4)).max(1);
    let from = marked.saturating_sub(fits - 1);
    let lines = streams.iter().enumerate().skip(from).take(fits).map(|(at, stream)| {
        let style =
            if at == marked { styles.marked } else { styles.bar.remove_modifier(styles.bar.add_modifier) };
        Line::styled(format!(" {:<40} {:>14} records ", visible(&stream.name), stream.records), style)
    });
    open(frame, area, "streams: Enter picks, Esc leaves", lines.collect());
}

/// A box in the middle.
fn open(frame: &mut Frame<'_>, area: Rect, title: &str, lines: Vec<Line<'_>>) {
    let width = lines.iter().map(Line::width).chain([title.width()]).max().unwrap_or(0) as u16;
    let (width, height) = ((width + 3).min(area.width), (lines.len() as u16 + 2).min(area.height));
    let outer =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let block = Block::bordered().title(format!(" {title} "));
    let inner = block.inner(outer);
    frame.render_widget(Clear, outer);
    frame.render_widget(block, outer);
    for (y, line) in (inner.y..inner.bottom()).zip(lines) {
        frame.render_widget(line, Rect { y, height: 1, ..inner });
    }
}
