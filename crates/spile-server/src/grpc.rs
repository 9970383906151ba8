//! gRPC's message framing, for the calls whose messages are ready bytes.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use prost::Message;
use tonic::codec::{Codec, CompressionEncoding};
use tonic::metadata::MetadataValue;
use tonic::{Code, Status, Streaming};
use tonic_prost::ProstCodec;

use crate::details;
use crate::status::{ErrorReason, error};

/// How request messages may be compressed. The limit of a message holds before and after.
pub(crate) const CODINGS: [CompressionEncoding; 2] = [CompressionEncoding::Gzip, CompressionEncoding::Zstd];

/// Has a generated service take compressed messages, and messages up to a limit.
macro_rules! taking {
    ($service:expr, $max_bytes:expr) => {
        $service
            .max_decoding_message_size($max_bytes)
            .accept_compressed(crate::grpc::CODINGS[0])
            .accept_compressed(crate::grpc::CODINGS[1])
    };
}
pub(crate) use taking;

/// A message's prefix: a compressed flag, and the length as 4 bytes, big-endian.
pub(crate) const PREFIX_BYTES: usize = 5;

/// A buffer that starts with the prefix of a message of `len` bytes and has room for it.
pub(crate) fn start_message(len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(PREFIX_BYTES + len);
    out.push(0);
    out.extend_from_slice(&(len as u32).to_be_bytes());
    out
}

/// A message with its prefix.
pub(crate) fn message(message: &impl Message) -> Bytes {
    let mut out = start_message(message.encoded_len());
    message.encode(&mut out).expect("a Vec grows as needed");
    out.into()
}

/// The one request message of a unary or server-streaming call.
pub(crate) async fn single_request<T: Message + Default + Send + 'static>(
    request: Request<axum::body::Body>,
    max_bytes: usize,
) -> Result<T, Status> {
    let mut requests = request_stream::<T>(request, max_bytes)?;
    let missing = || error(ErrorReason::InvalidMessage).message("the call has no request message");
    requests.message().await.map_err(|status| explain(status, max_bytes))?.ok_or_else(|| missing().into())
}

/// The request messages of a call.
pub(crate) fn request_stream<T: Message + Default + Send + 'static>(
    request: Request<axum::body::Body>,
    max_bytes: usize,
) -> Result<Streaming<T>, Status> {
    let coding = coding_of(request.headers())?;
    let decoder = ProstCodec::<T, T>::default().decoder();
    Ok(Streaming::new_request(decoder, request.into_body(), coding, Some(max_bytes)))
}

/// How the messages of a request are compressed, where they are.
pub(crate) fn coding_of(headers: &HeaderMap) -> Result<Option<CompressionEncoding>, Status> {
    match headers.get("grpc-encoding").map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(None),
        Some(b"gzip") => Ok(Some(CompressionEncoding::Gzip)),
        Some(b"zstd") => Ok(Some(CompressionEncoding::Zstd)),
        Some(other) => {
            let other = String::from_utf8_lossy(&other[..other.len().min(64)]);
            let text = format!("grpc-encoding is {other:?}; gzip, zstd and identity are taken");
            let mut status = error(ErrorReason::UnsupportedCompression).message(text).into_status();
            status
                .metadata_mut()
                .insert("grpc-accept-encoding", MetadataValue::from_static("gzip,zstd,identity"));
            Err(status)
        }
    }
}

/// tonic's errors on reading a request, as the table has them: tonic answers OUT_OF_RANGE to a message that is too large, which
/// clients may take for retryable.
pub(crate) fn explain(status: Status, max_bytes: usize) -> Status {
    match status.code() {
        Code::OutOfRange | Code::ResourceExhausted => {
            error(ErrorReason::TooLarge).message(format!("at most {max_bytes} bytes are taken")).into()
        }
        Code::Internal if details::is_about_decoding(status.message()) => {
            error(ErrorReason::InvalidMessage).message(status.message()).into()
        }
        Code::Unimplemented => error(ErrorReason::UnsupportedCompression).message(status.message()).into(),
        _ => status,
    }
}

/// The response of a streaming call whose body makes its own trailers.
pub(crate) fn streaming_response<B>(headers: HeaderMap, body: B) -> Response<axum::body::Body>
where
    B: http_body::Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
{
    let mut response = Response::new(axum::body::Body::new(body));
    *response.headers_mut() = headers;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}

/// The trailers of a status.
pub(crate) fn trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    if status.add_header(&mut trailers).is_err() {
        // Only a status that is not valid as a header fails, and then its code still counts.
        trailers.clear();
        trailers.insert("grpc-status", HeaderValue::from(status.code() as i32));
    }
    trailers
}
