//! The options of `spile export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::FilterArgs;

const EXAMPLES: &str = "\
Examples:
  spile export -O today.parquet --since today     a day, for DuckDB, pandas or Spark
  spile export --format csv -l error > errors.csv
  spile export -s web | zstd > web.jsonl.zst";

/// Write all that is stored and matches to a file or to standard output
///
/// A file is there when it is complete: it is written beside its place and then renamed. When the connection breaks, the export
/// goes on where it was.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// How to write records [default: by the ending of FILE, else jsonl]
    #[arg(long, value_name = "FORMAT", help_heading = "Where to")]
    pub(crate) format: Option<ExportFormat>,
    /// The file to write [default: standard output]
    #[arg(short = 'O', long, value_name = "FILE", help_heading = "Where to")]
    pub(crate) output_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object a line, as `spile tail -o jsonl` prints it
    Jsonl,
    /// Comma-separated values with a heading (RFC 4180)
    Csv,
    /// Columns, as in the server's segments
    Parquet,
}

impl ExportArgs {
    /// What is asked for, or what the file's name says.
    pub(crate) fn format(&self) -> ExportFormat {
        let ending = self.output_file.as_deref().and_then(|path| path.extension()?.to_str());
        match (self.format, ending.map(str::to_ascii_lowercase).as_deref()) {
            (Some(format), _) => format,
            (None, Some("csv")) => ExportFormat::Csv,
            (None, Some("parquet")) => ExportFormat::Parquet,
            (None, _) => ExportFormat::Jsonl,
        }
    }
}
