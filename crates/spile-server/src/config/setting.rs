//! What a setting is: its name, what it means, and how its text becomes a field of [`Config`].

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use spile_engine::catalog::check_name;

use super::value::{parse_bytes, parse_duration, render_bytes, render_duration};
use super::{Config, LogFormat};
use crate::source::database::address::DatabaseAddress;
use crate::source::files::pattern::Pattern;
use crate::source::syslog::address::SyslogAddress;
use crate::source::syslog::zone::Zone;

/// The word that switches an optional bound off.
const OFF: &str = "off";

/// One setting: a row of the table.
pub(super) struct Setting {
    /// The name of its flag and its key in the file, in kebab case.
    pub(super) name: &'static str,
    /// What it means, in one or two sentences.
    pub(super) help: &'static str,
    /// Its default, written as a user would; empty for a list means an empty list.
    pub(super) default: &'static str,
    /// Its type, bounds and place in the configuration.
    pub(super) kind: Kind,
}

/// The type of a setting, with the bounds of its value and the field that it sets.
pub(super) enum Kind {
    /// An IP address and port.
    Address(fn(&mut Config, SocketAddr)),
    /// The address of a page, or nothing.
    WebAddress(fn(&mut Config, Option<String>)),
    /// A path, taken as it is.
    Path(fn(&mut Config, PathBuf)),
    /// Any number of values.
    List(List),
    /// `true` or `false`.
    Switch(fn(&mut Config, bool)),
    /// A whole number.
    Count(RangeInclusive<u64>, fn(&mut Config, u64)),
    /// A size.
    Bytes(RangeInclusive<u64>, fn(&mut Config, u64)),
    /// A size, or `off`.
    BytesOrOff(RangeInclusive<u64>, fn(&mut Config, Option<u64>)),
    /// A duration; the bounds are written as a user would write them.
    Time(&'static str, &'static str, fn(&mut Config, Duration)),
    /// A duration, or `off`.
    TimeOrOff(&'static str, &'static str, fn(&mut Config, Option<Duration>)),
    /// The name of a stream.
    Stream(fn(&mut Config, String)),
    /// A time zone.
    Zone(fn(&mut Config, Zone)),
    /// The form of the log.
    LogFormat(fn(&mut Config, LogFormat)),
    /// The directives of a log filter.
    LogFilter(fn(&mut Config, String)),
}

/// The type of a setting that takes several values, and the field that it sets.
#[derive(Clone, Copy)]
pub(super) enum List {
    /// Glob patterns.
    Patterns(fn(&mut Config, Vec<String>)),
    /// Databases with what is read of them.
    Databases(fn(&mut Config, Vec<DatabaseAddress>)),
    /// IP addresses and ports.
    Addresses(fn(&mut Config, Vec<SocketAddr>)),
    /// Addresses for syslog.
    Syslog(fn(&mut Config, Vec<SyslogAddress>)),
}

impl List {
    /// What separates values in the environment.
    pub(super) fn separator(self) -> char {
        match self {
            Self::Patterns(_) => ':',
            Self::Databases(_) => '\n',
            Self::Addresses(_) => ',',
            Self::Syslog(_) => ',',
        }
    }

    fn placeholder(self) -> &'static str {
        match self {
            Self::Patterns(_) => "GLOB",
            Self::Databases(_) => "URL",
            Self::Addresses(_) => "IP:PORT",
            Self::Syslog(_) => "[tcp://|udp://]IP:PORT",
        }
    }

    fn apply(self, config: &mut Config, texts: &[String]) -> Result<(), String> {
        match self {
            Self::Patterns(set) => set(config, checked(texts)?),
            Self::Databases(set) => set(config, parse_databases(texts)?),
            Self::Addresses(set) => {
                set(config, texts.iter().map(|text| parse_address(text)).collect::<Result<_, _>>()?);
            }
            Self::Syslog(set) => {
                set(config, texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?);
            }
        }
        Ok(())
    }
}

/// A setting's text as a source gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// One value.
    One(String),
    /// Several, for a list.
    Many(Vec<String>),
}

impl Setting {
    /// The environment variable that sets it.
    pub(super) fn env(&self) -> String {
        format!("SPILE_{}", self.name.replace('-', "_").to_uppercase())
    }

    /// The default as a source would give it.
    pub(super) fn default_text(&self) -> Text {
        match self.kind {
            Kind::List(_) => Text::Many(Vec::new()),
            _ => Text::One(self.default.to_owned()),
        }
    }

    /// The permitted values in words, for `--help` and the file; empty when any value of the type will do.
    pub(super) fn bounds(&self) -> String {
        match &self.kind {
            Kind::Count(range, _) => format!("{} to {}", range.start(), range.end()),
            Kind::Bytes(range, _) => byte_bounds(range),
            Kind::BytesOrOff(range, _) => format!("{}, or {OFF}", byte_bounds(range)),
            Kind::Time(min, max, _) => format!("{min} to {max}"),
            Kind::TimeOrOff(min, max, _) => format!("{min} to {max}, or {OFF}"),
            Kind::Switch(_) => "true or false".into(),
            Kind::LogFormat(_) => "text or json".into(),
            Kind::Address(_)
            | Kind::WebAddress(_)
            | Kind::Path(_)
            | Kind::List(_)
            | Kind::Stream(_)
            | Kind::Zone(_)
            | Kind::LogFilter(_) => String::new(),
        }
    }

