//! Keys and what the session tells in, requests and what is shown out: no terminal, no connection.

#![allow(clippy::unwrap_used)]

use crossterm::event::{KeyCode, KeyModifiers};
use proptest::prelude::*;
use spile_client::proto::explore_response::{Accepted, FieldViolation, Refusal};
use spile_client::proto::{CaughtUp, Gap, LogRecord, Order, Progress, RecordBatch};
use spile_client::{TailBatch, TailEnd, TailEvent};

use super::window::{MAX_ROWS, Row};
use super::*;

/// A session that notes what it is asked.
#[derive(Default)]
pub(crate) struct Asked {
    last: u64,
    requests: Vec<Request>,
}

#[derive(Clone, Debug, PartialEq)]
enum Request {
    Read(u64, TailRequest),
    Fetch(u64, TailRequest),
    Context(u64, ContextRequest),
    Pause,
    Resume,
}

impl Asked {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// What was asked since this was last taken.
    fn take(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.requests)
    }

    fn one_read(&mut self) -> (u64, TailRequest) {
        let mut reads = self.take().into_iter().filter_map(|request| match request {
            Request::Read(number, request) => Some((number, request)),
            _ => None,
        });
        let read = reads.next().expect("something is read");
        assert_eq!(reads.next(), None);
        read
    }

    fn one_fetch(&mut self) -> (u64, TailRequest) {
        let mut fetches = self.take().into_iter().filter_map(|request| match request {
            Request::Fetch(number, request) => Some((number, request)),
            _ => None,
        });
        let fetch = fetches.next().expect("something is fetched");
        assert_eq!(fetches.next(), None);
        fetch
    }
}

impl Session for Asked {
    fn read(&mut self, request: TailRequest) -> u64 {
        let number = self.number();
        self.requests.push(Request::Read(number, request));
        number
    }

    fn fetch(&mut self, request: TailRequest) -> u64 {
        let number = self.number();
        self.requests.push(Request::Fetch(number, request));
        number
    }

    fn context(&mut self, request: ContextRequest) -> u64 {
        let number = self.number();
        self.requests.push(Request::Context(number, request));
        number
    }

    fn pause(&mut self) {
        self.number();
        self.requests.push(Request::Pause);
    }

    fn resume(&mut self) {
        self.number();
        self.requests.push(Request::Resume);
    }
}

/// A batch with these offsets; each record's time is its offset in seconds.
pub(crate) fn batch(offsets: impl IntoIterator<Item = u64>) -> TailBatch {
    let offsets: Vec<u64> = offsets.into_iter().collect();
    let record = |offset: &u64| LogRecord {
        body: format!("line {offset}"),
        time_unix_nano: (offset + 1) * 1_000_000_000,
        severity_number: if offset.is_multiple_of(10) { 17 } else { 9 },
        ..LogRecord::default()
    };
    let records = offsets.iter().map(record).collect();
    RecordBatch { records, offsets, ..RecordBatch::default() }.try_into().unwrap()
}

pub(crate) struct Viewer {
    pub(crate) model: Model,
    asked: Asked,
}

impl Viewer {
    /// A viewer of 20 rows that begins with the newest records of a stream of 1,000.
    pub(crate) fn new() -> Self {
        let mut viewer = Self::unopened();
        viewer.model.begin(&mut viewer.asked);
        let (number, _) = viewer.asked.one_read();
        viewer.accept(number, 1_000);
        viewer.give(number, 500..1_000);
        viewer.tell(number, TailEvent::CaughtUp(CaughtUp { tail: 1_000 }));
        viewer
    }

    fn unopened() -> Self {
        let spec = Spec::new("web".to_owned(), spile_client::proto::Filter::default(), false);
        let mut model = Model::new(spec, Times::Utc, 2_000_000_000_000);
        (model.columns, model.rows) = (80, 22);
        Self { model, asked: Asked::default() }
    }

    fn update(&mut self, input: Input) -> Outcome {
        let outcome = self.model.update(input, &mut self.asked);
        self.check();
        outcome
    }

    pub(crate) fn event(&mut self, event: ExploreEvent) {
        self.update(Input::Session(Box::new(event)));
    }

    fn accept(&mut self, request: u64, tail: u64) {
        let accepted = Accepted { start_cursor: "c".to_owned(), tail, ..Accepted::default() };
        self.event(ExploreEvent::Accepted { request, accepted });
    }

    pub(crate) fn tell(&mut self, request: u64, event: TailEvent) {
        self.event(ExploreEvent::Tail { request, event });
    }

