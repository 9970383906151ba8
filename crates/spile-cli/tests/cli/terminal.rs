//! On a terminal: colours, and nothing hostile.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use spile_proto::v1::{LogRecord, Resource, SeverityNumber};

use crate::fake::Fake;
use crate::process::{ended, run, spile_at};

/// A terminal: what is written to the second is read from the first.
fn terminal() -> (OwnedFd, File) {
    let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&near).unwrap();
    unlockpt(&near).unwrap();
    let name = ptsname(&near, Vec::new()).unwrap();
    let far = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (near, far)
}

/// What a command shows on a terminal.
async fn shown(fake: &Fake, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let (near, far) = terminal();
    let mut command = spile_at(fake.address, arguments);
    command.envs(environment.iter().copied()).stdout(far);
    assert_eq!(ended(command.spawn().unwrap()).await, Some(0));
    drop(command);
    let mut shown = Vec::new();
    // With the last writer gone, reading a terminal ends with an error instead of an end.
    let _end = File::from(near).read_to_end(&mut shown);
    String::from_utf8(shown).unwrap().replace("\r\n", "\n")
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
