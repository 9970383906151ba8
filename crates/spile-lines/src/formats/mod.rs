//! The syntaxes of log lines, one file each. A reader gives `None` when a line is not of its syntax, and never guesses.

pub(crate) mod access;
pub(crate) mod apache;
pub(crate) mod bars;
pub(crate) mod blue_gene;
pub(crate) mod docker;
pub(crate) mod hadoop;
pub(crate) mod header;
pub(crate) mod json;
pub(crate) mod klog;
pub(crate) mod logcat;
pub(crate) mod logfmt;
pub(crate) mod nginx;
pub(crate) mod plain;
pub(crate) mod ruby;
pub(crate) mod syslog;
pub(crate) mod syslog_5424;
pub(crate) mod timestamped;

use crate::parsed::{Format, ParsedLine};
use crate::time::{Civil, Context};

/// A line of the given format with its whole text as the body, and its time. `None` if there is no such time.
pub(crate) fn at<'a>(
    format: Format,
    line: &'a str,
    civil: &Civil,
    context: &Context,
) -> Option<ParsedLine<'a>> {
    let stamp = civil.resolve(context)?;
    let mut parsed = ParsedLine::new(format, line);
    parsed.time_unix_nano = Some(stamp.nanos);
    parsed.zone_assumed = stamp.zone_assumed;
    Some(parsed)
}
