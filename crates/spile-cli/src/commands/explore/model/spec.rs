//! What is looked at: a stream, and which of its records.

use spile_client::proto::start::Position;
use spile_client::proto::{Filter, LossPolicy, Start, TailRequest};

/// Groups of four severities, from TRACE to FATAL, as filters name them.
pub(crate) const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// What is looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spec {
    pub(crate) stream: String,
    /// Level and bounds in time, as the command line gave them.
    pub(crate) given: Filter,
    /// The filter as it was typed.
    pub(crate) expression: String,
    /// Which of [`LEVELS`] are not shown.
    pub(crate) hidden: [bool; 6],
    pub(crate) skip_to_live: bool,
}

impl Spec {
    pub(crate) fn new(stream: String, filter: Filter, skip_to_live: bool) -> Self {
        let expression = filter.expression.clone();
        let given = Filter { expression: String::new(), ..filter };
        Self { stream, given, expression, hidden: [false; 6], skip_to_live }
    }

    /// The filter, narrowed further.
    pub(crate) fn filter(&self, further: &str) -> Filter {
        let hidden: Vec<&str> = LEVELS
            .into_iter()
            .zip(self.hidden)
            .filter(|(_, hidden)| *hidden)
            .map(|(level, _)| level)
            .collect();
        let hidden = match hidden.is_empty() {
            true => String::new(),
            false => format!("-severity=({})", hidden.join(" OR ")),
        };
        let parts = [self.expression.trim(), further.trim(), &hidden];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let expression = match parts.as_slice() {
            [only] => (*only).to_owned(),
            // One may hold an OR.
            several => several.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(" "),
        };
        Filter { expression, ..self.given.clone() }
    }

    /// Reads from here, and follows.
    pub(crate) fn read(&self, position: Position) -> TailRequest {
        let policy = if self.skip_to_live { LossPolicy::SkipToLive } else { LossPolicy::Unspecified };
        TailRequest {
            stream: self.stream.clone(),
            filter: Some(self.filter("")),
            start: Some(Start { position: Some(position) }),
            follow: true,
            loss_policy: policy.into(),
            ..TailRequest::default()
        }
    }
}