    fn give(&mut self, request: u64, offsets: impl IntoIterator<Item = u64>) {
        self.tell(request, TailEvent::Batch(batch(offsets)));
    }

    fn end(&mut self, request: u64, reason: EndReason) {
        self.tell(request, TailEvent::End(TailEnd { reason, records: 0 }));
    }

    fn refuse(&mut self, request: u64, reason: &str) {
        let violation =
            FieldViolation { field: "read.filter.expression".to_owned(), description: "no".to_owned() };
        let refusal =
            Refusal { reason: reason.to_owned(), field_violations: vec![violation], ..Refusal::default() };
        self.event(ExploreEvent::Refused { request, refusal });
    }

    fn key(&mut self, key: KeyCode) -> Outcome {
        self.update(Input::Key(KeyEvent::new(key, KeyModifiers::NONE)))
    }

    pub(crate) fn keys(&mut self, keys: &str) {
        for key in keys.chars() {
            self.key(if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) });
        }
    }

    fn reading(&self) -> u64 {
        self.model.reading.unwrap()
    }

    /// What must always hold.
    fn check(&self) {
        let model = &self.model;
        assert!(model.window.len() <= MAX_ROWS);
        match (model.selected, model.top) {
            (None, None) => assert!(model.window.is_empty()),
            (Some(selected), Some(top)) => {
                assert!(model.window.get(selected).is_some(), "the marked row is there");
                assert!(model.window.get(top).is_some(), "the first row is there");
                let above = model.window.from(top).take_while(|(key, _)| *key < selected).count();
                assert!(top <= selected && above < model.page().max(1), "the marked row is on the screen");
            }
            other => panic!("half of {other:?} is missing"),
        }
    }
}

fn expression(request: &TailRequest) -> &str {
    &request.filter.as_ref().unwrap().expression
}

fn position(request: &TailRequest) -> Position {
    request.start.clone().unwrap().position.unwrap()
}

#[test]
fn it_begins_with_the_newest_and_follows_until_somebody_goes_up() {
    let mut viewer = Viewer::unopened();
    viewer.model.begin(&mut viewer.asked);
    let (number, request) = viewer.asked.one_read();
    assert_eq!(
        (position(&request), request.follow, request.stream.as_str()),
        (Position::Last(500), true, "web")
    );
    let mut viewer = Viewer::new();
    assert_eq!((viewer.model.selected, viewer.model.top), (Some(999), Some(980)));
    viewer.give(number, [1_000, 1_003]);
    assert_eq!(viewer.model.selected, Some(1_003));
    viewer.keys("k");
    viewer.give(number, 1_004..1_100);
    assert_eq!((viewer.model.selected, viewer.model.follow), (Some(1_000), false), "the screen stays");
    viewer.asked.take();
    viewer.keys("G");
    assert_eq!(viewer.model.selected, Some(1_099));
    assert_eq!(viewer.asked.take(), [], "all of it is here");
}

#[test]
fn a_filter_takes_the_windows_place_when_it_is_accepted() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    viewer.keys("&code=5 OR x\n");
    let (number, request) = viewer.asked.one_read();
    assert_eq!((expression(&request), position(&request)), ("code=5 OR x", Position::Last(500)));
    assert!(viewer.model.is_busy());
    viewer.give(viewer.reading(), [1_000]);
    assert_eq!(viewer.model.selected, Some(1_000), "until then what is read goes on");
    viewer.accept(number, 1_001);
    assert!(viewer.model.window.is_empty());
    viewer.give(number, [3, 7]);
    assert_eq!((viewer.model.selected, viewer.model.spec.expression.as_str()), (Some(7), "code=5 OR x"));
    viewer.keys("36");
    let (_, request) = viewer
        .asked
        .take()
        .into_iter()
        .rev()
        .find_map(|request| match request {
            Request::Read(number, request) => Some((number, request)),
            _ => None,
        })
        .unwrap();
    assert_eq!(expression(&request), "(code=5 OR x) (-severity=(INFO OR FATAL))");
}

#[test]
fn a_wrong_filter_changes_nothing_and_is_there_to_be_mended() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    viewer.keys("&severity>=\n");
    let (number, _) = viewer.asked.one_read();
    viewer.refuse(number, "INVALID_FILTER");
    let Overlay::Prompt(prompt) = &viewer.model.overlay else { panic!("the prompt is back") };
    assert_eq!((prompt.text.as_str(), prompt.problem.as_deref()), ("severity>=", Some("no")));
    assert_eq!(viewer.model.spec.expression, "");
    viewer.give(viewer.reading(), [1_000]);
    assert_eq!(viewer.model.selected, Some(1_000));
    viewer.key(KeyCode::Esc);
    assert!(matches!(viewer.model.overlay, Overlay::None));
}

