//! One answer of a long poll: what matches from a position on, waited for if need be.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use spile_columns::object::put_json_string;
use spile_columns::wire::WireError;
use spile_engine::cursor::End;
use spile_engine::journal::ReadError;
use spile_engine::subscription::Delivery;
use tokio::time::{Instant, sleep_until};
use tonic::Status;

use super::errors::read_status;
use super::message::Message;
use super::plan::{Reading, TailPlan};
use super::reader::{Reader, Records};
use super::text::{cause_name, put_object};
use super::{encode, ends};
use crate::context::ServerContext;
use crate::status::{ErrorReason, error};

/// When so many bytes of records are gathered the answer is given.
const TARGET_BYTES: usize = 1 << 20;

/// What is gathered.
#[derive(Default)]
struct Page {
    message: Message,
    gaps: Vec<Value>,
    /// Set when no later record can match.
    ended: bool,
}

/// The answer, as JSON: at once when records match, else when one arrives, the wait is over, or the server stops.
pub(crate) async fn next(context: &ServerContext, plan: TailPlan, wait: Duration) -> Result<Bytes, Status> {
    let TailPlan { stream, mut reading, until_unix_nano } = plan;
    let left = until_unix_nano.map(|until| until.saturating_sub(context.clock.now_unix_nano()));
    if left == Some(0)
        && let Reading::Forward(plan) = &mut reading
    {
        // There is nothing to wait for.
        plan.follow = false;
    }
    let until = left.map_or(wait, |left| wait.min(Duration::from_nanos(left)));
    let over = sleep_until(Instant::now() + until);
    let mut reader = Reader::open(&stream, reading);
    let mut page = Page::default();
    tokio::select! {
        biased;
        gathered = gather(&mut reader, &mut page) => gathered.map_err(|failure| read_status(&failure))?,
        () = over => {}
        () = context.drain.drained_owned() => {}
    }
    let text = page.text(&reader);
    text.map_err(|why| error(ErrorReason::Internal).message(why.to_string()).into_status())
}

/// Waits for the first record, and takes what else is ready.
async fn gather(reader: &mut Reader, page: &mut Page) -> Result<(), ReadError> {
    poll_fn(|cx| reader.poll_located(cx)).await?;
    poll_fn(|cx| {
        while page.message.bytes() < TARGET_BYTES {
            match reader.poll_delivery(cx) {
                Poll::Pending if page.message.is_empty() && page.gaps.is_empty() => return Poll::Pending,
                Poll::Pending | Poll::Ready(None) => break,
                Poll::Ready(Some(delivery)) => page.take(delivery?),
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}

impl Page {
    fn take(&mut self, delivery: Delivery<Records>) {
        match delivery {
            Delivery::Records(records) => self.message.push(records),
            Delivery::Gap { from, to, cause } => {
                let cause = cause_name(encode::gap_cause(cause));
                self.gaps.push(json!({ "from": from.0, "to": to.0, "cause": cause }));
            }
            Delivery::CaughtUp | Delivery::End(End::Limit) => {}
            Delivery::End(End::EndOfHistory) => self.ended = true,
        }
    }

    fn text(&self, reader: &Reader) -> Result<Bytes, WireError> {
        let mut out = Vec::with_capacity(2 * self.message.bytes() + 256);
        out.extend_from_slice(b"{\"cursor\":");
        put_json_string(&mut out, &reader.cursor());
        let caught_up = reader.lag() == Some(0);
        let marks = json!({ "caughtUp": caught_up, "tail": reader.stream().tail().0, "gaps": self.gaps });
        let marks = marks.to_string();
        out.push(b',');
        out.extend_from_slice(&marks.as_bytes()[1..marks.len() - 1]);
        if self.ended {
            out.extend_from_slice(b",\"end\":");
            put_json_string(&mut out, ends::name(spile_proto::v1::EndReason::Until));
        }
        out.extend_from_slice(b",\"records\":[");
        let mut first = true;
        self.message.each(|offset, record, resource| {
            if !std::mem::take(&mut first) {
                out.push(b',');
            }
            put_object(&mut out, offset, None, record, resource)
        })?;
        out.extend_from_slice(b"]}\n");
        Ok(out.into())
    }
}
