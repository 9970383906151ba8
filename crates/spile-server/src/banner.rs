//! What a person sees when the server has started: where it listens, what it does, and how to look.

use std::fmt::Write;
use std::net::SocketAddr;

use crate::config::Config;

#[cfg(test)]
mod tests;

/// The banner, several lines of text. The addresses are those really bound.
pub fn banner(config: &Config, main: SocketAddr, admin: SocketAddr, otlp: &[SocketAddr]) -> String {
    let mut out = format!("spile-server {}\n", env!("CARGO_PKG_VERSION"));
    line(&mut out, "viewer", format_args!("http://{}/", reachable(main)));
    line(&mut out, "gRPC", main);
    if !otlp.is_empty() {
        let addresses: Vec<String> = otlp.iter().map(SocketAddr::to_string).collect();
        line(&mut out, "OTLP", addresses.join("  "));
    }
    line(&mut out, "admin", format_args!("http://{admin} (/metrics, /livez, /readyz)"));
    line(&mut out, "data", config.data_dir.display());
    match config.follow.as_slice() {
        [] => line(&mut out, "follows", "nothing; --follow '/var/log/*.log' follows files"),
        patterns => line(&mut out, "follows", patterns.join("  ")),
    }
    for database in &config.sources {
        line(&mut out, "reads", format_args!("{database} into {}", database.stream()));
    }
    for address in &config.syslog.listen {
        line(&mut out, "syslog", format_args!("{address} into {}", config.syslog.stream));
    }
    let address = reachable(main);
    out.push_str("\n  see it:\n");
    line(&mut out, "", format_args!("spile tail -f{}", flag_unless_default(address)));
    line(&mut out, "", format_args!("grpcurl -plaintext {address} list"));
    out
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    writeln!(out, "  {name:<9}{value}").expect("a String takes what is written");
}

/// An address under which this host reaches a listener that may be bound to all of its addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => ([0, 0, 0, 0, 0, 0, 0, 1], v6.port()).into(),
        other => other,
    }
}

/// The flag by which the command line tool finds the server, where it would not find it by itself.
fn flag_unless_default(address: SocketAddr) -> String {
    if address == Config::default().listen { String::new() } else { format!(" --addr {address}") }
}
