//! What is wrong with a configuration: every problem, not the first one.

use std::error::Error;
use std::fmt;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is about: a setting and where its value came from, for instance `listen (SPILE_LISTEN)`.
    pub subject: String,
    /// What is wrong, and what would be right.
    pub description: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.subject, self.description)
    }
}

/// Everything that is wrong with a configuration. Never empty when it is given as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, subject: impl Into<String>, description: impl Into<String>) {
        self.0.push(Problem { subject: subject.into(), description: description.into() });
    }

    /// The problems, in the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// `value` if nothing is wrong.
    pub(super) fn none_or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "spile-server: the configuration has a problem:")?,
            count => writeln!(f, "spile-server: the configuration has {count} problems:")?,
        }
        for problem in &self.0 {
            writeln!(f, "  {problem}")?;
        }
        write!(f, "`spile-server --help` shows every setting.")
    }
}

impl Error for Problems {}
