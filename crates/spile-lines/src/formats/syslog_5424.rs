//! Syslog as in RFC 5424: `<34>1 2024-01-31T23:59:59.123Z host app 1234 ID47 [sd@32473 key="value"] text`.

use std::borrow::Cow;

use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::time::{self, Context};
use crate::value::Value;

/// What follows `<PRI>`, from the version on. The body is the text without the header.
pub(crate) fn after_priority<'a>(mut scanner: Scanner<'a>, context: &Context) -> Option<ParsedLine<'a>> {
    let version = scanner.digits(1, 2).filter(|version| *version > 0)?;
    if !scanner.eat(b' ') {
        return None;
    }
    let mut parsed = ParsedLine::new(Format::Syslog5424, "");
    if !scanner.eat(b'-') {
        let stamp = time::numeric(&mut scanner)?.resolve(context)?;
        parsed.time_unix_nano = Some(stamp.nanos);
        parsed.zone_assumed = stamp.zone_assumed;
    }
    parsed.resource.host_name = field(&mut scanner)?.map(Cow::Borrowed);
    parsed.resource.service_name = field(&mut scanner)?.map(Cow::Borrowed);
    let process = field(&mut scanner)?;
    let message_id = field(&mut scanner)?;
    parsed.add(names::SYSLOG_VERSION, i64::from(version));
    match process.map(|process| (process, process.parse::<i64>())) {
        Some((_, Ok(pid))) => parsed.resource.process_pid = Some(pid),
        Some((process, Err(_))) => parsed.add(names::SYSLOG_PROCID, process),
        None => {}
    }
    parsed.add_some(names::SYSLOG_MSGID, message_id);
    if !scanner.eat(b' ') {
        return None;
    }
    structured_data(&mut scanner, &mut parsed)?;
    let text = match scanner.peek() {
        None => "",
        Some(_) if scanner.eat(b' ') => scanner.rest(),
        Some(_) => return None,
    };
    parsed.body = Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text));
    Some(parsed)
}

/// A blank and a header field; `Some(None)` for `-`.
fn field<'a>(scanner: &mut Scanner<'a>) -> Option<Option<&'a str>> {
    if !scanner.eat(b' ') {
        return None;
    }
    let word = scanner.word();
    if word.is_empty() { None } else { Some(Some(word).filter(|word| *word != "-")) }
}

/// `-`, or elements `[id name="value" …]` one after the other. Each value becomes the attribute `syslog.id.name`.
fn structured_data<'a>(scanner: &mut Scanner<'a>, parsed: &mut ParsedLine<'a>) -> Option<()> {
    if scanner.eat(b'-') {
        return Some(());
    }
    if scanner.peek() != Some(b'[') {
        return None;
    }
    while scanner.eat(b'[') {
        let id = scanner.take_until(|byte| byte == b' ' || byte == b']');
        while scanner.eat(b' ') {
            let name = scanner.take_until(|byte| byte == b'=' || byte == b' ' || byte == b']');
            if !scanner.eat(b'=') {
                return None;
            }
            add_parameter(parsed, id, name, unescaped(scanner.quoted()?));
        }
        if !scanner.eat(b']') {
            return None;
        }
    }
    Some(())
}

fn add_parameter<'a>(parsed: &mut ParsedLine<'a>, id: &str, name: &str, value: Cow<'a, str>) {
    match (id, name) {
        ("origin", "swVersion") => parsed.resource.service_version = Some(value),
        ("origin", "ip") => parsed.add(names::CLIENT_ADDRESS, value),
        _ => parsed.attributes.push((Cow::Owned(format!("syslog.{id}.{name}")), Value::Str(value))),
    }
}

/// A value without the backslashes before `"`, `\` and `]`.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_escape = character == '\\' && matches!(characters.peek(), Some('"' | '\\' | ']'));
        out.push(if is_escape { characters.next().unwrap_or(character) } else { character });
    }
    Cow::Owned(out)
}
