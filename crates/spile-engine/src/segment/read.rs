//! Reads the rows of a row group that a filter may match.
//!
//! First the few columns that can refuse rows (body, time, resource), then, of the rows that are left, everything that a record is made of. The
//! frames that come out are asked once more, as all frames are: what is decided here need only never refuse a match.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch, StringArray};
use arrow_schema::Schema;
use bytes::Bytes;
use parquet::DecodeResult;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::RowSelection;
use parquet::arrow::push_decoder::ParquetPushDecoderBuilder;
use spile_columns::{RecordRows, column, schema};

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

/// What of a row group is worth reading.
pub(crate) enum Worth {
    /// All of it: then others can share it.
    Whole,
    /// Rows that the filter may match.
    Rows(Candidates),
}

/// The rows that are left.
struct Narrowed {
    rows: Vec<Range<usize>>,
    /// Their bodies, if those had to be read.
    bodies: Option<Arc<dyn Array>>,
}

/// One read of a row group.
struct Read<'a> {
    segment: &'a OpenSegment,
    nth: usize,
    group: &'a Group,
    fetch: &'a Fetch<'a>,
}

impl OpenSegment {
    /// What of a group is worth reading for a filter; `None` when it matches nothing there.
    pub(crate) fn worth_reading(&self, nth: usize, filter: &Filter) -> Option<Worth> {
        if filter.is_all() {
            return Some(Worth::Whole);
        }
        let group = &self.groups[nth];
        let candidates = self.candidates(group, filter);
        let (rows, all) = (candidates.len(), group.records() as usize);
        let whole = filter.narrow().is_none() && rows * 2 > all;
        (rows > 0).then_some(if whole { Worth::Whole } else { Worth::Rows(candidates) })
    }

    /// The frames of what is worth reading of a group; of rows, those that the filter may match.
    pub(crate) fn read_group(
        &self,
        nth: usize,
        worth: &Worth,
        filter: &Filter,
        fetch: &Fetch<'_>,
    ) -> Result<Rows, SegmentError> {
        let read = self.start_read(nth, fetch);
        let narrowed = match worth {
            Worth::Whole => {
                Narrowed { rows: std::iter::once(0..read.group.records() as usize).collect(), bodies: None }
            }
            Worth::Rows(candidates) => read.narrow(candidates, filter)?,
        };
        let Some(batch) = read.records(narrowed)? else { return Ok(Rows::default()) };
        let damaged = || read.damaged("the columns are not those of records");
        let frames = RecordRows::of(&batch).and_then(|rows| rows::frames(self, &rows)).ok_or_else(damaged)?;
        let memory_bytes = frames.iter().map(|frame| frame.memory_bytes()).sum();
        Ok(Rows { frames, memory_bytes })
    }

    /// The severity and time, Unix nanoseconds, of each record of a group that a filter matches, if the index alone tells which those are. Reads times
    /// alone.
    pub(crate) fn times(
        &self,
        nth: usize,
        filter: &Filter,
        fetch: &Fetch<'_>,
    ) -> Result<Option<Vec<(u8, u64)>>, SegmentError> {
        let read = self.start_read(nth, fetch);
        let Some(Candidates { rows, .. }) = self.decided(read.group, filter) else { return Ok(None) };
        let Some(batch) = read.columns(&[column::TIME], rows.clone())? else { return Ok(Some(Vec::new())) };
        let times = read.times(&batch)?;
        let mut runs = read.group.index.runs();
        let (mut severity, mut end) = (0, 0);
        let severities = rows.into_iter().flatten().map(|row| {
            while row >= end {
                let run = runs.next().expect("runs cover the rows of their group");
                (severity, end) = (run.severity, end + run.rows as usize);
            }
            severity
        });
        Ok(Some(severities.zip(times.iter().map(|&time| time as u64)).collect()))
    }

    fn start_read<'a>(&'a self, nth: usize, fetch: &'a Fetch<'a>) -> Read<'a> {
        Read { segment: self, nth, group: &self.groups[nth], fetch }
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
    fn narrow(&self, candidates: &Candidates, filter: &Filter) -> Result<Narrowed, SegmentError> {
        let search = filter.narrow();
        let mut columns = Vec::new();
        columns.extend(search.is_some().then_some(column::BODY));
        columns.extend(candidates.by_time.then_some(column::TIME));
        columns.extend(candidates.by_resource.then_some(column::RESOURCE_HASH));
        if columns.is_empty() {
            return Ok(Narrowed { rows: candidates.rows.clone(), bodies: None });
        }
        let Some(batch) = self.columns(&columns, candidates.rows.clone())? else {
            return Ok(Narrowed { rows: Vec::new(), bodies: None });
        };
        let mut kept: Vec<u32> = match &search {
            None => (0..batch.num_rows() as u32).collect(),
            Some(search) => {
                let bodies = batch.column_by_name("body").and_then(|column| column.as_string_opt::<i32>());
                let bodies = bodies.ok_or_else(|| self.damaged("column body is not text"))?;
                let mut kept = Vec::new();
                search.find(bodies.value_data(), bodies.value_offsets(), &mut kept);
                kept
            }
        };
        if candidates.by_time {
            let times = self.times(&batch)?;
            let wanted = filter.min_time_unix_nano()..=filter.max_time_unix_nano();
            kept.retain(|&row| wanted.contains(&(times[row as usize] as u64)));
        }
        if candidates.by_resource {
            let hashes =
                batch.column_by_name("resource_hash").and_then(|c| c.as_primitive_opt::<UInt64Type>());
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
        let bodies = batch.column_by_name("body").map(|column| kept_bodies(column, &kept));
        Ok(Narrowed { rows: map_back(&candidates.rows, &kept), bodies })
    }

    /// Everything that the records of some rows are made of.
    fn records(&self, narrowed: Narrowed) -> Result<Option<RecordBatch>, SegmentError> {
        let Narrowed { rows, bodies } = narrowed;
        let wanted = |at: &usize| {
            // A column that is null in every row need not be read to know it, and bodies that were decompressed once need not be again.
            self.group.index.columns >> at & 1 != 0 && (bodies.is_none() || *at != column::BODY)
        };
        let columns: Vec<_> = RecordRows::NEEDED.into_iter().filter(wanted).collect();
        let batch = self.columns(&columns, rows)?;
        let (Some(batch), Some(bodies)) = (&batch, bodies) else { return Ok(batch) };
        let body = Arc::new(schema().field(column::BODY).clone());
        let fields: Vec<_> = batch.schema().fields().iter().cloned().chain([body]).collect();
        let columns = batch.columns().iter().cloned().chain([bodies]).collect();
        let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns);
        whole.map(Some).map_err(|_| self.damaged("the columns have different numbers of rows"))
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

    /// The column of times, Unix nanoseconds; behind the year 2262 they are negative.
    fn times<'b>(&self, batch: &'b RecordBatch) -> Result<&'b [i64], SegmentError> {
        let times =
            batch.column_by_name("time").and_then(|c| c.as_primitive_opt::<TimestampNanosecondType>());
        Ok(times.ok_or_else(|| self.damaged("column time is not a time"))?.values())
    }

    fn damaged(&self, reason: &'static str) -> SegmentError {
        SegmentError::damaged(self.group.pages.range().start, reason)
    }
}

/// The bodies of some rows.
fn kept_bodies(bodies: &Arc<dyn Array>, kept: &[u32]) -> Arc<dyn Array> {
    let bodies = bodies.as_string::<i32>();
    Arc::new(StringArray::from_iter_values(kept.iter().map(|&row| bodies.value(row as usize))))
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
