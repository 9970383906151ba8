//! From a request to a plan: every field is checked, and every wrong one named.

use spile_engine::cursor::LossPolicy;
use spile_engine::filter::{Filter, level::parse_level};
use spile_engine::subscription::{Start, SubscriptionPlan};
use spile_engine::token::CursorToken;
use spile_engine::{Engine, Offset, Stream};
use spile_proto::v1;
use tonic::Status;

use crate::status::{ErrorReason, error};

/// The most that `start.last` may ask for.
const MAX_LAST: u32 = 1_000_000;

/// The longest filter expression, bytes.
const MAX_EXPRESSION_BYTES: usize = 8 * 1024;

/// What a tail reads, and from which stream.
#[derive(Debug)]
pub(crate) struct TailPlan {
    pub(crate) stream: Stream,
    pub(crate) subscription: SubscriptionPlan,
    /// No record at or after this time matches, Unix nanoseconds.
    pub(crate) until_unix_nano: Option<u64>,
}

/// The plan of a `Tail` call.
pub(crate) fn tail(engine: &Engine, request: v1::TailRequest) -> Result<TailPlan, Status> {
    let v1::TailRequest { stream, filter: wanted, start: from, follow, limit, loss_policy, order: _ } =
        request;
    let stream = named_stream(engine, &stream)?;
    let until_unix_nano = wanted.as_ref().map(|filter| filter.until_unix_nano).filter(|&until| until != 0);
    let subscription = SubscriptionPlan {
        start: start(&stream, from)?,
        follow,
        filter: filter(wanted)?,
        limit: (limit != 0).then_some(limit),
        loss_policy: policy(loss_policy)?,
    };
    Ok(TailPlan { stream, subscription, until_unix_nano })
}

/// The stream of this name; `default` when none is named.
pub(crate) fn named_stream(engine: &Engine, name: &str) -> Result<Stream, Status> {
    let name = if name.is_empty() { spile_engine::catalog::DEFAULT_STREAM } else { name };
    spile_engine::catalog::check_name(name).map_err(|why| {
        error(ErrorReason::InvalidStreamName).field("stream", why.to_string()).into_status()
    })?;
    engine.stream(name).ok_or_else(|| {
        let hint = format!("there is no stream {name:?}; ListStreams names those that there are");
        error(ErrorReason::StreamNotFound).field("stream", hint).into()
    })
}

/// The filter of a request.
pub(crate) fn filter(filter: Option<v1::Filter>) -> Result<Filter, Status> {
    let Some(v1::Filter { expression, level, since_unix_nano, until_unix_nano }) = filter else {
        return Ok(Filter::all());
    };
    if expression.len() > MAX_EXPRESSION_BYTES {
        let why = format!("has {} bytes, at most {MAX_EXPRESSION_BYTES} are taken", expression.len());
        return Err(error(ErrorReason::InvalidFilter).field("filter.expression", why).into());
    }
    let parsed = Filter::parse(&expression).map_err(|why| {
        error(ErrorReason::InvalidFilter).field("filter.expression", why.to_string()).into_status()
    })?;
    if until_unix_nano != 0 && until_unix_nano <= since_unix_nano {
        let why = "must be later than filter.since_unix_nano";
        return Err(error(ErrorReason::InvalidField).field("filter.until_unix_nano", why).into());
    }
    let bound = |nanos: u64| (nanos != 0).then_some(nanos);
    let timed = parsed.and_time(bound(since_unix_nano), bound(until_unix_nano));
    Ok(timed.and_level(severity_of("filter.level", &level)?))
}

/// The severity number of a level by name; 0, which every record has at least, when it is empty.
pub(crate) fn severity_of(field: &str, level: &str) -> Result<u8, Status> {
    if level.is_empty() {
        return Ok(0);
    }
    parse_level(level).ok_or_else(|| {
        let shown: String = level.chars().take(40).collect();
        let why = format!("{shown:?} is not a level; use trace, debug, info, warn, error or fatal, or leave it empty for all");
        error(ErrorReason::InvalidLevel).field(field, why).into()
    })
}

fn start(stream: &Stream, start: Option<v1::Start>) -> Result<Start, Status> {
    use v1::start::Position;
    let wrong = |field: &str, why: String| error(ErrorReason::InvalidField).field(field, why).into_status();
    match start.and_then(|start| start.position) {
        None | Some(Position::Oldest(_)) => Ok(Start::Oldest),
        Some(Position::Latest(_)) => Ok(Start::Latest),
        Some(Position::AfterCursor(cursor)) => after(stream, "start.after_cursor", &cursor),
        Some(Position::Last(count)) if (1..=MAX_LAST).contains(&count) => Ok(Start::Last(count.into())),
        Some(Position::Last(count)) => {
            Err(wrong("start.last", format!("{count} is out of range; use 1 to {MAX_LAST}")))
        }
        Some(Position::Offset(offset)) if Offset(offset) <= stream.tail() => Ok(Start::At(Offset(offset))),
        Some(Position::Offset(offset)) => {
            let tail = stream.tail();
            Err(wrong("start.offset", format!("{offset} is behind the tail {tail}; use 0 to {tail}")))
        }
    }
}

/// The position after a cursor of this stream.
pub(crate) fn after(stream: &Stream, field: &str, cursor: &str) -> Result<Start, Status> {
    let refuse = |reason, why: String| Err(error(reason).field(field, why).into());
    let token = match CursorToken::decode(cursor) {
        Ok(token) => token,
        Err(why) => return refuse(ErrorReason::InvalidCursor, why.to_string()),
    };
    if token.stream_id != stream.id() {
        let name = stream.name();
        let why = format!(
            "it was given out for another stream than {name:?}, or for one of that name that is gone; start anew"
        );
        return refuse(ErrorReason::CursorOfOtherStream, why);
    }
    let tail = stream.tail();
    if token.next > tail {
        let why = format!(
            "it points to offset {}, but the tail is {tail}: the stream was restored from an older copy",
            token.next
        );
        return refuse(ErrorReason::CursorAheadOfTail, why);
    }
    Ok(Start::At(token.next))
}

fn policy(loss_policy: i32) -> Result<LossPolicy, Status> {
    match v1::LossPolicy::try_from(loss_policy) {
        Ok(v1::LossPolicy::Unspecified) => Ok(LossPolicy::CatchUp),
        Ok(v1::LossPolicy::SkipToLive) => Ok(LossPolicy::SkipToLive),
        Err(_) => {
            let why = format!("{loss_policy} is not a LossPolicy; use 0 (catch up) or 1 (skip to live)");
            Err(error(ErrorReason::InvalidField).field("loss_policy", why).into())
        }
    }
}
