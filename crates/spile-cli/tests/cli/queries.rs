//! `spile count`, `spile streams`, `spile completions`, `spile man`, and what every command sends.

use std::fs;

use crate::fake::Fake;
use crate::process::{run, spile, spile_at};

#[tokio::test]
async fn a_count_is_a_number_or_an_object() {
    let fake = Fake::start(12).await;
    let plain = run(spile_at(fake.address, &["count", "-l", "error", "-g", "x", "-s", "web"])).await;
    assert_eq!((plain.code, plain.stdout.as_str(), plain.stderr.as_str()), (Some(0), "12\n", ""));
    let json = run(spile_at(fake.address, &["count", "-o", "json"])).await;
    assert_eq!(json.stdout, "{\"cursor\":\"c12\",\"records\":12,\"scanned\":12}\n");
    let asked = fake.state().counts[0].clone();
    assert_eq!(asked.stream, "web");
    let filter = asked.filter.unwrap();
    assert_eq!((filter.level.as_str(), filter.expression.as_str()), ("error", "body=~\"x\""));
}

#[tokio::test]
async fn the_token_comes_from_its_file_and_the_address_from_the_settings() {
    let fake = Fake::start(1).await;
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("spile");
    fs::create_dir(&settings).unwrap();
    fs::write(settings.join("config.toml"), format!("addr = \"{}\"\ntoken_file = \"token\"\n", fake.address))
        .unwrap();
    fs::write(settings.join("token"), "s3cret\n").unwrap();
    let mut command = spile(&["tail", "-oraw"]);
    command.env("XDG_CONFIG_HOME", folder.path());
    let told = run(command).await;
    assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("line 0\n", ""));
    assert_eq!(fake.state().authorization.as_deref(), Some("Bearer s3cret"));

    let other = folder.path().join("other");
    fs::write(&other, "0ther").unwrap();
    let told = run(spile_at(fake.address, &["tail", "--token-file", other.to_str().unwrap()])).await;
    assert_eq!(told.code, Some(0));
    assert_eq!(fake.state().authorization.as_deref(), Some("Bearer 0ther"));
}

#[tokio::test]
async fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let told = run(spile(&["completions", shell])).await;
        assert_eq!(told.code, Some(0));
        assert!(told.stdout.contains("cursor-file"), "{shell}");
    }
}

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let main = run(spile(&["man"])).await;
    assert!(main.stdout.contains(".TH spile 1") && main.stdout.contains("push"), "{}", main.stdout);
    let tail = run(spile(&["man", "tail"])).await;
    assert!(
        tail.stdout.contains(".TH spile\\-tail 1") || tail.stdout.contains(".TH spile-tail 1"),
        "{}",
        tail.stdout
    );
    assert!(tail.stdout.contains("cursor\\-file"), "{}", tail.stdout);
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let all = run(spile(&["man", "--dir", pages.to_str().unwrap()])).await;
    assert_eq!((all.code, all.stdout.as_str()), (Some(0), ""));
    let mut names: Vec<_> = fs::read_dir(&pages).unwrap().map(|page| page.unwrap().file_name()).collect();
    names.sort();
    let expected = [
        "-completions",
        "-count",
        "-explore",
        "-export",
        "-histogram",
        "-man",
        "-push",
        "-streams-delete",
        "-streams-retention",
        "-streams-seal",
        "-streams-verify",
        "-streams",
        "-tail",
        "",
    ];
    assert!(names.iter().zip(expected).all(|(name, part)| *name == *format!("spile{part}.1")), "{names:?}");
    assert_eq!(names.len(), expected.len());
}
