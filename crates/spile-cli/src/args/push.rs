//! The options of `spile push`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  spile push --service shop app.log       a file
  make 2>&1 | spile push --stream ci -    what a command prints, while it runs";

/// Upload log files, or standard input, line by line
///
/// Time and severity are read from the lines where they have them. A file whose connection breaks is sent again from its start and
/// nothing is stored twice; standard input cannot be read again.
#[derive(Args, Debug)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct PushArgs {
    /// The files; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The stream to write to; the first record makes it
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    pub(crate) stream: String,
    /// What the lines come from; the same as --attr service.name=NAME
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// An attribute of what the lines come from; may be given more than once
    #[arg(long = "attr", value_name = "KEY=VALUE", value_parser = parse_attribute)]
    pub(crate) attributes: Vec<(String, String)>,
    /// Repeating a push with the same id and the same files stores nothing twice [default: a random one]
    #[arg(long, value_name = "ID", value_parser = parse_producer_id)]
    pub(crate) producer_id: Option<String>,
}

fn parse_attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("it must be of the form KEY=VALUE".to_owned()),
    }
}

/// With several files, what tells them apart is added; together at most 128 bytes.
fn parse_producer_id(text: &str) -> Result<String, String> {
    match text.len() {
        0 => Err("it is empty".to_owned()),
        1..=100 => Ok(text.to_owned()),
        _ => Err("it is over 100 bytes".to_owned()),
    }
}
