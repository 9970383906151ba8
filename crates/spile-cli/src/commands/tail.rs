//! `spile tail`.

mod start;
mod view;

use futures_util::FutureExt;
use spile_client::proto::{EndReason, Filter};
use spile_client::{Client, TailEvent, TailStream};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use crate::args::{GlobalArgs, TailArgs};
use crate::connect::{connect, retry_for_a_while, retry_for_ever};
use crate::cursor_file::CursorFile;
use crate::exit::CliError;
use crate::filter::filter;
use crate::notes::Notes;
use start::Start;
use view::View;

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
    let start = Start::new(args, stored);
    let filter = filter(&args.filter)?;
    let client = connect(global).await?;
    let mut tail = open(&client, args, filter, &start);
    let mut view = View::new(global, args, notes, file);
    let outcome = print(&mut tail, &mut view, stop).await;
    // What was printed counts, whatever came then.
    let cursor = tail.cursor().or(start.cursor()).map(str::to_owned);
    let finished = view.finish(cursor.as_deref());
    outcome.and(finished)
}

fn open(client: &Client, args: &TailArgs, filter: Filter, start: &Start) -> TailStream {
    let mut tail = client.tail().stream(&args.filter.stream).matching(filter);
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

/// Prints until the end, an error, or a wish to stop.
async fn print(tail: &mut TailStream, view: &mut View<'_>, stop: &CancellationToken) -> Result<(), CliError> {
    while !stop.is_cancelled() {
        // While there is more, it goes to the buffer; before waiting, the buffer goes out.
        let event = match tail.next().now_or_never() {
            Some(event) => event,
            None => {
                view.pause(tail.cursor())?;
                match wait(tail, view, stop).await? {
                    Some(event) => event,
                    None => continue,
                }
            }
        };
        let Some(event) = event else {
            return Ok(());
        };
        let event = event?;
        view.event(&event)?;
        view.checkpoint(tail.cursor())?;
        if let TailEvent::End(end) = event {
            return match end.reason {
                EndReason::Limit | EndReason::Until | EndReason::EndOfHistory => Ok(()),
                reason => Err(CliError::Ended(reason.as_str_name())),
            };
        }
    }
    Ok(())
}

type Event = Option<Result<TailEvent, spile_client::Error>>;

/// Waits for the next event; `None` when something else was due.
async fn wait(
    tail: &mut TailStream,
    view: &mut View<'_>,
    stop: &CancellationToken,
) -> Result<Option<Event>, CliError> {
    let due = view.due();
    tokio::select! {
        event = tail.next() => Ok(Some(event)),
        () = stop.cancelled() => Ok(None),
        () = async { sleep_until(due.expect("it is only polled with one")).await }, if due.is_some() => {
            view.overdue();
            Ok(None)
        }
    }
}
