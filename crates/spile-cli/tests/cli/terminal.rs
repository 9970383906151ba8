//! On a terminal: colours, and nothing hostile.

use std::fs::File;
use std::io::{Read, Write};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use spile_proto::v1::{HistogramBucket, LogRecord, Resource, SeverityCount, SeverityNumber};
use tokio::process::Command;
use tokio::time::timeout;

use crate::fake::Fake;
use crate::process::{PATIENCE, ended, run, spile_at};

/// A terminal: what is written to its far end is read from its near one, and the other way round.
pub(crate) struct Terminal {
    near: File,
    far: File,
}

impl Terminal {
    pub(crate) fn new(size: Winsize) -> Self {
        let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&near).unwrap();
        unlockpt(&near).unwrap();
        let name = ptsname(&near, Vec::new()).unwrap();
        let far = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        tcsetwinsize(&far, size).unwrap();
        Self { near: near.into(), far }
    }

    /// For a child's standard input, output or error.
    pub(crate) fn far(&self) -> File {
        self.far.try_clone().unwrap()
    }

    /// Waits until a text is shown.
    pub(crate) async fn shows(&self, text: &str) {
        let (mut near, text) = (self.near.try_clone().unwrap(), text.to_owned());
        let look = tokio::task::spawn_blocking(move || {
            let (mut shown, mut part) = (Vec::new(), [0; 4_096]);
            while !String::from_utf8_lossy(&shown).contains(&text) {
                let read = near.read(&mut part).unwrap();
                shown.extend_from_slice(&part[..read]);
            }
        });
        timeout(PATIENCE, look).await.unwrap().unwrap();
    }

    pub(crate) fn type_in(&self, text: &str) {
        (&self.near).write_all(text.as_bytes()).unwrap();
    }
}

/// How a command on a terminal ended, and what it showed.
pub(crate) async fn ended_on(terminal: Terminal, mut command: Command) -> (Option<i32>, String) {
    let code = ended(command.spawn().unwrap()).await;
    let Terminal { mut near, far } = terminal;
    drop((command, far));
    let mut shown = Vec::new();
    // With the last writer gone, reading a terminal ends with an error instead of an end.
    let _end = near.read_to_end(&mut shown);
    (code, String::from_utf8(shown).unwrap().replace("\r\n", "\n"))
}

/// What a command shows on a terminal.
async fn shown(fake: &Fake, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let terminal = Terminal::new(Winsize { ws_row: 24, ws_col: 57, ws_xpixel: 0, ws_ypixel: 0 });
    let mut command = spile_at(fake.address, arguments);
    command.envs(environment.iter().copied()).stdout(terminal.far());
    let (code, shown) = ended_on(terminal, command).await;
    assert_eq!(code, Some(0));
    shown
}

async fn hostile() -> Fake {
    let fake = Fake::start(0).await;
    fake.state().records.push(LogRecord {
        severity_number: SeverityNumber::Error.into(),
        body: "\x1b[2Jgone\nforged \u{202e}".to_owned(),
        ..LogRecord::default()
    });
    fake.state().resources.push(Resource::default());
    fake.server.grow(1);
    fake
}

#[tokio::test]
async fn severities_have_colours_and_hostile_text_has_none() {
    let fake = hostile().await;
    let coloured = shown(&fake, &["tail", "-n2"], &[("TERM", "xterm")]).await;
    assert!(coloured.contains("\x1b[31mERROR\x1b[0m \\x1b[2Jgone\n    forged \\u{202e}\n"), "{coloured:?}");
    assert!(coloured.contains("\x1b[32mINFO\x1b[0m  line 1"), "{coloured:?}");
    for (arguments, environment) in [
        (&["tail", "-n2"][..], &[("NO_COLOR", "1")][..]),
        (&["tail", "-n2", "--color", "never"], &[]),
        (&["tail", "-n2"], &[("TERM", "dumb")]),
        (&["tail", "-n2", "-oraw"], &[]),
        (&["tail", "-n2", "-ojsonl"], &[]),
    ] {
        let plain = shown(&fake, arguments, environment).await;
        assert!(!plain.contains('\x1b') && !plain.contains('\u{202e}'), "{arguments:?}: {plain:?}");
        assert!(plain.contains("gone") && plain.contains("line 1"), "{plain:?}");
    }
}

#[tokio::test]
async fn colours_on_a_pipe_come_with_the_same_care() {
    let fake = hostile().await;
    let piped = run(spile_at(fake.address, &["tail", "--color", "always"])).await;
    assert!(piped.stdout.contains("\x1b[31mERROR\x1b[0m \\x1b[2Jgone"), "{:?}", piped.stdout);
    let exact = run(spile_at(fake.address, &["tail", "-oraw"])).await;
    assert_eq!(exact.stdout, "\x1b[2Jgone\nforged \u{202e}\nline 1\n");
}

#[tokio::test]
async fn a_chart_fills_the_terminal_with_colours() {
    let fake = Fake::start(0).await;
    let counts = vec![SeverityCount { severity_number: 17, records: 5 }];
    let bucket = HistogramBucket { start_unix_nano: 1_795_341_600_000_000_000, counts };
    {
        let mut state = fake.state();
        state.histogram.buckets.push(bucket);
        (state.histogram.bucket_nanos, state.histogram.records) = (60_000_000_000, 5);
    }
    let coloured = shown(&fake, &["histogram"], &[("TERM", "xterm")]).await;
    let bar = format!("        5  \x1b[31m{}\x1b[0m\n", "█".repeat(30));
    assert!(coloured.contains(&bar), "{coloured:?}");
    let plain = shown(&fake, &["histogram"], &[("TERM", "xterm"), ("NO_COLOR", "1")]).await;
    assert!(plain.contains(&format!("        5  {}\n", "▓".repeat(30))), "{plain:?}");
    assert!(!plain.contains('\x1b'), "{plain:?}");
}
