//! What is drawn, on a terminal in memory.

#![allow(clippy::unwrap_used)]

use jiff::tz::{TimeZone, offset};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use spile_client::TailEvent;
use spile_client::proto::{Gap, LogRecord, RecordBatch, Resource};

use super::*;
use crate::commands::explore::model::Times;
use crate::commands::explore::model::tests::Viewer;

fn drawn(viewer: &Viewer, coloured: bool) -> Buffer {
    let model = &viewer.model;
    let mut terminal = Terminal::new(TestBackend::new(model.columns, model.rows)).unwrap();
    let view = View::in_zone(Styles::new(coloured), TimeZone::fixed(offset(5)));
    terminal.draw(|frame| view.draw(frame, model)).unwrap();
    terminal.backend().buffer().clone()
}

fn lines(viewer: &Viewer) -> Vec<String> {
    let buffer = drawn(viewer, true);
    let width = usize::from(buffer.area.width);
    let line = |cells: &[ratatui::buffer::Cell]| {
        cells.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()
    };
    buffer.content().chunks(width).map(line).collect()
}

/// A viewer whose last record is this.
fn showing(record: LogRecord) -> Viewer {
    let mut viewer = Viewer::new();
    let resource = spile_client::resource([("service.name", "shop")]);
    let batch = RecordBatch {
        records: vec![LogRecord { resource_hash: resource.hash, ..record }],
        resources: vec![Resource::clone(&resource)],
        offsets: vec![1_000],
        ..RecordBatch::default()
    };
    viewer.tell(1, TailEvent::Batch(batch.try_into().unwrap()));
    viewer
}

fn body(text: &str) -> LogRecord {
    LogRecord {
        body: text.to_owned(),
        time_unix_nano: 1_500_000_000,
        severity_number: 17,
        ..LogRecord::default()
    }
}

#[test]
fn a_screen_has_what_is_looked_at_records_and_how_it_goes() {
    let mut viewer = Viewer::new();
    let screen = lines(&viewer);
    assert!(screen[0].starts_with(" web") && screen[0].ends_with("? help"), "{:?}", screen[0]);
    assert_eq!(screen[1], "1970-01-01T00:16:21.000Z ERROR line 980");
    assert_eq!(screen[20], "1970-01-01T00:16:40.000Z INFO  line 999");
    assert_eq!(
        screen[21].trim_end(),
        format!("{:<76}UTC", " FOLLOWING  offset 999 of 1000 (100%)").trim_end()
    );
    viewer.keys("kt");
    let screen = lines(&viewer);
    assert!(screen[20].starts_with("1970-01-01T05:16:40.000+05:00 INFO"), "{:?}", screen[20]);
    assert!(screen[21].starts_with(" BROWSING  offset 998"));
    viewer.keys("t");
    assert!(lines(&viewer)[20].starts_with(" -16m40s INFO"), "{:?}", lines(&viewer)[20]);
    assert_eq!(viewer.model.times, Times::Relative);
}

#[test]
fn hostile_text_is_made_visible_and_wide_characters_keep_their_cells() {
    let viewer = showing(body("a\x1b[2J\u{202e}b\tc\nd"));
    let line = lines(&viewer)[20].clone();
    assert_eq!(line, "1970-01-01T00:00:01.500Z ERROR shop a\\x1b[2J\\u{202e}b    c\\nd");
    let viewer = showing(body(&"日本語".repeat(30)));
    let buffer = drawn(&viewer, true);
    assert_eq!(buffer[(36, 20)].symbol(), "日");
    assert_eq!(buffer[(38, 20)].symbol(), "本");
}

#[test]
fn without_colours_there_are_none() {
    let viewer = showing(body("text"));
    let has_colour = |buffer: &Buffer| {
        buffer.content().iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset)
    };
    assert!(has_colour(&drawn(&viewer, true)));
    let plain = drawn(&viewer, false);
    assert!(!has_colour(&plain));
    assert!(plain[(0, 20)].modifier.contains(Modifier::REVERSED), "the marked row is seen all the same");
}

#[test]
fn gaps_and_searches_are_set_off() {
    let mut viewer = Viewer::new();
    viewer.tell(1, TailEvent::Gap(Gap { from: 1_000, to: 1_050, cause: 1 }));
    assert!(lines(&viewer)[20].contains("offsets 1000 to 1049 are no longer stored"));
    viewer.keys("/LINE\n");
    let buffer = drawn(&viewer, true);
    let found = |x: u16| buffer[(x, 1)].modifier.contains(Modifier::UNDERLINED);
    assert_eq!((30..38).map(found).collect::<Vec<_>>(), [false, true, true, true, true, false, false, false]);
}

#[test]
fn all_of_a_record_is_shown_below_the_others() {
    let mut viewer = showing(body("the text"));
    viewer.keys("\n");
    let screen = lines(&viewer);
    assert!(screen[7].ends_with("the text"), "the records keep a third: {screen:?}");
    assert!(screen[8].starts_with("───"));
    assert_eq!((screen[9].as_str(), screen[10].as_str()), ("{", "  \"offset\": 1000,"));
    assert!(screen[9..21].iter().any(|line| line == "  \"body\": \"the text\","), "{screen:?}");
    viewer.keys("JJ");
    assert_eq!(lines(&viewer)[9], screen[11], "it scrolls");
}

#[test]
fn prompts_help_and_streams_lie_over_it() {
    let mut viewer = Viewer::new();
    viewer.keys("&body:日本");
    assert_eq!(lines(&viewer)[21].replace(' ', ""), "&body:日本");
    viewer.keys("\n?");
    let help = lines(&viewer).join("\n");
    for (keys, what) in super::super::model::keys::HELP {
        assert!(help.contains(keys) && help.contains(what), "{keys} is in the help:\n{help}");
    }
}

#[test]
fn it_draws_at_any_size() {
    let mut viewer = showing(body(&"long ".repeat(100)));
    for keys in ["", "\n", "?", "?&x", "\n"] {
        viewer.keys(keys);
        for (columns, rows) in [(1, 1), (9, 3), (10, 3), (12, 4), (300, 100), (20, 0)] {
            viewer.model.columns = columns;
            viewer.model.rows = rows;
            drawn(&viewer, true);
        }
    }
}
