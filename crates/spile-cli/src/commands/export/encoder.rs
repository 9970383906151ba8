//! Records as the bytes of an export, in one of its formats.

use spile_client::TailBatch;

use super::csv;
use super::parquet::Parquet;
use crate::args::{ExportFormat, Format};
use crate::exit::CliError;
use crate::output::{Clock, Printer, Target};

/// Makes the bytes of an export, a batch at a time.
#[derive(Debug)]
pub(super) enum Encoder {
    Jsonl(Box<Printer>),
    Csv(Target),
    Parquet(Box<Parquet>),
}

impl Encoder {
    pub(super) fn new(format: ExportFormat, target: Target) -> Result<Self, CliError> {
        match format {
            ExportFormat::Jsonl => {
                let printer = Printer::new(Format::Jsonl, target, Clock::new(false));
                Ok(Self::Jsonl(Box::new(printer)))
            }
            ExportFormat::Csv => Ok(Self::Csv(target)),
            ExportFormat::Parquet => Ok(Self::Parquet(Box::new(Parquet::new()?))),
        }
    }

    /// Appends what stands before all records.
    pub(super) fn begin(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Csv(_) => csv::heading(out),
            Self::Jsonl(_) | Self::Parquet(_) => {}
        }
    }

    /// Appends records, or keeps them until there are enough to be written together.
    pub(super) fn batch(&mut self, batch: &TailBatch, out: &mut Vec<u8>) -> Result<(), CliError> {
        match self {
            Self::Jsonl(printer) => printer.batch(batch, out),
            Self::Csv(target) => batch.iter().for_each(|record| csv::row(&record, *target, out)),
            Self::Parquet(parquet) => parquet.batch(batch, out)?,
        }
        Ok(())
    }

    /// Appends what is left, and the end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), CliError> {
        match self {
            Self::Parquet(parquet) => parquet.finish(out),
            Self::Jsonl(_) | Self::Csv(_) => Ok(()),
        }
    }
}
