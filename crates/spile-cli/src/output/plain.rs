//! Records for people: a line with time, severity, service and text; or the text alone.

use anstyle::{AnsiColor, Style};
use spile_client::TailRecord;
use spile_client::proto::any_value::Value;
use spile_client::proto::{BodyKind, LogRecord, Resource};

use super::{Clock, Role, Target};
use crate::escape::{Breaks, push_bytes, push_indented, push_text};

/// As wide as most names, so that what follows stands in one column.
const SEVERITY_WIDTH: usize = 5;

/// The escape sequences before severities, times and services; empty without colours.
#[derive(Debug)]
pub(super) struct Palette {
    /// For severities that are not known, and for each group of four.
    severities: [String; 7],
    time: String,
    service: String,
    reset: String,
}

impl Palette {
    pub(super) fn new(coloured: bool) -> Self {
        let render = |style: Style| if coloured { style.render().to_string() } else { String::new() };
        let severities = [
            Style::new(),
            Style::new().dimmed(),
            AnsiColor::Blue.on_default(),
            AnsiColor::Green.on_default(),
            AnsiColor::Yellow.on_default(),
            AnsiColor::Red.on_default(),
            AnsiColor::Red.on_default().bold(),
        ];
        Self {
            severities: severities.map(render),
            time: render(Style::new().dimmed()),
            service: render(AnsiColor::Cyan.on_default()),
            reset: if coloured { anstyle::Reset.render().to_string() } else { String::new() },
        }
    }

    fn severity(&self, number: i32) -> &str {
        match usize::try_from(number) {
            Ok(number @ 1..=24) => &self.severities[1 + (number - 1) / 4],
            _ => &self.severities[0],
        }
    }
}

/// Appends time, severity, service if known, and text. As in grep, a colon tells those that match from those around them,
/// which have a dash.
pub(super) fn line(
    record: &TailRecord<'_>,
    role: Role,
    target: Target,
    clock: &Clock,
    palette: &Palette,
    out: &mut Vec<u8>,
) {
    let separator = match role {
        Role::Alone => b' ',
        Role::Match => b':',
        Role::Context => b'-',
    };
    if role == Role::Context && target.coloured {
        // All of it is quiet.
        styled(out, &palette.time, palette, |out| {
            content(record, separator, target, clock, &Palette::new(false), out);
        });
    } else {
        content(record, separator, target, clock, palette, out);
    }
    out.push(b'\n');
}

fn content(
    record: &TailRecord<'_>,
    separator: u8,
    target: Target,
    clock: &Clock,
    palette: &Palette,
    out: &mut Vec<u8>,
) {
    let TailRecord { record, resource, .. } = record;
    let mut time = String::with_capacity(32);
    match record.time_unix_nano.max(record.observed_time_unix_nano) {
        0 => time.push('-'),
        _ if record.time_unix_nano == 0 => clock.millis(record.observed_time_unix_nano, &mut time),
        _ => clock.millis(record.time_unix_nano, &mut time),
    }
    let severity = severity_name(record.severity_number);
    styled(out, &palette.time, palette, |out| out.extend_from_slice(time.as_bytes()));
    out.push(separator);
    let style = palette.severity(record.severity_number);
    styled(out, style, palette, |out| out.extend_from_slice(severity.as_bytes()));
    out.extend(std::iter::repeat_n(b' ', SEVERITY_WIDTH.saturating_sub(severity.len()) + 1));
    if let Some(service) = service_name(resource) {
        styled(out, &palette.service, palette, |out| text(out, service, target));
        out.push(b' ');
    }
    text(out, &record.body, target);
}

/// Appends the text alone: its bytes as they were, unless it goes to a terminal.
pub(super) fn raw(record: &LogRecord, target: Target, out: &mut Vec<u8>) {
    match (record.body_kind(), target.guarded) {
        (BodyKind::Escaped, true) => push_bytes(out, &spile_lines::unescape(&record.body), Breaks::Keep),
        (BodyKind::Escaped, false) => out.extend_from_slice(&spile_lines::unescape(&record.body)),
        (_, true) => push_text(out, &record.body, Breaks::Keep),
        (_, false) => out.extend_from_slice(record.body.as_bytes()),
    }
    out.push(b'\n');
}

fn text(out: &mut Vec<u8>, text: &str, target: Target) {
    if target.guarded {
        push_text(out, text, Breaks::Indent);
    } else {
        push_indented(out, text);
    }
}

fn styled(out: &mut Vec<u8>, style: &str, palette: &Palette, write: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(style.as_bytes());
    write(out);
    if !style.is_empty() {
        out.extend_from_slice(palette.reset.as_bytes());
    }
}

/// The short name of OpenTelemetry; a dash when the source did not say.
pub(crate) fn severity_name(number: i32) -> &'static str {
    match u8::try_from(number) {
        Ok(number @ 1..=24) => spile_lines::severity_name(number),
        _ => "-",
    }
}

/// The resource's name, if it has one.
pub(crate) fn service_name(resource: &Resource) -> Option<&str> {
    let attribute = resource.attributes.iter().find(|attribute| attribute.key == "service.name")?;
    match attribute.value.as_ref()?.value.as_ref()? {
        Value::StringValue(name) if !name.is_empty() => Some(name),
        _ => None,
    }
}
