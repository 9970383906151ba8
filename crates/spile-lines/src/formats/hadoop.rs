//! Hadoop's short log4j pattern, as in HDFS logs: `081109 203615 148 INFO dfs.DataNode: text` (date, time, thread, level, logger).

use std::borrow::Cow;

use super::at;
use crate::level::{Place, level};
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{Civil, Clock, Context};

pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    let (year, month, day) = (scanner.two()?, scanner.two()?, scanner.two()?);
    if !scanner.eat(b' ') {
        return None;
    }
    let clock = Clock { hour: scanner.two()?, minute: scanner.two()?, second: scanner.two()?, nanos: 0 };
    if !scanner.eat(b' ') {
        return None;
    }
    let thread = scanner.word();
    scanner.blanks();
    let word = scanner.word();
    let severity = level(word, Place::Later)?;
    scanner.blanks();
    let mut parsed =
        at(Format::HadoopShort, line, &Civil::full(full_year(year), month, day, clock), context)?;
    parsed.set_severity(severity, word);
    match thread.parse::<i64>() {
        Ok(number) => parsed.add(names::THREAD_ID, number),
        Err(_) => parsed.add(names::THREAD_NAME, thread),
    }
    if let Some(logger) = scanner.word().strip_suffix(':') {
        parsed.scope_name = Cow::Borrowed(logger);
    }
    Some(parsed)
}

/// POSIX's rule for years of two digits: 69 to 99 are of the last century.
fn full_year(year: u8) -> i16 {
    i16::from(year) + if year >= 69 { 1900 } else { 2000 }
}
