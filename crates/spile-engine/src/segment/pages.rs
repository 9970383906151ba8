//! Where a row group's pages lie, and their checksums: what was read is held against them before it is decoded.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;

use super::SegmentError;
use super::index::ColumnChecksums;

/// A page as it lies in the file.
#[derive(Clone, Copy, Debug)]
struct Page {
    start: u64,
    length: u32,
    crc: u32,
}

/// The pages of a row group, in the file's order.
#[derive(Debug)]
pub(super) struct Pages(Box<[Page]>);

impl Pages {
    /// The pages that the footer names, with the checksums of the index. `None` when the two do not fit.
    pub(super) fn of(parquet: &ParquetMetaData, group: usize, checksums: &[ColumnChecksums]) -> Option<Self> {
        let columns = parquet.row_group(group).columns();
        let locations = parquet.page_index_for_row_group(group);
        if columns.len() != checksums.len() {
            return None;
        }
        let mut pages = Vec::new();
        for (nth, (column, checksums)) in columns.iter().zip(checksums).enumerate() {
            let (start, length) = column.byte_range();
            let mut next = start;
            let mut crcs = checksums.pages.iter().copied();
            let mut add = |next: &mut u64, length: u64, crc: u32| {
                let length = u32::try_from(length).ok()?;
                if length > 0 {
                    pages.push(Page { start: *next, length, crc });
                }
                *next += u64::from(length);
                Some(())
            };
            let data = locations.page_locations(nth)?;
            let first = data.first().map_or(start + length, |page| page.offset as u64);
            add(&mut next, first.checked_sub(start)?, crcs.next()?)?;
            for page in data {
                if page.offset as u64 != next {
                    return None;
                }
                add(&mut next, page.compressed_page_size as u64, crcs.next()?)?;
            }
            if next != start + length || crcs.next().is_some() {
                return None;
            }
        }
        pages.sort_by_key(|page| page.start);
        Some(Self(pages.into()))
    }

    /// Holds bytes that were read against the checksums of the pages in them. Ranges start and end with pages.
    pub(super) fn check(&self, range: &Range<u64>, bytes: &[u8]) -> Result<(), SegmentError> {
        let mut next = range.start;
        let first = self.0.partition_point(|page| page.start < range.start);
        for page in &self.0[first..] {
            if page.start >= range.end {
                break;
            }
            let start = (page.start - range.start) as usize;
            let whole = bytes.get(start..start + page.length as usize);
            let sound =
                page.start == next && whole.is_some_and(|page_bytes| crc32c::crc32c(page_bytes) == page.crc);
            if !sound {
                return Err(SegmentError::damaged(page.start, "a page is damaged"));
            }
            next += u64::from(page.length);
        }
        if next != range.end {
            return Err(SegmentError::damaged(next, "what is read does not end with a page"));
        }
        Ok(())
    }

    /// The whole row group.
    pub(super) fn range(&self) -> Range<u64> {
        let start = self.0.first().map_or(0, |page| page.start);
        start..self.0.last().map_or(start, |page| page.start + u64::from(page.length))
    }
}
