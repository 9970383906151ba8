//! Colours, and what stands for them where there are none.

use ratatui::style::{Color, Modifier, Style};

/// How parts of the screen look.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands::explore) struct Styles {
    /// For severities that are not known, and for each group of four.
    severities: [Style; 7],
    pub(super) time: Style,
    pub(super) service: Style,
    pub(super) quiet: Style,
    pub(super) bar: Style,
    pub(super) marked: Style,
    pub(super) found: Style,
    pub(super) problem: Style,
}

impl Styles {
    pub(in crate::commands::explore) fn new(coloured: bool) -> Self {
        let plain = Style::new();
        let colour = |colour: Color| if coloured { plain.fg(colour) } else { plain };
        Self {
            severities: [
                plain,
                plain.add_modifier(Modifier::DIM),
                colour(Color::Blue),
                colour(Color::Green),
                colour(Color::Yellow),
                colour(Color::Red),
                colour(Color::Red).add_modifier(Modifier::BOLD),
            ],
            time: plain.add_modifier(Modifier::DIM),
            service: colour(Color::Cyan),
            quiet: plain.add_modifier(Modifier::DIM),
            bar: plain.add_modifier(Modifier::REVERSED),
            marked: plain.add_modifier(Modifier::REVERSED),
            found: plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
            problem: colour(Color::Red).add_modifier(Modifier::BOLD),
        }
    }

    pub(super) fn severity(&self, number: i32) -> Style {
        match usize::try_from(number) {
            Ok(number @ 1..=24) => self.severities[1 + (number - 1) / 4],
            _ => self.severities[0],
        }
    }
}
