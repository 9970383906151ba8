//! Makes a segment: records come in offset order, leave clustered by severity, shape, service and resource.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use object_store::path::Path;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{
    EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion,
};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use prost::Message;
use spile_columns::{ColumnsBuilder, Row, column, schema};

use super::index::{ColumnChecksums, GroupIndex, METADATA_KEY, SegmentIndex, ServiceIndex, VERSION};
use super::{GROUP_BYTES, SegmentMeta, WriteError, shape};
use crate::block::SeverityCounts;
use crate::frame::{Frame, Summary};
use crate::limits::SegmentLayout;
use crate::offset::Offset;
use crate::record::{RecordView, Value};
use crate::terms::TermsBuilder;

/// zstd's level for most columns. On pages of like lines it is both faster and smaller than the default, 3 (measured).
const ZSTD_LEVEL: i32 = 1;

/// zstd's level for text: another 3 % of a file less, for a microsecond a record. Levels beyond cost several times that for each further per cent.
const TEXT_ZSTD_LEVEL: i32 = 6;

/// The most bytes of a page before compression: longer bodies make pages of fewer records.
const PAGE_BYTES: usize = 4 << 20;

/// The records of a segment's first row group; each next one has twice as many, up to what the layout says.
const FIRST_GROUP: usize = 2_048;

/// A segment is full at this size of its file.
const FILE_BYTES: usize = 128 << 20;

/// A finished segment.
pub(crate) struct Sealed {
    /// The file.
    pub(crate) bytes: Vec<u8>,
    /// Everything that the manifest says of it.
    pub(crate) meta: SegmentMeta,
}

/// A record on its way into a row group, and what decides where in it.
struct Placing {
    severity: u8,
    service: u32,
    shape: u64,
    /// Place among the index's resources, and 1 more; 0 without one.
    resource: u32,
    frame: Arc<Frame>,
    at: u32,
}

/// A segment in the making. Holds the file and one row group's records in memory.
pub(crate) struct SegmentWriter {
    layout: SegmentLayout,
    file: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    columns: ColumnsBuilder,
    index: SegmentIndex,
    /// Place in `index.resources`, by hash.
    resources: HashMap<u64, u32>,
    /// Place in `index.services`, by name; the first one is that of records without a resource.
    services: HashMap<Box<str>, u32>,
    /// The service of each resource.
    service_of: Vec<u32>,
    group: Vec<Placing>,
    group_bytes: usize,
    /// Behind the last record that was added, or told as lost.
    next: Offset,
    summary: Summary,
    severities: SeverityCounts,
    raw_bytes: u64,
}

impl SegmentWriter {
    /// Begins a segment at an offset.
    pub(crate) fn new(
        stream_id: u64,
        first_offset: Offset,
        layout: SegmentLayout,
    ) -> Result<Self, WriteError> {
        let parquet_schema = parquet::arrow::ArrowSchemaConverter::new().convert(&schema())?;
        let file = SerializedFileWriter::new(
            Vec::new(),
            parquet_schema.root_schema_ptr(),
            Arc::new(properties(layout.page_records)),
        )?;
        let factory = ArrowRowGroupWriterFactory::new(&file, schema());
        let index = SegmentIndex {
            version: VERSION,
            stream_id,
            first_offset: first_offset.0,
            next_offset: first_offset.0,
            page_records: layout.page_records as u32,
            services: vec![ServiceIndex::default()],
            ..SegmentIndex::default()
        };
        Ok(Self {
            layout,
            file,
            factory,
            columns: ColumnsBuilder::default(),
            index,
            resources: HashMap::new(),
            services: HashMap::new(),
            service_of: Vec::new(),
            group: Vec::new(),
            group_bytes: 0,
            next: first_offset,
            summary: Summary::default(),
            severities: SeverityCounts::default(),
            raw_bytes: 0,
        })
    }

    /// Adds the records of a frame from `from` on and before `up_to`. Offsets that are passed over are lost ones.
    pub(crate) fn push(&mut self, frame: &Arc<Frame>, from: Offset, up_to: Offset) -> Result<(), WriteError> {
        for at in frame.index_from(from.max(self.next))..frame.index_from(up_to) {
            let bytes = frame.record_span(at..at + 1).len();
            if self.group.len() >= self.group_records() || self.group_bytes + bytes > GROUP_BYTES {
                self.end_group()?;
            }
            let resource = frame.resource_of(at).map_or(0, |named| self.resource(frame, named) + 1);
            let service = resource.checked_sub(1).map_or(0, |at| self.service_of[at as usize]);
            let severity = frame.severity(at);
            self.next = frame.offset_of(at).plus(1);
            self.group_bytes += bytes;
            self.severities[usize::from(severity)] += 1;
            let shape = shape::of(frame.body(at));
            self.group.push(Placing {
                severity,
                service,
                shape,
                resource,
                frame: Arc::clone(frame),
                at: at as u32,
            });
        }
        Ok(())
    }

