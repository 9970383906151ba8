//! Reads the rows of a row group that a filter may match.
//!
//! First the few columns that can refuse rows (body, time, resource), then, of the rows that are left, everything that a record is made of. The
//! frames that come out are asked once more, as all frames are: what is decided here need only never refuse a match.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch};
use bytes::Bytes;
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::arrow::push_decoder::ParquetPushDecoderBuilder;
use spile_columns::{RecordRows, column};

use super::SegmentError;
use super::open::{Group, OpenSegment};
use super::rows;
use super::select::Candidates;
use crate::filter::Filter;
use crate::frame::Frame;

/// Gets ranges of a segment's file.
pub(crate) type Fetch<'a> = dyn Fn(&[Range<u64>]) -> Result<Vec<Bytes>, SegmentError> + 'a;

/// What was read of a row group: frames by ascending offset.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) frames: Vec<Arc<Frame>>,
    /// Memory that the frames take, bytes.
    pub(crate) memory_bytes: usize,
}

/// One read of a row group.
struct Read<'a> {
    segment: &'a OpenSegment,
    nth: usize,
    group: &'a Group,
    fetch: &'a Fetch<'a>,
}

impl OpenSegment {
    /// Whether a filter may match anything in a group; and if so, whether the group is better read as a whole: then others can share it.
    pub(crate) fn worth_reading(&self, nth: usize, filter: &Filter) -> Option<bool> {
        let group = &self.groups[nth];
        if filter.is_all() {
            return Some(true);
        }
        let candidates = self.candidates(group, filter).len();
        let whole = filter.narrow().is_none() && candidates * 2 > group.records() as usize;
        (candidates > 0).then_some(whole)
    }

    /// The frames of the rows that a filter may match.
    pub(crate) fn read_group(
        &self,
        nth: usize,
        filter: &Filter,
        fetch: &Fetch<'_>,
    ) -> Result<Rows, SegmentError> {
        let group = &self.groups[nth];
        let candidates = self.candidates(group, filter);
        let read = Read { segment: self, nth, group, fetch };
        let rows = read.narrow(candidates, filter)?;
        // A column that is null in every row need not be read to know it.
        let filled: Vec<_> =
            RecordRows::NEEDED.into_iter().filter(|at| group.index.columns >> at & 1 != 0).collect();
        let Some(batch) = read.columns(&filled, rows)? else {
            return Ok(Rows::default());
        };
        let damaged = || read.damaged("the columns are not those of records");
        let frames = RecordRows::of(&batch).and_then(|rows| rows::frames(self, &rows)).ok_or_else(damaged)?;
        let memory_bytes = frames.iter().map(|frame| frame.memory_bytes()).sum();
        Ok(Rows { frames, memory_bytes })
    }

    /// Reads a group's bytes and holds every page against its checksum. Returns how many there are.
    pub(crate) fn verify_group(&self, nth: usize, fetch: &Fetch<'_>) -> Result<u64, SegmentError> {
        let pages = &self.groups[nth].pages;
        let range = pages.range();
        for bytes in fetch(std::slice::from_ref(&range))? {
            pages.check(&range, &bytes)?;
        }
        Ok(range.end - range.start)
    }
}

