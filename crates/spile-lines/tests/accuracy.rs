//! Real logs of ten systems, read from the directory that `SPILE_REAL_LOGS` names: how much of them is understood.
//!
//! None of their lines is in this repository; what is expected of them are times, severities and counts.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use spile_lines::{Format, LineParser, LineSplitter, ParsedLine, severity_name};

/// 1 December 2026: the logs without a year are of the last one before.
const NOW: u64 = 1_796_083_200_000_000_000;

/// What is expected of one system's file.
struct Expected {
    system: &'static str,
    format: Format,
    /// The first line's time, in nanoseconds since 1970, and severity.
    first: (&'static str, u8),
    /// The part of all lines, in percent, that must have a time, and a severity.
    floors: (f64, f64),
}

#[test]
fn dbg() {
    let dir = std::env::var_os("SPILE_REAL_LOGS").unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "log")).collect();
    paths.sort();
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        let mut splitter = LineSplitter::new();
        let parser = LineParser::new();
        let mut input = &bytes[..];
        let (mut n, mut t, mut s) = (0, 0, 0);
        let mut formats: BTreeMap<Format, usize> = BTreeMap::new();
        let mut sevs: BTreeMap<&str, usize> = BTreeMap::new();
        let mut odd = Vec::new();
        let mut look = |line: ParsedLine<'_>| {
            if n == 0 { println!("{path:?} {line:?}"); }
            n += 1;
            t += usize::from(line.time_unix_nano.is_some());
            s += usize::from(line.severity_number > 0);
            if line.time_unix_nano.is_none() || line.severity_number == 0 { odd.push(line.body.chars().take(120).collect::<String>()); }
            *formats.entry(line.format).or_default() += 1;
            *sevs.entry(severity_name(line.severity_number)).or_default() += 1;
        };
        while let Some(line) = splitter.next_line(&mut input) { look(parser.parse_line(&line, NOW)); }
        if let Some(line) = splitter.finish() { look(parser.parse_line(&line, NOW)); }
        println!("  {n} {t} {s} {formats:?} {sevs:?}");
        for o in odd.iter().take(4) { println!("    ODD {o}"); }
    }
}
