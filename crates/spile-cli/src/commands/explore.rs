//! `spile explore`: a viewer on the terminal, over a session.
//!
//! `model` is what is shown and how it changes, `view` draws it, `screen` is the terminal; here they meet with keys, signals and the session.

mod model;
mod screen;
mod view;

use std::io::{self, IsTerminal};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::{FutureExt, StreamExt};
use rustix::process::{Signal as Raised, getpid, kill_process};
use spile_client::proto::StreamInfo;
use spile_client::{Client, Error, ExploreEvent, Explorer};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::args::{ExploreArgs, GlobalArgs};
use crate::connect::{connect, retry_for_ever};
use crate::exit::CliError;
use crate::filter::filter;
use crate::notes::use_colour;
use model::spec::Spec;
use model::{Input, Model, Outcome, Place, Times};
use screen::Screen;
use view::{Styles, View};

/// The screen is drawn at most so often: what comes in between is taken in first.
const FRAME: Duration = Duration::from_millis(33);

pub(super) async fn run(
    global: &GlobalArgs,
    args: &ExploreArgs,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        let why = "spile explore needs a terminal; spile tail prints records anywhere";
        return Err(CliError::Usage(why.to_owned()));
    }
    let place = args.at.as_deref().map(Place::parse).transpose();
    let place = place.map_err(|why| CliError::Usage(format!("--at: {why}")))?;
    let spec = Spec::new(args.filter.stream.clone(), filter(&args.filter)?, args.skip_to_live);
    let client = connect(global).await?;
    let times = if args.local { Times::Local } else { Times::Utc };
    let model = Model::new(spec, times, now());
    let view = View::new(Styles::new(use_colour(global.color, true)));
    // What is left unread while it is paused must not take the window of other calls.
    let explorer = client.separate().explore().retry(retry_for_ever()).open();
    let screen = Screen::open().map_err(CliError::Output)?;
    let signals = Signals::new().map_err(CliError::Start)?;
    let mut viewer = Viewer { model, view, explorer, screen, client, looking: JoinSet::new() };
    viewer.begin(args, place)?;
    viewer.show(signals, stop).await
}

/// Signals that concern the terminal.
struct Signals {
    suspend: Signal,
    resumed: Signal,
    second: Interval,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let mut second = interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            suspend: signal(SignalKind::from_raw(Raised::TSTP.as_raw()))?,
            resumed: signal(SignalKind::from_raw(Raised::CONT.as_raw()))?,
            second,
        })
    }
}

struct Viewer {
    model: Model,
    view: View,
    explorer: Explorer,
    screen: Screen,
    client: Client,
    /// The list of streams on its way.
    looking: JoinSet<Result<Vec<StreamInfo>, Error>>,
}

/// What woke the viewer.
enum Woken {
    Told(Option<Result<ExploreEvent, Error>>),
    Typed(Option<io::Result<Event>>),
    Input(Input),
    Suspend,
    Resumed,
    Draw,
    Stop,
}

impl Viewer {
    fn begin(&mut self, args: &ExploreArgs, place: Option<Place>) -> Result<(), CliError> {
        let size = self.screen.terminal.size().map_err(CliError::Output)?;
        (self.model.columns, self.model.rows) = (size.width, size.height);
        match (place, &args.after_cursor) {
            (Some(place), _) => self.model.begin_at(place, &mut self.explorer),
            (None, Some(cursor)) => self.model.begin_after(cursor.clone(), &mut self.explorer),
            (None, None) => self.model.begin(&mut self.explorer),
        }
        self.draw()
    }

    async fn show(&mut self, mut signals: Signals, stop: &CancellationToken) -> Result<(), CliError> {
        let mut typed = EventStream::new();
        let mut draw_at = None;
        loop {
            let woken = {
                let due = draw_at.unwrap_or_else(Instant::now);
                // In no order of preference: neither keys that repeat nor a flood of records may keep the others waiting.
                tokio::select! {
                    () = stop.cancelled() => Woken::Stop,
                    event = typed.next() => Woken::Typed(event),
                    () = sleep_until(due), if draw_at.is_some() => Woken::Draw,
                    event = self.explorer.next() => Woken::Told(event),
                    _ = signals.suspend.recv() => Woken::Suspend,
                    _ = signals.resumed.recv() => Woken::Resumed,
                    _ = signals.second.tick() => Woken::Input(Input::Tick(now())),
                    Some(streams) = self.looking.join_next() => Woken::Input(Input::Streams(listed(streams))),
                }
            };
            let outcome = match woken {
                Woken::Stop => return Ok(()),
                Woken::Draw => {
                    draw_at = None;
                    self.draw()?;
                    continue;
                }
                Woken::Suspend => Outcome::Suspend,
                Woken::Resumed => Outcome::Redraw,
                Woken::Input(input) => self.model.update(input, &mut self.explorer),
                Woken::Told(event) => self.told(event)?,
                Woken::Typed(Some(Ok(event))) => match input(event) {
                    Some(input) => self.model.update(input, &mut self.explorer),
                    None => Outcome::Nothing,
                },
                Woken::Typed(Some(Err(error))) => return Err(CliError::Output(error)),
                // Whoever typed has gone.
                Woken::Typed(None) => return Ok(()),
            };
            draw_at = draw_at.or_else(|| Some(Instant::now() + FRAME));
            match outcome {
                Outcome::Nothing => {}
                Outcome::Quit => return Ok(()),
                Outcome::Interrupt => {
                    // As if the terminal had sent it, so that the process ends as one that was interrupted.
                    kill_process(getpid(), Raised::INT).map_err(|error| CliError::Output(error.into()))?;
                    stop.cancelled().await;
                    return Ok(());
                }
                Outcome::ListStreams => {
                    let client = self.client.clone();
                    self.looking.abort_all();
                    self.looking.spawn(async move { client.all_streams().await });
                }
                Outcome::Suspend => {
                    self.screen.suspend().map_err(CliError::Output)?;
                    tokio::select! {
                        _ = signals.resumed.recv() => {}
                        () = stop.cancelled() => return Ok(()),
                    }
                    self.screen.resume().map_err(CliError::Output)?;
                }
                Outcome::Redraw => self.screen.resume().map_err(CliError::Output)?,
            }
        }
    }

    /// Takes in what the session tells, and what else of it is there already, as far as that does not take longer than a frame.
    fn told(&mut self, first: Option<Result<ExploreEvent, Error>>) -> Result<Outcome, CliError> {
        let mut next = first;
        let begun = Instant::now();
        loop {
            let Some(event) = next else { return Err(CliError::Ended("the session is over")) };
            self.model.update(Input::Session(Box::new(event?)), &mut self.explorer);
            if begun.elapsed() >= FRAME {
                return Ok(Outcome::Nothing);
            }
            match self.explorer.next().now_or_never() {
                Some(more) => next = more,
                None => return Ok(Outcome::Nothing),
            }
        }
    }

    fn draw(&mut self) -> Result<(), CliError> {
        let Self { screen, view, model, .. } = self;
        screen.terminal.draw(|frame| view.draw(frame, model)).map_err(CliError::Output)?;
        Ok(())
    }
}

fn input(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Input::Key(key)),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(columns, rows) => Some(Input::Resize { columns, rows }),
        _ => None,
    }
}

fn listed(
    streams: Result<Result<Vec<StreamInfo>, Error>, tokio::task::JoinError>,
) -> Result<Vec<StreamInfo>, String> {
    match streams {
        Ok(streams) => streams.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
