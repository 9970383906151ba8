//! The label sets. Values are static, so that a label costs no allocation and no client can invent one.

use prometheus_client::encoding::EncodeLabelSet;

/// A gRPC method, `package.Service/Method`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct MethodLabel {
    /// The method.
    pub method: &'static str,
}

/// A method and how the call ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CodeLabels {
    /// The method.
    pub method: &'static str,
    /// The gRPC code's name; for other calls the HTTP status.
    pub code: &'static str,
}

/// A method and why the stream ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EndLabels {
    /// The method.
    pub method: &'static str,
    /// The end reason as the trailer `spile-end-reason` has it, or `error`.
    pub reason: &'static str,
}

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SourceLabel {
    /// `append`, `upload`, `follow`, `database`, `syslog`, `otlp` or `loki`.
    pub source: &'static str,
}

/// What something comes over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TransportLabel {
    /// `tcp` or `udp`.
    pub transport: &'static str,
}

/// What something is doing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StateLabel {
    /// The state.
    pub state: &'static str,
}

/// Why something failed or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReasonLabel {
    /// The reason.
    pub reason: &'static str,
}

/// Which port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PortLabel {
    /// `main`, `admin`, `otlp` or `syslog`.
    pub port: &'static str,
}

/// Which port, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PortReasonLabels {
    /// `main`, `admin`, `otlp` or `syslog`.
    pub port: &'static str,
    /// The reason.
    pub reason: &'static str,
}
