//! From a request to a plan: every field is checked, and every wrong one named.

pub(crate) mod start;

use spile_engine::cursor::LossPolicy;
use spile_engine::filter::{Filter, level::parse_level};
use spile_engine::subscription::{ByTimePlan, NewestFirstPlan, SubscriptionPlan};
use spile_engine::{Engine, Stream};
use spile_proto::v1;
use tonic::Status;

use crate::status::{ErrorReason, error};

/// The longest filter expression, bytes.
const MAX_EXPRESSION_BYTES: usize = 8 * 1024;

/// An expression of more bytes than this is read on a thread where blocking is allowed: the largest take 100 ms.
const SLOW_EXPRESSION_BYTES: usize = 256;

/// What a tail reads, and from which stream.
#[derive(Debug)]
pub(crate) struct TailPlan {
    pub(crate) stream: Stream,
    pub(crate) reading: Reading,
    /// No record at or after this time matches, Unix nanoseconds.
    pub(crate) until_unix_nano: Option<u64>,
}

/// What is read, by its order.
#[derive(Debug)]
pub(crate) enum Reading {
    Forward(SubscriptionPlan),
    NewestFirst(NewestFirstPlan),
    ByTime(ByTimePlan),
}

/// The plan of a `Tail` call.
pub(crate) async fn tail(engine: &Engine, request: v1::TailRequest) -> Result<TailPlan, Status> {
    let v1::TailRequest { stream, filter: wanted, start, follow, limit, loss_policy, order } = request;
    let stream = named_stream(engine, &stream)?;
    let until_unix_nano = wanted.as_ref().map(|filter| filter.until_unix_nano).filter(|&until| until != 0);
    let order = self::order(order, follow)?;
    let loss_policy = policy(loss_policy, order)?;
    let filter = filter(wanted).await?;
    let limit = (limit != 0).then_some(limit);
    let reading = match order {
        v1::Order::Unspecified => {
            let start = start::forward(&stream, start, &filter).await?;
            Reading::Forward(SubscriptionPlan { start, follow, filter, limit, loss_policy })
        }
        v1::Order::NewestFirst => {
            let (before, last) = start::newest_first(&stream, start).await?;
            let limit = limit.into_iter().chain(last).min();
            Reading::NewestFirst(NewestFirstPlan { before, filter, limit })
        }
        v1::Order::ByTime => {
            Reading::ByTime(ByTimePlan { resume: start::by_time(&stream, start)?, filter, limit })
        }
    };
    Ok(TailPlan { stream, reading, until_unix_nano })
}

/// The order of a tail; one that follows has no choice.
fn order(order: i32, follow: bool) -> Result<v1::Order, Status> {
    let wrong = |why: String| Err(error(ErrorReason::InvalidField).field("order", why).into());
    match v1::Order::try_from(order) {
        Ok(v1::Order::Unspecified) => Ok(v1::Order::Unspecified),
        Ok(_) if follow => {
            wrong("a call that follows gives records by offset; leave order unset, or follow".to_owned())
        }
        Ok(order) => Ok(order),
        Err(_) => {
            wrong(format!("{order} is not an Order; use 0 (by offset), 1 (newest first) or 2 (by time)"))
        }
    }
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
pub(crate) async fn filter(filter: Option<v1::Filter>) -> Result<Filter, Status> {
    let Some(v1::Filter { expression, level, since_unix_nano, until_unix_nano }) = filter else {
        return Ok(Filter::all());
    };
    if expression.len() > MAX_EXPRESSION_BYTES {
        let why = format!("has {} bytes, at most {MAX_EXPRESSION_BYTES} are taken", expression.len());
        return Err(error(ErrorReason::InvalidFilter).field("filter.expression", why).into());
    }
    let parsed = parse(expression).await?;
    if until_unix_nano != 0 && until_unix_nano <= since_unix_nano {
        let why = "must be later than filter.since_unix_nano";
        return Err(error(ErrorReason::InvalidField).field("filter.until_unix_nano", why).into());
    }
    let bound = |nanos: u64| (nanos != 0).then_some(nanos);
    let timed = parsed.and_time(bound(since_unix_nano), bound(until_unix_nano));
    Ok(timed.and_level(severity_of("filter.level", &level)?))
}

async fn parse(expression: String) -> Result<Filter, Status> {
    let parsed = if expression.len() <= SLOW_EXPRESSION_BYTES {
        Filter::parse(&expression)
    } else {
        let parsing = tokio::task::spawn_blocking(move || Filter::parse(&expression)).await;
        parsing.map_err(|failure| error(ErrorReason::Internal).message(failure.to_string()).into_status())?
    };
    parsed.map_err(|why| error(ErrorReason::InvalidFilter).field("filter.expression", why.to_string()).into())
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

fn policy(loss_policy: i32, order: v1::Order) -> Result<LossPolicy, Status> {
    let wrong = |why: String| Err(error(ErrorReason::InvalidField).field("loss_policy", why).into());
    match v1::LossPolicy::try_from(loss_policy) {
        Ok(v1::LossPolicy::Unspecified) => Ok(LossPolicy::CatchUp),
        Ok(v1::LossPolicy::SkipToLive) if order == v1::Order::Unspecified => Ok(LossPolicy::SkipToLive),
        Ok(v1::LossPolicy::SkipToLive) => {
            wrong("there is no live to skip to in this order; leave loss_policy unset".to_owned())
        }
        Err(_) => wrong(format!("{loss_policy} is not a LossPolicy; use 0 (catch up) or 1 (skip to live)")),
    }
}
