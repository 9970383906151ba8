//! A flag wins over the environment, the environment over the file, the file over the default.

use std::time::Duration;

use super::{config, file};
use crate::config::{Config, LogFormat};

#[test]
fn nothing_given_is_the_default() {
    assert_eq!(config(&[], &[]), Config::default());
}

#[test]
fn each_source_wins_over_the_next() {
    let (_file, path) = file("max-connections = 3\nstall-limit = \"3m\"\nring-bytes = \"3MiB\"\n");
    let env = [("SPILE_MAX_CONNECTIONS", "2"), ("SPILE_STALL_LIMIT", "2m"), ("SPILE_CONFIG", path.as_str())];

    let config = config(&["--max-connections", "1"], &env);

    assert_eq!(config.limits.connection.max_connections, 1, "flag");
    assert_eq!(config.limits.stall_limit, Duration::from_secs(120), "environment");
    assert_eq!(config.limits.ring_bytes, 3 << 20, "file");
    assert_eq!(config.limits.drain_grace, Duration::from_secs(25), "default");
}

#[test]
fn the_flag_names_the_file_before_the_environment_does() {
    let (_a, flag) = file("max-connections = 1");
    let (_b, env) = file("max-connections = 2");
    let config = config(&["--config", &flag], &[("SPILE_CONFIG", &env)]);
    assert_eq!(config.limits.connection.max_connections, 1);
}

#[test]
fn every_type_is_read_from_every_source() {
    let (_file, path) = file(
        "listen = \"127.0.0.1:1\"\ndata-dir = \"/d\"\nfollow = [\"a\", \"b:c\"]\nallow-unauthenticated = true\n\
         max-connections = 7\nring-bytes = 2097152\nretain-bytes = \"off\"\nretain-age = \"7d\"\nlog-format = \"json\"\n\
         log-filter = \"warn\"\notlp-listen = [\"127.0.0.1:4317\", \"[::1]:4318\"]\n",
    );
    let from_file = config(&["--config", &path], &[]);
    let from_env = config(
        &[],
        &[
            ("SPILE_LISTEN", "127.0.0.1:1"),
            ("SPILE_DATA_DIR", "/d"),
            ("SPILE_FOLLOW", "a:b"),
            ("SPILE_ALLOW_UNAUTHENTICATED", "true"),
            ("SPILE_MAX_CONNECTIONS", "7"),
            ("SPILE_RING_BYTES", "2MiB"),
            ("SPILE_RETAIN_BYTES", "off"),
            ("SPILE_RETAIN_AGE", "168h"),
            ("SPILE_LOG_FORMAT", "json"),
            ("SPILE_LOG_FILTER", "warn"),
            ("SPILE_OTLP_LISTEN", "127.0.0.1:4317,[::1]:4318"),
        ],
    );
    let from_flags = config(
        &[
            "--listen=127.0.0.1:1",
            "--data-dir=/d",
            "--follow=a",
            "--follow=b:c",
            "--allow-unauthenticated",
            "--max-connections=7",
            "--ring-bytes=2048KiB",
            "--retain-bytes=off",
            "--retain-age=7d",
            "--log-format=json",
            "--log-filter=warn",
            "--otlp-listen=127.0.0.1:4317",
            "--otlp-listen=[::1]:4318",
        ],
        &[],
    );
    assert_eq!(from_file, from_flags);
    assert_eq!(from_env, Config { follow: vec!["a".into(), "b".into()], ..from_flags.clone() });
    assert_eq!(from_flags.follow, ["a", "b:c"]);
    assert_eq!(from_flags.otlp_listen.len(), 2);
    assert_eq!(from_flags.retention.max_age, Some(Duration::from_secs(7 * 86_400)));
    assert_eq!(from_flags.retention.max_bytes, None);
    assert_eq!(from_flags.log.format, LogFormat::Json);
}

#[test]
fn an_empty_variable_is_not_set() {
    assert_eq!(
        config(&[], &[("SPILE_LISTEN", ""), ("SPILE_CONFIG", ""), ("SPILE_FOLLOW", "")]),
        Config::default()
    );
}

#[test]
fn variables_that_are_no_settings_are_not_ours() {
    assert_eq!(config(&[], &[("SPILE_PORT", "tcp://10.0.0.1:50051")]), Config::default());
}

#[test]
fn the_last_of_repeated_flags_wins() {
    let config = config(&["--max-connections=1", "--max-connections=2"], &[]);
    assert_eq!(config.limits.connection.max_connections, 2);
}

#[test]
fn a_switch_can_be_switched_off_again() {
    let (_file, path) = file("allow-unauthenticated = true");
    let config = config(&["--config", &path, "--allow-unauthenticated=false"], &[]);
    assert!(!config.allow_unauthenticated);
}
