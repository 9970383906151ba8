//! Which setting counts, and what is said of files that cannot be used.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use clap::ColorChoice;
use tempfile::TempDir;

use super::{Settings, default_path, read_file};
use crate::args::GlobalArgs;

/// The options that a command line gives.
fn global(config: &Path, addr: Option<&str>) -> GlobalArgs {
    GlobalArgs {
        addr: addr.map(str::to_owned),
        token_file: None,
        config: Some(config.to_owned()),
        color: ColorChoice::Never,
        verbose: false,
        quiet: false,
    }
}

fn folder(config: &str, token: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    fs::write(&path, config).unwrap();
    fs::write(folder.path().join("token"), token).unwrap();
    (folder, path)
}

#[test]
fn a_flag_counts_before_the_file() {
    let (_folder, path) = folder("addr = \"file:1\"\ntoken_file = \"token\"\n", " s3cret\n");
    let settings = Settings::load(&global(&path, None)).unwrap();
    assert_eq!(settings, Settings { addr: "file:1".to_owned(), token: Some("s3cret".to_owned()) });
    let settings = Settings::load(&global(&path, Some("flag:1"))).unwrap();
    assert_eq!(settings.addr, "flag:1");
}

#[test]
fn the_file_is_where_configuration_is_kept() {
    let path = |xdg: Option<&str>, home: Option<&str>| {
        default_path(|name| match name {
            "XDG_CONFIG_HOME" => xdg.map(PathBuf::from),
            "HOME" => home.map(PathBuf::from),
            other => panic!("{other}"),
        })
    };
    let expected = |path: &str| Some(PathBuf::from(path));
    assert_eq!(path(Some("/x"), Some("/h")), expected("/x/spile/config.toml"));
    assert_eq!(path(Some("relative"), Some("/h")), expected("/h/.config/spile/config.toml"));
    assert_eq!(path(None, Some("/h")), expected("/h/.config/spile/config.toml"));
    assert_eq!(path(None, None), None);
}

#[test]
fn only_a_file_that_was_asked_for_must_exist() {
    let missing = Path::new("/nowhere/config.toml");
    assert!(read_file(missing, false).is_ok());
    let error = read_file(missing, true).unwrap_err().to_string();
    assert!(error.contains("/nowhere/config.toml"), "{error}");
}

#[test]
fn mistakes_in_the_file_are_named() {
    for (config, word) in [("adr = 1", "adr"), ("addr = 1", "addr"), ("addr", "=")] {
        let (_folder, path) = folder(config, "");
        let error = read_file(&path, false).unwrap_err().to_string();
        assert!(error.contains(word) && error.contains("config.toml"), "{error}");
    }
}

#[test]
fn a_token_file_that_cannot_be_read_is_named() {
    let (_folder, path) = folder("token_file = \"no-such\"", "");
    let error = Settings::load(&global(&path, None)).unwrap_err().to_string();
    assert!(error.contains("no-such"), "{error}");
}
