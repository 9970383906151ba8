//! From flags, environment, file and defaults to one [`Config`]: each setting from the first of them that gives it.

use std::collections::HashSet;
use std::ffi::OsString;
use std::net::SocketAddr;

use clap::ArgMatches;

use super::Config;
use super::file::FileSettings;
use super::problems::Problems;
use super::setting::{Kind, Setting, Text};
use super::table;

/// How the environment is looked up; tests pass their own.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What a request takes of the memory for requests at most, in its own sizes: as it comes, decompressed, read and laid down.
const RECEIVE_FACTOR: usize = 8;

/// Where values may come from, in this order.
pub(super) struct Sources<'a> {
    pub(super) flags: &'a ArgMatches,
    pub(super) env: Env<'a>,
    pub(super) file: &'a FileSettings,
}

/// All defaults.
pub(super) fn defaults() -> Config {
    let mut config = Config::unset();
    for setting in table::settings() {
        apply_default(setting, &mut config);
    }
    config
}

/// The configuration that the sources describe. A setting whose value is wrong goes to `problems` and keeps its default,
/// so that the checks across settings still make sense.
pub(super) fn resolve(sources: &Sources<'_>, problems: &mut Problems) -> Config {
    let mut config = defaults();
    for setting in table::settings() {
        if let Some((origin, text)) = sources.look_up(setting, problems)
            && let Err(description) = setting.apply(&mut config, &text)
        {
            problems.add(format!("{} ({origin})", setting.name), description);
        }
    }
    check_across(&config, problems);
    config
}

fn apply_default(setting: &Setting, config: &mut Config) {
    let applied = setting.apply(config, &setting.default_text());
    applied.expect("the table's defaults are valid, which a test proves");
}

impl Sources<'_> {
    /// The setting's text and where it came from.
    fn look_up(&self, setting: &Setting, problems: &mut Problems) -> Option<(String, Text)> {
        let from_flag = self.flag(setting).map(|text| (format!("--{}", setting.name), text));
        let from_env = || self.env_text(setting, problems).map(|text| (setting.env(), text));
        let from_file =
            || self.file.texts.get(setting.name).map(|text| (self.file.path.clone(), text.clone()));
        from_flag.or_else(from_env).or_else(from_file)
    }

    fn flag(&self, setting: &Setting) -> Option<Text> {
        let mut values = self.flags.get_many::<String>(setting.name)?.cloned();
        match setting.kind {
            Kind::List(_) => Some(Text::Many(values.collect())),
            _ => values.next_back().map(Text::One),
        }
    }

    /// The variable's text. An empty variable counts as not set, as deployments often leave them.
    fn env_text(&self, setting: &Setting, problems: &mut Problems) -> Option<Text> {
        let name = setting.env();
        let value = (self.env)(&name).filter(|value| !value.is_empty())?;
        match (value.into_string(), &setting.kind) {
            (Ok(text), Kind::List(list)) => Some(Text::Many(split_list(&text, list.separator()))),
            (Ok(text), _) => Some(Text::One(text)),
            (Err(_), _) => {
                problems.add(format!("{} ({name})", setting.name), "is not valid UTF-8");
                None
            }
        }
    }
}

fn split_list(text: &str, separator: char) -> Vec<String> {
    text.split(separator).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// What no setting can know alone.
fn check_across(config: &Config, problems: &mut Problems) {
    let otlp = config.otlp_listen.iter().map(|address| ("otlp-listen", *address));
    check_reach([("listen", config.listen)].into_iter().chain(otlp.clone()), config, problems);
    check_taken(
        [("listen", config.listen), ("admin-listen", config.admin_listen)].into_iter().chain(otlp),
        problems,
    );
    let receive = &config.limits.receive;
    if receive.memory_bytes / RECEIVE_FACTOR < receive.max_request_bytes {
        let description = format!(
            "is less than {RECEIVE_FACTOR} times `max-otlp-request-bytes`; a request of that size could never be taken"
        );
        problems.add("receive-memory-bytes", description);
    }
    for address in &config.syslog.listen {
        if !address.address.ip().is_loopback() && !config.allow_unauthenticated {
            let description = format!(
                "{address} can be reached by other hosts, and senders are not identified; set allow-unauthenticated to accept that, or \
                 listen on a loopback address"
            );
            problems.add("syslog-listen", description);
        }
    }
    let mut producers = HashSet::new();
    for database in config.sources.iter().filter(|database| !producers.insert(database.producer())) {
        let description =
            format!("{database} is there twice with the same cursor; give one of them an `id` of its own");
        problems.add("source", description);
    }
    let connection = &config.limits.connection;
    if connection.connection_window_bytes < connection.stream_window_bytes {
        problems.add(
            "connection-window",
            "is smaller than `stream-window`; a single call could not use its window",
        );
    }
}

/// Other hosts may reach only what the user has said they may.
fn check_reach(
    served: impl Iterator<Item = (&'static str, SocketAddr)>,
    config: &Config,
    problems: &mut Problems,
) {
    for (name, address) in served.filter(|(_, address)| !address.ip().is_loopback()) {
        if !config.allow_unauthenticated {
            let description = format!(
                "{address} can be reached by other hosts, and callers are not identified yet; set allow-unauthenticated to \
                 accept that, or listen on a loopback address"
            );
            problems.add(name, description);
        }
    }
}

/// Each address is listened on once. Port 0 is a free one.
fn check_taken(listened: impl Iterator<Item = (&'static str, SocketAddr)>, problems: &mut Problems) {
    let mut taken = Vec::new();
    for (name, address) in listened.filter(|(_, address)| address.port() != 0) {
        if let Some((by, _)) = taken.iter().find(|(_, other)| *other == address) {
            problems.add(name, format!("{address} is taken by `{by}`; use another port"));
        }
        taken.push((name, address));
    }
}
