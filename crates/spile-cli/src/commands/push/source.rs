//! What is pushed: files and standard input, each with its name and its producer id.

use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::args::PushArgs;
use crate::exit::CliError;

/// One thing to push.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// `None` is standard input.
    pub(super) path: Option<PathBuf>,
    /// As people know it.
    pub(super) name: String,
    /// What the records say where they come from; empty for standard input.
    pub(super) file_name: String,
    /// Empty for a random one.
    pub(super) producer_id: String,
}

pub(super) fn sources(args: &PushArgs) -> Result<Vec<Source>, CliError> {
    let stdin = args.files.iter().filter(|file| is_stdin(file)).count();
    if stdin > 1 {
        return Err(CliError::Usage("standard input (-) can be given only once".to_owned()));
    }
    let several = args.files.len() > 1;
    Ok(args.files.iter().map(|file| source(file, args.producer_id.as_deref(), several)).collect())
}

fn source(file: &Path, producer_id: Option<&str>, several: bool) -> Source {
    let name = file.display().to_string();
    let producer_id = match producer_id {
        None => String::new(),
        Some(id) if !several => id.to_owned(),
        // The same id must always stand for the same bytes, whatever else is pushed and in which order.
        Some(id) => format!("{id}:{:016x}", xxh3_64(file.as_os_str().as_encoded_bytes())),
    };
    if is_stdin(file) {
        return Source {
            path: None,
            name: "standard input".to_owned(),
            file_name: String::new(),
            producer_id,
        };
    }
    let file_name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    Source { path: Some(file.to_owned()), name, file_name: file_name.unwrap_or_default(), producer_id }
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}
