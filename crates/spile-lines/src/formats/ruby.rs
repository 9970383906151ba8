//! Ruby's standard logger: `I, [2024-01-31T23:59:59.123456 #1234]  INFO -- program: text`.

use std::borrow::Cow;

use super::at;
use crate::level::{Place, level};
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{self, Context};

pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    scanner.eat_any(b"DIWEFA")?;
    if !scanner.eat_str(", [") {
        return None;
    }
    let civil = time::numeric(&mut scanner)?;
    scanner.blanks();
    let pid = if scanner.eat(b'#') { scanner.integer() } else { None };
    if !scanner.eat(b']') {
        return None;
    }
    scanner.blanks();
    let word = scanner.word();
    let mut parsed = at(Format::Timestamped, line, &civil, context)?;
    // Ruby writes ANY for messages without a level.
    if let Some(severity) = level(word, Place::Later) {
        parsed.set_severity(severity, word);
    }
    parsed.resource.process_pid = pid;
    scanner.blanks();
    if scanner.eat_str("--") {
        scanner.blanks();
        let program = scanner.until(b':').unwrap_or_default();
        if !program.is_empty() && !program.contains(' ') {
            parsed.resource.service_name = Some(Cow::Borrowed(program));
        }
    }
    Some(parsed)
}
