//! The lines at the top and at the bottom: what is looked at, and how it goes.

use ratatui::text::{Line, Span};

use super::Styles;
use super::row::one_line;
use crate::commands::explore::model::spec::LEVELS;
use crate::commands::explore::model::{Link, Model, Times};
use spile_client::proto::EndReason;

/// What is looked at: stream, filter, levels.
pub(super) fn heading(model: &Model, styles: &Styles, columns: usize) -> Line<'static> {
    let spec = &model.spec;
    let mut text = format!(" {}", spec.stream);
    if !spec.given.level.is_empty() {
        text += &format!("  level {}", spec.given.level);
    }
    if !spec.expression.trim().is_empty() {
        text += &format!("  & {}", spec.expression.trim());
    }
    let hidden = LEVELS.iter().zip(spec.hidden).filter(|(_, hidden)| *hidden).map(|(level, _)| *level);
    let hidden: Vec<&str> = hidden.collect();
    if !hidden.is_empty() {
        text += &format!("  without {}", hidden.join(" "));
    }
    if !model.search.is_empty() {
        text += &format!("  / {}", model.search);
    }
    filled(&text, "? help ", styles, columns)
}

/// How it goes: state, place, what is behind, or something to tell.
pub(super) fn footing(model: &Model, styles: &Styles, columns: usize) -> Line<'static> {
    if let Some(message) = &model.message {
        let style = if message.is_error { styles.problem } else { styles.bar };
        return Line::from(Span::styled(one_line(&message.text, 0, columns), style));
    }
    let mut left = format!(" {}", state(model));
    if let Some(selected) = model.selected {
        let size = model.tail.saturating_sub(model.head);
        let percent = selected.saturating_sub(model.head).saturating_add(1).saturating_mul(100) / size.max(1);
        left += &format!("  offset {selected} of {} ({}%)", model.tail, percent.min(100));
    }
    let behind = model.behind();
    // Who browses sees where; how much of the rest is loaded is no matter to them.
    if behind > 0 && (model.follow || model.paused) {
        left += &format!("  {behind} behind the tail");
    }
    let times = match model.times {
        Times::Utc => "UTC ",
        Times::Local => "local time ",
        Times::Relative => "relative time ",
    };
    filled(&left, times, styles, columns)
}

fn state(model: &Model) -> String {
    match &model.link {
        Link::Opening => return "CONNECTING".to_owned(),
        Link::Down(why) => return format!("RECONNECTING ({why})"),
        Link::Up => {}
    }
    let state = match model.ended {
        _ if model.is_busy() => "LOOKING",
        Some(EndReason::Until) => "END (--until)",
        Some(_) => "END",
        None if model.paused => "PAUSED",
        None if model.follow => "FOLLOWING",
        None => "BROWSING",
    };
    state.to_owned()
}

/// Why there is nothing to see.
pub(super) fn why_empty(model: &Model) -> &'static str {
    match model.link {
        Link::Opening => "connecting ...",
        _ if model.is_busy() => "looking ...",
        _ if model.message.is_some() => "",
        _ if model.behind() > 0 => "nothing that matches yet; still looking ...",
        _ => "nothing that matches yet",
    }
}

/// Two texts at both ends of a bar.
fn filled(left: &str, right: &str, styles: &Styles, columns: usize) -> Line<'static> {
    let left = one_line(left, 0, columns);
    let width = Line::raw(left.as_str()).width() + right.len();
    let text = match columns.checked_sub(width) {
        Some(fill) => format!("{left}{}{right}", " ".repeat(fill)),
        None => left,
    };
    let fill = columns.saturating_sub(Line::raw(text.as_str()).width());
    Line::from(Span::styled(format!("{text}{}", " ".repeat(fill)), styles.bar))
}
