//! From messages to records.

use std::net::IpAddr;

use spile_lines::{Line, LineParser, names};
use spile_proto::v1::{AnyValue, KeyValue, any_value};

use super::zone::Zone;
use crate::ingest::convert::{self, text_attribute};
use crate::ingest::drafts::Drafts;
use crate::ingest::resources::Resources;

/// The peer that a message came from, which may only pass it on.
const PEER_ADDRESS: &str = "network.peer.address";

/// Reads the messages of one peer.
#[derive(Debug)]
pub(super) struct Reader {
    resources: Resources,
    zone: Zone,
    parser: LineParser,
    /// For which moment the parser's zone was looked up, Unix seconds.
    looked_up_seconds: u64,
}

impl Reader {
    pub(super) fn new(peer: IpAddr, zone: Zone) -> Self {
        let address = peer.to_canonical().to_string();
        // A message that does not name its host is its peer's.
        let base =
            vec![text_attribute(names::HOST_NAME, address.as_str()), text_attribute(PEER_ADDRESS, address)];
        Self { resources: Resources::new(base), zone, parser: LineParser::new(), looked_up_seconds: 0 }
    }

    /// Lays the record of a message down. `is_partial`: it ended too early.
    pub(super) fn read(
        &mut self,
        message: &Line<'_>,
        is_partial: bool,
        now_unix_nano: u64,
        drafts: &mut Drafts,
    ) {
        /// Zones change their offset at full quarters of an hour.
        const LOOK_UP_SECONDS: u64 = 60;
        let seconds = now_unix_nano / 1_000_000_000;
        if seconds.abs_diff(self.looked_up_seconds) >= LOOK_UP_SECONDS {
            self.looked_up_seconds = seconds;
            self.parser = LineParser::new().with_default_offset(self.zone.offset(now_unix_nano));
        }
        let parsed = self.parser.parse_line(message, now_unix_nano);
        let resource = self.resources.of(&parsed.resource).cloned();
        let mut record = convert::record(parsed);
        if is_partial {
            let value = Some(AnyValue { value: Some(any_value::Value::BoolValue(true)) });
            record.attributes.push(KeyValue { key: names::SPILE_PARTIAL.to_owned(), value });
        }
        drafts.push(record, resource.as_ref(), now_unix_nano);
    }
}
