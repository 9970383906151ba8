//! klog and glog: `I0131 23:59:59.123456    1234 file.go:56] text`, with structured pairs after a quoted text.

use super::{at, logfmt};
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::severity::from_letter;
use crate::time::{self, Civil, Context, Date};

pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let letter = line.get(..1)?;
    let severity = match scanner.eat_any(b"IWEFD")? {
        letter @ (b'I' | b'W' | b'E' | b'F' | b'D') => from_letter(letter)?,
        _ => return None,
    };
    let civil = with_year(&mut scanner).or_else(|| time::month_day(&mut scanner, None))?;
    scanner.blanks();
    let thread = scanner.integer()?;
    scanner.blanks();
    let file = scanner.take_until(|byte| matches!(byte, b':' | b' ' | b']'));
    if !scanner.eat(b':') {
        return None;
    }
    let code_line = scanner.integer()?;
    if !scanner.eat(b']') {
        return None;
    }
    let mut parsed = at(Format::Klog, line, &civil, context)?;
    parsed.set_severity(severity, letter);
    parsed.add(names::THREAD_ID, thread);
    parsed.add(names::CODE_FILE_PATH, file);
    parsed.add(names::CODE_LINE_NUMBER, code_line);
    scanner.blanks();
    if scanner.quoted().is_some() {
        parsed.attributes.extend(logfmt::attributes(scanner.rest()));
    }
    Some(parsed)
}

/// Newer glog writes the year: `I20240131 23:59:59.123456`.
fn with_year(scanner: &mut Scanner<'_>) -> Option<Civil> {
    let mut ahead = *scanner;
    let year = i16::try_from(ahead.digits(4, 4)?).ok()?;
    let (month, day) = (ahead.two()?, ahead.two()?);
    if !ahead.eat(b' ') {
        return None;
    }
    let clock = time::clock(&mut ahead)?;
    *scanner = ahead;
    Some(Civil { date: Date::Full { year, month, day }, clock, offset: None })
}
