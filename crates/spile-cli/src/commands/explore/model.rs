//! What the screen shows and how it changes: keys and what the session tells come in, requests to the session go out. It knows neither
//! terminal nor connection.

pub(super) mod keys;
mod moves;
pub(super) mod prompt;
mod session;
pub(super) mod spec;
pub(super) mod window;

#[cfg(test)]
pub(super) mod tests;

use crossterm::event::KeyEvent;
use spile_client::proto::start::{Before, Oldest, Position, before};
use spile_client::proto::{ContextRequest, EndReason, StreamInfo, TailRequest};
use spile_client::{ExploreEvent, Explorer};

use keys::Command;
use prompt::{Prompt, Purpose, Typed};
use spec::Spec;
use window::Window;

/// With how many of the newest records it starts.
const NEWEST: u32 = 500;

/// How many rows around the record are shown as its context, on either side.
const CONTEXT: u32 = 5;

/// The reason that servers give when a stream does not exist.
const NO_STREAM: &str = "STREAM_NOT_FOUND";

/// What comes in.
#[derive(Debug)]
pub(super) enum Input {
    Key(KeyEvent),
    Paste(String),
    Resize {
        columns: u16,
        rows: u16,
    },
    Session(Box<ExploreEvent>),
    Streams(Result<Vec<StreamInfo>, String>),
    /// A second has passed: the time, Unix nanoseconds.
    Tick(u64),
}

/// What is to be done beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Nothing,
    ListStreams,
    Redraw,
    Suspend,
    Interrupt,
    Quit,
}

/// Where requests go. Each gives the number by which answers name it.
pub(super) trait Session {
    fn read(&mut self, request: TailRequest) -> u64;
    fn fetch(&mut self, request: TailRequest) -> u64;
    fn context(&mut self, request: ContextRequest) -> u64;
    fn pause(&mut self);
    fn resume(&mut self);
}

impl Session for Explorer {
    fn read(&mut self, request: TailRequest) -> u64 {
        Explorer::read(self, request)
    }

    fn fetch(&mut self, request: TailRequest) -> u64 {
        Explorer::fetch(self, request)
    }

    fn context(&mut self, request: ContextRequest) -> u64 {
        Explorer::context(self, request)
    }

    fn pause(&mut self) {
        Explorer::pause(self);
    }

    fn resume(&mut self) {
        Explorer::resume(self);
    }
}

/// How times are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Times {
    Utc,
    Local,
    Relative,
}

/// How the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Nothing was heard yet.
    Opening,
    Up,
    /// Why; it is being made anew.
    Down(String),
}

/// What lies over the records.
#[derive(Clone, Debug)]
pub(super) enum Overlay {
    None,
    Help,
    Prompt(Prompt),
    /// The streams to pick from, when they are known, and which is marked.
    Streams(Option<Vec<StreamInfo>>, usize),
}

/// Something to tell until the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) text: String,
    pub(super) is_error: bool,
}

/// A `read` that is not accepted yet.
#[derive(Clone, Debug)]
struct Pending {
    number: u64,
    spec: Spec,
    /// Whether it goes on below what the window has; else it takes the window's place.
    extends: bool,
    follow: bool,
    goal: Option<Goal>,
    at_oldest: bool,
    /// The prompt that it came from.
    prompt: Option<Prompt>,
}

/// What is to be selected when it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// The record at or behind this offset.
    Offset(u64),
    /// The first record that is not before this time.
    Time(u64),
    /// The first record.
    First,
}

/// What a `fetch` is for.
#[derive(Clone, Debug)]
enum Fetching {
    /// Rows above the window.
    Older,
    /// The next record of a kind, in this direction.
    Jump { found: Option<u64>, what: &'static str, forward: bool, search: bool },
}

/// Everything that is shown, and what is under way.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) spec: Spec,
    pub(super) window: Window,
    /// Keys of rows: the one that is marked, and the first on the screen.
    pub(super) selected: Option<u64>,
    pub(super) top: Option<u64>,
    pub(super) columns: u16,
    pub(super) rows: u16,
    pub(super) follow: bool,
    pub(super) paused: bool,
    pub(super) times: Times,
    /// The time, Unix nanoseconds.
    pub(super) now: u64,
    /// How far it is scrolled sideways, cells.
    pub(super) shift: usize,
    /// The first line of the record's fields, when they are shown.
    pub(super) detail: Option<usize>,
    pub(super) overlay: Overlay,
    pub(super) search: String,
    pub(super) message: Option<Message>,
    pub(super) link: Link,
    /// The stream's first retained and first unwritten offset, as last told.
    pub(super) head: u64,
    pub(super) tail: u64,
    /// Why nothing more comes of what is read.
    pub(super) ended: Option<EndReason>,
    reading: Option<u64>,
    pending: Option<Pending>,
    fetching: Option<(u64, Fetching)>,
    /// Whether the rows above are the first that match.
    at_oldest: bool,
    /// Whether rows below were dropped: what is read does not follow the last one.
    cut: bool,
    caught_up: bool,
    pause_sent: bool,
    goal: Option<Goal>,
    /// The stream is missing, and looked for again.
    missing: bool,
}

