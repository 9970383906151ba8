//! A reading of a session, and what is left of it when the call is made anew.

use spile_proto::v1::explore_response::Accepted;
use spile_proto::v1::start::Position;
use spile_proto::v1::{Start, TailRequest, TailResponse};

use crate::error::Error;
use crate::tail::{OrderCheck, Received, TailEnd, TailEvent};

/// What a `read` or a `fetch` asked for and has got.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) number: u64,
    request: TailRequest,
    /// On this call.
    received: Received,
    order: OrderCheck,
    /// On all calls.
    records: u64,
    pub(super) cursor: Option<String>,
    /// Whether its beginning was told.
    accepted: bool,
}

impl Lane {
    pub(super) fn new(number: u64, request: TailRequest) -> Self {
        Self {
            number,
            order: OrderCheck::new(request.order()),
            request,
            received: Received::default(),
            records: 0,
            cursor: None,
            accepted: false,
        }
    }

    /// Whether this is the first time that it begins.
    pub(super) fn accept(&mut self, accepted: &Accepted) -> bool {
        if self.cursor.is_none() && !accepted.start_cursor.is_empty() {
            self.cursor = Some(accepted.start_cursor.clone());
        }
        !std::mem::replace(&mut self.accepted, true)
    }

    /// What an answer tells, and whether it gets on.
    pub(super) fn take(&mut self, response: TailResponse) -> Result<(Option<TailEvent>, bool), Error> {
        let (event, cursor) = self.received.accept(response)?;
        if let Some(TailEvent::Batch(batch)) = &event {
            self.order.accept(batch)?;
            self.records += batch.len() as u64;
        }
        let moved = !cursor.is_empty() && self.cursor.as_deref() != Some(&cursor);
        if moved {
            self.cursor = Some(cursor);
        }
        let end = self.received.end().map(|reason| TailEvent::End(TailEnd { reason, records: self.records }));
        Ok((event.or(end), moved))
    }

    /// Whether it came to its end.
    pub(super) fn is_over(&self) -> bool {
        self.received.end().is_some()
    }

    /// What is left to ask for on another call; `None` when that is nothing.
    pub(super) fn rest(&mut self) -> Option<TailRequest> {
        self.received = Received::default();
        let mut request = self.request.clone();
        if request.limit > 0 {
            request.limit = request.limit.saturating_sub(self.records);
            if request.limit == 0 {
                return None;
            }
        }
        if let Some(cursor) = &self.cursor {
            request.start = Some(Start { position: Some(Position::AfterCursor(cursor.clone())) });
        }
        Some(request)
    }

    /// Its end, when all of it came but that.
    pub(super) fn missing_end(&self) -> TailEvent {
        let reason = spile_proto::v1::EndReason::Limit;
        TailEvent::End(TailEnd { reason, records: self.records })
    }
}
