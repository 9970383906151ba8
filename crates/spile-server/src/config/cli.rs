//! The command line: flags made from the table of settings, and what was asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::file::FileSettings;
use super::problems::Problems;
use super::resolve::{Env, Sources, resolve};
use super::setting::{Kind, Setting};
use super::{Config, render, table};

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Serve with this configuration.
    Serve(Box<Config>),
    /// Print this and leave: help, the version, or a configuration file.
    Print(String),
}

const CONFIG: &str = "config";
const INIT_CONFIG: &str = "init-config";

/// Reads the command line (`args` with the program's name first), the environment and the file that they name.
///
/// # Errors
/// All problems of all settings at once.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Invocation, Problems> {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut problems = Problems::default();
    let flags = match command().try_get_matches_from(&args) {
        Ok(flags) => flags,
        Err(shown) if matches!(shown.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return Ok(Invocation::Print(shown.render().to_string()));
        }
        Err(error) => {
            problems.add("command line", usage_problem(&error));
            let lenient = command().ignore_errors(true).try_get_matches_from(&args);
            lenient.map_err(|_| problems.clone())?
        }
    };
    if flags.get_flag(INIT_CONFIG) {
        return problems.none_or(Invocation::Print(render::file()));
    }
    let file = match config_path(&flags, env) {
        Some(path) => FileSettings::read(&path, &mut problems),
        None => FileSettings::default(),
    };
    let config = resolve(&Sources { flags: &flags, env, file: &file }, &mut problems);
    problems.none_or(Invocation::Serve(Box::new(config)))
}

fn config_path(flags: &ArgMatches, env: Env<'_>) -> Option<PathBuf> {
    let flag = flags.get_one::<PathBuf>(CONFIG).cloned();
    flag.or_else(|| env("SPILE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from))
}

/// The first line of what clap has to say, without its prefix.
fn usage_problem(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let first = rendered.lines().next().unwrap_or_default();
    first.trim_start_matches("error: ").to_owned()
}

/// The command, with one flag for each setting.
pub(super) fn command() -> Command {
    let mut command = Command::new("spile-server")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Takes log records in, keeps them durably, and streams them out over gRPC")
        .after_help(
            "Every flag can also be given in the environment (--data-dir as SPILE_DATA_DIR) and in the file that --config \
             names (data-dir = \"...\"). A flag wins over the environment, the environment over the file.",
        )
        .arg(
            Arg::new(CONFIG)
                .long(CONFIG)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Read settings from this TOML file [env: SPILE_CONFIG]"),
        )
        .arg(
            Arg::new(INIT_CONFIG)
                .long(INIT_CONFIG)
                .action(ArgAction::SetTrue)
                .help("Print a configuration file with every setting, explained, at its default"),
        );
    for section in table::SECTIONS {
        command = command.next_help_heading(section.heading).args(section.settings.iter().map(flag));
    }
    command
}

fn flag(setting: &Setting) -> Arg {
    let arg =
        Arg::new(setting.name).long(setting.name).value_name(setting.placeholder()).help(flag_help(setting));
    match setting.kind {
        Kind::Switch(_) => {
            arg.action(ArgAction::Set).num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        Kind::Patterns(_) => arg.action(ArgAction::Append),
        _ => arg.action(ArgAction::Set).overrides_with(setting.name),
    }
}

fn flag_help(setting: &Setting) -> StyledStr {
    let mut help = setting.help.to_owned();
    if !setting.bounds().is_empty() {
        help += &format!(" [{}]", setting.bounds());
    }
    if !setting.default.is_empty() {
        help += &format!(" [default: {}]", setting.default);
    }
    help += &format!(" [env: {}]", setting.env());
    help.into()
}