impl Model {
    pub(super) fn new(spec: Spec, times: Times, now: u64) -> Self {
        Self {
            spec,
            window: Window::default(),
            selected: None,
            top: None,
            columns: 80,
            rows: 24,
            follow: true,
            paused: false,
            times,
            now,
            shift: 0,
            detail: None,
            overlay: Overlay::None,
            search: String::new(),
            message: None,
            link: Link::Opening,
            head: 0,
            tail: 0,
            ended: None,
            reading: None,
            pending: None,
            fetching: None,
            at_oldest: false,
            cut: false,
            caught_up: false,
            pause_sent: false,
            goal: None,
            missing: false,
        }
    }

    /// Begins with the newest records.
    pub(super) fn begin(&mut self, session: &mut impl Session) {
        self.read_newest(self.spec.clone(), session);
    }

    /// Begins where it is told to: an offset or a time.
    pub(super) fn begin_at(&mut self, place: Place, session: &mut impl Session) {
        self.go(place, session);
    }

    /// Begins behind a cursor.
    pub(super) fn begin_after(&mut self, cursor: String, session: &mut impl Session) {
        let position = Position::AfterCursor(cursor);
        let goal = Some(Goal::First);
        self.replace(self.spec.clone(), position, Begin { goal, ..Begin::default() }, session);
    }

    /// Takes something in.
    pub(super) fn update(&mut self, input: Input, session: &mut impl Session) -> Outcome {
        let mut outcome = Outcome::Nothing;
        match input {
            Input::Key(key) => {
                self.message = None;
                outcome = self.key(key, session);
            }
            Input::Paste(text) => {
                if let Overlay::Prompt(prompt) = &mut self.overlay {
                    prompt.paste(&text);
                }
            }
            Input::Resize { columns, rows } => (self.columns, self.rows) = (columns, rows),
            Input::Session(event) => self.told(*event, session),
            Input::Streams(streams) => self.streams(streams),
            Input::Tick(now) => {
                self.now = now;
                if std::mem::take(&mut self.missing) {
                    self.read_newest(self.spec.clone(), session);
                }
            }
        }
        self.settle();
        self.ensure(session);
        outcome
    }

    /// How many rows of records fit on the screen.
    pub(super) fn page(&self) -> usize {
        let lines = usize::from(self.rows).saturating_sub(2);
        lines - self.detail_lines()
    }

    /// How many lines the record's fields take.
    pub(super) fn detail_lines(&self) -> usize {
        match self.detail {
            Some(_) => usize::from(self.rows).saturating_sub(2) * 2 / 3,
            None => 0,
        }
    }

    /// Whether something is on its way that changes what is shown.
    pub(super) fn is_busy(&self) -> bool {
        self.pending.is_some() || matches!(self.fetching, Some((_, Fetching::Jump { .. })))
    }

    /// How many records of the stream are still to be looked at.
    pub(super) fn behind(&self) -> u64 {
        if self.caught_up && !self.pause_sent && !self.cut {
            return 0;
        }
        self.window.covered().map_or(0, |covered| self.tail.saturating_sub(covered.end))
    }

    fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_error: false });
    }

    fn complain(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), is_error: true });
    }

    fn key(&mut self, key: KeyEvent, session: &mut impl Session) -> Outcome {
        match std::mem::replace(&mut self.overlay, Overlay::None) {
            Overlay::Prompt(mut prompt) => {
                match prompt.key(key) {
                    Typed::NotYet => self.overlay = Overlay::Prompt(prompt),
                    Typed::Done(text) => self.typed(prompt.purpose, text, session),
                    Typed::GivenUp => {}
                }
                Outcome::Nothing
            }
            Overlay::Streams(streams, marked) => self.pick(key, streams, marked, session),
            // Any key leaves the help, and does nothing more unless it ends the program.
            Overlay::Help => match keys::command(key) {
                Some(Command::Interrupt) => Outcome::Interrupt,
                Some(Command::Suspend) => {
                    self.overlay = Overlay::Help;
                    Outcome::Suspend
                }
                _ => Outcome::Nothing,
            },
            Overlay::None => {
                keys::command(key).map_or(Outcome::Nothing, |command| self.command(command, session))
            }
        }
    }

    fn command(&mut self, command: Command, session: &mut impl Session) -> Outcome {
        use Command::*;
        match command {
            Down => self.move_by(1),
            Up => self.move_by(-1),
            PageDown => self.move_by(self.page() as isize),
            PageUp => self.move_by(-(self.page() as isize)),
            HalfDown => self.move_by(self.page() as isize / 2),
            HalfUp => self.move_by(-(self.page() as isize) / 2),
            Left => self.shift = self.shift.saturating_sub(usize::from(self.columns) / 2),
            Right => self.shift += usize::from(self.columns) / 2,
            Oldest => self.go_oldest(session),
            Newest => self.go_newest(session),
            Follow if self.follow => self.follow = false,
            Follow => self.go_newest(session),
            Pause => self.paused = !self.paused,
            Search => self.overlay = Overlay::Prompt(Prompt::new(Purpose::Search, "")),
            NextMatch => self.jump_to_match(true, session),
            PreviousMatch => self.jump_to_match(false, session),
            NextError => self.jump("error", "severity>=ERROR", true, session),
            PreviousError => self.jump("error", "severity>=ERROR", false, session),
            NextWarning => self.jump("warning", "severity=WARN", true, session),
            PreviousWarning => self.jump("warning", "severity=WARN", false, session),
            Filter => {
                self.overlay = Overlay::Prompt(Prompt::new(Purpose::Filter, &self.asked().expression));
            }
            Place => self.overlay = Overlay::Prompt(Prompt::new(Purpose::Place, "")),
            Level(level) => {
                let mut spec = self.asked().clone();
                spec.hidden[level] = !spec.hidden[level];
                self.read_here(spec, None, session);
            }
            AllLevels => self.read_here(Spec { hidden: [false; 6], ..self.asked().clone() }, None, session),
            Times => self.times = self.times.next(),
            Detail => self.detail = if self.detail.is_some() { None } else { Some(0) },
            DetailDown => self.detail = self.detail.map(|line| line + 1),
            DetailUp => self.detail = self.detail.map(|line| line.saturating_sub(1)),
            Context => self.toggle_context(session),
            Streams => {
                self.overlay = Overlay::Streams(None, 0);
                return Outcome::ListStreams;
            }
            Help => self.overlay = Overlay::Help,
            Leave => self.detail = None,
            Redraw => return Outcome::Redraw,
            Suspend => return Outcome::Suspend,
            Interrupt => return Outcome::Interrupt,
            Quit => return Outcome::Quit,
        }
        Outcome::Nothing
    }

    /// What is shown, or is going to be.
    fn asked(&self) -> &Spec {
        self.pending.as_ref().map_or(&self.spec, |pending| &pending.spec)
    }

    fn typed(&mut self, purpose: Purpose, text: String, session: &mut impl Session) {
        match purpose {
            Purpose::Search if text.trim().is_empty() => self.search.clear(),
            Purpose::Search => {
                self.search = text;
                // Whoever follows looks at the end: what is looked for lies before it.
                self.jump_to_match(!self.follow, session);
            }
            Purpose::Filter => {
                let prompt = Prompt::new(Purpose::Filter, &text);
                let spec = Spec { expression: text, ..self.asked().clone() };
                self.read_here(spec, Some(prompt), session);
            }
            Purpose::Place => match Place::parse(&text) {
                Ok(place) => self.go(place, session),
                Err(problem) => {
                    let problem = Some(problem);
                    self.overlay = Overlay::Prompt(Prompt { problem, ..Prompt::new(purpose, &text) });
                }
            },
        }
    }

    fn streams(&mut self, streams: Result<Vec<StreamInfo>, String>) {
        if !matches!(self.overlay, Overlay::Streams(..)) {
            return;
        }
        match streams {
            Ok(streams) => {
                let marked = streams.iter().position(|stream| stream.name == self.spec.stream).unwrap_or(0);
                self.overlay = Overlay::Streams(Some(streams), marked);
            }
            Err(problem) => {
                self.overlay = Overlay::None;
                self.complain(problem);
            }
        }
    }

    fn pick(
        &mut self,
        key: KeyEvent,
        streams: Option<Vec<StreamInfo>>,
        marked: usize,
        session: &mut impl Session,
    ) -> Outcome {
        let last = streams.as_ref().map_or(0, |streams| streams.len().saturating_sub(1));
        let page = self.page().max(1);
        let marked = match keys::command(key) {
            Some(Command::Down) => marked + 1,
            Some(Command::Up) => marked.saturating_sub(1),
            Some(Command::PageDown) => marked + page,
            Some(Command::PageUp) => marked.saturating_sub(page),
            Some(Command::Oldest) => 0,
            Some(Command::Newest) => last,
            Some(Command::Detail) => {
                if let Some(stream) = streams.as_ref().and_then(|streams| streams.get(marked)) {
                    let spec = Spec { stream: stream.name.clone(), ..self.asked().clone() };
                    self.read_newest(spec, session);
                }
                return Outcome::Nothing;
            }
            Some(Command::Leave | Command::Quit | Command::Streams) => return Outcome::Nothing,
            Some(Command::Interrupt) => return Outcome::Interrupt,
            _ => marked,
        };
        self.overlay = Overlay::Streams(streams, marked.min(last));
        Outcome::Nothing
    }
}

impl Times {
    fn next(self) -> Self {
        match self {
            Self::Utc => Self::Local,
            Self::Local => Self::Relative,
            Self::Relative => Self::Utc,
        }
    }
}

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Offset(u64),
    /// Unix nanoseconds.
    Time(u64),
}

impl Place {
    /// Digits are an offset, all else is a time.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Offset).map_err(|_| "is more than any offset".to_owned());
        }
        crate::time::parse_bound(text).map(Self::Time)
    }
}

/// How a reading that takes the window's place begins.
#[derive(Clone, Debug, Default)]
struct Begin {
    follow: bool,
    goal: Option<Goal>,
    at_oldest: bool,
    prompt: Option<Prompt>,
}
