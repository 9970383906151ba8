//! Records as Parquet, with the columns of the server's segments. A row group is written when it is full, so that memory is bounded.

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use prost::Message;
use spile_client::TailBatch;
use spile_columns::{ColumnsBuilder, Row, schema};

use crate::exit::CliError;

/// Rows of a row group, as in segments.
const GROUP_ROWS: usize = 32_768;
/// Encoded bytes of a row group, so that one of large records does not fill the memory.
const GROUP_BYTES: usize = 64 << 20;

/// A Parquet file in the making.
pub(super) struct Parquet {
    builder: ColumnsBuilder,
    writer: ArrowWriter<Vec<u8>>,
    /// Encoded bytes of what the builder holds.
    bytes: usize,
    /// A record's and a resource's messages.
    message: Vec<u8>,
    resource: Vec<u8>,
}

impl std::fmt::Debug for Parquet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parquet").field("rows", &self.builder.rows()).finish_non_exhaustive()
    }
}

impl Parquet {
    pub(super) fn new() -> Result<Self, CliError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by(concat!("spile ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = ArrowWriter::try_new(Vec::new(), schema(), Some(properties))?;
        Ok(Self {
            builder: ColumnsBuilder::default(),
            writer,
            bytes: 0,
            message: Vec::new(),
            resource: Vec::new(),
        })
    }

    pub(super) fn batch(&mut self, batch: &TailBatch, out: &mut Vec<u8>) -> Result<(), CliError> {
        for record in batch.iter() {
            self.message.clear();
            record.record.encode(&mut self.message).expect("a Vec takes everything");
            self.resource.clear();
            record.resource.encode(&mut self.resource).expect("a Vec takes everything");
            let resource = (record.record.resource_hash != 0).then_some(self.resource.as_slice());
            let row = Row { offset: record.offset, message: &self.message, resource };
            self.builder.push(row)?;
            self.bytes += self.message.len();
            if self.builder.rows() >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
                self.write_group(out)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), CliError> {
        if self.builder.rows() > 0 {
            self.write_group(out)?;
        }
        self.writer.finish()?;
        out.append(self.writer.inner_mut());
        Ok(())
    }

    fn write_group(&mut self, out: &mut Vec<u8>) -> Result<(), CliError> {
        let rows = self.builder.finish()?;
        self.writer.write(&rows).and_then(|()| self.writer.flush())?;
        self.bytes = 0;
        // The writer counts what it has written for itself.
        out.append(self.writer.inner_mut());
        Ok(())
    }
}
