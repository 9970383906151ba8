//! Where a tail starts, by its order.

use spile_engine::cursor::TokenError;
use spile_engine::filter::Filter;
use spile_engine::subscription::Start;
use spile_engine::time_key::TimePosition;
use spile_engine::token::{CursorToken, TimeToken};
use spile_engine::{Offset, Stream};
use spile_proto::v1::{self, start::Position, start::before};
use tonic::Status;

use crate::read::errors::read_status;
use crate::status::{ErrorReason, error};

/// The most that `start.last` and `start.before` may ask for.
const MAX_LAST: u32 = 1_000_000;

/// The start of a tail by offset.
pub(super) async fn forward(
    stream: &Stream,
    start: Option<v1::Start>,
    filter: &Filter,
) -> Result<Start, Status> {
    Ok(match position(start) {
        Position::Oldest(_) => Start::Oldest,
        Position::Latest(_) => Start::Latest,
        Position::AfterCursor(cursor) => Start::At(after(stream, "start.after_cursor", &cursor)?),
        Position::Last(count) => Start::Last(number("start.last", count)?),
        Position::Offset(offset) => Start::At(at(stream, "start.offset", offset)?),
        Position::TimeUnixNano(time) => Start::At(at_time(stream, time).await?),
        Position::Before(before) => Start::At(before_position(stream, before, filter).await?),
    })
}

/// The start of a tail that goes from the newest record down: the offset before which it begins, and at most how many records it
/// gives.
pub(super) async fn newest_first(
    stream: &Stream,
    start: Option<v1::Start>,
) -> Result<(Option<Offset>, Option<u64>), Status> {
    Ok(match position(start) {
        Position::Oldest(_) | Position::Latest(_) => (None, None),
        Position::AfterCursor(cursor) => (Some(after(stream, "start.after_cursor", &cursor)?), None),
        Position::Last(count) => (None, Some(number("start.last", count)?)),
        Position::Offset(offset) => (Some(at(stream, "start.offset", offset)?), None),
        Position::TimeUnixNano(time) => (Some(at_time(stream, time).await?), None),
        Position::Before(_) => {
            let why = "has no meaning newest first; start at its position and set limit";
            return Err(error(ErrorReason::InvalidField).field("start.before", why).into());
        }
    })
}

/// The start of a tail by time; `None`: from the earliest time on.
pub(super) fn by_time(stream: &Stream, start: Option<v1::Start>) -> Result<Option<TimePosition>, Status> {
    let refuse = |field: &str| {
        let why = "has no meaning by time; start at the oldest record or after a cursor of this order, and bound \
                   times with filter.since_unix_nano and filter.until_unix_nano";
        Err(error(ErrorReason::InvalidField).field(field, why).into())
    };
    match position(start) {
        Position::Oldest(_) => Ok(None),
        Position::AfterCursor(cursor) => {
            let field = "start.after_cursor";
            let token = TimeToken::decode(&cursor).map_err(|why| invalid_cursor(field, why))?;
            check_cursor(stream, field, token.stream_id, token.position.end)?;
            Ok(Some(token.position))
        }
        Position::Latest(_) => refuse("start.latest"),
        Position::Last(_) => refuse("start.last"),
        Position::Offset(_) => refuse("start.offset"),
        Position::TimeUnixNano(_) => refuse("start.time_unix_nano"),
        Position::Before(_) => refuse("start.before"),
    }
}

/// Where the last so many matches before a position begin.
async fn before_position(
    stream: &Stream,
    before: v1::start::Before,
    filter: &Filter,
) -> Result<Offset, Status> {
    let v1::start::Before { position, records } = before;
    let records = number("start.before.records", records)?;
    let end = match position {
        Some(before::Position::Cursor(cursor)) => after(stream, "start.before.cursor", &cursor)?,
        Some(before::Position::Offset(offset)) => at(stream, "start.before.offset", offset)?,
        Some(before::Position::TimeUnixNano(time)) => at_time(stream, time).await?,
        None => {
            let why = "has no position; give a cursor, an offset or a time";
            return Err(error(ErrorReason::InvalidField).field("start.before", why).into());
        }
    };
    let located = stream.clone().locate_last(filter.clone(), records, end).await;
    located.map_err(|failure| read_status(&failure))
}

async fn at_time(stream: &Stream, unix_nano: u64) -> Result<Offset, Status> {
    stream.locate_time(unix_nano).await.map_err(|failure| read_status(&failure))
}

fn position(start: Option<v1::Start>) -> Position {
    start.and_then(|start| start.position).unwrap_or(Position::Oldest(v1::start::Oldest {}))
}

fn number(field: &str, count: u32) -> Result<u64, Status> {
    if (1..=MAX_LAST).contains(&count) {
        return Ok(count.into());
    }
    let why = format!("{count} is out of range; use 1 to {MAX_LAST}");
    Err(error(ErrorReason::InvalidField).field(field, why).into())
}

/// An offset of this stream, or its tail.
pub(crate) fn at(stream: &Stream, field: &str, offset: u64) -> Result<Offset, Status> {
    let tail = stream.tail();
    if Offset(offset) <= tail {
        return Ok(Offset(offset));
    }
    let why = format!("{offset} is behind the tail {tail}; use 0 to {tail}");
    Err(error(ErrorReason::InvalidField).field(field, why).into())
}

/// The position of a cursor of this stream.
pub(crate) fn after(stream: &Stream, field: &str, cursor: &str) -> Result<Offset, Status> {
    let token = CursorToken::decode(cursor).map_err(|why| invalid_cursor(field, why))?;
    check_cursor(stream, field, token.stream_id, token.next)?;
    Ok(token.next)
}

fn invalid_cursor(field: &str, why: TokenError) -> Status {
    error(ErrorReason::InvalidCursor).field(field, why.to_string()).into()
}

/// Whether a cursor is of this stream, and not ahead of it.
fn check_cursor(stream: &Stream, field: &str, stream_id: u64, next: Offset) -> Result<(), Status> {
    let refuse = |reason, why: String| Err(error(reason).field(field, why).into());
    if stream_id != stream.id() {
        let name = stream.name();
        let why = format!(
            "it was given out for another stream than {name:?}, or for one of that name that is gone; start anew"
        );
        return refuse(ErrorReason::CursorOfOtherStream, why);
    }
    let tail = stream.tail();
    if next > tail {
        let why = format!(
            "it points to offset {next}, but the tail is {tail}: the stream was restored from an older copy"
        );
        return refuse(ErrorReason::CursorAheadOfTail, why);
    }
    Ok(())
}
