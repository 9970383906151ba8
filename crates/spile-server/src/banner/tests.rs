//! What people are shown.

#![allow(clippy::unwrap_used)]

use super::*;

fn shown(config: &Config, main: &str) -> String {
    banner(
        config,
        main.parse().unwrap(),
        "127.0.0.1:9464".parse().unwrap(),
        &["127.0.0.1:4317".parse().unwrap()],
    )
}

#[test]
fn says_where_it_is_and_how_to_see_it() {
    let config = Config { follow: vec!["/var/log/*.log".into(), "app.log".into()], ..Config::default() };
    let text = shown(&config, "127.0.0.1:50051");
    for part in [
        "viewer   http://127.0.0.1:50051/",
        "gRPC     127.0.0.1:50051",
        "OTLP     127.0.0.1:4317",
        "http://127.0.0.1:9464 (/metrics",
        "data     spile-data",
        "follows  /var/log/*.log  app.log",
        "spile tail -f\n",
        "grpcurl -plaintext 127.0.0.1:50051 list",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn commands_reach_a_server_on_all_addresses_and_other_ports() {
    let config = Config::default();
    let text = shown(&config, "0.0.0.0:6000");
    assert!(text.contains("gRPC     0.0.0.0:6000"), "{text}");
    assert!(text.contains("viewer   http://127.0.0.1:6000/"), "{text}");
    assert!(text.contains("spile tail -f --addr 127.0.0.1:6000\n"), "{text}");
    assert!(shown(&config, "[::]:6000").contains("grpcurl -plaintext [::1]:6000 list"));
    assert!(text.contains("nothing; --follow"), "{text}");
}
