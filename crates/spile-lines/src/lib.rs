//! From the bytes of log files and pipes to parsed log lines. Pure functions: no I/O, no clock, no other crate of Spile.
//!
//! ```text
//! chunks ─▶ LineSplitter ─▶ Line ─┬──────────────────────────▶ LineParser ─▶ ParsedLine
//!                                 └─▶ CriAssembler ─▶ CriLine ─┘
//! ```
//!
//! - [`LineSplitter`] cuts chunks into lines, with exact byte positions and bounded memory.
//! - [`CriAssembler`] joins the pieces of long lines in Kubernetes' container files.
//! - [`LineParser`] reads time, severity, ids, origin and fields out of a line, in the terms of OpenTelemetry's log data model.
//! - [`escape()`] and [`unescape`] keep bytes that are no text readable and restorable.
//! - [`moment`] reads points in time as people write them.
//! - [`severity_from_name`] and [`severity_name`] are the one table of severity names.
//!
//! # Formats
//!
//! A line's first bytes choose the formats that are tried; each either matches or does not, and nothing is remembered
//! from line to line. The body is what a person would want to read: **the whole line as it was written, unless the table says
//! otherwise**, so that it looks as in the file. Attributes carry only what was read out of it.
//!
//! | [`Format`] | how it is known | what is taken | body |
//! |---|---|---|---|
//! | [`Json`](Format::Json) | one object, of zap, zerolog, slog, logrus, hclog, log15, bunyan, pino, winston, Rust's tracing, Python's loggers and structlog, log4j, logback, Serilog (CLEF too), .NET, Monolog, MongoDB, journald, GELF, ECS (flat and nested), Google Cloud, Datadog, OpenTelemetry | time (texts; epoch numbers in s, ms, µs, ns), level (names, letters, five kinds of numbers), logger, thread, source position, host, pid, service, trace and span, event, exception; **all other fields as attributes** with their types, nested ones as maps | the message field; without one the whole object, marked [`BodyKind::Json`] |
//! | [`Logfmt`](Format::Logfmt) | at least two pairs, and nothing else unless there is a time or a level | as JSON; the message stays an attribute | whole line |
//! | [`Klog`](Format::Klog) | `I0131 23:59:59.123456 1 file.go:12] ` (glog with a year too) | time, level, thread, source position, pairs after a quoted text | whole line |
//! | [`Syslog5424`](Format::Syslog5424) | `<PRI>1 ` | time, severity, facility, host, service, pid, message id, structured data as `syslog.ID.NAME` | the message without the header |
//! | [`Syslog3164`](Format::Syslog3164) | `<PRI>`; or without it `Jan 31 23:59:59 host program[1]: `, also with an ISO time | time, severity, facility, host, service, pid | with `<PRI>`, which is framing, the message without the header; else whole line |
//! | [`Timestamped`](Format::Timestamped) | begins with a time: ISO in all variants, `31-Jan-2024`, a time of day; bare or in brackets | time, and where there is a level also logger, thread, pid, service, source position, trace: log4j, logback, Spring, Tomcat, Kafka, Elasticsearch, ZooKeeper, Python, Flask, Celery, Gunicorn, Airflow, Loguru, Jupyter, OpenStack, Go, zap, zerolog, hclog, etcd, Rust, Ruby, Serilog, Laravel, PHP, PostgreSQL, MySQL, and their like | whole line |
//! | [`AccessLog`](Format::AccessLog) | common and combined, also with the virtual host; Envoy | time, client, user, request, status, size, referer, user agent | whole line |
//! | [`ApacheError`](Format::ApacheError) | `[Wed Jan 31 23:59:59 2024] [` | time, level, module, pid, thread, client | whole line |
//! | [`NginxError`](Format::NginxError) | `2024/01/31 23:59:59 [error] 1#2: ` | time, level, pid, thread, client, server, request | whole line |
//! | [`Logcat`](Format::Logcat) | threadtime, time, brief | time, level, tag as logger, pid, thread | whole line |
//! | [`HadoopShort`](Format::HadoopShort) | `240131 235959 1 INFO a.b: ` (HDFS) | time, level, thread, logger | whole line |
//! | [`WindowsCbs`](Format::WindowsCbs) | `2024-01-31 23:59:59, Info                  CBS ` | time, level, component as logger | whole line |
//! | [`BlueGene`](Format::BlueGene) | `- 1706745599 2024.01.31 node ` (BGL) | time, level, node as host, component as logger, facility, alert | whole line |
//! | [`BarSeparated`](Format::BarSeparated) | `20240131-23:59:59:123\|` (HealthApp) | time, component as logger, pid | whole line |
//! | [`Leveled`](Format::Leveled) | nothing else, but a level at the beginning: `ERROR: `, `error: `, `[error] `, `ERROR ` in capitals; or a field `level=`, `lvl=`, `severity=` in the first 256 bytes | level; the logger of Python's `LEVEL:logger:` | whole line |
//! | [`Plain`](Format::Plain) | none of these | nothing | whole line |
//!
//! Around any of them, once: a line of a container runtime ([`Wrapper`]), CRI (`time stream P|F text`) or Docker's json-file. The text inside is
//! read by the formats above and its body is the body; the stream is `log.iostream`. The wrapper's time is taken if the text has none or
//! one without a zone. CRI's pieces are joined by [`CriAssembler`]; pieces that are not joined are marked `spile.partial`, as
//! Docker's are.
//!
//! # Time
//!
//! Nanoseconds since 1970; `None` if the line has none, and the caller decides (times before 1970 or after 2554 count as none). A time
//! without a zone is at the parser's default offset, UTC unless set, and says so in [`ParsedLine::zone_assumed`]. A time
//! without a year (syslog, logcat, klog) is in the last year in which it is not more than a day after `now`; a time of day alone is the
//! last one not more than an hour after `now`; two digits of a year are 1969 to 2068. Blue Gene's lines have epoch seconds and a
//! local time with microseconds; they are joined.
//!
//! # Severity
//!
//! See [`severity`] for the names. The text is as the line has it. Access logs have no level: 5xx is ERROR, 4xx WARN, all else INFO, without a text.
//! A level is taken only from its conventional place; a word like `error` in the middle of a text is no level. In syslog files it
//! is one at the beginning of the message.
//!
//! # Bounds
//!
//! Lines are cut at [`DEFAULT_MAX_LINE_BYTES`] on a character's boundary and end in [`cut_mark`], the exact number of bytes also being
//! the attribute `spile.cut_bytes`. A line that is no text (invalid UTF-8, or NUL) is escaped ([`BodyKind::Escaped`]), up to
//! [`DEFAULT_MAX_ESCAPED_BYTES`]. JSON nested deeper than 16 levels is kept as text from there on. Reading a line takes time
//! in proportion to its length, whatever it holds, and never panics. A line's texts are
//! borrowed from it: attributes allocate their list, and only what has to be rewritten (escapes, colours) is copied.

mod cri;
mod dispatch;
mod escape;
mod fields;
mod formats;
mod level;
pub mod moment;
pub mod names;
mod parsed;
mod parser;
mod scan;
pub mod severity;
mod split;
mod time;
mod trace;
mod value;

pub use cri::{Assembled, CriAssembler, CriLine, Rewind, Stream};
pub use escape::{escape, unescape};
pub use fields::{Field, Meaning};
pub use parsed::{BodyKind, Format, ParsedLine, ResourceHints, Wrapper};
pub use parser::{DEFAULT_MAX_ESCAPED_BYTES, LineParser};
pub use severity::{SEVERITY_NAMES, severity_from_name, severity_name};
pub use split::{DEFAULT_MAX_LINE_BYTES, Line, LineSplitter, SyslogSplitter, cut_mark};
pub use time::{InvalidOffset, UtcOffset};
pub use value::{Attribute, Value};
