//! The field names of common loggers and what they mean.
//!
//! Known are zap, slog, zerolog, logrus, hclog, bunyan, pino, winston, Rust's tracing, Python's loggers, log4j, logback, Serilog,
//! .NET's console, Monolog, MongoDB, journald, GELF, ECS, Google Cloud, Datadog and OpenTelemetry itself. A name that is as likely a user's own
//! (`name`, `file`, `source` with a text) has no meaning here unless the shape of the line gives it one.

/// What a field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing special: it stays an attribute of its own name.
    Attribute,
    Time,
    Level(Scale),
    /// The text; the lowest number wins.
    Message(u8),
    Logger,
    ThreadName,
    ThreadId,
    /// `file:line`.
    Caller,
    /// A map of file, line and function.
    Position,
    File,
    Line,
    Function,
    Host,
    Pid,
    Service,
    ServiceVersion,
    TraceId,
    SpanId,
    DatadogTraceId,
    DatadogSpanId,
    /// Google's `projects/…/traces/id`.
    TracePath,
    TraceFlags,
    TraceSampled,
    Traceparent,
    EventName,
    ExceptionType,
    ExceptionMessage,
    ExceptionStacktrace,
}

/// How a level that is a number is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// By its size: syslog's 0 to 7, bunyan's and pino's tens, Monolog's hundreds, Logback's ten thousands.
    BySize,
    /// Google Cloud's hundreds.
    Google,
    /// Python's tens.
    Python,
    /// By its size, but for Serilog's Verbose, which is below its Debug.
    Serilog,
    /// OpenTelemetry's 1 to 24.
    OpenTelemetry,
}

/// What a field of this name means.
pub(crate) fn role_of(name: &str) -> Role {
    match name {
        "time"
        | "ts"
        | "timestamp"
        | "@timestamp"
        | "Timestamp"
        | "Time"
        | "@t"
        | "datetime"
        | "date"
        | "asctime"
        | "eventTime"
        | "timeMillis"
        | "instant"
        | "timeUnixNano"
        | "start_time"
        | "__REALTIME_TIMESTAMP" => Role::Time,
        "level" | "lvl" | "log.level" | "@level" | "@l" | "Level" | "LogLevel" | "loglevel" | "logLevel"
        | "log_level" | "levelname" | "level_name" | "severityText" | "severity_text" | "PRIORITY" => {
            Role::Level(Scale::BySize)
        }
        "severity" | "Severity" => Role::Level(Scale::Google),
        "levelno" => Role::Level(Scale::Python),
        "severityNumber" | "severity_number" => Role::Level(Scale::OpenTelemetry),
        "message" | "msg" | "@message" | "@m" | "Message" | "MESSAGE" | "textPayload" | "RenderedMessage" => {
            Role::Message(0)
        }
        "short_message" | "@mt" | "event" | "MessageTemplate" => Role::Message(1),
        "log" => Role::Message(2),
        "logger" | "logger_name" | "loggerName" | "log.logger" | "@module" | "SourceContext" | "Category"
        | "log.target" => Role::Logger,
        _ => source_role(name),
    }
}

/// The names that say where a line comes from.
fn source_role(name: &str) -> Role {
    match name {
        "thread" | "thread_name" | "threadName" | "thread.name" | "process.thread.name" => Role::ThreadName,
        "threadId" | "thread_id" | "thread.id" | "process.thread.id" => Role::ThreadId,
        "caller" => Role::Caller,
        "source" | "logging.googleapis.com/sourceLocation" | "sourceLocation" => Role::Position,
        "pathname" | "code.file.path" | "log.origin.file.name" | "CODE_FILE" => Role::File,
        "lineno" | "line_number" | "code.line.number" | "log.origin.file.line" | "CODE_LINE" => Role::Line,
        "funcName" | "code.function.name" | "log.origin.function" | "CODE_FUNC" => Role::Function,
        "hostname" | "host.name" | "_HOSTNAME" | "HOSTNAME" => Role::Host,
        "pid" | "process.pid" | "_PID" => Role::Pid,
        "service" | "service.name" | "service_name" | "dd.service" | "SYSLOG_IDENTIFIER" => Role::Service,
        "service.version" | "service_version" | "dd.version" => Role::ServiceVersion,
        _ => trace_role(name),
    }
}

/// The names of ids, events and exceptions.
fn trace_role(name: &str) -> Role {
    match name {
        "trace_id" | "traceId" | "traceid" | "TraceId" | "traceID" | "trace.id" | "@tr" => Role::TraceId,
        "span_id"
        | "spanId"
        | "spanid"
        | "SpanId"
        | "spanID"
        | "span.id"
        | "@sp"
        | "logging.googleapis.com/spanId" => Role::SpanId,
        "dd.trace_id" => Role::DatadogTraceId,
        "dd.span_id" => Role::DatadogSpanId,
        "logging.googleapis.com/trace" => Role::TracePath,
        "trace_flags" | "traceFlags" => Role::TraceFlags,
        "trace_sampled" | "traceSampled" | "logging.googleapis.com/trace_sampled" => Role::TraceSampled,
        "traceparent" => Role::Traceparent,
        "event_name" | "eventName" | "event.name" => Role::EventName,
        "error.type" | "exception.type" => Role::ExceptionType,
        "error.message" | "exception.message" => Role::ExceptionMessage,
        "error.stack_trace" | "exception.stacktrace" | "stack_trace" | "stacktrace" | "@x" => {
            Role::ExceptionStacktrace
        }
        _ => Role::Attribute,
    }
}
