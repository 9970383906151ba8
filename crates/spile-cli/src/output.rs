//! How records and tables are printed.

mod clock;
mod json;
mod plain;
mod sink;
mod table;
mod width;

use std::io::{self, IsTerminal};

use clap::ColorChoice;
use spile_client::{TailBatch, TailRecord};

pub(crate) use clock::Clock;
pub(crate) use json::{attributes_json, hex, print_json};
pub(crate) use plain::{service_name, severity_name};
pub(crate) use sink::Sink;
pub(crate) use spile_columns::object::rfc3339;
pub(crate) use table::print_table;
pub(crate) use width::columns;

use crate::args::Format;
use crate::notes::use_colour;
use json::RecordJson;
use plain::Palette;

/// What a printer needs to know of where its output goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    /// Whether log text must be made harmless: a terminal shows it, now or, as colours tell, later.
    pub(crate) guarded: bool,
    pub(crate) coloured: bool,
}

impl Target {
    /// Standard output.
    pub(crate) fn stdout(color: ColorChoice) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let coloured = use_colour(color, is_terminal);
        Self { guarded: is_terminal || coloured, coloured }
    }
}

/// What a record is among those that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing special: only what matches is printed.
    Alone,
    /// It matches, among others that do not.
    Match,
    /// It stands near one that matches.
    Context,
}

/// Prints records in one of the formats.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    target: Target,
    clock: Clock,
    palette: Palette,
}

impl Printer {
    pub(crate) fn new(format: Format, target: Target, clock: Clock) -> Self {
        Self { format, target, clock, palette: Palette::new(target.coloured) }
    }

    /// Appends the lines of a batch.
    pub(crate) fn batch(&self, batch: &TailBatch, out: &mut Vec<u8>) {
        for record in batch.iter() {
            self.record(&record, Role::Alone, out);
        }
    }

    /// Appends the line, or lines, of a record.
    pub(crate) fn record(&self, record: &TailRecord<'_>, role: Role, out: &mut Vec<u8>) {
        match self.format {
            Format::Default => plain::line(record, role, self.target, &self.clock, &self.palette, out),
            Format::Raw => plain::raw(record.record, self.target, out),
            Format::Json => print_json(&RecordJson::new(record, role), true, self.target, out),
            Format::Jsonl => print_json(&RecordJson::new(record, role), false, self.target, out),
        }
    }

    /// Appends what stands between records that do not follow each other; nothing where it would not be JSON.
    pub(crate) fn separator(&self, out: &mut Vec<u8>) {
        match self.format {
            Format::Default | Format::Raw => out.extend_from_slice(b"--\n"),
            Format::Json | Format::Jsonl => {}
        }
    }
}

/// All of a record as indented JSON.
pub(crate) fn pretty_record(record: &TailRecord<'_>, target: Target) -> String {
    let mut out = Vec::new();
    print_json(&RecordJson::new(record, Role::Alone), true, target, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
