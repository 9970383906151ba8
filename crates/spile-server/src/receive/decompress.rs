//! Decompresses a request, within its bound and its share of the budget.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use tonic::Status;

use super::body::too_large;
use super::budget::Charge;
use crate::status::{ErrorReason, error};

/// How many bytes are decompressed at a time.
const STEP_BYTES: usize = 64 << 10;

/// The largest window that a zstd frame may ask for, as a power of two: the 8 MiB of RFC 9659.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952, one or several members.
    Gzip,
    /// RFC 1950, which HTTP calls deflate.
    Deflate,
    /// RFC 8878.
    Zstd,
    /// Snappy's block format.
    Snappy,
}

impl Coding {
    /// The coding of this name in HTTP (`content-encoding`) or gRPC (`grpc-encoding`); empty for none.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::Identity),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "zstd" => Some(Self::Zstd),
            "snappy" => Some(Self::Snappy),
            _ => None,
        }
    }
}

/// The bytes that `packed` stands for, at most `max_bytes`.
pub(crate) fn decompress(
    coding: Coding,
    packed: Vec<u8>,
    max_bytes: usize,
    charge: &mut Charge,
) -> Result<Vec<u8>, Status> {
    match coding {
        Coding::Identity => Ok(packed),
        Coding::Gzip => read_all(MultiGzDecoder::new(packed.as_slice()), max_bytes, charge),
        Coding::Deflate => read_all(ZlibDecoder::new(packed.as_slice()), max_bytes, charge),
        Coding::Zstd => {
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(packed.as_slice()).map_err(|why| broken(&why))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|why| broken(&why))?;
            read_all(decoder, max_bytes, charge)
        }
        Coding::Snappy => unsnap(&packed, max_bytes, charge),
    }
}

fn read_all(mut decoder: impl Read, max_bytes: usize, charge: &mut Charge) -> Result<Vec<u8>, Status> {
    let mut out = Vec::new();
    let mut step = vec![0; STEP_BYTES];
    loop {
        let read = decoder.read(&mut step).map_err(|why| broken(&why))?;
        if read == 0 {
            return Ok(out);
        }
        if out.len() + read > max_bytes {
            return Err(too_large(max_bytes));
        }
        let before = out.capacity();
        out.extend_from_slice(&step[..read]);
        charge.grow(out.capacity() - before)?;
    }
}

/// A block of snappy says its length first, which is believed only as far as it can be true.
fn unsnap(packed: &[u8], max_bytes: usize, charge: &mut Charge) -> Result<Vec<u8>, Status> {
    let length = snap::raw::decompress_len(packed).map_err(|why| broken(&why))?;
    if length > max_bytes {
        return Err(too_large(max_bytes));
    }
    charge.grow(length)?;
    snap::raw::Decoder::new().decompress_vec(packed).map_err(|why| broken(&why))
}

fn broken(why: &dyn std::fmt::Display) -> Status {
    error(ErrorReason::InvalidMessage).message(format!("it cannot be decompressed: {why}")).into()
}