    /// The name of the value in `--help`.
    pub(super) fn placeholder(&self) -> &'static str {
        match self.kind {
            Kind::Address(_) => "IP:PORT",
            Kind::WebAddress(_) => "URL",
            Kind::Path(_) => "PATH",
            Kind::List(list) => list.placeholder(),
            Kind::Switch(_) => "BOOL",
            Kind::Count(..) => "N",
            Kind::Bytes(..) | Kind::BytesOrOff(..) => "SIZE",
            Kind::Time(..) | Kind::TimeOrOff(..) => "DURATION",
            Kind::Stream(_) => "STREAM",
            Kind::Zone(_) => "ZONE",
            Kind::LogFormat(_) => "FORMAT",
            Kind::LogFilter(_) => "FILTER",
        }
    }

    /// Reads `text` and sets the field.
    ///
    /// # Errors
    /// What is wrong with the text and what would be right, without the setting's name.
    pub(super) fn apply(&self, config: &mut Config, text: &Text) -> Result<(), String> {
        let text = match (&self.kind, text) {
            (Kind::List(list), Text::Many(texts)) => return list.apply(config, texts),
            (Kind::List(list), Text::One(text)) => return list.apply(config, std::slice::from_ref(text)),
            (_, Text::One(text)) => text,
            (_, Text::Many(_)) => return Err("takes one value, not a list".into()),
        };
        match &self.kind {
            Kind::Address(set) => set(config, parse_address(text)?),
            Kind::WebAddress(set) => set(config, parse_web_address(text)?),
            Kind::Path(set) => set(config, parse_path(text)?),
            Kind::List(list) => list.apply(config, std::slice::from_ref(text))?,
            Kind::Switch(set) => set(config, parse_switch(text)?),
            Kind::Count(range, set) => set(config, parse_count(text, range)?),
            Kind::Bytes(range, set) => set(config, bounded_bytes(text, range)?),
            Kind::BytesOrOff(range, set) => set(config, or_off(text, |t| bounded_bytes(t, range))?),
            Kind::Time(min, max, set) => set(config, bounded_time(text, min, max)?),
            Kind::TimeOrOff(min, max, set) => set(config, or_off(text, |t| bounded_time(t, min, max))?),
            Kind::Stream(set) => set(config, parse_stream(text)?),
            Kind::Zone(set) => set(config, text.parse()?),
            Kind::LogFormat(set) => set(config, parse_log_format(text)?),
            Kind::LogFilter(set) => set(config, parse_log_filter(text)?),
        }
        Ok(())
    }
}

fn byte_bounds(range: &RangeInclusive<u64>) -> String {
    format!("{} to {}", render_bytes(*range.start()), render_bytes(*range.end()))
}

/// The patterns, when all of them can be read.
fn checked(patterns: &[String]) -> Result<Vec<String>, String> {
    for pattern in patterns {
        Pattern::parse(pattern).map_err(|why| why.to_string())?;
    }
    Ok(patterns.to_vec())
}

/// The databases, when all of them can be read. What is wrong is told by the number of the database: a URL may hold a password.
fn parse_databases(texts: &[String]) -> Result<Vec<DatabaseAddress>, String> {
    let mut databases = Vec::new();
    let mut problems = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        match DatabaseAddress::parse(text.trim()) {
            Ok(database) => databases.push(database),
            Err(why) if texts.len() == 1 => problems.push(why),
            Err(why) => problems.push(format!("number {}: {why}", at + 1)),
        }
    }
    if problems.is_empty() { Ok(databases) } else { Err(problems.join("; ")) }
}

fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let wrong = || {
        format!(
            "{text:?} is not an address; write an IP address and a port, for instance 127.0.0.1:50051 or [::1]:50051"
        )
    };
    text.trim().parse().map_err(|_| wrong())
}

fn parse_web_address(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let parsed = text.parse::<http::Uri>().ok();
    let is_page = parsed.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    if is_page {
        return Ok(Some(text.trim_end_matches('/').to_owned()));
    }
    Err(format!("{text:?} is not the address of a page; write it whole, for instance http://localhost:16686"))
}

fn parse_path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("is empty; name a directory".into()) } else { Ok(PathBuf::from(text)) }
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("{other:?} is neither true nor false")),
    }
}

fn parse_count(text: &str, range: &RangeInclusive<u64>) -> Result<u64, String> {
    let count = text.trim().parse::<u64>().map_err(|_| format!("{text:?} is not a whole number"))?;
    if range.contains(&count) {
        return Ok(count);
    }
    Err(format!("{count} is out of bounds; use {} to {}", range.start(), range.end()))
}

fn bounded_bytes(text: &str, range: &RangeInclusive<u64>) -> Result<u64, String> {
    let bytes = parse_bytes(text)?;
    if range.contains(&bytes) {
        return Ok(bytes);
    }
    Err(format!("{} is out of bounds; use {}", render_bytes(bytes), byte_bounds(range)))
}

fn bounded_time(text: &str, min: &str, max: &str) -> Result<Duration, String> {
    let time = parse_duration(text)?;
    let bound = |text| parse_duration(text).expect("the table's bounds are durations, which a test proves");
    if (bound(min)..=bound(max)).contains(&time) {
        return Ok(time);
    }
    Err(format!("{} is out of bounds; use {min} to {max}", render_duration(time)))
}

fn or_off<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if text.trim() == OFF { Ok(None) } else { parse(text).map(Some) }
}

fn parse_stream(text: &str) -> Result<String, String> {
    check_name(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn parse_log_format(text: &str) -> Result<LogFormat, String> {
    match text.trim() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("{other:?} is not a log format; use text or json")),
    }
}

fn parse_log_filter(text: &str) -> Result<String, String> {
    let checked = tracing_subscriber::EnvFilter::builder().parse(text);
    checked.map_err(|error| format!("{text:?} is not a log filter: {error}"))?;
    Ok(text.to_owned())
}
