//! What is wrong is told at once, each with its setting, its source, and what would be right.

use super::{file, invoke, problems};

#[test]
fn all_problems_of_all_sources_come_at_once() {
    let (_file, path) =
        file("stall-limit = 60\nno-such = 1\nkeepalive-timeout = [\"1s\"]\nring-bytes = 1.5\n");
    let args = ["--config", &path, "--listen", "localhost:1", "--max-connections", "0"];
    let env = [("SPILE_RETAIN_AGE", "week"), ("SPILE_LOG_FORMAT", "xml")];

    let found = problems(&args, &env);

    let wanted = [
        format!("no-such ({path}): there is no such setting; `spile-server --init-config` prints all of them"),
        format!("ring-bytes ({path}): has a value of a kind that no setting takes; use a string, a whole number, true, false or a list of strings"),
        "listen (--listen): \"localhost:1\" is not an address; write an IP address and a port, for instance 127.0.0.1:50051 or [::1]:50051".to_owned(),
        "retain-age (SPILE_RETAIN_AGE): \"week\" is not a duration; write for instance 250ms, 15s, 1h30m or 7d".to_owned(),
        format!("stall-limit ({path}): \"60\" is not a duration; write for instance 250ms, 15s, 1h30m or 7d"),
        "max-connections (--max-connections): 0 is out of bounds; use 1 to 1000000".to_owned(),
        format!("keepalive-timeout ({path}): takes one value, not a list"),
        "log-format (SPILE_LOG_FORMAT): \"xml\" is not a log format; use text or json".to_owned(),
    ];
    assert_eq!(found, wanted);
    let shown = invoke(&args, &env).unwrap_err().to_string();
    assert!(shown.starts_with("spile-server: the configuration has 8 problems:\n  no-such "), "{shown}");
}

#[test]
fn an_unknown_flag_does_not_hide_the_rest() {
    let args = ["--nonsense=1", "--max-connections", "many", "stray", "--listen", "--also-nonsense"];

    let found = problems(&args, &[]);

    assert_eq!(found.len(), 5, "{found:?}");
    for (line, part) in found.iter().zip(["--nonsense", "stray", "--also-nonsense", "--listen", "\"many\""]) {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert_eq!(found[4], "max-connections (--max-connections): \"many\" is not a whole number");
}

#[test]
fn a_near_miss_in_the_file_is_named() {
    let (_file, path) = file("Data_Dir = \"x\"");
    assert_eq!(
        problems(&["--config", &path], &[]),
        [format!("Data_Dir ({path}): there is no such setting; did you mean `data-dir`?")]
    );
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_named() {
    let found = problems(&["--config", "/no/such/file"], &[("SPILE_MAX_CONNECTIONS", "0")]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("/no/such/file: cannot be read: "), "{found:?}");
    let (_file, path) = file("listen = \n");
    let found = problems(&["--config", &path], &[]);
    assert!(found[0].starts_with(&format!("{path}: is not TOML: ")), "{found:?}");
}

#[test]
fn an_address_that_others_reach_needs_consent() {
    let found = problems(&["--listen", "0.0.0.0:50051"], &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("callers are not identified yet; set allow-unauthenticated"), "{found:?}");
    assert!(invoke(&["--listen", "0.0.0.0:50051", "--allow-unauthenticated"], &[]).is_ok());
    assert!(invoke(&["--listen", "[::1]:50051"], &[]).is_ok());
    let found = problems(&["--otlp-listen", "127.0.0.1:4317", "--otlp-listen", "[::]:4318"], &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("otlp-listen: [::]:4318 can be reached by other hosts"), "{found:?}");
    assert!(invoke(&["--admin-listen", "0.0.0.0:9464"], &[]).is_ok(), "it serves no records");
}

#[test]
fn settings_that_contradict_each_other_are_told() {
    let found = problems(
        &["--admin-listen", "127.0.0.1:50051", "--stream-window", "4MiB", "--connection-window", "1MiB"],
        &[],
    );
    assert_eq!(
        found,
        [
            "admin-listen: 127.0.0.1:50051 is taken by `listen`; use another port",
            "connection-window: is smaller than `stream-window`; a single call could not use its window",
        ]
    );
    assert!(invoke(&["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"], &[]).is_ok());
    let found = problems(&["--otlp-listen", "127.0.0.1:9464", "--receive-memory-bytes", "500MiB"], &[]);
    assert_eq!(found[0], "otlp-listen: 127.0.0.1:9464 is taken by `admin-listen`; use another port");
    assert!(
        found[1].starts_with("receive-memory-bytes: is less than 8 times `max-otlp-request-bytes`"),
        "{found:?}"
    );
}

#[test]
fn bounds_are_inclusive() {
    for (setting, inside, outside) in [
        ("max-connections", ["1", "1000000"], ["0", "1000001"]),
        ("ring-bytes", ["1MiB", "64GiB"], ["1048575", "65GiB"]),
        ("stall-limit", ["100ms", "1d"], ["99ms", "86401s"]),
        ("retain-age", ["1m", "off"], ["59s", "on"]),
        ("retain-bytes", ["1MiB", "off"], ["1", "never"]),
    ] {
        let flag = format!("--{setting}");
        for value in inside {
            assert!(invoke(&[&flag, value], &[]).is_ok(), "{setting} {value}");
        }
        for value in outside {
            assert_eq!(problems(&[&flag, value], &[]).len(), 1, "{setting} {value}");
        }
    }
}

#[test]
fn a_file_pattern_that_cannot_be_used_is_told_before_the_server_starts() {
    let found = problems(&["--follow", "/var/log/*.log", "--follow", "/var/log/{a,b}.log"], &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("follow (--follow): pattern \"/var/log/{a,b}.log\" has braces"),
        "{found:?}"
    );
}
