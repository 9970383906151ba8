//! What stands between the time and the text of a line: level, thread, process, logger, source position, in any usual order.
//!
//! One reader serves log4j, logback, Spring, Python, Go, Rust, Ruby and database logs, because they put the same few things in
//! other orders and between other marks. It goes from mark to mark and stops at the text. Nothing it finds counts unless it finds
//! a level, for without one a word in brackets may be anything.

mod gap;
mod names;
mod reader;

use std::borrow::Cow;

use self::reader::Reader;
use crate::names::{CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER, THREAD_NAME};
use crate::parsed::ParsedLine;
use crate::scan::Scanner;

pub(crate) use self::names::{file_and_line, is_name as is_logger_name};

/// How the time before a header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeStands {
    Bare,
    /// `[time]`
    InBrackets,
    /// `[time …`: the header begins inside the brackets.
    InOpenBracket,
}

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
    /// Reads a header.
    pub(crate) fn read(scanner: Scanner<'a>, time: TimeStands) -> Self {
        let header = Reader::new(scanner, time).read();
        if header.has_level() { header } else { Header::default() }
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
