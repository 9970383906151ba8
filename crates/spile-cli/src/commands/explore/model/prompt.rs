//! A line that is typed in.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest line, bytes: what a filter may have.
const MAX_BYTES: usize = 8 << 10;

/// What a line is typed in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// What to look for from here on.
    Search,
    /// Which records to show.
    Filter,
    /// Where to go.
    Place,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    NotYet,
    Done(String),
    GivenUp,
}

/// A line that is being typed in.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) purpose: Purpose,
    pub(crate) text: String,
    /// Where the cursor is, a character's boundary.
    pub(crate) at: usize,
    /// What was wrong with it last time.
    pub(crate) problem: Option<String>,
}

impl Prompt {
    pub(crate) fn new(purpose: Purpose, text: &str) -> Self {
        Self { purpose, text: text.to_owned(), at: text.len(), problem: None }
    }

    pub(crate) fn sign(&self) -> &'static str {
        match self.purpose {
            Purpose::Search => "/",
            Purpose::Filter => "&",
            Purpose::Place => ":",
        }
    }

    pub(crate) fn key(&mut self, key: KeyEvent) -> Typed {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Typed::Done(std::mem::take(&mut self.text)),
            KeyCode::Esc => return Typed::GivenUp,
            KeyCode::Char('c' | 'g') if control => return Typed::GivenUp,
            KeyCode::Char('a') if control => self.at = 0,
            KeyCode::Char('e') if control => self.at = self.text.len(),
            KeyCode::Char('u') if control => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            KeyCode::Char('k') if control => self.text.truncate(self.at),
            KeyCode::Char('w') if control => {
                let kept = self.text[..self.at].trim_end();
                let start = kept.rfind(' ').map_or(0, |blank| blank + 1);
                self.text.drain(start..self.at);
                self.at = start;
            }
            KeyCode::Char(_) if control => {}
            KeyCode::Char(character) => self.insert(character),
            // An empty line is left by going back once more, as in less.
            KeyCode::Backspace if self.text.is_empty() => return Typed::GivenUp,
            KeyCode::Backspace => {
                let start = self.before();
                self.text.drain(start..self.at);
                self.at = start;
            }
            KeyCode::Delete => {
                let end = self.after();
                self.text.drain(self.at..end);
            }
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => {}
        }
        Typed::NotYet
    }

    pub(crate) fn paste(&mut self, text: &str) {
        text.chars().for_each(|character| self.insert(if character.is_control() { ' ' } else { character }));
    }

    fn insert(&mut self, character: char) {
        if self.text.len() + character.len_utf8() <= MAX_BYTES {
            self.text.insert(self.at, character);
            self.at += character.len_utf8();
        }
    }

    fn before(&self) -> usize {
        self.text[..self.at].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.at..].chars().next().map_or(self.at, |character| self.at + character.len_utf8())
    }
}
