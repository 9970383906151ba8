//! Severity: the names that log lines use for it, and the numbers of OpenTelemetry's log data model (1 to 24).
//!
//! The mapping follows the examples in the data model's appendix B; where sources disagree on a name, one meaning holds for all:
//!
//! | number | names |
//! |---|---|
//! | 1 TRACE | trace, trc, finest, silly; trace1, trace5 to trace8 (Apache) |
//! | 2, 3, 4 TRACE2 to TRACE4 | trace2, trace3, trace4 |
//! | 5 DEBUG | debug, dbg, dbug, verbose, vrb, finer; debug1, debug5 (PostgreSQL) |
//! | 6, 7, 8 DEBUG2 to DEBUG4 | debug2 and fine; debug3 and config; debug4 and http (winston) |
//! | 9 INFO | info, inf, information, informational, note, success |
//! | 10 INFO2 | notice, info2 |
//! | 11, 12 INFO3, INFO4 | info3, info4 |
//! | 13 WARN | warn, warning, wrn |
//! | 14, 15, 16 WARN2 to WARN4 | warn2, warn3, warn4 |
//! | 17 ERROR | error, err, eror, severe, failure |
//! | 18 ERROR2 | critical, crit, dpanic, error2 |
//! | 19 ERROR3 | alert, panic, error3 |
//! | 20 ERROR4 | error4 |
//! | 21 FATAL | fatal, ftl, emergency, emerg, assert |
//! | 22, 23, 24 FATAL2 to FATAL4 | fatal2, fatal3, fatal4 |
//!
//! `default` is Google Cloud's name for an entry without a level and, like a line without one, gives 0.

/// The severity number of a line that has none.
pub const UNSPECIFIED: u8 = 0;
/// OpenTelemetry TRACE.
pub const TRACE: u8 = 1;
/// OpenTelemetry DEBUG.
pub const DEBUG: u8 = 5;
/// OpenTelemetry INFO.
pub const INFO: u8 = 9;
/// OpenTelemetry INFO2, where syslog's "notice" goes.
pub const INFO2: u8 = 10;
/// OpenTelemetry WARN.
pub const WARN: u8 = 13;
/// OpenTelemetry ERROR.
pub const ERROR: u8 = 17;
/// OpenTelemetry ERROR2, where syslog's "critical" goes.
pub const ERROR2: u8 = 18;
/// OpenTelemetry ERROR3, where syslog's "alert" goes.
pub const ERROR3: u8 = 19;
/// OpenTelemetry FATAL.
pub const FATAL: u8 = 21;

const SHORT_NAMES: [&str; 25] = [
    "UNSPECIFIED",
    "TRACE",
    "TRACE2",
    "TRACE3",
    "TRACE4",
    "DEBUG",
    "DEBUG2",
    "DEBUG3",
    "DEBUG4",
    "INFO",
    "INFO2",
    "INFO3",
    "INFO4",
    "WARN",
    "WARN2",
    "WARN3",
    "WARN4",
    "ERROR",
    "ERROR2",
    "ERROR3",
    "ERROR4",
    "FATAL",
    "FATAL2",
    "FATAL3",
    "FATAL4",
];

/// Makes the exported table and the look-up from one list.
macro_rules! severity_names {
    ($($number:literal: $($name:literal)+;)+) => {
        /// Every name that [`severity_from_name`] knows, in lower case, with its number, least severe first.
        pub const SEVERITY_NAMES: &[(&str, u8)] = &[$($(($name, $number),)+)+];

        fn number_of_lower_case(name: &str) -> Option<u8> {
            match name {
                $($($name)|+ => Some($number),)+
                _ => None,
            }
        }
    };
}

severity_names! {
    0: "unspecified" "default";
    1: "trace" "trc" "finest" "silly" "trace1" "trace5" "trace6" "trace7" "trace8";
    2: "trace2";
    3: "trace3";
    4: "trace4";
    5: "debug" "dbg" "dbug" "verbose" "vrb" "finer" "debug1" "debug5";
    6: "debug2" "fine";
    7: "debug3" "config";
    8: "debug4" "http";
    9: "info" "inf" "information" "informational" "note" "success";
    10: "notice" "info2";
    11: "info3";
    12: "info4";
    13: "warn" "warning" "wrn";
    14: "warn2";
    15: "warn3";
    16: "warn4";
    17: "error" "err" "eror" "severe" "failure";
    18: "critical" "crit" "dpanic" "error2";
    19: "alert" "panic" "error3";
    20: "error4";
    21: "fatal" "ftl" "emergency" "emerg" "assert";
    22: "fatal2";
    23: "fatal3";
    24: "fatal4";
}

/// The longest name in the table.
const MAX_NAME_BYTES: usize = 13;

/// The severity number a name stands for, in any case, blanks around it ignored. Also Go's slog form of a level between
/// two names: `INFO+2` is 11, `DEBUG-4` is 1.
///
/// `None`: the name is not known. `Some(0)`: the name says that there is none.
#[must_use]
pub fn severity_from_name(name: &str) -> Option<u8> {
    let name = name.trim_ascii();
    if let Some(at) = name.rfind(['+', '-']).filter(|at| *at > 0) {
        let base = i16::from(number_of(&name[..at])?);
        let step: i16 = name[at + 1..].parse::<u8>().ok()?.into();
        let number = if name.as_bytes()[at] == b'+' { base + step } else { base - step };
        return u8::try_from(number.clamp(1, 24)).ok();
    }
    number_of(name)
}

fn number_of(name: &str) -> Option<u8> {
    let mut lower = [0; MAX_NAME_BYTES];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    number_of_lower_case(std::str::from_utf8(lower).ok()?)
}

/// OpenTelemetry's short name of a severity number; `UNSPECIFIED` for 0 and for what is no severity number.
#[must_use]
pub fn severity_name(number: u8) -> &'static str {
    SHORT_NAMES.get(usize::from(number)).copied().unwrap_or(SHORT_NAMES[0])
}

/// The name and number of a syslog severity, 0 (emergency) to 7 (debug).
pub(crate) fn from_syslog(severity: u8) -> Option<(&'static str, u8)> {
    const SYSLOG: [(&str, u8); 8] = [
        ("emerg", FATAL),
        ("alert", ERROR3),
        ("crit", ERROR2),
        ("err", ERROR),
        ("warning", WARN),
        ("notice", INFO2),
        ("info", INFO),
        ("debug", DEBUG),
    ];
    SYSLOG.get(usize::from(severity)).copied()
}

/// The number of a one-letter level, as in logcat, glog, MongoDB and Tornado.
pub(crate) fn from_letter(letter: u8) -> Option<u8> {
    Some(match letter {
        b'T' | b'V' => TRACE,
        b'D' => DEBUG,
        b'I' => INFO,
        b'N' => INFO2,
        b'W' => WARN,
        b'E' => ERROR,
        b'C' => ERROR2,
        b'F' | b'A' => FATAL,
        _ => return None,
    })
}

/// The severity of an HTTP response status: 5xx ERROR, 4xx WARN, else INFO.
pub(crate) fn from_http_status(status: u16) -> u8 {
    match status {
        500..=599 => ERROR,
        400..=499 => WARN,
        _ => INFO,
    }
}

#[cfg(test)]
mod tests;
