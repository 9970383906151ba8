//! How wide what is drawn may be.

use std::io;

/// What is taken when nobody says.
const DEFAULT: usize = 80;

/// The width of standard output, in cells: that of the terminal; else what COLUMNS says; else 80.
pub(crate) fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
    let terminal = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    let environment = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    terminal.or_else(environment).unwrap_or(DEFAULT)
}
