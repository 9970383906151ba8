//! What separates the parts of a header.

use crate::scan::Scanner;

/// What stands between two parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Blanks, or nothing.
    Blank,
    /// A tab.
    Tab,
    /// ` - `, ` : ` or ` | `.
    Mark,
    /// Spring's ` --- `.
    Dashes,
}

/// Moves past blanks and a mark among them.
pub(super) fn gap(scanner: &mut Scanner<'_>) -> Gap {
    let found = gap_ahead(*scanner);
    scanner.blanks();
    match found {
        Gap::Mark => {
            scanner.skip(1);
            scanner.blanks();
        }
        Gap::Dashes => {
            scanner.skip(3);
            scanner.blanks();
        }
        Gap::Blank | Gap::Tab => {}
    }
    found
}

/// The same without moving.
pub(super) fn gap_ahead(mut scanner: Scanner<'_>) -> Gap {
    let is_tab = scanner.peek() == Some(b'\t');
    scanner.blanks();
    let is_blank = |byte: Option<u8>| byte.is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    match scanner.bytes() {
        [b'-', b'-', b'-', rest @ ..] if is_blank(rest.first().copied()) => Gap::Dashes,
        [b'-' | b':' | b'|' | b',', rest @ ..] if is_blank(rest.first().copied()) => Gap::Mark,
        [b'|', ..] => Gap::Mark,
        _ if is_tab => Gap::Tab,
        _ => Gap::Blank,
    }
}
