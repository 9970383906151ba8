//! Points in time as people write them, at this moment and in the zone of this machine.

use jiff::Zoned;

/// Reads a bound in time: Unix nanoseconds, at least 1 since 0 means "no bound" on the wire.
pub(crate) fn parse_bound(text: &str) -> Result<u64, String> {
    spile_lines::moment::parse(text, &Zoned::now())
}