#[test]
fn a_filter_keeps_the_place_of_who_does_not_follow() {
    let mut viewer = Viewer::new();
    viewer.keys("kkk");
    viewer.asked.take();
    viewer.keys("&x\n");
    let (number, request) = viewer.asked.one_read();
    let before = Before { position: Some(before::Position::Offset(996)), records: 20 };
    assert_eq!(position(&request), Position::Before(before));
    viewer.accept(number, 1_000);
    viewer.give(number, (900..1_000).step_by(7));
    assert_eq!(viewer.model.selected, Some(998), "the first that is left at or behind it");
}

#[test]
fn older_records_are_fetched_until_there_are_none() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    let mut first = 500;
    while first > 0 {
        while viewer.model.window.count_above(viewer.model.top.unwrap(), 300) >= 200 {
            viewer.key(KeyCode::PageUp);
        }
        let (number, request) = viewer.asked.one_fetch();
        assert_eq!((position(&request), request.order()), (Position::Offset(first), Order::NewestFirst));
        assert!(!request.follow);
        let next = first.saturating_sub(request.limit);
        viewer.give(number, (next..first).rev());
        viewer.end(number, if next == 0 { EndReason::EndOfHistory } else { EndReason::Limit });
        first = next;
    }
    viewer.asked.take();
    viewer.keys("g");
    assert_eq!((viewer.model.selected, viewer.asked.take()), (Some(0), vec![]));
}

#[test]
fn who_stands_still_stops_the_reading_and_who_goes_on_resumes_it() {
    let mut viewer = Viewer::new();
    viewer.keys("k");
    viewer.asked.take();
    let number = viewer.reading();
    viewer.give(number, 1_000..3_000);
    assert_eq!(viewer.asked.take(), [Request::Pause]);
    viewer.tell(number, TailEvent::Progress(Progress { next_offset: 3_000, tail: 9_000, scanned: 0 }));
    assert_eq!(viewer.model.behind(), 6_000);
    for _ in 0..120 {
        viewer.key(KeyCode::PageDown);
    }
    assert_eq!(viewer.asked.take(), [Request::Resume]);
    viewer.give(number, 3_000..9_000);
    assert!(viewer.model.window.len() <= MAX_ROWS);
}

#[test]
fn rows_below_are_dropped_far_up_and_read_again_on_the_way_down() {
    let mut viewer = Viewer::new();
    let mut first = 500_000_u64;
    // A longer stream: everything so far lay at its end.
    let spec = viewer.model.spec.clone();
    viewer.model.read_newest(spec, &mut viewer.asked);
    let (number, _) = viewer.asked.one_read();
    viewer.accept(number, first + 500);
    viewer.give(number, first..first + 500);
    while !viewer.model.cut {
        viewer.key(KeyCode::PageUp);
        let fetches: Vec<_> = viewer
            .asked
            .requests
            .iter()
            .filter_map(|request| match request {
                Request::Fetch(number, _) => Some(*number),
                _ => None,
            })
            .collect();
        if let Some(number) = fetches.last()
            && viewer.model.fetching.is_some()
        {
            viewer.give(*number, (first - 500..first).rev());
            viewer.end(*number, EndReason::Limit);
            first -= 500;
        }
    }
    viewer.asked.take();
    let end = viewer.model.window.last().unwrap() + 1;
    viewer.give(number, [500_500]);
    assert_eq!(viewer.model.window.last(), Some(end - 1), "what was on its way does not join");
    let request = loop {
        viewer.key(KeyCode::PageDown);
        if let Some(Request::Read(_, request)) =
            viewer.asked.take().into_iter().find(|r| matches!(r, Request::Read(..)))
        {
            break request;
        }
    };
    assert_eq!(position(&request), Position::Offset(end));
    let selected = viewer.model.selected;
    let number = viewer.asked.last;
    viewer.accept(number, 500_501);
    viewer.give(number, end..end + 100);
    assert_eq!(
        (viewer.model.selected, viewer.model.window.last()),
        (selected, Some(end + 99)),
        "it goes on below"
    );
}

