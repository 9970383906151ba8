//! Real logs of ten systems, read from the directory that `SPILE_REAL_LOGS` names: how much of them is understood.
//!
//! None of their lines is in this repository; what is expected of them are times, severities and counts. The counts of severities were
//! taken from the files with awk, by the column each system writes its level in.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use spile_lines::{Format, LineParser, LineSplitter, ParsedLine, severity_name};

/// 1 December 2026: the logs without a year are of the last one before.
const NOW: u64 = 1_796_083_200_000_000_000;

/// What is expected of one system's file.
struct Expected {
    system: &'static str,
    format: Format,
    /// The first line's time and severity.
    first: (&'static str, u8),
    /// How many lines have each severity.
    severities: &'static [(&'static str, usize)],
}

const EXPECTED: [Expected; 10] = [
    Expected {
        system: "Android",
        format: Format::Logcat,
        first: ("2026-03-17T16:13:38.811Z", 5),
        severities: &[("DEBUG", 650), ("ERROR", 3), ("INFO", 920), ("TRACE", 257), ("WARN", 170)],
    },
    Expected {
        system: "Apache",
        format: Format::ApacheError,
        first: ("2005-12-04T04:47:44Z", 10),
        severities: &[("ERROR", 595), ("INFO2", 1405)],
    },
    Expected {
        system: "BGL",
        format: Format::BlueGene,
        first: ("2005-06-03T22:42:50.675872Z", 9),
        severities: &[("ERROR", 48), ("FATAL", 347), ("INFO", 1597), ("WARN", 8)],
    },
    Expected {
        system: "HDFS",
        format: Format::HadoopShort,
        first: ("2008-11-09T20:36:15Z", 9),
        severities: &[("INFO", 1920), ("WARN", 80)],
    },
    Expected {
        system: "Hadoop",
        format: Format::Timestamped,
        first: ("2015-10-18T18:01:47.978Z", 9),
        severities: &[("ERROR", 150), ("FATAL", 2), ("INFO", 1040), ("WARN", 808)],
    },
    Expected {
        system: "HealthApp",
        format: Format::BarSeparated,
        first: ("2017-12-23T22:15:29.606Z", 0),
        severities: &[("UNSPECIFIED", 2000)],
    },
    Expected {
        system: "Linux",
        format: Format::Syslog3164,
        first: ("2026-06-14T15:16:01Z", 0),
        severities: &[("ERROR3", 43), ("UNSPECIFIED", 1955), ("WARN", 2)],
    },
    Expected {
        system: "OpenStack",
        format: Format::Timestamped,
        first: ("2017-05-16T00:00:00.008Z", 9),
        severities: &[("INFO", 1969), ("WARN", 31)],
    },
    Expected {
        system: "Windows",
        format: Format::WindowsCbs,
        first: ("2016-09-28T04:30:30Z", 9),
        severities: &[("INFO", 2000)],
    },
    Expected {
        system: "Zookeeper",
        format: Format::Timestamped,
        first: ("2015-07-29T17:41:44.747Z", 9),
        severities: &[("ERROR", 13), ("INFO", 669), ("WARN", 1318)],
    },
];

/// What was found in one system's file.
#[derive(Default)]
struct Found {
    lines: usize,
    with_time: usize,
    with_severity: usize,
    formats: BTreeMap<Format, usize>,
    severities: BTreeMap<&'static str, usize>,
    first: Option<(u64, u8)>,
}

impl Found {
    fn take_in(&mut self, line: &ParsedLine<'_>) {
        self.lines += 1;
        self.with_time += usize::from(line.time_unix_nano.is_some());
        self.with_severity += usize::from(line.severity_number > 0);
        *self.formats.entry(line.format).or_default() += 1;
        *self.severities.entry(severity_name(line.severity_number)).or_default() += 1;
        self.first.get_or_insert((line.time_unix_nano.unwrap_or(0), line.severity_number));
    }

    fn print(&self, system: &str) {
        let percent = |part: usize| 100.0 * part as f64 / self.lines.max(1) as f64;
        let formats: Vec<_> =
            self.formats.iter().map(|(format, count)| format!("{format} {count}")).collect();
        println!(
            "{system:<10} {:>5} lines, {:>5.1} % with time, {:>5.1} % with severity, {}",
            self.lines,
            percent(self.with_time),
            percent(self.with_severity),
            formats.join(", ")
        );
    }
}

fn read(path: &Path) -> Found {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut splitter, parser, mut found) = (LineSplitter::new(), LineParser::new(), Found::default());
    let mut input = &bytes[..];
    while let Some(line) = splitter.next_line(&mut input) {
        found.take_in(&parser.parse_line(&line, NOW));
    }
    if let Some(line) = splitter.finish() {
        found.take_in(&parser.parse_line(&line, NOW));
    }
    found
}

#[test]
fn real_logs_are_understood() {
    let Some(directory) = std::env::var_os("SPILE_REAL_LOGS") else {
        println!("left out: SPILE_REAL_LOGS is not set");
        return;
    };
    for expected in &EXPECTED {
        let found = read(&Path::new(&directory).join(format!("{}.log", expected.system)));
        found.print(expected.system);
        let (time, severity) = found.first.unwrap();
        let time = Timestamp::from_nanosecond(time.into()).unwrap().to_string();
        assert_eq!((time.as_str(), severity), expected.first, "the first line of {}", expected.system);
        assert_eq!(found.with_time, found.lines, "every line of {} has a time", expected.system);
        assert_eq!(found.formats, BTreeMap::from([(expected.format, 2000)]), "{}", expected.system);
        let severities: Vec<_> = found.severities.into_iter().collect();
        assert_eq!(severities, expected.severities, "{}", expected.system);
    }
}
