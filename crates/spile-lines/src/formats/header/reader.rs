//! Goes through a header part by part, and knows what each may be before and after the level.

use super::gap::{Gap, gap, gap_ahead};
use super::names::{self, class_at_line, file_and_line, has_path, is_name, module_function_line};
use super::{Header, TimeStands};
use crate::level::{Place, level};
use crate::scan::Scanner;
use crate::severity::INFO;

/// Enough for the longest header known (Spring's with a trace has eight parts).
const MAX_PARTS: usize = 12;
/// How much may stand before the level; see [`Reader::before_level`].
const MAX_WEIGHT_BEFORE_LEVEL: u8 = 3;

/// Reads a header from mark to mark.
pub(super) struct Reader<'a> {
    scanner: Scanner<'a>,
    header: Header<'a>,
    /// The time stood in brackets.
    time_in_brackets: bool,
    /// Those brackets are not closed yet.
    in_bracket: bool,
    /// What stood before the level so far.
    weight: u8,
    /// Spring's `---` was seen.
    has_dashes: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(scanner: Scanner<'a>, time: TimeStands) -> Self {
        let (time_in_brackets, in_bracket) = (time != TimeStands::Bare, time == TimeStands::InOpenBracket);
        Self {
            scanner,
            header: Header::default(),
            time_in_brackets,
            in_bracket,
            weight: 0,
            has_dashes: false,
        }
    }

    /// All that is found before the text begins.
    pub(super) fn read(mut self) -> Header<'a> {
        for _ in 0..MAX_PARTS {
            if !self.part() {
                break;
            }
        }
        self.header
    }

    /// Reads one part; whether the header may go on.
    fn part(&mut self) -> bool {
        let gap = gap(&mut self.scanner);
        self.has_dashes |= gap == Gap::Dashes;
        let names_source = self.header.thread.is_some() || self.header.logger.is_some();
        if self.header.has_level() && gap == Gap::Mark && names_source {
            return false;
        }
        match self.scanner.peek() {
            None => false,
            Some(b'[') => match self.scanner.group(b'[', b']') {
                Some(text) => self.group(text.trim_ascii()),
                None => false,
            },
            Some(b']') if self.in_bracket => {
                self.scanner.skip(1);
                self.in_bracket = false;
                true
            }
            Some(b'(') if self.header.has_level() && self.header.pid.is_none() => self.pid_in_parentheses(),
            Some(b'{') if !self.header.has_level() => self.position_in_braces(),
            Some(_) if self.header.has_level() => self.after_level(gap),
            Some(_) => self.before_level(gap),
        }
    }

    /// A part in brackets: a level, a process, a trace, a thread, a logger.
    fn group(&mut self, text: &'a str) -> bool {
        let header = &mut self.header;
        if !header.has_level()
            && let Some(number) = level(text, Place::Delimited)
        {
            (header.severity, header.severity_text) = (number, text);
            return true;
        }
        // MySQL's error codes are the last thing of interest in its headers.
        if text.starts_with("MY-") {
            return false;
        }
        if text.is_empty() {
            return true;
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            header.pid = header.pid.or_else(|| text.parse().ok().filter(|pid| *pid > 0));
        } else if let Some(found) = names::trace_group(text) {
            header.service = found.service.or(header.service);
            header.trace = Some((found.trace_id, found.span_id));
        } else if let Some((thread, class, line)) = class_at_line(text) {
            (header.thread, header.logger, header.code_line) = (Some(thread), Some(class), Some(line));
        } else if header.has_level() && self.time_in_brackets && has_path(text) && is_name(text) {
            header.logger = Some(text);
            return false;
        } else if is_thread(text) {
            if self.has_dashes && header.thread.is_some() {
                // Spring writes the application's name before the thread.
                header.service = header.thread;
                header.thread = Some(text);
            } else {
                header.thread = header.thread.or(Some(text));
            }
        }
        true
    }

    /// `(1234)` after the level.
    fn pid_in_parentheses(&mut self) -> bool {
        let pid = self.scanner.group(b'(', b')').and_then(|text| text.parse().ok());
        self.header.pid = pid;
        false
    }

    /// `{file.py:12}` before the level.
    fn position_in_braces(&mut self) -> bool {
        let Some((file, line)) = self.scanner.group(b'{', b'}').and_then(file_and_line) else { return false };
        (self.header.file, self.header.code_line) = (Some(file), Some(line));
        true
    }

    /// A word before the level: the level itself, or a process, host or logger before it.
    ///
    /// Only a few such words may come, lest a level be found in the middle of a text: each word weighs one, and a word without
    /// any mark in or around it two.
    fn before_level(&mut self, gap: Gap) -> bool {
        if self.level_word(gap) {
            return true;
        }
        let word = self.scanner.word();
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            self.header.pid = self.header.pid.or_else(|| word.parse().ok().filter(|pid| *pid > 0));
            return true;
        }
        // PHP writes its name before the level.
        if word == "PHP" {
            return true;
        }
        let mut name = word.trim_end_matches(':');
        if let Some((head, pid)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            name = head;
            self.header.pid = pid.parse().ok().or(self.header.pid);
        }
        // Laravel writes `channel.LEVEL: text`.
        if let Some((channel, word)) = name.rsplit_once('.')
            && let Some(number) = level(word, Place::Later)
        {
            (self.header.severity, self.header.severity_text) = (number, word);
            self.header.logger = Some(channel);
            return false;
        }
        let next = gap_ahead(self.scanner);
        let is_marked = gap != Gap::Blank || next != Gap::Blank || word.len() != name.len();
        self.weight += if is_marked || word.bytes().any(|byte| !byte.is_ascii_alphabetic()) { 1 } else { 2 };
        if let Some((file, line)) = file_and_line(word) {
            (self.header.file, self.header.code_line) = (Some(file), Some(line));
        } else if is_name(name) {
            self.header.logger = Some(name);
        }
        self.weight <= MAX_WEIGHT_BEFORE_LEVEL
    }

    /// Takes the next word if it is a level, with what is tied to it: `INFO:logger:`, `INFO/process]`.
    fn level_word(&mut self, gap: Gap) -> bool {
        let mut ahead = self.scanner;
        let word = ahead.take_until(|byte| !byte.is_ascii_alphanumeric());
        let next = ahead.peek();
        if !matches!(next, None | Some(b' ' | b'\t' | b':' | b'/' | b']' | b',' | b'|')) {
            return false;
        }
        let is_first = self.weight == 0;
        let is_delimited =
            next == Some(b'|') || gap_ahead(ahead) == Gap::Mark && (is_first || gap == Gap::Mark);
        let place = match () {
            () if is_delimited => Place::Delimited,
            () if is_first => Place::First,
            () => Place::Later,
        };
        let number = match level(word, place) {
            Some(number) => number,
            // PostgreSQL's ordinary level.
            None if word == "LOG" && next == Some(b':') => INFO,
            None => return false,
        };
        (self.header.severity, self.header.severity_text) = (number, word);
        match next {
            Some(b'/') => {
                ahead.skip(1);
                let name = ahead.take_until(|byte| matches!(byte, b' ' | b']'));
                self.header.thread = Some(name).filter(|name| !name.is_empty());
            }
            Some(b':') => {
                ahead.skip(1);
                self.tied_logger(&mut ahead);
            }
            Some(b',') => ahead.skip(1),
            _ => {}
        }
        self.scanner = ahead;
        true
    }

    /// Python's `LEVEL:logger:text`; after any other colon the text begins, and nothing more is looked for.
    fn tied_logger(&mut self, scanner: &mut Scanner<'a>) {
        let mut ahead = *scanner;
        let name = ahead.take_until(|byte| matches!(byte, b':' | b' '));
        if !name.is_empty() && ahead.peek() == Some(b':') && is_name(name) {
            self.header.logger = Some(name);
        }
        *scanner = Scanner::new("");
    }

    /// A word after the level: a process or a logger, or else the text.
    fn after_level(&mut self, gap: Gap) -> bool {
        skip_spans(&mut self.scanner);
        let mut word = self.scanner.word();
        if self.in_bracket
            && let Some(inside) = word.strip_suffix(']')
        {
            self.header.logger = Some(inside).filter(|name| is_name(name)).or(self.header.logger);
            return false;
        }
        let header = &mut self.header;
        if header.pid.is_none()
            && gap == Gap::Blank
            && word.bytes().all(|byte| byte.is_ascii_digit())
            && !word.is_empty()
        {
            header.pid = word.parse().ok();
            // Only Spring has the process here; any other number is text.
            let is_spring = gap_ahead(self.scanner) == Gap::Dashes;
            header.pid = header.pid.filter(|_| is_spring);
            return is_spring;
        }
        // Flask: `INFO in module: text`.
        if word == "in" && self.scanner.eat(b' ') {
            word = self.scanner.word();
        }
        let next = gap_ahead(self.scanner);
        if next == Gap::Tab {
            return self.tabbed(word);
        }
        if let Some((module, function, line)) = module_function_line(word).filter(|_| next == Gap::Mark) {
            header.logger = Some(module);
            (header.function, header.code_line) = (Some(function), Some(line));
        } else if let Some((file, line)) = file_and_line(word.trim_end_matches(':')) {
            (header.file, header.code_line) = (Some(file), Some(line));
        } else if let Some(logger) = logger_word(word, gap, next, self.scanner) {
            header.logger = Some(logger);
        }
        false
    }

    /// A column between tabs, as zap's console writes: logger, then the caller's position.
    fn tabbed(&mut self, word: &'a str) -> bool {
        if let Some((file, line)) = file_and_line(word) {
            (self.header.file, self.header.code_line) = (Some(file), Some(line));
            return false;
        }
        let is_logger = is_name(word);
        self.header.logger = Some(word).filter(|_| is_logger).or(self.header.logger);
        is_logger
    }
}

