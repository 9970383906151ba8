//! Query parameters: each read once, and every one that is wrong named.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use spile_proto::v1::{self, start::Position};
use tonic::Status;

use crate::context::Clock;
use crate::status::{ErrorReason, error};

/// The parameters of one request. Those that nobody takes are wrong.
pub(super) struct Parameters {
    given: Vec<(String, String)>,
    /// The names that were asked for.
    known: Vec<&'static str>,
    wrong: Vec<(String, String)>,
}

impl Parameters {
    /// Reads a query string (`application/x-www-form-urlencoded`).
    pub(super) fn of(query: &str) -> Self {
        let given = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { given, known: Vec::new(), wrong: Vec::new() }
    }

    /// The value of a parameter; `None` when it is not given or empty.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut values = self.given.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let value = values.next().cloned();
        if values.next().is_some() {
            self.refuse(name, "is given more than once");
        }
        value.filter(|value| !value.is_empty())
    }

    /// A parameter read by `parse`, which says what is wrong and what would be right.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(&text).map_err(|why| self.refuse(name, why)).ok()
    }

    /// `true` or `false`; a name without a value is true.
    pub(super) fn switch(&mut self, name: &'static str) -> Option<bool> {
        if self.given.iter().any(|(given, value)| given == name && value.is_empty()) {
            self.known.push(name);
            return Some(true);
        }
        self.read(name, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("{text:?} is neither true nor false")),
        })
    }

    /// A whole number.
    pub(super) fn number(&mut self, name: &'static str) -> Option<u64> {
        self.read(name, |text| text.parse().map_err(|_| format!("{text:?} is not a whole number")))
    }

    /// A point in time, as `spile tail --since` takes it; times without a zone are UTC.
    pub(super) fn time(&mut self, name: &'static str, clock: &Clock) -> Option<u64> {
        self.read(name, |text| parse_time(text, clock))
    }

    /// A length of time.
    pub(super) fn duration(&mut self, name: &'static str) -> Option<Duration> {
        self.read(name, |text| {
            let parsed = text.parse::<SignedDuration>().ok();
            let parsed = parsed.and_then(|duration| Duration::try_from(duration).ok());
            parsed.ok_or_else(|| format!("{text:?} is not a length of time; write it like 30s, 2m or 500ms"))
        })
    }

    /// Says that a parameter is wrong.
    pub(super) fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.wrong.push((name.to_owned(), why.into()));
    }

    /// `stream`, and the parameters that say which records match.
    pub(super) fn filter(&mut self, clock: &Clock) -> (String, v1::Filter) {
        let stream = self.text("stream").unwrap_or_default();
        let filter = v1::Filter {
            expression: self.text("q").unwrap_or_default(),
            level: self.text("level").unwrap_or_default(),
            since_unix_nano: self.time("since", clock).unwrap_or_default(),
            until_unix_nano: self.time("until", clock).unwrap_or_default(),
        };
        (stream, filter)
    }

    /// The parameters that say where reading starts, at most one of them.
    pub(super) fn start(&mut self, clock: &Clock) -> Option<Position> {
        let from = self.read("from", |text| match text {
            "oldest" => Ok(Position::Oldest(v1::start::Oldest {})),
            "latest" => Ok(Position::Latest(v1::start::Latest {})),
            _ => match parse_time(text, clock) {
                Ok(unix_nano) => Ok(Position::TimeUnixNano(unix_nano)),
                Err(why) => Err(format!("{text:?} is neither oldest nor latest, and {why}")),
            },
        });
        let after = self.text("after").map(Position::AfterCursor);
        let last = self.read("last", parse_u32).map(Position::Last);
        let offset = self.number("offset").map(Position::Offset);
        let mut given = [("from", from), ("after", after), ("last", last), ("offset", offset)]
            .into_iter()
            .filter_map(|(name, position)| Some((name, position?)));
        let (first, position) = given.next()?;
        if let Some((second, _)) = given.next() {
            self.refuse(second, format!("cannot be given together with {first}"));
        }
        Some(position)
    }

    /// Refuses the request when something is wrong with it; nothing may be asked for afterwards.
    pub(super) fn finish(mut self) -> Result<(), Status> {
        let unknown = self.given.iter().find(|(name, _)| !self.known.contains(&name.as_str()));
        if let Some((name, _)) = unknown {
            let name = crate::protocol::shortened(name, 64).to_owned();
            let known = self.known.join(", ");
            self.wrong.push((name, format!("is not a parameter of this call; those are {known}")));
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        let start = error(ErrorReason::InvalidField);
        Err(self.wrong.into_iter().fold(start, |error, (name, why)| error.field(name, why)).into())
    }
}

/// A number that fits the field of a request.
pub(super) fn parse_u32(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number up to {}", u32::MAX))
}

fn parse_time(text: &str, clock: &Clock) -> Result<u64, String> {
    // A plus sign that was not written as %2B has become a space.
    let text = text.strip_prefix(' ').map_or_else(|| text.into(), |rest| format!("+{rest}"));
    let now = Timestamp::from_nanosecond(clock.now_unix_nano().into()).unwrap_or(Timestamp::UNIX_EPOCH);
    spile_lines::moment::parse(&text, &now.to_zoned(TimeZone::UTC))
}
