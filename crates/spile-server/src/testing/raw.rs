//! gRPC calls over a plain h2 client: everything that came back, uninterpreted.

use std::io::Write;

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use http::{HeaderMap, Request};
use prost::Message;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt};

/// What came back from a call.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Option<HeaderMap>,
}

impl Answer {
    /// The gRPC status, from trailers or from headers.
    pub(crate) fn grpc_status(&self) -> Status {
        let trailers = self.trailers.as_ref().unwrap_or(&self.headers);
        Status::from_header_map(trailers).expect("a gRPC answer has a status")
    }

    /// The reason of the status's `ErrorInfo`.
    pub(crate) fn reason(&self) -> String {
        let details: ErrorDetails = self.grpc_status().get_error_details();
        details.error_info().expect("every error has an ErrorInfo").reason.clone()
    }
}

/// A gRPC request to a path, without a body.
pub(crate) fn grpc_request(path: &str) -> http::request::Builder {
    Request::post(format!("http://test{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
}

/// A message with gRPC's prefix.
pub(crate) fn framed(message: &impl Message) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u8(0);
    out.put_u32(u32::try_from(message.encoded_len()).unwrap());
    message.encode(&mut out).unwrap();
    out.freeze()
}

/// A compressed message with gRPC's prefix.
pub(crate) fn compressed(coding: &str, message: &impl Message) -> Bytes {
    let packed = pack(coding, &message.encode_to_vec());
    let mut out = BytesMut::new();
    out.put_u8(1);
    out.put_u32(u32::try_from(packed.len()).unwrap());
    out.extend_from_slice(&packed);
    out.freeze()
}

/// Bytes compressed as a request's header names it; as they are when it is `identity`.
pub(crate) fn pack(coding: &str, bytes: &[u8]) -> Vec<u8> {
    match coding {
        "identity" => bytes.to_vec(),
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        "zstd" => zstd::encode_all(bytes, 3).unwrap(),
        other => panic!("{other} is not known here"),
    }
}

/// Makes a call and reads the answer to its end.
pub(crate) async fn call(
    mut client: SendRequest<Bytes>,
    request: Request<()>,
    body: Bytes,
) -> Result<Answer, h2::Error> {
    let (response, mut sender) = client.send_request(request, body.is_empty())?;
    if !body.is_empty() {
        sender.send_data(body, true)?;
    }
    let (parts, mut stream) = response.await?.into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk?;
        stream.flow_control().release_capacity(chunk.len())?;
        body.extend_from_slice(&chunk);
    }
    let trailers = stream.trailers().await?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, trailers })
}
