//! Makes a [`tonic::Status`] of a row of the table, with the details that fit.

use std::collections::HashMap;
use std::time::Duration;

use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, QuotaViolation, StatusExt};

use super::{DOMAIN, ErrorReason};

/// Starts an error: `error(ErrorReason::InvalidLevel).field("level", "...").into_status()`.
pub fn error(reason: ErrorReason) -> ErrorBuilder {
    ErrorBuilder {
        reason,
        message: None,
        fields: Vec::new(),
        quotas: Vec::new(),
        metadata: HashMap::new(),
        retry_after: reason.retry_after(),
    }
}

/// An error being put together.
#[derive(Debug, Clone)]
#[must_use = "an error has to be given to the caller"]
pub struct ErrorBuilder {
    reason: ErrorReason,
    message: Option<String>,
    fields: Vec<FieldViolation>,
    quotas: Vec<QuotaViolation>,
    metadata: HashMap<String, String>,
    retry_after: Option<Duration>,
}

impl ErrorBuilder {
    /// Says more than the summary: the message becomes `summary: text`.
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.message = Some(text.into());
        self
    }

    /// Names a wrong field and says what is wrong with it and what would be right (`google.rpc.BadRequest`).
    /// `field` is a path in proto names, for instance `start.after_cursor`.
    pub fn field(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.fields.push(FieldViolation::new(field, description));
        self
    }

    /// Names what was used up (`google.rpc.QuotaFailure`).
    pub fn quota(mut self, subject: impl Into<String>, description: impl Into<String>) -> Self {
        self.quotas.push(QuotaViolation::new(subject, description));
        self
    }

    /// Adds a fact for programs to `ErrorInfo.metadata`. Keys are lower camel case.
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// When the call may be tried again (`google.rpc.RetryInfo`), instead of what the table says.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// The status.
    pub fn into_status(self) -> Status {
        let message = self.full_message();
        let mut details = ErrorDetails::with_error_info(self.reason.name(), DOMAIN, self.metadata);
        if !self.fields.is_empty() {
            details.set_bad_request(self.fields);
        }
        if !self.quotas.is_empty() {
            details.set_quota_failure(self.quotas);
        }
        if self.retry_after.is_some() {
            details.set_retry_info(self.retry_after);
        }
        Status::with_error_details(self.reason.code(), message, details)
    }

    /// `summary: text: field: description; field: description`, as far as they are given.
    fn full_message(&self) -> String {
        let mut message = self.reason.summary().to_owned();
        if let Some(text) = &self.message {
            message += ": ";
            message += text;
        }
        let of_fields = self.fields.iter().map(|field| format!("{}: {}", field.field, field.description));
        let of_quotas = self.quotas.iter().map(|quota| format!("{}: {}", quota.subject, quota.description));
        let parts: Vec<String> = of_fields.chain(of_quotas).collect();
        if !parts.is_empty() {
            message += ": ";
            message += &parts.join("; ");
        }
        message
    }
}

impl From<ErrorBuilder> for Status {
    fn from(builder: ErrorBuilder) -> Self {
        builder.into_status()
    }
}
