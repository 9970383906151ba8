//! What each key does. Help and documentation are made of this table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Down,
    Up,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    Left,
    Right,
    Oldest,
    Newest,
    Follow,
    Pause,
    Search,
    NextMatch,
    PreviousMatch,
    NextError,
    PreviousError,
    NextWarning,
    PreviousWarning,
    Filter,
    Place,
    Level(usize),
    AllLevels,
    Times,
    Detail,
    DetailDown,
    DetailUp,
    Context,
    Streams,
    Help,
    Leave,
    Redraw,
    Suspend,
    Interrupt,
    Quit,
}

/// The keys as help shows them, and what they do.
pub(crate) const HELP: &[(&str, &str)] = &[
    ("j k ↓ ↑", "one record down, up"),
    ("space b PgDn PgUp", "one page down, up (d u: half a page)"),
    ("← →", "scroll sideways"),
    ("g G Home End", "to the oldest, to the newest (and follow)"),
    ("f", "follow what arrives, or stop following"),
    ("p", "pause reading, or go on: nothing is lost"),
    ("/ n N", "search for a filter expression; next, previous match"),
    ("e E", "next, previous error or worse"),
    ("w W", "next, previous warning"),
    ("&", "show only what matches a filter; an empty one: everything"),
    ("1 2 3 4 5 6 0", "show or hide TRACE DEBUG INFO WARN ERROR FATAL; 0: all"),
    (":", "go to an offset or a time: 1200, -5m, 10:30, @1700000000"),
    ("Enter", "show all of the record, or hide it (J K scroll it)"),
    ("c", "show what stands around the record, or hide it"),
    ("s", "pick another stream"),
    ("t", "times: UTC, local, relative"),
    ("Esc ^L ^Z", "leave what is open; draw anew; suspend"),
    ("? q", "this help; quit"),
];

/// What a key asks for, when nothing is typed in.
pub(crate) fn command(key: KeyEvent) -> Option<Command> {
    use Command::*;
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return Some(match key.code {
            KeyCode::Char('f') => PageDown,
            KeyCode::Char('b') => PageUp,
            KeyCode::Char('d') => HalfDown,
            KeyCode::Char('u') => HalfUp,
            KeyCode::Char('n' | 'j') => Down,
            KeyCode::Char('p') => Up,
            KeyCode::Char('l') => Redraw,
            KeyCode::Char('z') => Suspend,
            KeyCode::Char('c') => Interrupt,
            _ => return None,
        });
    }
    Some(match key.code {
        KeyCode::Down | KeyCode::Char('j') => Down,
        KeyCode::Up | KeyCode::Char('k') => Up,
        KeyCode::PageDown | KeyCode::Char(' ') => PageDown,
        KeyCode::PageUp | KeyCode::Char('b') => PageUp,
        KeyCode::Char('d') => HalfDown,
        KeyCode::Char('u') => HalfUp,
        KeyCode::Left => Left,
        KeyCode::Right => Right,
        KeyCode::Home | KeyCode::Char('g' | '<') => Oldest,
        KeyCode::End | KeyCode::Char('G' | '>') => Newest,
        KeyCode::Char('f' | 'F') => Follow,
        KeyCode::Char('p') => Pause,
        KeyCode::Char('/') => Search,
        KeyCode::Char('n') => NextMatch,
        KeyCode::Char('N') => PreviousMatch,
        KeyCode::Char('e') => NextError,
        KeyCode::Char('E') => PreviousError,
        KeyCode::Char('w') => NextWarning,
        KeyCode::Char('W') => PreviousWarning,
        KeyCode::Char('&') => Filter,
        KeyCode::Char(':') => Place,
        KeyCode::Char(digit @ '1'..='6') => Level(digit as usize - '1' as usize),
        KeyCode::Char('0') => AllLevels,
        KeyCode::Char('t') => Times,
        KeyCode::Enter => Detail,
        KeyCode::Char('J') => DetailDown,
        KeyCode::Char('K') => DetailUp,
        KeyCode::Char('c') => Context,
        KeyCode::Char('s') => Streams,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => Help,
        KeyCode::Esc => Leave,
        KeyCode::Char('q' | 'Q') => Quit,
        _ => return None,
    })
}