#[test]
fn errors_are_jumped_to_wherever_they_are() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    viewer.keys("E");
    let (number, request) = viewer.asked.one_fetch();
    assert_eq!((expression(&request), position(&request)), ("severity>=ERROR", Position::Offset(999)));
    assert_eq!((request.order(), request.limit), (Order::NewestFirst, 1));
    viewer.give(number, [990]);
    viewer.end(number, EndReason::Limit);
    assert_eq!((viewer.model.selected, viewer.model.follow), (Some(990), false));
    viewer.asked.take();
    viewer.keys("e");
    let (number, request) = viewer.asked.one_fetch();
    assert_eq!((position(&request), request.order()), (Position::Offset(991), Order::Unspecified));
    viewer.end(number, EndReason::EndOfHistory);
    assert_eq!(viewer.model.message.as_ref().unwrap().text, "no later error");
    viewer.asked.take();
    viewer.keys("W");
    let (number, _) = viewer.asked.one_fetch();
    viewer.give(number, [40]);
    viewer.end(number, EndReason::Limit);
    let (number, request) = viewer.asked.one_read();
    let before = Before { position: Some(before::Position::Offset(40)), records: 20 };
    assert_eq!(position(&request), Position::Before(before), "far away it reads around it");
    viewer.accept(number, 1_000);
    viewer.give(number, 20..90);
    assert_eq!(viewer.model.selected, Some(40));
}

#[test]
fn a_search_looks_back_from_the_end_and_then_both_ways() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    viewer.keys("n");
    assert!(viewer.model.message.is_some() && viewer.asked.take().is_empty(), "nothing is searched for yet");
    viewer.keys("/line 7\n");
    let (number, request) = viewer.asked.one_fetch();
    assert_eq!((expression(&request), request.order()), ("line 7", Order::NewestFirst));
    viewer.give(number, [700]);
    viewer.end(number, EndReason::Limit);
    assert_eq!(viewer.model.selected, Some(700));
    viewer.asked.take();
    viewer.keys("n");
    assert_eq!(position(&viewer.asked.one_fetch().1), Position::Offset(701));
    viewer.keys("/a:\n");
    let (number, _) = viewer.asked.one_fetch();
    viewer.refuse(number, "INVALID_FILTER");
    assert!(matches!(&viewer.model.overlay, Overlay::Prompt(prompt) if prompt.text == "a:"));
}

#[test]
fn a_pause_holds_until_it_is_taken_back_or_the_newest_are_wanted() {
    let mut viewer = Viewer::new();
    viewer.asked.take();
    viewer.keys("p");
    assert_eq!(viewer.asked.take(), [Request::Pause]);
    viewer.keys("kkjj");
    viewer.keys("p");
    assert_eq!(viewer.asked.take(), [Request::Resume]);
    viewer.keys("pG");
    let requests = viewer.asked.take();
    assert!(matches!(requests.as_slice(), [Request::Pause, Request::Read(..)]), "{requests:?}");
    assert!(!viewer.model.paused);
}

#[test]
fn context_is_shown_and_hidden_and_what_matches_stays() {
    let mut viewer = Viewer::new();
    viewer.keys("&x\n");
    let (number, _) = viewer.asked.one_read();
    viewer.accept(number, 1_000);
    viewer.give(number, [100, 200]);
    viewer.asked.take();
    viewer.keys("c");
    let Some(Request::Context(request, asked)) = viewer.asked.take().pop() else {
        panic!("context is asked for")
    };
    assert_eq!((asked.before, asked.after, asked.filter), (5, 6, None));
    let context = spile_client::Context { records: batch(195..206), gaps: Vec::new() };
    viewer.event(ExploreEvent::Context { request, context });
    assert_eq!((viewer.model.window.len(), viewer.model.selected), (12, Some(200)));
    assert!(matches!(viewer.model.window.get(200), Some(Row::Record(record)) if !record.is_context));
    viewer.keys("c");
    assert_eq!((viewer.model.window.len(), viewer.model.selected), (2, Some(200)));
}

#[test]
fn gaps_are_rows_and_places_are_offsets_or_times() {
    let mut viewer = Viewer::new();
    viewer.tell(viewer.reading(), TailEvent::Gap(Gap { from: 1_000, to: 1_050, cause: 1 }));
    assert!(matches!(viewer.model.window.get(1_000), Some(Row::Gap(_))));
    viewer.asked.take();
    viewer.keys(":12345\n");
    let Position::Before(before) = position(&viewer.asked.one_read().1) else { panic!() };
    assert_eq!(before.position, Some(before::Position::Offset(12_345)));
    viewer.keys(":@5\n");
    let (number, request) = viewer.asked.one_read();
    let Position::Before(before) = position(&request) else { panic!() };
    assert_eq!(before.position, Some(before::Position::TimeUnixNano(5_000_000_000)));
    viewer.accept(number, 1_000);
    viewer.give(number, 0..100);
    assert_eq!(viewer.model.selected, Some(4), "the first record of that time");
    viewer.keys(":soon\n");
    assert!(matches!(&viewer.model.overlay, Overlay::Prompt(prompt) if prompt.problem.is_some()));
}

