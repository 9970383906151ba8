//! Blue Gene/L's reliability log: an alert label or `-`, epoch seconds, date, node, local time with microseconds, node, facility,
//! component, level, text.
//!
//! The epoch seconds know the zone, the local time knows the fraction: where both tell the same minute and second, they are joined.

use std::borrow::Cow;

use crate::level::{Place, level};
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{self, Clock, Context, Stamp};

pub(crate) fn read<'a>(line: &'a str, _context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let label = scanner.word();
    scanner.blanks();
    let seconds = scanner.integer().filter(|_| scanner.peek() == Some(b' '))?;
    scanner.blanks();
    if !is_dotted_date(scanner.word()) {
        return None;
    }
    scanner.blanks();
    let node = scanner.word();
    scanner.blanks();
    let local = local_time(&mut scanner)?;
    scanner.blanks();
    scanner.word();
    scanner.blanks();
    let facility = scanner.word();
    scanner.blanks();
    let component = scanner.word();
    scanner.blanks();
    let word = scanner.word();

    let stamp = joined(seconds, local)?;
    let mut parsed = ParsedLine::new(Format::BlueGene, line);
    parsed.time_unix_nano = Some(stamp.nanos);
    if let Some(severity) = level(word, Place::Later) {
        parsed.set_severity(severity, word);
    }
    parsed.scope_name = Cow::Borrowed(component);
    parsed.resource.host_name = Some(Cow::Borrowed(node));
    parsed.add("bgl.facility", facility);
    if label != "-" {
        parsed.add("bgl.alert", label);
    }
    Some(parsed)
}

fn is_dotted_date(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 10 && bytes[4] == b'.' && bytes[7] == b'.'
}

/// `2005-06-03-15.42.50.675872`: only the minute, second and fraction are of use.
fn local_time(scanner: &mut Scanner<'_>) -> Option<Clock> {
    scanner.digits(4, 4)?;
    for _ in 0..2 {
        if !scanner.eat(b'-') {
            return None;
        }
        scanner.two()?;
    }
    if !scanner.eat(b'-') {
        return None;
    }
    let hour = scanner.two()?;
    let minute = scanner.eat(b'.').then(|| scanner.two()).flatten()?;
    let second = scanner.eat(b'.').then(|| scanner.two()).flatten()?;
    let micros = scanner.eat(b'.').then(|| scanner.digits(6, 6)).flatten()?;
    Some(Clock { hour, minute, second, nanos: micros * 1000 })
}

fn joined(seconds: i64, local: Clock) -> Option<Stamp> {
    let of_hour = i64::from(local.minute) * 60 + i64::from(local.second);
    let agree = seconds.rem_euclid(3600) == of_hour;
    time::from_parts(seconds, if agree { i64::from(local.nanos) } else { 0 })
}
