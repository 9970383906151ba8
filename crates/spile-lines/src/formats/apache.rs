//! Apache's error log, of 2.4 (`[Wed Jan 31 23:59:59.123456 2024] [core:error] [pid 12:tid 34] [client 1.2.3.4:56] text`) and before
//! (`[Wed Jan 31 23:59:59 2024] [error] [client 1.2.3.4] text`).

use std::borrow::Cow;

use super::at;
use crate::level::{Place, level};
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{self, Context};

pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    let mut scanner = Scanner::new(line);
    if !scanner.eat(b'[') {
        return None;
    }
    let civil = time::long(&mut scanner)?;
    if !scanner.eat(b']') {
        return None;
    }
    let mut parsed = at(Format::ApacheError, line, &civil, context)?;
    const MAX_GROUPS: usize = 4;
    for _ in 0..MAX_GROUPS {
        scanner.blanks();
        let Some(group) = scanner.group(b'[', b']') else { break };
        if let Some(process) = group.strip_prefix("pid ") {
            let (pid, thread) =
                process.split_once(":tid ").map_or((process, None), |(pid, thread)| (pid, Some(thread)));
            parsed.resource.process_pid = pid.parse().ok();
            parsed.add_some(names::THREAD_ID, thread.and_then(|thread| thread.parse::<i64>().ok()));
        } else if let Some(client) = group.strip_prefix("client ") {
            add_client(&mut parsed, client);
        } else {
            add_level(&mut parsed, group);
        }
        skip_error_code(&mut scanner);
    }
    Some(parsed)
}

/// `error`, or `module:error`.
fn add_level<'a>(parsed: &mut ParsedLine<'a>, group: &'a str) {
    let (module, word) = group.rsplit_once(':').unwrap_or(("", group));
    if let Some(severity) = level(word, Place::Delimited).filter(|_| parsed.severity_number == 0) {
        parsed.set_severity(severity, word);
        parsed.scope_name = Cow::Borrowed(module);
    }
}

fn add_client<'a>(parsed: &mut ParsedLine<'a>, client: &'a str) {
    let port = client.rsplit_once(':').and_then(|(address, port)| {
        // An IPv6 address has colons of its own; 2.4 always writes the port, older versions never.
        let is_port = !address.contains(':') || client.matches(':').count() >= 3;
        Some((address, port.parse::<u16>().ok()?)).filter(|_| is_port)
    });
    match port {
        Some((address, port)) => {
            parsed.add(names::CLIENT_ADDRESS, address.trim_start_matches('[').trim_end_matches(']'));
            parsed.add(names::CLIENT_PORT, i64::from(port));
        }
        None => parsed.add(names::CLIENT_ADDRESS, client),
    }
}

/// `(13)Permission denied:` stands before the client.
fn skip_error_code(scanner: &mut Scanner<'_>) {
    let mut ahead = *scanner;
    ahead.blanks();
    if ahead.peek() == Some(b'(') && ahead.group(b'(', b')').is_some() && ahead.until(b':').is_some() {
        *scanner = ahead;
    }
}
