//! Where syslog is listened for.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// An address, and over what it is listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyslogAddress {
    /// Over TCP.
    pub tcp: bool,
    /// Over UDP.
    pub udp: bool,
    /// Where.
    pub address: SocketAddr,
}

impl FromStr for SyslogAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (tcp, udp, address) = match text.split_once("://") {
            None => (true, true, text),
            Some(("tcp", address)) => (true, false, address),
            Some(("udp", address)) => (false, true, address),
            Some((other, _)) => {
                return Err(format!("{other:?} is no transport; use tcp:// or udp://, or neither for both"));
            }
        };
        let address = address.parse().map_err(|_| {
            format!("{text:?} is not an address; write an IP address and a port, for instance 127.0.0.1:514 or udp://[::1]:514")
        })?;
        Ok(Self { tcp, udp, address })
    }
}

impl fmt::Display for SyslogAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tcp, self.udp) {
            (true, false) => write!(f, "tcp://{}", self.address),
            (false, true) => write!(f, "udp://{}", self.address),
            _ => write!(f, "{}", self.address),
        }
    }
}
