//! What a line says: the fields of an OpenTelemetry log record, and how they were found.

use std::borrow::Cow;
use std::fmt;

use crate::names;
use crate::severity::UNSPECIFIED;
use crate::value::{Attribute, Value, owned, owned_attributes};

/// A line that was read. Everything it could not tell is empty.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedLine<'a> {
    /// The syntax that matched.
    pub format: Format,
    /// The container runtime's file format around that, if any.
    pub wrapper: Option<Wrapper>,
    /// When the line says that it was written, nanoseconds since 1970 UTC. `None`: it does not say.
    pub time_unix_nano: Option<u64>,
    /// Whether the line's time had no zone, so that the parser's default offset was taken.
    pub zone_assumed: bool,
    /// OpenTelemetry's severity number, 1 to 24; 0 if the line has none.
    pub severity_number: u8,
    /// The severity as the line writes it; empty if it has none, or one that was derived (an HTTP status).
    pub severity_text: Cow<'a, str>,
    /// The text to show; see the crate's documentation for what it is in each format.
    pub body: Cow<'a, str>,
    /// How `body` is to be read.
    pub body_kind: BodyKind,
    /// The name of the kind of event, if the line names it.
    pub event_name: Cow<'a, str>,
    /// The trace the line belongs to; never all zeros.
    pub trace_id: Option<[u8; 16]>,
    /// The span the line belongs to; never all zeros.
    pub span_id: Option<[u8; 8]>,
    /// W3C trace flags; bit 0 is "sampled".
    pub trace_flags: u8,
    /// The logger's name, which is OpenTelemetry's instrumentation scope name; empty if there is none.
    pub scope_name: Cow<'a, str>,
    /// What the line says about where it comes from.
    pub resource: ResourceHints<'a>,
    /// All else, in the order of the line.
    pub attributes: Vec<Attribute<'a>>,
}

impl<'a> ParsedLine<'a> {
    /// A line of which nothing is known but its text.
    #[must_use]
    pub fn plain(body: &'a str) -> Self {
        Self::new(Format::Plain, body)
    }

    pub(crate) fn new(format: Format, body: &'a str) -> Self {
        Self {
            format,
            wrapper: None,
            time_unix_nano: None,
            zone_assumed: false,
            severity_number: UNSPECIFIED,
            severity_text: Cow::Borrowed(""),
            body: Cow::Borrowed(body),
            body_kind: BodyKind::Text,
            event_name: Cow::Borrowed(""),
            trace_id: None,
            span_id: None,
            trace_flags: 0,
            scope_name: Cow::Borrowed(""),
            resource: ResourceHints::default(),
            attributes: Vec::new(),
        }
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Value<'a>> {
        self.attributes.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// The same without borrowing from the line.
    #[must_use]
    pub fn into_owned(self) -> ParsedLine<'static> {
        ParsedLine {
            format: self.format,
            wrapper: self.wrapper,
            time_unix_nano: self.time_unix_nano,
            zone_assumed: self.zone_assumed,
            severity_number: self.severity_number,
            severity_text: owned(self.severity_text),
            body: owned(self.body),
            body_kind: self.body_kind,
            event_name: owned(self.event_name),
            trace_id: self.trace_id,
            span_id: self.span_id,
            trace_flags: self.trace_flags,
            scope_name: owned(self.scope_name),
            resource: self.resource.into_owned(),
            attributes: owned_attributes(self.attributes),
        }
    }

    pub(crate) fn add(&mut self, name: &'static str, value: impl Into<Value<'a>>) {
        self.attributes.push((Cow::Borrowed(name), value.into()));
    }

    pub(crate) fn add_some(&mut self, name: &'static str, value: Option<impl Into<Value<'a>>>) {
        if let Some(value) = value {
            self.add(name, value);
        }
    }

    pub(crate) fn set_severity(&mut self, number: u8, text: &'a str) {
        self.severity_number = number;
        self.severity_text = Cow::Borrowed(text);
    }
}

/// What a line says about where it comes from: hints for the record's resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceHints<'a> {
    /// `service.name`.
    pub service_name: Option<Cow<'a, str>>,
    /// `service.version`.
    pub service_version: Option<Cow<'a, str>>,
    /// `host.name`.
    pub host_name: Option<Cow<'a, str>>,
    /// `process.pid`. It changes with every process: a caller may prefer it as an attribute of the record.
    pub process_pid: Option<i64>,
}

impl ResourceHints<'_> {
    /// Whether the line says nothing about where it comes from.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The hints that there are, under OpenTelemetry's names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        let texts = [
            (names::SERVICE_NAME, &self.service_name),
            (names::SERVICE_VERSION, &self.service_version),
            (names::HOST_NAME, &self.host_name),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| Some((name, Value::from(text.as_deref()?))));
        texts.chain(self.process_pid.map(|pid| (names::PROCESS_PID, Value::I64(pid))))
    }

    fn into_owned(self) -> ResourceHints<'static> {
        ResourceHints {
            service_name: self.service_name.map(owned),
            service_version: self.service_version.map(owned),
            host_name: self.host_name.map(owned),
            process_pid: self.process_pid,
        }
    }
}

/// How the body of a [`ParsedLine`] is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// Text as it was written.
    Text,
    /// The text of one JSON object.
    Json,
    /// Text made from bytes that were none; [`unescape`](crate::unescape) gives them back.
    Escaped,
}

/// The syntax that a line was read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Format {
    /// None: the line is kept as it is.
    Plain,
    /// None, but the line begins with a level, or has a `level=` field.
    Leveled,
    /// None: the fields came as values, not as text.
    Fields,
    /// One JSON object.
    Json,
    /// `key=value` pairs.
    Logfmt,
    /// Kubernetes' klog and Google's glog.
    Klog,
    /// Syslog as in RFC 5424.
    Syslog5424,
    /// Syslog as in RFC 3164, and as syslog daemons write it to files.
    Syslog3164,
    /// A time, then level, thread, process and logger in one of many orders: log4j, logback, Python, Rust, Go and others.
    Timestamped,
    /// Access log: common, combined, with the virtual host, and Envoy's.
    AccessLog,
    /// Apache's error log.
    ApacheError,
    /// nginx's error log.
    NginxError,
    /// Android's logcat: threadtime, time and brief.
    Logcat,
    /// Hadoop's short log4j pattern: `yyMMdd HHmmss thread LEVEL logger: text`.
    HadoopShort,
    /// Windows servicing logs (CBS, DISM).
    WindowsCbs,
    /// Blue Gene/L's reliability log.
    BlueGene,
    /// Fields between bars after a compact date: `yyyyMMdd-H:m:s:SSS|component|pid|text`.
    BarSeparated,
}

impl Format {
    /// A short name in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Leveled => "leveled",
            Self::Fields => "fields",
            Self::Json => "json",
            Self::Logfmt => "logfmt",
            Self::Klog => "klog",
            Self::Syslog5424 => "syslog-5424",
            Self::Syslog3164 => "syslog-3164",
            Self::Timestamped => "timestamped",
            Self::AccessLog => "access-log",
            Self::ApacheError => "apache-error",
            Self::NginxError => "nginx-error",
            Self::Logcat => "logcat",
            Self::HadoopShort => "hadoop-short",
            Self::WindowsCbs => "windows-cbs",
            Self::BlueGene => "blue-gene",
            Self::BarSeparated => "bar-separated",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The file format of a container runtime, which wraps each line of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapper {
    /// Kubernetes' Container Runtime Interface: `time stream P|F text`.
    Cri,
    /// Docker's json-file driver.
    DockerJson,
}
