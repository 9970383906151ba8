//! `spile tail`.

mod context;
mod reading;
mod start;
mod view;

use std::time::Duration;

use spile_client::proto::Filter;
use spile_client::{Client, Error, TailStream, is_retryable};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::args::{GlobalArgs, TailArgs};
use crate::connect::{connect, retry_for_a_while, retry_for_ever};
use crate::cursor_file::CursorFile;
use crate::escape::visible;
use crate::exit::CliError;
use crate::filter::filter;
use crate::notes::Notes;
use reading::{NO_STREAM, Reading};
use start::Start;
use view::View;

/// How often it is looked whether a stream is there by now: nothing tells.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(
    global: &GlobalArgs,
    args: &TailArgs,
    notes: &Notes,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    let (file, stored) = match args.cursor_file.as_deref().map(CursorFile::open).transpose()? {
        Some((file, cursor)) => (Some(file), cursor),
        None => (None, None),
    };
    let mut start = Start::new(args, stored);
    let filter = filter(&args.filter)?;
    let client = connect(global).await?;
    let mut view = View::new(global, args, notes, file);
    let mut reading = Reading::open(&client, args, &filter, &start);
    let mut outcome = reading.print(&mut view, stop).await;
    // Whoever follows a stream may be there before its first record.
    if args.follow && start.cursor().is_none() && reading.found_no_stream(&outcome) {
        outcome = wait_for_stream(&client, &args.filter.stream, notes, stop).await;
        if outcome.is_ok() && !stop.is_cancelled() {
            // All that is in it by now has arrived since.
            start = Start::Oldest;
            reading = Reading::open(&client, args, &filter, &start);
            outcome = reading.print(&mut view, stop).await;
        }
    }
    // What was printed counts, whatever came then.
    let cursor = reading.cursor().or(start.cursor());
    let finished = view.finish(cursor);
    outcome.and(finished)
}

/// Looks until the stream is there.
async fn wait_for_stream(
    client: &Client,
    stream: &str,
    notes: &Notes,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    notes.note(&format!("stream {:?} does not exist yet: waiting for its first record", visible(stream)));
    loop {
        tokio::select! {
            () = sleep(LOOK_EVERY) => {}
            () = stop.cancelled() => return Ok(()),
        }
        match client.get_stream(stream).await {
            Ok(_) => return Ok(()),
            Err(error) if error.reason().as_deref() == Some(NO_STREAM) => {}
            Err(Error::Status(status)) if is_retryable(&status) => notes.detail(&status.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The tail that the options ask for.
fn open(client: &Client, args: &TailArgs, filter: &Filter, start: &Start) -> TailStream {
    let mut tail = client.tail().stream(&args.filter.stream).matching(filter.clone());
    tail = start.apply(tail).limit(start.limit(args.limit));
    tail = match args.follow {
        true => tail.follow().retry(retry_for_ever()),
        false => tail.retry(retry_for_a_while()),
    };
    if args.skip_to_live {
        tail = tail.skip_to_live();
    }
    // Nothing of what is stored is nothing in any order.
    if args.reverse && *start != Start::Latest {
        tail = tail.newest_first();
    }
    if args.by_time {
        tail = tail.by_time();
    }
    tail.open()
}