    /// Whether it has no record yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.severities.iter().sum::<u64>() == 0
    }

    /// Whether it has as many records, or its file as many bytes, as a segment should.
    pub(crate) fn is_full(&self) -> bool {
        self.severities.iter().sum::<u64>() >= self.layout.segment_records
            || self.file.bytes_written() >= FILE_BYTES
    }

    /// Ends the segment: it covers the offsets before `next_offset`. `name` makes its path of its offsets.
    pub(crate) fn finish(
        mut self,
        next_offset: Offset,
        appended_unix_nano: u64,
        name: impl FnOnce(Offset, Offset) -> Path,
    ) -> Result<Sealed, WriteError> {
        self.next = self.next.max(next_offset);
        self.end_group()?;
        let Self { mut file, mut index, next, .. } = self;
        if let Some(last) = index.groups.last_mut() {
            last.next_offset = next.0;
        }
        index.next_offset = next.0;
        index.appended_unix_nano = appended_unix_nano;
        let encoded = index.encode_to_vec();
        let tail_at = file.bytes_written() as u64;
        file.write_all(&encoded)?;
        let place = format!("{tail_at}:{}:{:08x}", encoded.len(), crc32c::crc32c(&encoded));
        file.append_key_value_metadata(KeyValue::new(METADATA_KEY.to_owned(), place));
        let bytes = file.into_inner()?;
        let (first_offset, next_offset) = (Offset(index.first_offset), next);
        let meta = SegmentMeta {
            path: name(first_offset, next_offset),
            bytes: bytes.len() as u64,
            crc: crc32c::crc32c(&bytes),
            tail_at,
            tail_crc: crc32c::crc32c(&bytes[tail_at as usize..]),
            first_offset,
            next_offset,
            records: self.severities.iter().sum(),
            summary: self.summary,
            severities: self.severities,
            raw_bytes: self.raw_bytes,
            appended_unix_nano,
        };
        Ok(Sealed { bytes, meta })
    }

    /// How many records the next row group has. The first ones are smaller, so that a reader from the start has its first record sooner.
    fn group_records(&self) -> usize {
        let smaller = FIRST_GROUP.saturating_mul(1 << self.index.groups.len().min(16));
        self.layout.group_records.min(smaller)
    }

    /// The place among the index's resources of one that a frame names.
    fn resource(&mut self, frame: &Frame, named: usize) -> u32 {
        let resource = &frame.resources()[named];
        if let Some(&known) = self.resources.get(&resource.hash()) {
            return known;
        }
        let name = match resource.attribute("service.name") {
            Some(Value::Str(name)) => name.into_owned(),
            _ => String::new(),
        };
        let at = self.index.resources.len() as u32;
        let services = &mut self.index.services;
        let service = *self.services.entry(name.into()).or_insert_with(|| {
            services.push(ServiceIndex::default());
            services.len() as u32 - 1
        });
        services[service as usize].resources.push(at);
        self.index.resources.push(resource.encoded().clone());
        self.resources.insert(resource.hash(), at);
        self.service_of.push(service);
        at
    }

    /// Writes the records that wait as a row group.
    fn end_group(&mut self) -> Result<(), WriteError> {
        let first_offset =
            self.index.groups.last().map_or(self.index.first_offset, |group| group.next_offset);
        let mut group = std::mem::take(&mut self.group);
        if group.is_empty() {
            return Ok(());
        }
        let next_offset = self.next.0;
        group.sort_by_key(|row| {
            (Reverse(row.severity), row.shape, row.service, row.resource, row.frame.first_offset(), row.at)
        });
        let mut written = GroupIndex {
            first_offset,
            next_offset,
            raw_bytes: self.group_bytes as u64,
            ..GroupIndex::default()
        };
        let mut summary = Summary::default();
        let mut terms = TermsBuilder::default();
        for (nth, row) in group.iter().enumerate() {
            let (frame, at) = (&row.frame, row.at as usize);
            let record = frame.record(at);
            let resource = frame.resource_of(at).map(|named| &**frame.resources()[named].encoded());
            let offset = frame.offset_of(at).0;
            self.columns.push(Row { offset, message: record.encoded(), resource })?;
            summary.add(frame.time_unix_nano(at), row.severity, frame.body(at).len());
            terms.add(nth / self.layout.page_records, frame.body(at), record.trace_id());
            match written.runs.last_chunk_mut::<3>() {
                Some([severity, service, rows])
                    if *severity == u32::from(row.severity) && *service == row.service =>
                {
                    *rows += 1;
                }
                _ => written.runs.extend([u32::from(row.severity), row.service, 1]),
            }
        }
        self.summary.merge(&summary);
        written.min_time_unix_nano = summary.min_time_unix_nano;
        written.max_time_unix_nano = summary.max_time_unix_nano;
        written.body_bytes = summary.body_bytes;
        written.terms = terms.finish(group.len().div_ceil(self.layout.page_records)).into();
        let batch = self.columns.finish()?;
        let filled =
            batch.columns().iter().enumerate().filter(|(_, values)| values.null_count() < values.len());
        written.columns = filled.fold(0, |columns, (at, _)| columns | 1 << at);
        written.checksums = self.write_columns(&batch)?;
        self.raw_bytes += self.group_bytes as u64;
        self.group_bytes = 0;
        self.index.groups.push(written);
        Ok(())
    }

    /// Writes the columns that are built as a row group, and sums their pages.
    fn write_columns(&mut self, batch: &RecordBatch) -> Result<Vec<ColumnChecksums>, WriteError> {
        let mut writers = self.factory.create_column_writers(self.index.groups.len())?.into_iter();
        let mut chunks: Vec<ArrowColumnChunk> = Vec::with_capacity(column::COUNT);
        for (field, values) in schema().fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, values)? {
                let mut writer = writers.next().expect("there is a writer for each leaf of the schema");
                writer.write(&leaf)?;
                chunks.push(writer.close()?);
            }
        }
        let pages: Vec<Vec<usize>> = chunks.iter().map(page_lengths).collect();
        self.file.flush()?;
        let start = self.file.bytes_written();
        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.file.flush()?;
        let mut written = &self.file.inner()[start..];
        let mut sum = |length: usize| {
            let (page, rest) = written.split_at(length);
            written = rest;
            if page.is_empty() { 0 } else { crc32c::crc32c(page) }
        };
        let checksums = pages
            .into_iter()
            .map(|pages| ColumnChecksums { pages: pages.into_iter().map(&mut sum).collect() });
        Ok(checksums.collect())
    }
}

