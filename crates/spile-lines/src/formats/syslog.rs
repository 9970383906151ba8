//! Syslog as in RFC 3164, framed by `<PRI>` or as daemons write it to files: `Jan 31 23:59:59 host program[1234]: text`, also with
//! ISO times; and the `<PRI>` that RFC 5424 has in common with it.

use std::borrow::Cow;

use super::{at, syslog_5424};
use crate::level;
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::severity::from_syslog;
use crate::time::{self, Civil, Context};

/// The names of the facilities 0 to 23.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

/// A line that begins with `<PRI>`: RFC 5424 if its version follows, else RFC 3164, as much of it as there is.
pub(crate) fn read_framed<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    if !scanner.eat(b'<') {
        return None;
    }
    let priority = u8::try_from(scanner.digits(1, 3)?).ok()?;
    if !scanner.eat(b'>') {
        return None;
    }
    let facility = FACILITIES.get(usize::from(priority / 8))?;
    let (severity_text, severity) = from_syslog(priority % 8)?;
    let mut parsed = match syslog_5424::after_priority(scanner, context) {
        Some(parsed) => parsed,
        None => after_priority(scanner, context),
    };
    parsed.set_severity(severity, severity_text);
    // Programs write `<3>text` to systemd, without a facility: only the kernel's own lines have facility 0.
    if priority >= 8 || parsed.time_unix_nano.is_some() {
        parsed.add(names::SYSLOG_FACILITY, *facility);
    }
    Some(parsed)
}

/// RFC 3164 after its `<PRI>`; the body is the text without the header. What is no header is text.
fn after_priority<'a>(scanner: Scanner<'a>, context: &Context) -> ParsedLine<'a> {
    let mut ahead = scanner;
    let civil = time::month_name_day(&mut ahead).or_else(|| time::numeric(&mut ahead));
    let dated = civil.and_then(|civil| at(Format::Syslog3164, scanner.rest(), &civil, context));
    let Some(mut parsed) = dated else {
        let mut parsed = ParsedLine::new(Format::Syslog3164, scanner.rest());
        let mut ahead = scanner;
        if let Some(tag) = tag(&mut ahead) {
            tag.apply(&mut parsed);
            parsed.body = Cow::Borrowed(ahead.rest());
        }
        return parsed;
    };
    let text = add_source(&mut parsed, ahead);
    parsed.body = Cow::Borrowed(text);
    parsed
}

/// A line of a syslog daemon's file: `Jan 31 23:59:59 host program[1234]: text`. The body is the whole line; the severity is that of
/// a level at the beginning of the text, if there is one.
pub(crate) fn read_file_line<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let civil = time::month_name_day(&mut scanner)?;
    let mut parsed = at(Format::Syslog3164, line, &civil, context)?;
    scanner.eat(b':');
    let text = add_source(&mut parsed, scanner);
    add_level(&mut parsed, text);
    Some(parsed)
}

/// The same with an ISO time, which must be followed by a host and a tag, and not by two words of a text.
pub(crate) fn after_time<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    if !scanner.eat(b' ') {
        return None;
    }
    let host = scanner.word();
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if !is_host || host.is_empty() || level::level(host, level::Place::First).is_some() || !scanner.eat(b' ')
    {
        return None;
    }
    let tag = tag(&mut scanner)?;
    let is_certain =
        tag.pid.is_some() || tag.name == "kernel" || host.bytes().any(|byte| !byte.is_ascii_alphabetic());
    if !is_certain || level::level(tag.name, level::Place::Later).is_some() {
        return None;
    }
    let mut parsed = at(Format::Syslog3164, line, civil, context)?;
    parsed.resource.host_name = Some(Cow::Borrowed(host));
    tag.apply(&mut parsed);
    add_level(&mut parsed, scanner.rest());
    Some(parsed)
}

fn add_level<'a>(parsed: &mut ParsedLine<'a>, text: &'a str) {
    let found = level::leading(text).map(|(number, word, _)| (number, word)).or_else(|| level::field(text));
    if let Some((number, word)) = found {
        parsed.set_severity(number, word);
    }
}

/// Host and tag after the time; gives the text after them. The host may be missing, and so may the tag.
fn add_source<'a>(parsed: &mut ParsedLine<'a>, mut scanner: Scanner<'a>) -> &'a str {
    scanner.blanks();
    let mut ahead = scanner;
    if let Some(tag) = tag(&mut ahead) {
        tag.apply(parsed);
        return ahead.rest();
    }
    let host = scanner.word();
    scanner.blanks();
    if !host.is_empty() {
        parsed.resource.host_name = Some(Cow::Borrowed(host));
    }
    if let Some(tag) = tag(&mut scanner) {
        tag.apply(parsed);
    }
    scanner.rest()
}

struct Tag<'a> {
    name: &'a str,
    pid: Option<i64>,
}

impl<'a> Tag<'a> {
    fn apply(self, parsed: &mut ParsedLine<'a>) {
        // `sshd(pam_unix)` is sshd, speaking for a part of it.
        let service = self.name.split('(').next().filter(|name| !name.is_empty()).unwrap_or(self.name);
        parsed.resource.service_name = Some(Cow::Borrowed(service));
        parsed.resource.process_pid = self.pid;
    }
}

/// `program:` or `program[1234]:`, with the blank after it. No step if it is none.
fn tag<'a>(scanner: &mut Scanner<'a>) -> Option<Tag<'a>> {
    const MAX_TAG_BYTES: usize = 128;
    let mut ahead = *scanner;
    let name = ahead.take_until(|byte| matches!(byte, b':' | b'[' | b' ' | b'\t'));
    if name.is_empty() || name.len() > MAX_TAG_BYTES || !name.as_bytes()[0].is_ascii_graphic() {
        return None;
    }
    let process = ahead.group(b'[', b']');
    if !ahead.eat(b':') || ahead.peek().is_some_and(|byte| byte != b' ' && byte != b'\t') {
        return None;
    }
    ahead.eat(b' ');
    *scanner = ahead;
    Some(Tag { name, pid: process.and_then(|pid| pid.parse().ok()) })
}
