//! How many datagrams the system threw away because they were not received in time. Linux tells; elsewhere it stays 0.

use std::fs;
use std::os::fd::AsRawFd;

use tokio::net::UdpSocket;

/// What was dropped at one socket.
#[derive(Debug)]
pub(super) struct Drops {
    /// The socket's inode, by which it is listed; `None` where that is not told.
    inode: Option<String>,
    seen: u64,
}

impl Drops {
    pub(super) fn of(socket: &UdpSocket) -> Self {
        let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd()));
        let inode = link
            .ok()
            .and_then(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()));
        Self { inode, seen: 0 }
    }

    /// How many were dropped since the last call.
    pub(super) fn since_last(&mut self) -> u64 {
        let Some(inode) = &self.inode else { return 0 };
        let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"].into_iter();
        let total = tables
            .filter_map(|table| fs::read_to_string(table).ok())
            .find_map(|table| dropped(&table, inode));
        let Some(total) = total else { return 0 };
        let new = total.saturating_sub(self.seen);
        self.seen = total;
        new
    }
}

/// The last column of the socket's row.
fn dropped(table: &str, inode: &str) -> Option<u64> {
    /// Where the row has the inode.
    const INODE: usize = 9;
    let row = table.lines().find(|row| row.split_ascii_whitespace().nth(INODE) == Some(inode))?;
    row.split_ascii_whitespace().next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_the_socket_is_found() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  \
                     412: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 13214 2 0000000000000000 0\n  \
                     512: 0100007F:0203 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 13215 2 0000000000000000 42\n";
        assert_eq!(dropped(table, "13215"), Some(42));
        assert_eq!(dropped(table, "13216"), None);
    }
}
