//! Access logs of web servers: common, combined, either with the virtual host before it, and Envoy's.
//!
//! An access log has no level. The severity is taken from the response's status: 5xx is ERROR, 4xx is WARN, all else INFO.

use std::borrow::Cow;

use memchr::memchr;

use super::at;
use crate::names;
use crate::parsed::{Format, ParsedLine};
use crate::scan::Scanner;
use crate::severity::from_http_status;
use crate::time::{self, Civil, Context};
use crate::value::Value;

/// `host ident user [31/Jan/2024:23:59:59 +0100] "GET / HTTP/1.1" 200 1234 "referer" "user agent"`.
pub(crate) fn read<'a>(line: &'a str, context: &Context) -> Option<ParsedLine<'a>> {
    /// Addresses and names before the time.
    const MAX_BEFORE_TIME_BYTES: usize = 512;
    let before_time = &line.as_bytes()[..line.len().min(MAX_BEFORE_TIME_BYTES)];
    let bracket = memchr(b'[', before_time)?;
    let mut scanner = Scanner::new(line.get(bracket + 1..)?);
    let civil = time::access_log(&mut scanner)?;
    if !scanner.eat(b']') {
        return None;
    }
    read_request(line, scanner, &civil, context, line.get(..bracket)?.strip_suffix(' ')?)
}

/// Envoy's, whose time stands first and whose parties stand last.
pub(crate) fn after_time<'a>(
    line: &'a str,
    scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    read_request(line, scanner, civil, context, "")
}

/// What follows the time: request, status, size, referer and user agent.
fn read_request<'a>(
    line: &'a str,
    mut scanner: Scanner<'a>,
    civil: &Civil,
    context: &Context,
    parties: &'a str,
) -> Option<ParsedLine<'a>> {
    scanner.blanks();
    let request = scanner.quoted()?;
    scanner.blanks();
    let status = u16::try_from(scanner.digits(3, 3)?).ok()?;
    let mut parsed = at(Format::AccessLog, line, civil, context)?;
    parsed.severity_number = from_http_status(status);
    parsed.attributes.reserve(10);
    if !parties.is_empty() {
        add_parties(&mut parsed, parties)?;
    }
    add_request(&mut parsed, request);
    parsed.add(names::HTTP_RESPONSE_STATUS_CODE, i64::from(status));
    scanner.blanks();
    parsed.add_some(names::HTTP_RESPONSE_BODY_SIZE, scanner.integer());
    scanner.blanks();
    if let Some(referer) = scanner.quoted() {
        scanner.blanks();
        if let Some(referer) = said(referer) {
            parsed.add(names::HTTP_REQUEST_REFERER, Value::Array(vec![referer.into()]));
        }
        parsed.add_some(names::USER_AGENT_ORIGINAL, scanner.quoted().and_then(said));
    }
    Some(parsed)
}

/// `GET /path?query HTTP/1.1`. Anything else (a TLS handshake on a plain port, say) gives nothing.
pub(crate) fn add_request<'a>(parsed: &mut ParsedLine<'a>, request: &'a str) {
    let mut parts = request.splitn(3, ' ');
    let (Some(method), Some(target), protocol) = (parts.next(), parts.next(), parts.next()) else { return };
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-') {
        return;
    }
    parsed.add(names::HTTP_REQUEST_METHOD, method);
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    parsed.add(names::URL_PATH, path);
    parsed.add_some(names::URL_QUERY, query);
    if let Some(version) = protocol.and_then(|protocol| protocol.strip_prefix("HTTP/")) {
        parsed.add(names::NETWORK_PROTOCOL_NAME, "http");
        parsed.add(names::NETWORK_PROTOCOL_VERSION, version);
    }
}

/// `host ident user`, or `virtual-host:port host ident user`. A user's name may have blanks in it.
fn add_parties<'a>(parsed: &mut ParsedLine<'a>, text: &'a str) -> Option<()> {
    let mut words = text.split(' ');
    let (first, second, third) = (words.next()?, words.next()?, words.next()?);
    let has_virtual_host = first.contains('.') && first.contains(':') && text.split(' ').count() > 3;
    let (client, user) = if has_virtual_host {
        let (host, port) = first.rsplit_once(':')?;
        parsed.add(names::SERVER_ADDRESS, host);
        parsed.add_some(names::SERVER_PORT, port.parse::<u16>().ok().map(i64::from));
        (second, text.get(first.len() + second.len() + third.len() + 3..)?)
    } else {
        (first, text.get(first.len() + second.len() + 2..)?)
    };
    if let Some(client) = said(client) {
        parsed.attributes.push((Cow::Borrowed(names::CLIENT_ADDRESS), client.into()));
    }
    parsed.add_some(names::USER_NAME, said(user));
    Some(())
}

/// A field that is not the `-` of one left out.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && *text != "-")
}
