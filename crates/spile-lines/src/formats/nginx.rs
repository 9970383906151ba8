//! nginx's error log: `2024/01/31 23:59:59 [error] 12#34: *56 text, client: 1.2.3.4, server: example.org, request: "GET / HTTP/1.1"`.

use super::{access, at};
use crate::level::{Place, level};
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{Civil, Context};

/// What follows the time.
pub(crate) fn after_time<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    scanner.blanks();
    let word = scanner.group(b'[', b']')?;
    let severity = level(word, Place::Delimited)?;
    scanner.blanks();
    let pid = scanner.integer()?;
    if !scanner.eat(b'#') {
        return None;
    }
    let thread = scanner.integer()?;
    if !scanner.eat(b':') {
        return None;
    }
    let mut parsed = at(Format::NginxError, line, civil, context)?;
    parsed.set_severity(severity, word);
    parsed.resource.process_pid = Some(pid);
    parsed.add(names::THREAD_ID, thread);
    parsed.add_some(names::CLIENT_ADDRESS, field(scanner, ", client: "));
    parsed.add_some(names::SERVER_ADDRESS, field(scanner, ", server: ").filter(|server| !server.is_empty()));
    if let Some(at) = find(scanner, ", request: ") {
        let mut request = Scanner::new(at);
        if let Some(text) = request.quoted() {
            access::add_request(&mut parsed, text);
        }
    }
    Some(parsed)
}

/// The value of one of the fields at the end of a line, up to the next comma.
fn field<'a>(scanner: Scanner<'a>, key: &str) -> Option<&'a str> {
    Some(Scanner::new(find(scanner, key)?).take_until(|byte| byte == b','))
}

fn find<'a>(scanner: Scanner<'a>, key: &str) -> Option<&'a str> {
    let at = memchr::memmem::rfind(scanner.bytes(), key.as_bytes())?;
    scanner.rest().get(at + key.len()..)
}