impl Read<'_> {
    /// The candidates that the cheap columns do not refuse.
    fn narrow(&self, candidates: Candidates, filter: &Filter) -> Result<Vec<Range<usize>>, SegmentError> {
        let search = filter.narrow();
        let mut columns = Vec::new();
        columns.extend(search.is_some().then_some(column::BODY));
        columns.extend(candidates.by_time.then_some(column::TIME));
        columns.extend(candidates.by_resource.then_some(column::RESOURCE_HASH));
        if columns.is_empty() {
            return Ok(candidates.rows);
        }
        let Some(batch) = self.columns(&columns, candidates.rows.clone())? else { return Ok(Vec::new()) };
        let mut kept: Vec<u32> = match &search {
            None => (0..batch.num_rows() as u32).collect(),
            Some(search) => {
                let bodies = named(&batch, "body").and_then(|column| column.as_string_opt::<i32>());
                let bodies = bodies.ok_or_else(|| self.damaged("column body is not text"))?;
                let mut kept = Vec::new();
                search.find(bodies.value_data(), bodies.value_offsets(), &mut kept);
                kept
            }
        };
        if candidates.by_time {
            let times = named(&batch, "time").and_then(|c| c.as_primitive_opt::<TimestampNanosecondType>());
            let times = times.ok_or_else(|| self.damaged("column time is not a time"))?;
            let wanted = filter.min_time_unix_nano()..=filter.max_time_unix_nano();
            kept.retain(|&row| wanted.contains(&(times.value(row as usize) as u64)));
        }
        if candidates.by_resource {
            let hashes = named(&batch, "resource_hash").and_then(|c| c.as_primitive_opt::<UInt64Type>());
            let hashes = hashes.ok_or_else(|| self.damaged("column resource_hash is not a number"))?;
            let mut last = (None, false);
            kept.retain(|&row| {
                let hash = hashes.is_valid(row as usize).then(|| hashes.value(row as usize));
                if last.0 != Some(hash) {
                    let resource = hash.and_then(|hash| self.segment.resources.get(&hash));
                    last = (Some(hash), filter.resource_matches(resource.map(|resource| &**resource)));
                }
                last.1
            });
        }
        Ok(map_back(&candidates.rows, &kept))
    }

    /// Some columns of some rows; `None` when there is no row.
    fn columns(
        &self,
        columns: &[usize],
        rows: Vec<Range<usize>>,
    ) -> Result<Option<RecordBatch>, SegmentError> {
        let all = self.group.records() as usize;
        let wanted: usize = rows.iter().map(Range::len).sum();
        if wanted == 0 {
            return Ok(None);
        }
        let parquet = &self.segment.parquet;
        let mask = ProjectionMask::leaves(parquet.parquet_schema(), columns.iter().copied());
        let mut builder = ParquetPushDecoderBuilder::new_with_metadata(parquet.clone())
            .with_row_groups(vec![self.nth])
            .with_projection(mask)
            .with_batch_size(wanted);
        if wanted < all {
            builder =
                builder.with_row_selection(RowSelection::from_consecutive_ranges(rows.into_iter(), all));
        }
        let start = self.group.pages.range().start;
        let undecodable = || SegmentError::damaged(start, "the columns cannot be decoded");
        let mut decoder = builder.build().map_err(|_| undecodable())?;
        loop {
            match decoder.try_decode().map_err(|_| undecodable())? {
                DecodeResult::NeedsData(ranges) => {
                    let bytes = (self.fetch)(&ranges)?;
                    for (range, bytes) in ranges.iter().zip(&bytes) {
                        self.group.pages.check(range, bytes)?;
                    }
                    decoder.push_ranges(ranges, bytes).map_err(|_| undecodable())?;
                }
                DecodeResult::Data(batch) if batch.num_rows() == wanted => return Ok(Some(batch)),
                _ => return Err(self.damaged("the columns have another number of rows")),
            }
        }
    }

    fn damaged(&self, reason: &'static str) -> SegmentError {
        SegmentError::damaged(self.group.pages.range().start, reason)
    }
}

fn named<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a Arc<dyn Array>> {
    batch.column_by_name(name)
}

/// Of the rows of a batch, read from ranges of rows of the group, the ranges of rows of the group.
fn map_back(ranges: &[Range<usize>], kept: &[u32]) -> Vec<Range<usize>> {
    let mut rows: Vec<Range<usize>> = Vec::new();
    let mut ranges = ranges.iter();
    let (mut range, mut start) = (0..0, 0);
    for &at in kept {
        let at = at as usize;
        while at - start >= range.len() {
            start += range.len();
            range = ranges.next().expect("rows of a batch come from its ranges").clone();
        }
        let row = range.start + (at - start);
        match rows.last_mut() {
            Some(last) if last.end == row => last.end += 1,
            _ => rows.push(row..row + 1),
        }
    }
    rows
}
