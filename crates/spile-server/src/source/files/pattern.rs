//! Glob patterns that name files to follow, made absolute, with the folders to watch for them.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use glob::{MatchOptions, Paths};
use thiserror::Error;

/// As shells do it: `*` stops at `/` and passes over hidden files.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It is empty.
    #[error("an empty pattern matches nothing; give a path such as /var/log/*.log")]
    Empty,
    /// It is not a glob pattern.
    #[error("pattern {pattern:?} cannot be read: {reason} (at byte {at})")]
    Syntax {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        reason: &'static str,
        /// Where.
        at: usize,
    },
    /// It has braces, which would be taken literally.
    #[error(
        "pattern {pattern:?} has braces, which are not alternatives here; give one pattern for each, or write [{{] for a brace"
    )]
    Braces {
        /// The pattern.
        pattern: String,
    },
    /// It is relative, and the working directory cannot be told.
    #[error(
        "pattern {pattern:?} is relative, and the working directory is unknown: {reason}; give an absolute one"
    )]
    NoWorkingDirectory {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
}

/// A pattern that names files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As it was given.
    given: String,
    absolute: String,
    /// Patterns of the folders in which something can appear that matches, or leads to it.
    folders: Vec<String>,
}

impl Pattern {
    /// Reads a pattern: `*`, `?`, `[...]`, and `**` for any folders. A relative one belongs to the working directory.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub fn parse(given: &str) -> Result<Self, PatternError> {
        if given.is_empty() {
            return Err(PatternError::Empty);
        }
        if has_braces(given) {
            return Err(PatternError::Braces { pattern: given.to_owned() });
        }
        let mut absolute = absolute(given)?;
        // For the reader of patterns this would be all folders, and no file.
        if absolute.ends_with("/**") {
            absolute.push_str("/*");
        }
        if let Err(error) = glob::Pattern::new(&absolute) {
            let at = error.pos.saturating_sub(absolute.len() - given.len());
            return Err(PatternError::Syntax { pattern: given.to_owned(), reason: error.msg, at });
        }
        Ok(Self { given: given.to_owned(), folders: folders(&absolute), absolute })
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// What matches now; looks at the disk while it is iterated.
    pub(super) fn matches(&self) -> Paths {
        expand(&self.absolute)
    }

    /// The folders to watch that there are now.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.folders.iter().flat_map(|folder| expand(folder)).flatten()
    }
}

fn expand(pattern: &str) -> Paths {
    glob::glob_with(pattern, OPTIONS).expect("the pattern was checked, and its beginnings are patterns, too")
}

/// Whether the pattern has a brace outside of `[...]`.
fn has_braces(pattern: &str) -> bool {
    let mut in_class = false;
    pattern.chars().any(|c| {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        !in_class && matches!(c, '{' | '}')
    })
}

fn absolute(given: &str) -> Result<String, PatternError> {
    if Path::new(given).is_absolute() {
        return Ok(given.to_owned());
    }
    let unknown = |reason: String| PatternError::NoWorkingDirectory { pattern: given.to_owned(), reason };
    let here = std::env::current_dir().map_err(|error| unknown(error.to_string()))?;
    let here = here.to_str().ok_or_else(|| unknown("its path is not UTF-8".into()))?;
    let here = glob::Pattern::escape(here.trim_end_matches(MAIN_SEPARATOR));
    Ok(format!("{here}/{}", given.trim_start_matches("./")))
}

/// For `/var/log/pods/*/*/*.log`: `/var/log/pods`, `/var/log/pods/*` and `/var/log/pods/*/*`. Behind `**` files are found by
/// looking.
fn folders(absolute: &str) -> Vec<String> {
    let parts: Vec<&str> = absolute.split('/').collect();
    let is_plain = |part: &&str| !part.contains(['*', '?', '[']);
    let plain = parts.iter().take_while(|part| is_plain(part)).count();
    let any_depth = parts.iter().position(|part| *part == "**").unwrap_or(parts.len());
    let last = (parts.len() - 1).min(any_depth);
    let first = plain.min(last);
    let beginnings = (first..=last).map(|end| parts[..end].join("/"));
    beginnings.filter(|folder| !folder.is_empty()).collect()
}

#[cfg(test)]
mod tests;
