//! That the command line is sound, and says what it means.
#![allow(clippy::unwrap_used)]

use clap::{CommandFactory, Parser};

use super::{Cli, Command, Format, Lines, TailArgs};

fn tail(arguments: &[&str]) -> TailArgs {
    let arguments = ["spile", "tail"].iter().chain(arguments);
    match Cli::try_parse_from(arguments).unwrap().command {
        Command::Tail(args) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_description_of_the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn a_bare_tail_is_all_that_is_stored() {
    let args = tail(&[]);
    assert_eq!((args.follow, args.lines, args.output), (false, Lines::All, Format::Default));
    assert_eq!(args.filter.stream, "default");
}

#[test]
fn options_may_stand_together_and_between_filters() {
    let args = tail(&["-fn", "20", "a b", "-lerror", "-ojsonl", "--", "-c"]);
    assert!(args.follow);
    assert_eq!(args.lines, Lines::Last(20));
    assert_eq!(args.filter.level.as_deref(), Some("error"));
    assert_eq!(args.output, Format::Jsonl);
    assert_eq!(args.filter.expressions, ["a b", "-c"]);
}

#[test]
fn values_may_begin_with_a_dash() {
    let args = tail(&["--since", "-5m", "-g", "-v", "-e", "--x"]);
    assert!(args.filter.since.is_some());
    assert_eq!(args.filter.grep, ["-v"]);
    assert_eq!(args.filter.exclude, ["--x"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    for arguments in [
        &["tail", "-n", "-1"][..],
        &["tail", "-n", "1000001"],
        &["tail", "-n", "many"],
        &["tail", "--since", "soon"],
        &["tail", "--after-cursor", "c", "-n", "3"],
        &["tail", "-o", "xml"],
        &["streams", "delete"],
        &["streams", "-o", "json", "delete", "x"],
        &["streams", "retention", "x", "--inherit", "--max-age", "1d"],
        &["tail", "-r", "-f"],
        &["tail", "-r", "--cursor-file", "x"],
        &["tail", "--by-time", "-f"],
        &["tail", "--by-time", "-r"],
        &["tail", "--by-time", "-n", "3"],
        &["histogram", "--buckets", "0"],
        &["histogram", "--buckets", "1001"],
        &["histogram", "--interval", "0s"],
        &["histogram", "--interval", "1m", "--buckets", "3"],
        &["push"],
        &["push", "--attr", "novalue", "f"],
        &["push", "--attr", "=x", "f"],
        &["push", "--producer-id", "", "f"],
        &["man", "tail", "--dir", "x"],
        &["-q", "-v", "streams"],
        &[],
    ] {
        let arguments = ["spile"].iter().chain(arguments);
        let error = Cli::try_parse_from(arguments.clone()).unwrap_err();
        assert!(error.use_stderr(), "{arguments:?}: {error}");
    }
}

#[test]
fn the_documentation_names_every_command_and_every_option() {
    const DOCUMENT: &str = include_str!("../../../../docs/cli.md");
    let cli = Cli::command();
    let global: Vec<_> = cli.get_opts().filter_map(|option| option.get_long()).map(str::to_owned).collect();
    let mut missing = Vec::new();
    let mut commands: Vec<_> =
        cli.get_subcommands().map(|command| (format!("spile {}", command.get_name()), command)).collect();
    while let Some((name, command)) = commands.pop() {
        let longs = command.get_opts().filter_map(|option| option.get_long());
        let longs = longs.chain(global.iter().map(String::as_str)).map(|long| format!("--{long}"));
        commands
            .extend(command.get_subcommands().map(|below| (format!("{name} {}", below.get_name()), below)));
        missing.extend([name].into_iter().chain(longs).filter(|word| !DOCUMENT.contains(word.as_str())));
    }
    assert!(missing.is_empty(), "docs/cli.md does not name {missing:?}");
}
