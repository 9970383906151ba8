//! Reads a request's bytes: a plain body, or the one message of a gRPC call.

use std::time::Duration;

use axum::body::Body;
use bytes::Buf;
use http_body_util::BodyExt;
use tokio::time::timeout;
use tonic::Status;

use super::budget::Charge;
use crate::grpc::PREFIX_BYTES;
use crate::status::{ErrorReason, error};

/// How long a request's body may take to come. Exporters give up after 10 s; a body that trickles must not be waited for.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// How much room is made at once before the bytes are there.
const FIRST_BYTES: usize = 64 << 10;

/// A body of at most `max_bytes`.
pub(crate) async fn read(body: Body, max_bytes: usize, charge: &mut Charge) -> Result<Vec<u8>, Status> {
    let length = http_body::Body::size_hint(&body).exact();
    if length.is_some_and(|length| length > max_bytes as u64) {
        return Err(too_large(max_bytes));
    }
    let expected = length.map_or(0, |length| length as usize);
    in_time(collect(body, expected, max_bytes, charge)).await
}

/// The message of a gRPC call, at most `max_bytes` of it, and whether it is compressed.
pub(crate) async fn read_message(
    body: Body,
    max_bytes: usize,
    charge: &mut Charge,
) -> Result<(bool, Vec<u8>), Status> {
    in_time(collect_message(body, max_bytes, charge)).await
}

async fn in_time<T>(reading: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    timeout(BODY_TIMEOUT, reading).await.unwrap_or_else(|_| {
        let why = format!("the request's body did not come within {} s", BODY_TIMEOUT.as_secs());
        Err(error(ErrorReason::DeadlineExceeded).message(why).into())
    })
}

async fn collect(
    mut body: Body,
    expected: usize,
    max_bytes: usize,
    charge: &mut Charge,
) -> Result<Vec<u8>, Status> {
    let mut collected = Collected::new(expected, charge)?;
    while let Some(data) = next(&mut body).await? {
        if collected.bytes.len() + data.len() > max_bytes {
            return Err(too_large(max_bytes));
        }
        collected.extend(&data)?;
    }
    Ok(collected.bytes)
}

async fn collect_message(
    mut body: Body,
    max_bytes: usize,
    charge: &mut Charge,
) -> Result<(bool, Vec<u8>), Status> {
    let mut prefix = Vec::with_capacity(PREFIX_BYTES);
    let mut rest = bytes::Bytes::new();
    while prefix.len() < PREFIX_BYTES {
        if rest.is_empty() {
            rest = next(&mut body).await?.ok_or_else(|| broken("the call has no request message"))?;
        }
        let taken = rest.split_to(rest.len().min(PREFIX_BYTES - prefix.len()));
        prefix.extend_from_slice(&taken);
    }
    let mut prefix = prefix.as_slice();
    let is_compressed = match prefix.get_u8() {
        flag @ (0 | 1) => flag == 1,
        flag => return Err(broken(&format!("the message's compressed flag is {flag}; 0 and 1 are known"))),
    };
    let length = prefix.get_u32() as usize;
    if length > max_bytes {
        return Err(too_large(max_bytes));
    }
    let mut collected = Collected::new(length, charge)?;
    loop {
        if collected.bytes.len() + rest.len() > length {
            return Err(broken("the call has more than its one request message"));
        }
        collected.extend(&rest)?;
        match next(&mut body).await? {
            Some(data) => rest = data,
            None if collected.bytes.len() == length => return Ok((is_compressed, collected.bytes)),
            None => return Err(broken("the request ended inside of its message")),
        }
    }
}

/// The next bytes of a body.
async fn next(body: &mut Body) -> Result<Option<bytes::Bytes>, Status> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|why| broken(&format!("the request was broken off: {why}")))?;
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// Bytes that have come, with their share of the budget.
struct Collected<'a> {
    bytes: Vec<u8>,
    charge: &'a mut Charge,
}

impl<'a> Collected<'a> {
    /// Makes room for the first of `expected` bytes, for the others when they come.
    fn new(expected: usize, charge: &'a mut Charge) -> Result<Self, Status> {
        let bytes = Vec::with_capacity(expected.min(FIRST_BYTES));
        charge.grow(bytes.capacity())?;
        Ok(Self { bytes, charge })
    }

    fn extend(&mut self, data: &[u8]) -> Result<(), Status> {
        let before = self.bytes.capacity();
        self.bytes.extend_from_slice(data);
        self.charge.grow(self.bytes.capacity() - before)
    }
}

fn broken(why: &str) -> Status {
    error(ErrorReason::InvalidMessage).message(why).into()
}

/// What is told when a request is over its limit, before or after decompression.
pub(crate) fn too_large(max_bytes: usize) -> Status {
    let why =
        format!("at most {max_bytes} bytes are taken, before and after decompression; send smaller batches");
    error(ErrorReason::TooLarge).message(why).into()
}
