//! The configuration, from command lines, environments and files of the tests' own.

#![allow(clippy::unwrap_used)]

mod precedence;
mod problems;
mod table;
mod value;

use std::collections::HashMap;
use std::ffi::OsString;

use super::{Config, Invocation, Problems, parse};

/// What a command line with this environment asks for.
fn invoke(args: &[&str], env: &[(&str, &str)]) -> Result<Invocation, Problems> {
    let env: HashMap<&str, &str> = env.iter().copied().collect();
    let args = std::iter::once("spile-server").chain(args.iter().copied()).map(OsString::from);
    parse(args, &|name| env.get(name).map(OsString::from))
}

/// The configuration that it gives.
fn config(args: &[&str], env: &[(&str, &str)]) -> Config {
    match invoke(args, env) {
        Ok(Invocation::Serve(config)) => *config,
        other => panic!("not a configuration: {other:?}"),
    }
}

/// The problems that it has, one line each.
fn problems(args: &[&str], env: &[(&str, &str)]) -> Vec<String> {
    invoke(args, env).unwrap_err().iter().map(ToString::to_string).collect()
}

/// What it prints.
fn printed(args: &[&str]) -> String {
    match invoke(args, &[]) {
        Ok(Invocation::Print(text)) => text,
        other => panic!("nothing to print: {other:?}"),
    }
}

/// A configuration file with these contents.
fn file(contents: &str) -> (tempfile::NamedTempFile, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), contents).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    (file, path)
}
