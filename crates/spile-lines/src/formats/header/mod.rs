//! What stands between the time and the text of a line: level, thread, process, logger, source position, in any usual order.
//!
//! One reader serves log4j, logback, Spring, Python, Go, Rust, Ruby and database logs, because they put the same few things in
//! other orders and between other marks. It goes from mark to mark and stops at the text. Nothing it finds counts unless it finds
//! a level, for without one a word in brackets may be anything.

mod names;

use std::borrow::Cow;

use self::names::{class_at_line, has_path, is_name, module_function_line};
use crate::level::{Place, level};
use crate::names::{CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER, THREAD_NAME};
use crate::parsed::ParsedLine;
use crate::scan::Scanner;
use crate::severity::INFO;

pub(crate) use self::names::{file_and_line, is_name as is_logger_name};

/// Enough for the longest header known (Spring's with a trace has eight parts).
const MAX_PARTS: usize = 12;
/// How much may stand before the level; see [`Reader::before_level`].
const MAX_WEIGHT_BEFORE_LEVEL: u8 = 3;

/// What a header told.
#[derive(Debug, Default)]
pub(crate) struct Header<'a> {
    severity: u8,
    severity_text: &'a str,
    pid: Option<i64>,
    thread: Option<&'a str>,
    logger: Option<&'a str>,
    service: Option<&'a str>,
    file: Option<&'a str>,
    code_line: Option<i64>,
    function: Option<&'a str>,
    trace: Option<([u8; 16], Option<[u8; 8]>)>,
}

impl<'a> Header<'a> {
    /// Reads a header; `in_bracket` says that the time stood after an opening bracket that is not closed yet.
    pub(crate) fn read(scanner: Scanner<'a>, in_bracket: bool, time_in_brackets: bool) -> Self {
        let header = Header::default();
        let mut reader =
            Reader { scanner, header, in_bracket, time_in_brackets, weight: 0, has_dashes: false };
        for _ in 0..MAX_PARTS {
            if !reader.part() {
                break;
            }
        }
        if reader.header.severity > 0 { reader.header } else { Header::default() }
    }

    pub(crate) fn has_level(&self) -> bool {
        self.severity > 0
    }

    /// The logger, where the header has none but the line's end has it.
    pub(crate) fn or_logger(mut self, logger: impl FnOnce() -> Option<&'a str>) -> Self {
        if self.has_level() && self.logger.is_none() {
            self.logger = logger();
        }
        self
    }

    pub(crate) fn apply(self, parsed: &mut ParsedLine<'a>) {
        if !self.has_level() {
            return;
        }
        parsed.set_severity(self.severity, self.severity_text);
        parsed.scope_name = Cow::Borrowed(self.logger.unwrap_or_default());
        parsed.resource.process_pid = self.pid;
        parsed.resource.service_name = self.service.map(Cow::Borrowed);
        parsed.add_some(THREAD_NAME, self.thread);
        parsed.add_some(CODE_FUNCTION_NAME, self.function);
        parsed.add_some(CODE_FILE_PATH, self.file);
        parsed.add_some(CODE_LINE_NUMBER, self.code_line);
        if let Some((trace_id, span_id)) = self.trace {
            parsed.trace_id = Some(trace_id);
            parsed.span_id = span_id;
        }
    }
}

/// What stands between two parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Blanks, or nothing.
    Blank,
    /// A tab.
    Tab,
    /// ` - `, ` : ` or ` | `.
    Mark,
    /// Spring's ` --- `.
    Dashes,
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    header: Header<'a>,
    in_bracket: bool,
    time_in_brackets: bool,
    weight: u8,
    has_dashes: bool,
}

impl<'a> Reader<'a> {
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
    !text.contains('=') && !text.starts_with("MY-") && text.len() <= 128
}

/// Moves past blanks and a mark among them.
fn gap(scanner: &mut Scanner<'_>) -> Gap {
    let found = gap_ahead(*scanner);
    scanner.blanks();
    match found {
        Gap::Mark => {
            scanner.skip(1);
            scanner.blanks();
        }
        Gap::Dashes => {
            scanner.skip(3);
            scanner.blanks();
        }
        Gap::Blank | Gap::Tab => {}
    }
    found
}

fn gap_ahead(mut scanner: Scanner<'_>) -> Gap {
    let is_tab = scanner.peek() == Some(b'\t');
    scanner.blanks();
    let is_blank = |byte: Option<u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    match scanner.bytes() {
        [b'-', b'-', b'-', rest @ ..] if is_blank(rest.first().copied()) => Gap::Dashes,
        [b'-' | b':' | b'|' | b',', rest @ ..] if is_blank(rest.first().copied()) => Gap::Mark,
        [b'|', ..] => Gap::Mark,
        _ if is_tab => Gap::Tab,
        _ => Gap::Blank,
    }
}

#[cfg(test)]
mod tests;
