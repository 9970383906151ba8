//! What a tail shows: records on standard output, the rest on standard error, and the cursor in its file.

use std::time::Duration;

use spile_client::{TailEvent, TailRecord};
use tokio::time::Instant;

use crate::args::{Format, GlobalArgs, TailArgs};
use crate::cursor_file::CursorFile;
use crate::exit::CliError;
use crate::gap;
use crate::notes::Notes;
use crate::outage::Outage;
use crate::output::{Clock, Printer, Role, Sink, Target};

/// How far the cursor file may be behind what is printed.
const KEEP_EVERY: Duration = Duration::from_secs(1);

pub(super) struct View<'a> {
    printer: Printer,
    sink: Sink,
    notes: &'a Notes,
    outage: Outage,
    file: Option<CursorFile>,
    /// When the file is to be written next; `None` when it has what is printed.
    keep_at: Option<Instant>,
    show_cursor: bool,
    format: Format,
}

impl<'a> View<'a> {
    pub(super) fn new(
        global: &GlobalArgs,
        args: &TailArgs,
        notes: &'a Notes,
        file: Option<CursorFile>,
    ) -> Self {
        let clock = Clock::new(args.local);
        Self {
            printer: Printer::new(args.output, Target::stdout(global.color), clock),
            sink: Sink::new(),
            notes,
            outage: Outage::default(),
            file,
            keep_at: None,
            show_cursor: args.show_cursor,
            format: args.output,
        }
    }

    pub(super) fn event(&mut self, event: &TailEvent) -> Result<(), CliError> {
        match event {
            TailEvent::Batch(batch) => self.sink.print(|out| self.printer.batch(batch, out))?,
            TailEvent::Gap(gap) => {
                // In the order in which it happened.
                self.sink.flush()?;
                self.notes.note(&gap::describe(gap));
            }
            TailEvent::Reconnecting { wait, cause, .. } => {
                self.notes.detail(&format!("going on in {wait:.1?}: {cause}"));
                self.outage.begin(cause.to_string());
            }
            TailEvent::Reconnected => {
                let was_told = self.outage.end();
                if was_told || self.notes.is_verbose() {
                    self.notes.note("connected again");
                }
            }
            TailEvent::CaughtUp(_) => self.notes.detail("caught up: what follows is live"),
            _ => {}
        }
        Ok(())
    }

    /// One record, among others that are told by what they are.
    pub(super) fn record(&mut self, record: &TailRecord<'_>, role: Role) -> Result<(), CliError> {
        self.sink.print(|out| self.printer.record(record, role, out))
    }

    /// What stands between records that do not follow each other.
    pub(super) fn separator(&mut self) -> Result<(), CliError> {
        self.sink.print(|out| self.printer.separator(out))
    }

    /// Nothing more is there for now: everything goes out.
    pub(super) fn pause(&mut self, cursor: Option<&str>) -> Result<(), CliError> {
        self.sink.flush()?;
        self.keep_when_due(cursor)
    }

    /// Something was printed to the buffer. When the file is due, the buffer goes out first.
    pub(super) fn checkpoint(&mut self, cursor: Option<&str>) -> Result<(), CliError> {
        if let (Some(file), Some(cursor), None) = (&self.file, cursor, self.keep_at)
            && file.lacks(cursor)
        {
            self.keep_at = Some(Instant::now() + KEEP_EVERY);
        }
        if self.keep_at.is_some_and(|at| at <= Instant::now()) {
            self.sink.flush()?;
            self.keep_when_due(cursor)?;
        }
        Ok(())
    }

    fn keep_when_due(&mut self, cursor: Option<&str>) -> Result<(), CliError> {
        if let (Some(file), Some(cursor)) = (&mut self.file, cursor)
            && self.keep_at.is_some_and(|at| at <= Instant::now())
        {
            self.keep_at = None;
            file.write(cursor)?;
        }
        Ok(())
    }

    /// When something is to be done although nothing comes.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.outage.due(), self.keep_at].into_iter().flatten().min()
    }

    /// The time that [`due`](Self::due) gave has come.
    pub(super) fn overdue(&mut self) {
        if let Some(cause) = self.outage.tell() {
            self.notes.note(&format!("connection lost, trying again: {cause}"));
        }
    }

    /// Prints what is left, and keeps and shows the cursor.
    pub(super) fn finish(&mut self, cursor: Option<&str>) -> Result<(), CliError> {
        let Some(cursor) = cursor else {
            return self.sink.flush();
        };
        if self.show_cursor {
            let line = format!("-- cursor: {cursor}\n");
            match self.format {
                Format::Default | Format::Raw => {
                    self.sink.print(|out| out.extend_from_slice(line.as_bytes()))?;
                }
                // It would not be JSON.
                Format::Json | Format::Jsonl => self.notes.note(line.trim_end()),
            }
        }
        self.sink.flush()?;
        self.file.as_mut().map_or(Ok(()), |file| file.write(cursor))
    }
}
