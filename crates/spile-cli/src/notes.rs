//! What is said to people, on standard error.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use clap::ColorChoice;

use crate::args::GlobalArgs;
use crate::escape::indented;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = Style::new().dimmed();

/// Says things as loud as asked for.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    colour: bool,
    verbose: bool,
    quiet: bool,
}

impl Notes {
    pub(crate) fn new(global: &GlobalArgs) -> Self {
        Self {
            colour: use_colour(global.color, io::stderr().is_terminal()),
            verbose: global.verbose,
            quiet: global.quiet,
        }
    }

    pub(crate) fn error(&self, message: &str) {
        self.say("error: ", ERROR, message);
    }

    /// Something that people should know: a gap, a long outage, a summary.
    pub(crate) fn note(&self, message: &str) {
        if !self.quiet {
            self.say("", NOTE, message);
        }
    }

    /// Something that only those want to know who ask.
    pub(crate) fn detail(&self, message: &str) {
        if self.verbose {
            self.say("", NOTE, message);
        }
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether progress may be drawn.
    pub(crate) fn draws(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// A question whose answer is typed behind it. It is asked even when nothing else is to be said.
    pub(crate) fn ask(&self, question: &str) {
        // Without standard error there is nobody to answer.
        let _unheard = io::stderr().write_all(format!("spile: {}", indented(question)).as_bytes());
    }

    fn say(&self, label: &str, style: Style, message: &str) {
        // A message may hold what a server or a file name says, and point at it on a line of its own.
        let message = indented(message);
        let line = if !self.colour {
            format!("spile: {label}{message}\n")
        } else if label.is_empty() {
            format!("{style}spile: {message}{style:#}\n")
        } else {
            format!("spile: {style}{label}{style:#}{message}\n")
        };
        // Without standard error there is nobody to tell.
        let _unheard = io::stderr().write_all(line.as_bytes());
    }
}

/// Whether to use colours on a stream.
pub(crate) fn use_colour(choice: ColorChoice, is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !set("NO_COLOR") && !dumb,
    }
}