#[test]
fn a_stream_is_picked_and_one_that_is_missing_is_waited_for() {
    let mut viewer = Viewer::new();
    assert_eq!(viewer.key(KeyCode::Char('s')), Outcome::ListStreams);
    let stream = |name: &str| StreamInfo { name: name.to_owned(), ..StreamInfo::default() };
    viewer.update(Input::Streams(Ok(vec![stream("audit"), stream("web")])));
    assert!(matches!(viewer.model.overlay, Overlay::Streams(Some(_), 1)), "the one that is shown is marked");
    viewer.asked.take();
    viewer.keys("k\n");
    assert_eq!(viewer.asked.one_read().1.stream, "audit");

    let mut viewer = Viewer::unopened();
    viewer.model.begin(&mut viewer.asked);
    let (number, _) = viewer.asked.one_read();
    viewer.refuse(number, NO_STREAM);
    assert!(viewer.asked.take().is_empty());
    viewer.update(Input::Tick(1));
    assert_eq!(viewer.asked.one_read().1.stream, "web");
}

#[test]
fn keys_that_end_it_do_so_also_in_help() {
    let mut viewer = Viewer::new();
    let control = |key| Input::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL));
    assert_eq!(viewer.update(control('c')), Outcome::Interrupt);
    assert_eq!(viewer.update(control('z')), Outcome::Suspend);
    assert_eq!(viewer.key(KeyCode::Char('?')), Outcome::Nothing);
    assert_eq!(viewer.update(control('c')), Outcome::Interrupt);
    assert_eq!(viewer.key(KeyCode::Char('q')), Outcome::Quit);
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Happening {
    Key(char),
    Page(bool),
    Resize(u16),
    /// So many records come of what is read.
    Live(u64),
    /// What was asked last is answered, as far as it is a read or a fetch.
    Answer,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        prop::sample::select("jkgGfpceEwWnNt123456\n0 b".chars().collect::<Vec<_>>())
            .prop_map(Happening::Key),
        any::<bool>().prop_map(Happening::Page),
        (0_u16..40).prop_map(Happening::Resize),
        (1_u64..3_000).prop_map(Happening::Live),
        Just(Happening::Answer),
        Just(Happening::Answer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_screen_holds_together(happenings in prop::collection::vec(happening(), 1..80)) {
        let mut viewer = Viewer::new();
        let mut tail = 1_000;
        for happening in happenings {
            match happening {
                Happening::Key(key) => viewer.keys(&key.to_string()),
                Happening::Page(down) => drop(viewer.key(if down { KeyCode::PageDown } else { KeyCode::PageUp })),
                Happening::Resize(rows) => drop(viewer.update(Input::Resize { columns: 40, rows })),
                Happening::Live(records) => {
                    if !viewer.model.pause_sent {
                        viewer.give(viewer.reading(), tail..tail + records);
                    }
                    tail += records;
                }
                Happening::Answer => match viewer.asked.requests.pop() {
                    Some(Request::Read(number, request)) => {
                        viewer.accept(number, tail);
                        let start = match position(&request) {
                            Position::Oldest(_) => 0,
                            Position::Offset(offset) => offset,
                            Position::Last(records) => tail.saturating_sub(records.into()),
                            Position::Before(before) => match before.position {
                                Some(before::Position::Offset(offset)) => offset.saturating_sub(before.records.into()),
                                _ => 0,
                            },
                            _ => tail,
                        };
                        if viewer.model.reading == Some(number) {
                            viewer.give(number, start..tail.min(start + 2_000).max(start + 1));
                        }
                    }
                    Some(Request::Fetch(number, request)) => {
                        let Position::Offset(at) = position(&request) else { panic!("fetches are by offset") };
                        match request.order() {
                            Order::NewestFirst if at > 0 => {
                                viewer.give(number, (at.saturating_sub(request.limit)..at).rev());
                            }
                            Order::Unspecified if at < tail => viewer.give(number, at..at + 1),
                            _ => {}
                        }
                        viewer.end(number, if at < 500 { EndReason::EndOfHistory } else { EndReason::Limit });
                    }
                    _ => {}
                },
            }
        }
    }
}
