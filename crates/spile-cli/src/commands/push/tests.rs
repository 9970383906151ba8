//! What an upload says of its lines, and under which id.
#![allow(clippy::unwrap_used)]

use clap::Parser;
use spile_client::proto::UploadResponse;

use super::source::sources;
use super::{describe, resource_attributes};
use crate::args::{Cli, Command, PushArgs};

fn push(arguments: &[&str]) -> PushArgs {
    let arguments = ["spile", "push"].iter().chain(arguments);
    match Cli::try_parse_from(arguments).unwrap().command {
        Command::Push(args) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn attributes_are_sorted_and_the_last_of_a_name_counts() {
    let args = push(&["--service", "web", "--attr", "host.name=a=b", "--attr", "host.name=c", "-"]);
    let attributes = resource_attributes(&args);
    let keys: Vec<_> = attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    assert_eq!(keys, ["host.name", "service.name"]);
    assert_eq!(attributes[0], spile_client::key_value("host.name".to_owned(), "c"));
}

#[test]
fn one_id_for_several_files_stands_for_the_same_file_in_any_order() {
    let ids = |files: &[&str]| -> Vec<String> {
        let args = push(&[&["--producer-id", "me"], files].concat());
        sources(&args).unwrap().into_iter().map(|source| source.producer_id).collect()
    };
    let (ab, ba) = (ids(&["a", "b"]), ids(&["b", "a"]));
    assert_eq!(ab, [ba[1].clone(), ba[0].clone()]);
    assert_ne!(ab[0], ab[1]);
    assert!(ab[0].starts_with("me:"));
    assert_eq!(ids(&["a"]), ["me"]);
}

#[test]
fn a_file_is_known_by_its_name_and_standard_input_by_none() {
    let sources = sources(&push(&["/var/log/app.log", "-"])).unwrap();
    assert_eq!(sources[0].file_name, "app.log");
    assert_eq!(sources[0].name, "/var/log/app.log");
    assert_eq!((sources[1].path.as_ref(), sources[1].file_name.as_str()), (None, ""));
    assert!(super::source::sources(&push(&["-", "-"])).is_err());
}

#[test]
fn a_summary_says_what_is_out_of_the_ordinary() {
    let began = std::time::Instant::now();
    let plain = UploadResponse { records: 1_234, bytes: 2_048, ..UploadResponse::default() };
    assert!(describe(&plain, began).starts_with("1,234 records, 2.00 KiB in "));
    assert!(!describe(&plain, began).contains("before"));
    let odd = UploadResponse { duplicate_records: 3, cut_lines: 2, ..plain };
    let text = describe(&odd, began);
    assert!(text.contains("3 of them stored before") && text.contains("cut 2 lines that"), "{text}");
}
