//! Android's logcat in the forms threadtime (the usual one), time and brief.
//!
//! - threadtime: `01-31 23:59:59.123  1234  5678 I Tag: text`, the year or microseconds being options;
//! - time: `01-31 23:59:59.123 I/Tag( 1234): text`;
//! - brief: `I/Tag( 1234): text`, which has no time.

use std::borrow::Cow;

use super::at;
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::severity::from_letter;
use crate::time::{self, Civil, Context};

/// A line that begins with month and day: threadtime or time.
pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let mut civil = time::month_day(&mut scanner, Some(b'-'))?;
    civil.offset = time::zone(&mut scanner);
    after_time(line, scanner, &civil, context)
}

/// What follows a time, with or without a year.
pub(crate) fn after_time<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    if scanner.blanks() == 0 {
        return None;
    }
    let header = match scanner.peek()? {
        b'0'..=b'9' => thread_header(&mut scanner)?,
        _ => brief_header(&mut scanner)?,
    };
    let mut parsed = at(Format::Logcat, line, civil, context)?;
    header.apply(&mut parsed);
    Some(parsed)
}

/// A line without a time.
pub(crate) fn read_brief(line: &str) -> Option<ParsedLine<'_>> {
    let header = brief_header(&mut Scanner::new(line))?;
    let mut parsed = ParsedLine::new(Format::Logcat, line);
    header.apply(&mut parsed);
    Some(parsed)
}

struct Header<'a> {
    letter: &'a str,
    severity: u8,
    tag: &'a str,
    pid: i64,
    thread: Option<i64>,
}

impl<'a> Header<'a> {
    fn apply(self, parsed: &mut ParsedLine<'a>) {
        parsed.set_severity(self.severity, self.letter);
        parsed.scope_name = Cow::Borrowed(self.tag);
        parsed.resource.process_pid = Some(self.pid);
        parsed.add_some(names::THREAD_ID, self.thread);
    }
}

/// `1234  5678 I Tag: text`. The tag may have blanks in it and at its end.
fn thread_header<'a>(scanner: &mut Scanner<'a>) -> Option<Header<'a>> {
    let pid = scanner.integer()?;
    scanner.blanks();
    let thread = scanner.integer()?;
    scanner.blanks();
    let (letter, severity) = letter(scanner)?;
    if !scanner.eat(b' ') {
        return None;
    }
    let tag = scanner.until(b':')?.trim_ascii_end();
    Some(Header { letter, severity, tag, pid, thread: Some(thread) })
}

/// `I/Tag( 1234): text`.
fn brief_header<'a>(scanner: &mut Scanner<'a>) -> Option<Header<'a>> {
    let (letter, severity) = letter(scanner)?;
    if !scanner.eat(b'/') {
        return None;
    }
    let tag = scanner.until(b'(')?.trim_ascii_end();
    scanner.blanks();
    let pid = scanner.integer()?;
    if !scanner.eat_str("):") {
        return None;
    }
    Some(Header { letter, severity, tag, pid, thread: None })
}

fn letter<'a>(scanner: &mut Scanner<'a>) -> Option<(&'a str, u8)> {
    let text = scanner.rest().get(..1)?;
    let severity = from_letter(scanner.eat_any(b"VDIWEFA")?)?;
    Some((text, severity))
}
