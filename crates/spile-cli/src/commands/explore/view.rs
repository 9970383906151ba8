//! Draws the model: a line on top, the records, the fields of one, a line at the bottom, and what lies over them.

mod overlay;
mod row;
mod status;
mod style;

#[cfg(test)]
mod tests;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::model::{Model, Overlay};
use crate::output::{Clock, Target, pretty_record};
use row::Rows;
pub(super) use style::Styles;

/// How things are drawn.
#[derive(Debug)]
pub(super) struct View {
    styles: Styles,
    utc: Clock,
    local: Clock,
}

impl View {
    pub(super) fn new(styles: Styles) -> Self {
        Self { styles, utc: Clock::new(false), local: Clock::new(true) }
    }

    #[cfg(test)]
    fn in_zone(styles: Styles, zone: jiff::tz::TimeZone) -> Self {
        Self { styles, utc: Clock::new(false), local: Clock::in_zone(zone) }
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>, model: &Model) {
        let area = frame.area();
        if area.height < 3 || area.width < 10 {
            frame.render_widget(Line::raw("too small"), area);
            return;
        }
        let line = |y: u16| Rect { y: area.y + y, height: 1, ..area };
        let records = Rect { y: area.y + 1, height: model.page() as u16, ..area };
        let detail = Rect { y: records.bottom(), height: model.detail_lines() as u16, ..area };
        frame.render_widget(status::heading(model, &self.styles, usize::from(area.width)), line(0));
        let rows = Rows::new(model, &self.styles, self.clock(model));
        for (y, (key, row)) in (records.y..records.bottom()).zip(rows.visible()) {
            frame.render_widget(rows.line(key, row), Rect { y, height: 1, ..area });
        }
        if model.window.is_empty() {
            let text = status::why_empty(model);
            frame.render_widget(Line::styled(text, self.styles.quiet), records);
        }
        if let Some(scrolled) = model.detail {
            self.draw_detail(frame, detail, model, scrolled);
        }
        let bottom = line(area.height - 1);
        match &model.overlay {
            Overlay::Prompt(prompt) => overlay::prompt(frame, bottom, prompt, &self.styles),
            other => {
                frame.render_widget(status::footing(model, &self.styles, usize::from(area.width)), bottom);
                match other {
                    Overlay::Help => overlay::help(frame, area, &self.styles),
                    Overlay::Streams(streams, marked) => {
                        overlay::streams(frame, area, streams.as_deref(), *marked, &self.styles);
                    }
                    Overlay::None | Overlay::Prompt(_) => {}
                }
            }
        }
    }

    /// All fields of the record that is marked.
    fn draw_detail(&self, frame: &mut Frame<'_>, area: Rect, model: &Model, scrolled: usize) {
        if area.height == 0 {
            return;
        }
        let title = Rect { height: 1, ..area };
        frame.render_widget(Line::styled("─".repeat(usize::from(area.width)), self.styles.quiet), title);
        let Some(super::model::window::Row::Record(record)) =
            model.selected.and_then(|selected| model.window.get(selected))
        else {
            return;
        };
        let text = pretty_record(&record.as_delivered(), Target { guarded: true, coloured: false });
        let lines: Vec<&str> = text.lines().collect();
        // The last line stays on the screen.
        let from = scrolled.min(lines.len().saturating_sub(1));
        for (y, line) in (area.y + 1..area.bottom()).zip(lines.into_iter().skip(from)) {
            frame.render_widget(Line::raw(row::shifted(line, model.shift)), Rect { y, height: 1, ..area });
        }
    }

    fn clock(&self, model: &Model) -> Option<&Clock> {
        match model.times {
            super::model::Times::Utc => Some(&self.utc),
            super::model::Times::Local => Some(&self.local),
            super::model::Times::Relative => None,
        }
    }
}
