//! Lines that begin with a time of their own, as log4j, logback, Python, Go, Rust, databases and most programs write them.

use std::borrow::Cow;

use super::header::{Header, TimeStands, is_logger_name};
use super::{access, at, logcat, nginx, syslog};
use crate::level::{Place, level};
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{self, Civil, Context, Date};

/// A line that begins with a numeric date: `2024-01-31 23:59:59,123 …`.
pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    after_prefix(line, Scanner::new(line), context)
}

fn after_prefix<'a>(line: &'a str, mut scanner: Scanner<'a>, context: &Context) -> Option<ParsedLine<'a>> {
    let has_slashes = scanner.peek_at(4) == Some(b'/');
    let has_t = scanner.peek_at(10) == Some(b'T');
    let civil = time::numeric(&mut scanner)?;
    if has_slashes && let Some(parsed) = nginx::after_time(line, scanner, &civil, context) {
        return Some(parsed);
    }
    if has_t
        && civil.offset.is_some()
        && let Some(parsed) = syslog::after_time(line, scanner, &civil, context)
    {
        return Some(parsed);
    }
    if scanner.bytes().starts_with(b", ") {
        return servicing(line, scanner, &civil, context);
    }
    if is_after_blanks(scanner, |byte| byte.is_ascii_digit())
        && let Some(parsed) = logcat::after_time(line, scanner, &civil, context)
    {
        return Some(parsed);
    }
    with_header(line, scanner, &civil, context)
}

/// The first byte after blanks.
fn is_after_blanks(mut scanner: Scanner<'_>, wanted: fn(&u8) -> bool) -> bool {
    scanner.blanks();
    scanner.peek().as_ref().is_some_and(wanted)
}

fn with_header<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    let mut parsed = at(Format::Timestamped, line, civil, context)?;
    // Python's `time:LEVEL:logger:text`, or columns between commas.
    scanner.eat_any(b":,;");
    Header::read(scanner, TimeStands::Bare).apply(&mut parsed);
    Some(parsed)
}

/// A line that begins with a day and a month's name: `31-Jan-2024 23:59:59.123 INFO …` (Tomcat), `31 Jan 2024 23:59:59,123 …`.
pub(crate) fn read_named_month<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let civil = time::dashed_day(&mut scanner)?;
    with_header(line, scanner, &civil, context)
}

/// A line that begins with a time of day alone: `23:59:59.123 [main] INFO …`. It counts only if a level follows.
pub(crate) fn read_clock<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let clock = time::clock(&mut scanner)?;
    let header = Header::read(scanner, TimeStands::Bare);
    if !header.has_level() {
        return None;
    }
    let civil = Civil { date: Date::None, clock, offset: None };
    let mut parsed = at(Format::Timestamped, line, &civil, context)?;
    header.apply(&mut parsed);
    Some(parsed)
}

/// A line whose time stands in brackets: `[2024-01-31 23:59:59,123] INFO …`, `[2024-01-31T23:59:59Z INFO logger] …`,
/// `[23:59:59 INF] …`, `[I 2024-01-31 23:59:59.123 App] …`.
pub(crate) fn read_bracketed<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    scanner.eat(b'[');
    scanner.blanks();
    let letter = tornado_letter(&mut scanner);
    let civil = time::numeric(&mut scanner)
        .or_else(|| time::dashed_day(&mut scanner))
        .or_else(|| clock_alone(&mut scanner))?;
    let is_closed = scanner.eat(b']');
    if is_closed
        && scanner.bytes().starts_with(b" \"")
        && let Some(parsed) = access::after_time(line, scanner, &civil, context)
    {
        return Some(parsed);
    }
    let stands = if is_closed { TimeStands::InBrackets } else { TimeStands::InOpenBracket };
    let header = Header::read(scanner, stands).or_logger(|| logger_at_end(line));
    if civil.date == Date::None && !header.has_level() {
        return None;
    }
    let mut parsed = at(Format::Timestamped, line, &civil, context)?;
    header.apply(&mut parsed);
    if let Some((severity, letter)) = letter {
        parsed.set_severity(severity, letter);
    }
    Some(parsed)
}

fn clock_alone(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let clock = time::clock(scanner)?;
    Some(Civil { date: Date::None, clock, offset: time::zone(scanner) })
}

/// Tornado's `[I 2024-…`.
fn tornado_letter<'a>(scanner: &mut Scanner<'a>) -> Option<(u8, &'a str)> {
    let letter = scanner.rest().get(..1)?;
    let severity = level(letter, Place::Delimited).filter(|_| scanner.peek_at(1) == Some(b' '))?;
    scanner.skip(2);
    Some((severity, letter))
}

/// Kafka's `… text (logger)`.
fn logger_at_end(line: &str) -> Option<&str> {
    let (_, name) = line.strip_suffix(')')?.rsplit_once(" (")?;
    Some(name).filter(|name| name.contains('.') && is_logger_name(name))
}

/// Windows servicing logs: `2016-09-28 04:30:31, Info                  CBS    text`.
fn servicing<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    scanner.skip(1);
    scanner.blanks();
    let word = scanner.word();
    let severity = level(word, Place::First)?;
    let mut parsed = at(Format::WindowsCbs, line, civil, context)?;
    parsed.set_severity(severity, word);
    if scanner.blanks() > 1 {
        let component = scanner.word();
        if scanner.blanks() > 1 && is_logger_name(component) {
            parsed.scope_name = Cow::Borrowed(component);
        }
    }
    Some(parsed)
}

/// A line with one word before the time: the name of its file, as OpenStack's collected logs have it, or that of the program, if
/// a colon follows the time: `update-alternatives 2024-01-31 23:59:59: text`.
pub(crate) fn read_after_word<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let name = scanner.word();
    if !scanner.eat(b' ') {
        return None;
    }
    if name.contains(".log") {
        let mut parsed = after_prefix(line, scanner, context)?;
        parsed.add(names::LOG_FILE_NAME, name);
        return Some(parsed);
    }
    let civil = time::numeric(&mut scanner)?;
    if !scanner.eat_str(": ") || !is_logger_name(name) {
        return None;
    }
    let mut parsed = at(Format::Timestamped, line, &civil, context)?;
    parsed.resource.service_name = Some(Cow::Borrowed(name));
    Some(parsed)
}
