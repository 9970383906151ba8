//! Ends the request stream of an upload with an error when its source has failed.
//!
//! A call that is only dropped is reset with CANCEL, which a server may take for the end of the requests: it would store half a
//! source as if it were the whole. A request that cannot be encoded resets the call with INTERNAL_ERROR, which nobody does.

use prost::Message;
use spile_proto::v1::UploadResponse;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

use super::chunks::Piece;

/// As prost's codec, but for pieces that are failures.
#[derive(Debug)]
pub(super) struct UploadCodec;

impl Codec for UploadCodec {
    type Encode = Piece;
    type Decode = UploadResponse;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for UploadCodec {
    type Item = Piece;
    type Error = Status;

    fn encode(&mut self, item: Piece, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        match item {
            Piece::Request(request) => {
                request.encode(target).map_err(|error| Status::internal(error.to_string()))
            }
            Piece::Failed => Err(Status::aborted("the source of the upload cannot be read")),
        }
    }
}

impl Decoder for UploadCodec {
    type Item = UploadResponse;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<UploadResponse>, Status> {
        UploadResponse::decode(source)
            .map(Some)
            .map_err(|error| Status::internal(format!("the answer cannot be decoded: {error}")))
    }
}
