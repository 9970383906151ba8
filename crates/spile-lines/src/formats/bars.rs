//! Fields between bars after a compact date, as mobile health applications write it: `20171223-22:15:29:606|component|pid|text`.
//!
//! The parts of the time have one or two digits, the milliseconds up to three, none of them padded.

use std::borrow::Cow;

use super::at;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{Civil, Clock, Context};

pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let year = i16::try_from(scanner.digits(4, 4)?).ok()?;
    let (month, day) = (scanner.two()?, scanner.two()?);
    if !scanner.eat(b'-') {
        return None;
    }
    let clock = unpadded_clock(&mut scanner)?;
    if !scanner.eat(b'|') {
        return None;
    }
    let component = scanner.until(b'|')?;
    let mut parsed = at(Format::BarSeparated, line, &Civil::full(year, month, day, clock), context)?;
    parsed.scope_name = Cow::Borrowed(component);
    parsed.resource.process_pid = scanner.until(b'|').and_then(|pid| pid.parse().ok());
    Some(parsed)
}

fn unpadded_clock(scanner: &mut Scanner<'_>) -> Option<Clock> {
    let part = |scanner: &mut Scanner<'_>| u8::try_from(scanner.digits(1, 2)?).ok();
    let hour = part(scanner)?;
    if !scanner.eat(b':') {
        return None;
    }
    let minute = part(scanner)?;
    if !scanner.eat(b':') {
        return None;
    }
    let second = part(scanner)?;
    let milliseconds = if scanner.eat(b':') { scanner.digits(1, 3)? } else { 0 };
    Some(Clock { hour, minute, second, nanos: milliseconds * 1_000_000 })
}
