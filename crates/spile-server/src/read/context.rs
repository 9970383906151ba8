//! `Context`: the records around a position.

use prost::Message;
use spile_engine::Stream;
use spile_engine::stream::{ContextPlan, Surroundings};
use spile_proto::v1::{self, context_request::Position};
use tonic::Status;

use super::errors::read_status;
use super::{ReadState, encode, plan};
use crate::status::{ErrorReason, error};

/// The most records on either side.
const MAX_RECORDS: u32 = 1_000;

/// The unary call.
pub(super) async fn context(
    state: &ReadState,
    request: v1::ContextRequest,
) -> Result<v1::ContextResponse, Status> {
    let found = find(state, request).await?;
    let gaps = found.gaps.iter().map(|gap| encode::gap(*gap)).collect();
    Ok(v1::ContextResponse { batch: Some(batch(&found)?), gaps })
}

/// What a request asks for.
pub(super) async fn find(state: &ReadState, request: v1::ContextRequest) -> Result<Surroundings, Status> {
    let v1::ContextRequest { stream, position, before, after, filter } = request;
    let stream = plan::named_stream(&state.engine, &stream)?;
    let plan = ContextPlan {
        position: self::position(&stream, position)?,
        before: side("before", before)?,
        after: side("after", after)?,
        filter: plan::filter(filter).await?,
    };
    stream.context(plan).await.map_err(|failure| read_status(&failure))
}

fn position(stream: &Stream, position: Option<Position>) -> Result<spile_engine::Offset, Status> {
    match position {
        Some(Position::Cursor(cursor)) => plan::start::after(stream, "cursor", &cursor),
        Some(Position::Offset(offset)) => plan::start::at(stream, "offset", offset),
        None => {
            let why = "is missing; give a cursor or an offset of this stream";
            Err(error(ErrorReason::InvalidField).field("position", why).into())
        }
    }
}

fn side(field: &str, records: u32) -> Result<usize, Status> {
    if records <= MAX_RECORDS {
        return Ok(records as usize);
    }
    let why = format!("{records} is out of range; use 0 to {MAX_RECORDS}");
    Err(error(ErrorReason::InvalidField).field(field, why).into())
}

/// The rows as a message; they were encoded for it when they came.
fn batch(found: &Surroundings) -> Result<v1::RecordBatch, Status> {
    let undecodable = |failure: prost::DecodeError| error(ErrorReason::Internal).message(failure.to_string());
    let mut batch =
        v1::RecordBatch::decode(found.rows.records()).map_err(|e| undecodable(e).into_status())?;
    for resource in found.rows.resources() {
        let resource = v1::Resource::decode(resource.encoded().clone());
        batch.resources.push(resource.map_err(|e| undecodable(e).into_status())?);
    }
    batch.offsets = found.rows.offsets().map(|offset| offset.0).collect();
    Ok(batch)
}