/// How long a column's dictionary page is (0 without one), then each data page: in this order they lie in the file.
fn page_lengths(chunk: &ArrowColumnChunk) -> Vec<usize> {
    let written = chunk.close();
    let index = written.offset_index.as_ref().expect("the offset index is written for every column");
    let pages = index.page_locations().iter().map(|page| page.compressed_page_size as usize);
    let data: usize = pages.clone().sum();
    let dictionary = written.metadata.compressed_size() as usize - data;
    std::iter::once(dictionary).chain(pages).collect()
}

/// How the columns are laid out.
fn properties(page_records: usize) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_created_by("spile".to_owned())
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(zstd(ZSTD_LEVEL))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(page_records)
        .set_write_batch_size(page_records)
        .set_data_page_size_limit(PAGE_BYTES);
    // The order of severities puts the worst first; nothing else of the order is promised to other readers.
    for at in [column::BODY, column::ATTRIBUTES, column::EXTRA] {
        properties = plain(properties, at).set_column_compression(path(at), zstd(TEXT_ZSTD_LEVEL));
    }
    for at in [column::TRACE_ID, column::SPAN_ID] {
        properties = plain(properties, at);
    }
    for at in [column::OFFSET, column::TIME] {
        let path = path(at);
        properties = properties.set_column_dictionary_enabled(path.clone(), false);
        properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
    }
    properties.build()
}

/// A column whose values hardly repeat, and whose bounds would help nobody.
fn plain(properties: WriterPropertiesBuilder, at: usize) -> WriterPropertiesBuilder {
    let path = path(at);
    properties
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path.clone(), Encoding::PLAIN)
        .set_column_statistics_enabled(path, EnabledStatistics::None)
}

fn zstd(level: i32) -> Compression {
    Compression::ZSTD(ZstdLevel::try_new(level).expect("it is one of zstd's levels"))
}

fn path(at: usize) -> ColumnPath {
    ColumnPath::from(schema().field(at).name().clone())
}
