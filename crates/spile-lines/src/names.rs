//! Attribute names: OpenTelemetry's semantic conventions, and the few that are ours.

/// Bytes left out of a line over the limit (whole number).
pub const SPILE_CUT_BYTES: &str = "spile.cut_bytes";
/// `true` on a piece of a container's line that was not joined with the rest of it.
pub const SPILE_PARTIAL: &str = "spile.partial";

/// `stdout` or `stderr`, from a container runtime's file.
pub const LOG_IOSTREAM: &str = "log.iostream";
/// The file a line came from, where the line itself names one.
pub const LOG_FILE_NAME: &str = "log.file.name";

/// The service that wrote the line.
pub const SERVICE_NAME: &str = "service.name";
/// That service's version.
pub const SERVICE_VERSION: &str = "service.version";
/// The host that wrote the line.
pub const HOST_NAME: &str = "host.name";
/// The process that wrote the line.
pub const PROCESS_PID: &str = "process.pid";

/// The thread's name.
pub const THREAD_NAME: &str = "thread.name";
/// The thread's number.
pub const THREAD_ID: &str = "thread.id";
/// The source file.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// The line in the source file.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// The function, with its class or module if the line has it.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";

pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
pub(crate) const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";

pub(crate) const CLIENT_ADDRESS: &str = "client.address";
pub(crate) const CLIENT_PORT: &str = "client.port";
pub(crate) const SERVER_ADDRESS: &str = "server.address";
pub(crate) const SERVER_PORT: &str = "server.port";
pub(crate) const USER_NAME: &str = "user.name";
pub(crate) const USER_AGENT_ORIGINAL: &str = "user_agent.original";
pub(crate) const URL_PATH: &str = "url.path";
pub(crate) const URL_QUERY: &str = "url.query";
pub(crate) const HTTP_REQUEST_METHOD: &str = "http.request.method";
pub(crate) const HTTP_REQUEST_REFERER: &str = "http.request.header.referer";
pub(crate) const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
pub(crate) const HTTP_RESPONSE_BODY_SIZE: &str = "http.response.body.size";
pub(crate) const NETWORK_PROTOCOL_NAME: &str = "network.protocol.name";
pub(crate) const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";

pub(crate) const SYSLOG_FACILITY: &str = "syslog.facility";
pub(crate) const SYSLOG_VERSION: &str = "syslog.version";
pub(crate) const SYSLOG_PROCID: &str = "syslog.procid";
pub(crate) const SYSLOG_MSGID: &str = "syslog.msgid";
