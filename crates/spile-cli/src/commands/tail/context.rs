//! `-A`, `-B` and `-C`: the records around those that match.
//!
//! What is stored is asked for in windows: one call for matches whose surroundings touch, none where all records match. Behind the
//! last match of a tail that follows, what arrives is read beside it.

mod fetch;
mod groups;

use futures_util::{StreamExt, TryStreamExt, stream};
use spile_client::proto::Filter;
use spile_client::{Client, TailBatch, TailEvent, TailRecord, TailStream};

use super::view::View;
use crate::args::TailArgs;
use crate::connect::retry_for_ever;
use crate::exit::CliError;
use crate::output::Role;
use fetch::Source;
use groups::{Groups, Window};

/// How many windows are asked for at a time.
const CALLS: usize = 4;

/// The surroundings of a tail's matches.
pub(super) struct Context {
    source: Source,
    filter: Filter,
    groups: Groups,
    /// How many more may match; `None` without a limit.
    left: Option<u64>,
    /// Whether what arrives is waited for, and all that was stored has been told.
    live: bool,
    /// What arrives behind the last match.
    arriving: Option<TailStream>,
}

impl Context {
    /// `None` when it is not asked for.
    pub(super) fn new(client: &Client, args: &TailArgs, filter: &Filter, limit: u64) -> Option<Self> {
        let (before, after) = args.context.around()?;
        Some(Self {
            source: Source::new(client.clone(), args.filter.stream.clone(), args.follow),
            filter: filter.clone(),
            groups: Groups::new(before, after),
            left: (limit > 0).then_some(limit),
            live: false,
            arriving: None,
        })
    }

    /// Prints what an event of the tail brings with it.
    pub(super) async fn event(&mut self, event: &TailEvent, view: &mut View<'_>) -> Result<(), CliError> {
        match event {
            TailEvent::Batch(batch) => self.matches(batch, view).await,
            TailEvent::Progress(mark) => self.nothing_before(mark.next_offset, view).await,
            TailEvent::CaughtUp(mark) => {
                self.live = true;
                self.nothing_before(mark.tail, view).await
            }
            TailEvent::End(_) => self.nothing_before(u64::MAX, view).await,
            _ => Ok(()),
        }
    }

    async fn matches(&mut self, batch: &TailBatch, view: &mut View<'_>) -> Result<(), CliError> {
        // It is behind the tail now.
        self.arriving = None;
        let known = self.groups.next();
        let matches: Vec<TailRecord<'_>> = batch.iter().filter(|record| record.offset >= known).collect();
        let offsets: Vec<u64> = matches.iter().map(|record| record.offset).collect();
        self.count(matches.len());
        let windows = self.groups.around(&offsets);
        let source = &self.source;
        let mut fetched = stream::iter(windows)
            .map(|window| {
                let inside = within(&matches, &window);
                let complete = inside.len() as u64 == window.to - window.from;
                async move {
                    let around = if complete { Vec::new() } else { source.window(&window).await? };
                    Ok::<_, CliError>((window, inside, around))
                }
            })
            .buffered(CALLS);
        while let Some((window, inside, around)) = fetched.try_next().await? {
            print(&window, inside, &around, view)?;
        }
        Ok(())
    }

    /// The tail has told all matches before this offset.
    async fn nothing_before(&mut self, offset: u64, view: &mut View<'_>) -> Result<(), CliError> {
        if let Some(window) = self.groups.owed_before(offset) {
            self.arriving = None;
            let around = self.source.window(&window).await?;
            print(&window, &[], &around, view)?;
        }
        Ok(())
    }

    /// Whether [`arrived`](Self::arrived) has something to wait for.
    pub(super) fn waits(&self) -> bool {
        self.live && self.groups.owed() > 0
    }

    /// Waits for what arrives behind the last match. Cancel-safe.
    pub(super) async fn arrived(&mut self) -> Result<TailBatch, CliError> {
        loop {
            let (source, groups) = (&self.source, &self.groups);
            let arriving = self.arriving.get_or_insert_with(|| {
                let tail = source.tail().from_offset(groups.next()).limit(groups.owed());
                tail.follow().retry(retry_for_ever()).open()
            });
            match arriving.next().await.transpose()? {
                Some(TailEvent::Batch(batch)) => return Ok(batch),
                Some(TailEvent::End(_)) | None => self.arriving = None,
                Some(_) => {}
            }
        }
    }

    /// Prints what arrived. Which of it matches the tail will tell, but maybe later: so it is asked for.
    pub(super) async fn print_arrived(
        &mut self,
        batch: &TailBatch,
        view: &mut View<'_>,
    ) -> Result<(), CliError> {
        let Some(last) = batch.iter().last() else {
            return Ok(());
        };
        let from = self.groups.next();
        let mut matching = self.source.matching(from, last.offset + 1, &self.filter).await?;
        if let Some(left) = self.left {
            matching.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        for record in batch.iter().filter(|record| record.offset >= from) {
            let role =
                if matching.binary_search(&record.offset).is_ok() { Role::Match } else { Role::Context };
            view.record(&record, role)?;
        }
        self.count(matching.len());
        self.groups.advance(last.offset + 1, matching.last().copied());
        // It may be at its limit, which has grown if something matched.
        self.arriving = self.arriving.take().filter(|_| matching.is_empty() && self.groups.owed() > 0);
        Ok(())
    }

    fn count(&mut self, matches: usize) {
        self.left = self.left.map(|left| left.saturating_sub(matches as u64));
    }
}

/// Those of the matches that stand in a window.
fn within<'a, 'b>(matches: &'b [TailRecord<'a>], window: &Window) -> &'b [TailRecord<'a>] {
    let from = matches.partition_point(|record| record.offset < window.from);
    let to = matches.partition_point(|record| record.offset < window.to);
    &matches[from..to]
}

/// Prints a window: its matches, and around them what was fetched.
fn print(
    window: &Window,
    matches: &[TailRecord<'_>],
    around: &[TailBatch],
    view: &mut View<'_>,
) -> Result<(), CliError> {
    if window.apart {
        view.separator()?;
    }
    let mut matches = matches.iter().peekable();
    let around = around.iter().flat_map(TailBatch::iter).take_while(|record| record.offset < window.to);
    for record in around {
        while let Some(matching) = matches.next_if(|matching| matching.offset < record.offset) {
            view.record(matching, Role::Match)?;
        }
        match matches.next_if(|matching| matching.offset == record.offset) {
            Some(matching) => view.record(matching, Role::Match)?,
            None => view.record(&record, Role::Context)?,
        }
    }
    matches.try_for_each(|matching| view.record(matching, Role::Match))
}
