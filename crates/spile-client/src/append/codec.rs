//! Sends append requests that are encoded already.

use prost::bytes::BufMut;
use spile_proto::v1::AppendResponse;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use super::batch::Request;

/// Requests are ready bytes, responses are decoded.
#[derive(Debug)]
pub(super) struct AppendCodec;

impl Codec for AppendCodec {
    type Encode = Request;
    type Decode = AppendResponse;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AppendCodec {
    type Item = Request;
    type Error = Status;

    fn encode(&mut self, item: Request, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put(item.head);
        target.put(item.batch);
        Ok(())
    }
}

impl Decoder for AppendCodec {
    type Item = AppendResponse;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<AppendResponse>, Status> {
        prost::Message::decode(source)
            .map(Some)
            .map_err(|error| Status::internal(format!("an acknowledgement cannot be decoded: {error}")))
    }
}
