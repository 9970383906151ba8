//! Where the server is and how to show who we are: flag, then environment, then settings file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::args::GlobalArgs;
use crate::exit::CliError;

const DEFAULT_ADDR: &str = "127.0.0.1:50051";
/// No token is as long.
const MAX_TOKEN_BYTES: u64 = 64 << 10;

/// What is in force.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) addr: String,
    pub(crate) token: Option<String>,
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    addr: Option<String>,
    token_file: Option<PathBuf>,
}

impl Settings {
    /// Clap has put flags before the environment already.
    pub(crate) fn load(global: &GlobalArgs) -> Result<Self, CliError> {
        let file = match &global.config {
            Some(path) => read_file(path, true)?,
            None => match default_path(|name| std::env::var_os(name).map(PathBuf::from)) {
                Some(path) => read_file(&path, false)?,
                None => File::default(),
            },
        };
        let token_file = global.token_file.clone().or(file.token_file);
        Ok(Self {
            addr: global.addr.clone().or(file.addr).unwrap_or_else(|| DEFAULT_ADDR.to_owned()),
            token: token_file.as_deref().map(read_token).transpose()?,
        })
    }
}

/// `spile/config.toml` where configuration is kept.
fn default_path(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // The specification says that a relative path there is to be ignored.
    let xdg = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let folder = xdg.or_else(|| variable("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("spile").join("config.toml"))
}

fn read_file(path: &Path, must_exist: bool) -> Result<File, CliError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => return Ok(File::default()),
        Err(source) => return Err(cannot_read("cannot read the settings file", path, source)),
    };
    let mut file: File = toml::from_str(&text)
        .map_err(|error| CliError::Settings(format!("the settings file {}: {error}", path.display())))?;
    // A relative path is one beside the settings file, wherever the command is run.
    if let (Some(token_file), Some(folder)) = (&mut file.token_file, path.parent()) {
        *token_file = folder.join(&token_file);
    }
    Ok(file)
}

fn read_token(path: &Path) -> Result<String, CliError> {
    let refuse = |source| cannot_read("cannot read the token file", path, source);
    // Not `fs::read`: somebody may name a device or a log by mistake.
    let file = fs::File::open(path).map_err(refuse)?;
    let mut token = String::new();
    io::Read::read_to_string(&mut io::Read::take(file, MAX_TOKEN_BYTES), &mut token).map_err(refuse)?;
    Ok(token.trim().to_owned())
}

fn cannot_read(what: &'static str, path: &Path, source: io::Error) -> CliError {
    CliError::File { what, path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests;
