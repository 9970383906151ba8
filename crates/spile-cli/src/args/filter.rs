//! Which records: the options that all commands share that read records.

use clap::Args;

use crate::time::parse_bound;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which records")]
pub(crate) struct FilterArgs {
    /// The stream to read
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    pub(crate) stream: String,
    /// This severity or worse: trace, debug, info, warn, error, fatal
    #[arg(short, long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// At or after this time: 2026-11-22T10:00:00Z, "2026-11-22 10:00", 10:00, -5m, "2 hours ago", today, yesterday,
    /// @unixseconds
    #[arg(long, value_name = "TIME", value_parser = parse_bound, allow_hyphen_values = true)]
    pub(crate) since: Option<u64>,
    /// Before this time, in the same forms
    #[arg(long, value_name = "TIME", value_parser = parse_bound, allow_hyphen_values = true)]
    pub(crate) until: Option<u64>,
    /// The text matches this regex; given twice, both must match
    #[arg(short, long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) grep: Vec<String>,
    /// The text does not match this regex; may be given more than once
    #[arg(short, long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) exclude: Vec<String>,
    /// A filter expression, such as 'service.name="checkout" attributes.code=500'; of several, all must hold. One that begins with
    /// a dash needs -- before it
    #[arg(value_name = "FILTER")]
    pub(crate) expressions: Vec<String>,
}
