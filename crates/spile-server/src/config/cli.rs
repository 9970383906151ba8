//! The command line: flags made from the table of settings, and what was asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
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
    let mut problems = Problems::default();
    let flags = match flags(args, &mut problems) {
        Ok(flags) => flags,
        Err(text) => return Ok(Invocation::Print(text)),
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

/// The flags, or what they ask to print. An argument that clap refuses goes to `problems` and is left out, so that the
/// others are still looked at.
fn flags(args: impl IntoIterator<Item = OsString>, problems: &mut Problems) -> Result<ArgMatches, String> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    loop {
        let error = match command().try_get_matches_from(&args) {
            Ok(flags) => return Ok(flags),
            Err(error) => error,
        };
        if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
            return Err(error.render().to_string());
        }
        problems.add("command line", usage_problem(&error));
        let before = args.len();
        let refused = refused_argument(&error);
        let mut index = 0;
        args.retain(|arg| {
            index += 1;
            index == 1 || Some(flag_name(&arg.to_string_lossy())) != refused.as_deref()
        });
        if args.len() == before {
            // The argument is not there as it is named. Without the rest, only the program's name is left.
            args.truncate(1);
        }
    }
}

/// The argument that clap has refused, without its value.
fn refused_argument(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(shown) => shown.split_whitespace().next().map(|arg| flag_name(arg).to_owned()),
        _ => None,
    }
}

/// An argument up to its `=`.
fn flag_name(arg: &str) -> &str {
    arg.split_once('=').map_or(arg, |(name, _)| name)
}

fn config_path(flags: &ArgMatches, env: Env<'_>) -> Option<PathBuf> {
    let flag = flags.get_one::<PathBuf>(CONFIG).cloned();
    flag.or_else(|| env("SPILE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from))
}

/// The first line of what clap has to say, without its prefix, and without the password of a URL that is out of place.
fn usage_problem(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let first = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ");
    match first.split_once("://") {
        Some((scheme, rest)) if rest.contains('@') || rest.contains("password") => {
            format!("{scheme}://... (the rest is not shown, as it may hold a password)")
        }
        _ => first.to_owned(),
    }
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
        Kind::List(_) => arg.action(ArgAction::Append),
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
