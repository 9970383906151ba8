//! The table itself, and what is printed from it.

use std::collections::HashSet;

use super::{config, file, printed};
use crate::config::setting::{Kind, List, Text};
use crate::config::table::settings;
use crate::config::value::{parse_bytes, parse_duration};
use crate::config::{Config, resolve};

#[test]
fn the_printed_file_parses_back_to_the_defaults() {
    let (_file, path) = file(&printed(&["--init-config"]));
    assert_eq!(config(&["--config", &path], &[]), Config::default());
}

/// A file that is printed and then changed in every line gives what the lines say.
#[test]
fn the_printed_file_holds_each_setting_once_with_its_explanation() {
    let text = printed(&["--init-config"]);
    for setting in settings() {
        let key = format!("{} = ", setting.name);
        let lines: Vec<usize> =
            text.lines().enumerate().filter(|(_, line)| line.starts_with(&key)).map(|l| l.0).collect();
        assert_eq!(lines.len(), 1, "{}", setting.name);
        assert!(text.lines().nth(lines[0] - 1).unwrap().starts_with("# "), "{}", setting.name);
        assert!(text.contains(&setting.bounds()), "{}", setting.name);
    }
    assert!(text.lines().all(|line| line.len() <= 101), "lines fit a terminal");
}

#[test]
fn help_shows_each_setting_with_default_bounds_and_variable() {
    let help = printed(&["--help"]).split_whitespace().collect::<Vec<_>>().join(" ");
    for setting in settings() {
        assert!(
            help.contains(&format!("--{} ", setting.name)) || help.contains(&format!("--{}[", setting.name)),
            "{}",
            setting.name
        );
        assert!(help.contains(&format!("[env: {}]", setting.env())), "{}", setting.name);
        assert!(help.contains(&setting.bounds()), "{}", setting.name);
        if !setting.default.is_empty() {
            assert!(help.contains(&format!("[default: {}]", setting.default)), "{}", setting.name);
        }
    }
}

#[test]
fn version_is_printed() {
    assert_eq!(printed(&["--version"]), format!("spile-server {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn defaults_bounds_and_names_are_valid() {
    let mut names = HashSet::new();
    for setting in settings() {
        let name = setting.name;
        assert!(names.insert(name), "{name} is there twice");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
        assert!(setting.help.ends_with('.'), "{name}");
        assert_eq!(setting.apply(&mut Config::unset(), &setting.default_text()), Ok(()), "{name}");
        if let Kind::Time(min, max, _) | Kind::TimeOrOff(min, max, _) = &setting.kind {
            assert!(parse_duration(min).unwrap() < parse_duration(max).unwrap(), "{name}");
        }
        let toml =
            setting.default.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        assert!(toml, "{name}: the default needs no escapes");
    }
}

/// Settings that shared a field, or set none, would go unnoticed otherwise.
#[test]
fn each_setting_changes_a_field_of_its_own() {
    let default = Config::default();
    let mut seen = HashSet::new();
    for setting in settings() {
        let mut changed = default.clone();
        setting.apply(&mut changed, &other_value(setting)).unwrap();
        assert_ne!(changed, default, "{}", setting.name);
        assert!(seen.insert(format!("{changed:?}")), "{} sets what another sets", setting.name);
    }
}

/// A valid value that is not the default.
fn other_value(setting: &crate::config::setting::Setting) -> Text {
    let text = match &setting.kind {
        Kind::Address(_) => "127.0.0.1:7".to_owned(),
        Kind::Path(_) => "elsewhere".to_owned(),
        Kind::List(List::Patterns(_)) => "*.log".to_owned(),
        Kind::List(List::Syslog(_)) => "udp://127.0.0.1:7".to_owned(),
        Kind::Stream(_) => "elsewhere".to_owned(),
        Kind::Zone(_) => "+02:00".to_owned(),
        Kind::List(List::Databases(_)) => "sqlite://a.db?table=t&cursor=id".to_owned(),
        Kind::List(List::Addresses(_)) => "127.0.0.1:4317".to_owned(),
        Kind::Switch(_) => if setting.default == "true" { "false" } else { "true" }.to_owned(),
        Kind::Count(range, _) => range.end().to_string(),
        Kind::Bytes(range, _) | Kind::BytesOrOff(range, _) => range.end().to_string(),
        Kind::Time(_, max, _) | Kind::TimeOrOff(_, max, _) => (*max).to_owned(),
        Kind::LogFormat(_) => "json".to_owned(),
        Kind::LogFilter(_) => "trace".to_owned(),
        Kind::WebAddress(_) => "https://jaeger.example:8443/ui".to_owned(),
    };
    Text::One(text)
}

/// The starting settings of the design.
#[test]
fn defaults_are_those_of_the_design() {
    let limits = resolve::defaults().limits;
    let connection = &limits.connection;
    let counts = (
        connection.max_concurrent_streams,
        connection.max_local_error_resets,
        connection.max_pending_accept_resets,
    );
    assert_eq!(counts, (256, 1024, 20));
    let sizes = [
        (u64::from(connection.stream_window_bytes), "1MiB"),
        (u64::from(connection.connection_window_bytes), "16MiB"),
        (u64::from(connection.max_header_list_bytes), "16KiB"),
        (limits.max_request_bytes as u64, "8MiB"),
        (limits.batch_target_bytes as u64, "64KiB"),
        (limits.ring_bytes, "64MiB"),
        (limits.receive.max_request_bytes as u64, "64MiB"),
    ];
    for (value, text) in sizes {
        assert_eq!(value, parse_bytes(text).unwrap());
    }
    let times = [
        (connection.keepalive_interval, "60s"),
        (connection.keepalive_timeout, "20s"),
        (connection.first_byte_timeout, "10s"),
        (limits.max_stream_age, "15m"),
        (limits.progress_interval, "15s"),
        (limits.stall_limit, "60s"),
        (limits.drain_grace, "25s"),
    ];
    for (value, text) in times {
        assert_eq!(value, parse_duration(text).unwrap());
    }
}

#[test]
fn stream_ages_are_spread_by_a_tenth() {
    let limits = resolve::defaults().limits;
    let ages: HashSet<_> = (0..1000).map(|_| limits.jittered_stream_age()).collect();
    let (low, high) = (limits.max_stream_age.mul_f64(0.9), limits.max_stream_age.mul_f64(1.1));
    assert!(ages.iter().all(|age| (low..=high).contains(age)));
    assert!(
        ages.iter().max().unwrap().abs_diff(*ages.iter().min().unwrap())
            > limits.max_stream_age.mul_f64(0.15)
    );
}
