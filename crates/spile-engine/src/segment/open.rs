//! A segment whose index and footer are in memory: what is needed to decide which bytes of it are worth reading.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::DecodeResult;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataPushDecoder};
use spile_columns::schema;

use super::index::{GroupIndex, METADATA_KEY, SegmentIndex};
use super::pages::Pages;
use super::{SegmentError, SegmentMeta};
use crate::block::SeverityCounts;
use crate::frame::Summary;
use crate::offset::Offset;
use crate::resource::ResourceDef;
use crate::terms::{MAX_PAGES, Terms};

/// How much memory the parsed form of an index, but for its terms, and of a footer takes beside their bytes, about.
const PARSED_FACTOR: usize = 2;

/// A segment, ready to be read.
pub(crate) struct OpenSegment {
    pub(super) meta: Arc<SegmentMeta>,
    pub(super) parquet: ArrowReaderMetadata,
    pub(super) resources: HashMap<u64, Arc<ResourceDef>>,
    /// The resources of each service.
    pub(super) services: Vec<Vec<Arc<ResourceDef>>>,
    pub(super) groups: Vec<Group>,
    /// How many rows a page of words has.
    pub(super) page_records: usize,
    memory_bytes: usize,
}

/// A row group, ready to be read.
pub(crate) struct Group {
    pub(super) index: GroupIndex,
    pub(super) terms: Terms,
    /// Where its pages lie, with their checksums.
    pub(super) pages: Pages,
    summary: Summary,
}

impl OpenSegment {
    /// Which bytes of the file are needed to open it.
    pub(crate) fn tail_range(meta: &SegmentMeta) -> Range<u64> {
        meta.tail_at..meta.bytes
    }

    /// Opens a segment with the bytes of its tail.
    pub(crate) fn open(meta: Arc<SegmentMeta>, stream_id: u64, tail: &Bytes) -> Result<Self, SegmentError> {
        let damaged = |reason| SegmentError::damaged(meta.tail_at, reason);
        if tail.len() as u64 != meta.bytes - meta.tail_at || crc32c::crc32c(tail) != meta.tail_crc {
            return Err(damaged("the index or the footer is damaged"));
        }
        let parquet =
            footer(&meta, tail).ok_or_else(|| damaged("the footer is not one that was written here"))?;
        let index = index(&meta, &parquet, tail)
            .ok_or_else(|| damaged("the index is not one that was written here"))?;
        let agrees = index.stream_id == stream_id
            && index.first_offset == meta.first_offset.0
            && index.next_offset == meta.next_offset.0
            && index.groups.len() == parquet.num_row_groups();
        if !agrees {
            return Err(damaged("the file is of another stream, or of other offsets"));
        }
        let page_records = index.page_records as usize;
        let known = index.resources.into_iter().map(ResourceDef::trusted).collect::<Option<Vec<_>>>();
        let known = known.ok_or_else(|| damaged("the index has a resource without a name"))?;
        let of_service = |service: super::index::ServiceIndex| {
            service.resources.iter().map(|&at| Arc::clone(&known[at as usize])).collect()
        };
        let services = index.services.into_iter().map(of_service).collect();
        let groups: Option<Vec<_>> = index
            .groups
            .into_iter()
            .enumerate()
            .map(|(nth, group)| Group::open(&parquet, nth, group, page_records))
            .collect();
        let groups = groups.ok_or_else(|| damaged("the index does not fit the footer"))?;
        let parquet =
            ArrowReaderMetadata::try_new(Arc::new(parquet), ArrowReaderOptions::new().with_schema(schema()))
                .map_err(|_| damaged("the file has other columns than these"))?;
        let resources = known.into_iter().map(|resource| (resource.hash(), resource)).collect();
        // Terms are most of a tail, and lie where they were read.
        let terms: usize = groups.iter().map(|group| group.terms.memory_bytes()).sum();
        let memory_bytes = tail.len() + tail.len().saturating_sub(terms) * PARSED_FACTOR;
        Ok(Self { meta, parquet, resources, services, groups, page_records, memory_bytes })
    }

    /// What the manifest says of it.
    pub(crate) fn meta(&self) -> &Arc<SegmentMeta> {
        &self.meta
    }

    /// Its row groups, in the order of offsets.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The last row group that starts at or before an offset.
    pub(crate) fn group_of(&self, offset: Offset) -> Option<usize> {
        self.groups.partition_point(|group| group.first_offset() <= offset).checked_sub(1)
    }

    /// Bytes of memory that it takes, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

impl Group {
    fn open(parquet: &ParquetMetaData, nth: usize, index: GroupIndex, page_records: usize) -> Option<Self> {
        let records = index.records();
        let rows = usize::try_from(records).ok()?;
        if rows.div_ceil(page_records) > MAX_PAGES {
            return None;
        }
        if parquet.row_group(nth).num_rows() != i64::try_from(records).ok()? {
            return None;
        }
        let pages = Pages::of(parquet, nth, &index.checksums)?;
        let terms = Terms::read(index.terms.clone(), rows.div_ceil(page_records)).ok()?;
        let severities = index.runs().fold(0, |bits, run| bits | 1 << run.severity);
        let summary = Summary {
            min_time_unix_nano: index.min_time_unix_nano,
            max_time_unix_nano: index.max_time_unix_nano,
            severities,
            body_bytes: index.body_bytes,
        };
        Some(Self { index, terms, pages, summary })
    }

    /// Bounds over its records.
    pub(crate) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The first offset that it covers.
    pub(crate) fn first_offset(&self) -> Offset {
        Offset(self.index.first_offset)
    }

    /// Behind the last offset that it covers.
    pub(crate) fn next_offset(&self) -> Offset {
        Offset(self.index.next_offset)
    }

    /// How many records it has.
    pub(crate) fn records(&self) -> u64 {
        self.index.records()
    }

    /// How many records have each severity number.
    pub(crate) fn severities(&self) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        self.index.runs().for_each(|run| counts[usize::from(run.severity)] += u64::from(run.rows));
        counts
    }
}

fn footer(meta: &SegmentMeta, tail: &Bytes) -> Option<ParquetMetaData> {
    let decoder = ParquetMetaDataPushDecoder::try_new(meta.bytes).ok()?;
    let mut decoder = decoder
        .with_column_index_policy(PageIndexPolicy::Skip)
        .with_offset_index_policy(PageIndexPolicy::Required);
    decoder.push_range(OpenSegment::tail_range(meta), tail.clone()).ok()?;
    match decoder.try_decode().ok()? {
        DecodeResult::Data(parquet) => Some(parquet),
        _ => None,
    }
}

fn index(meta: &SegmentMeta, parquet: &ParquetMetaData, tail: &Bytes) -> Option<SegmentIndex> {
    let metadata = parquet.file_metadata().key_value_metadata()?;
    let place = metadata.iter().find(|pair| pair.key == METADATA_KEY)?.value.as_deref()?;
    let mut parts = place.split(':');
    let at: u64 = parts.next()?.parse().ok()?;
    let length: usize = parts.next()?.parse().ok()?;
    let crc = u32::from_str_radix(parts.next()?, 16).ok()?;
    let bytes = (at == meta.tail_at && length <= tail.len()).then(|| tail.slice(..length))?;
    (crc32c::crc32c(&bytes) == crc).then(|| SegmentIndex::read(bytes)).flatten()
}
