//! Records laid down in frames, each as it is or, should it be too large, reduced.

use std::sync::Arc;

use spile_engine::frame::PushError;
use spile_engine::{FrameDraft, ResourceDef};
use spile_proto::v1::LogRecord;

use super::convert;

/// Frames in the making.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    drafts: Vec<FrameDraft>,
    /// Of the frames before the last one.
    full_bytes: usize,
}

impl Drafts {
    /// Lays a record down. One that is not acceptable is reduced to its text.
    pub(crate) fn push(
        &mut self,
        record: LogRecord,
        resource: Option<&Arc<ResourceDef>>,
        received_unix_nano: u64,
    ) {
        let draft = match self.drafts.last_mut() {
            Some(draft) => draft,
            None => self.next(),
        };
        match draft.push(&record, resource, received_unix_nano) {
            Ok(()) => {}
            Err(PushError::Full) if !draft.is_empty() => {
                self.next();
                self.push(record, resource, received_unix_nano);
            }
            Err(why) => {
                tracing::debug!(%why, "a record is not acceptable; its text is stored alone");
                let reduced = convert::reduced(record);
                if draft.push(&reduced, resource, received_unix_nano).is_err()
                    && self.next().push(&reduced, resource, received_unix_nano).is_err()
                {
                    tracing::error!("a record does not fit into an empty frame, and is left out");
                }
            }
        }
    }

    fn next(&mut self) -> &mut FrameDraft {
        self.full_bytes += self.drafts.last().map_or(0, FrameDraft::encoded_bytes);
        self.drafts.push(FrameDraft::default());
        self.drafts.last_mut().expect("a draft was just added")
    }

    /// The encoded bytes of the records.
    pub(crate) fn bytes(&self) -> usize {
        self.full_bytes + self.drafts.last().map_or(0, FrameDraft::encoded_bytes)
    }

    /// The frames; what comes next begins anew.
    pub(crate) fn take(&mut self) -> Vec<FrameDraft> {
        let Self { mut drafts, .. } = std::mem::take(self);
        drafts.retain(|draft| !draft.is_empty());
        drafts
    }
}