/// The logger in a word after the level: with a colon at its end, or before a mark, or dotted and before a bracket.
fn logger_word<'a>(word: &'a str, before: Gap, next: Gap, after: Scanner<'a>) -> Option<&'a str> {
    let name = word.strip_suffix(':');
    let is_logger = match name {
        Some(_) => before != Gap::Mark,
        None if next == Gap::Mark => before != Gap::Mark || has_path(word),
        None => before == Gap::Blank && has_path(word) && after.rest().trim_ascii_start().starts_with('['),
    };
    let name = name.unwrap_or(word);
    let is_exception = name.ends_with("Exception") || name.ends_with("Error");
    (is_logger && is_name(name) && !is_exception).then_some(name)
}

/// Moves past the spans of Rust's tracing: `request{id=1 user="x"}:handler{}: ` before the target.
fn skip_spans(scanner: &mut Scanner<'_>) {
    const MAX_SPANS: usize = 16;
    for _ in 0..MAX_SPANS {
        let mut ahead = *scanner;
        let name = ahead
            .take_until(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-')));
        if name.is_empty() || ahead.group(b'{', b'}').is_none() || !ahead.eat(b':') {
            return;
        }
        ahead.eat(b' ');
        *scanner = ahead;
    }
}

fn is_thread(text: &str) -> bool {
    !text.contains('=') && text.len() <= 128
}
