//! Binds the listeners before anything runs, so that an address in use ends the start.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UdpSocket};

use super::address::SyslogAddress;

/// How often another port is tried when any port will do for TCP and UDP, and what was free for the one is taken for the other.
const ATTEMPTS: usize = 16;

/// Sockets that listen.
#[derive(Debug, Default)]
pub struct Listeners {
    pub(super) tcp: Vec<TcpListener>,
    pub(super) udp: Vec<UdpSocket>,
}

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source} (syslog-listen)")]
pub struct BindError {
    /// The address.
    pub address: SyslogAddress,
    /// Why.
    pub source: io::Error,
}

/// Listens on all of these.
///
/// # Errors
/// The first address that cannot be had.
pub fn bind(addresses: &[SyslogAddress], udp_buffer_bytes: usize) -> Result<Listeners, BindError> {
    let mut listeners = Listeners::default();
    for &address in addresses {
        let failed = |source| BindError { address, source };
        let (tcp, udp) = both(address, udp_buffer_bytes).map_err(failed)?;
        if let Some(listener) = &tcp {
            tracing::info!(transport = "tcp", address = %listener.local_addr().map_err(failed)?, "listening for syslog");
        }
        if let Some(socket) = &udp {
            let granted = socket2::SockRef::from(socket).recv_buffer_size().unwrap_or(0);
            tracing::info!(
                transport = "udp", address = %socket.local_addr().map_err(failed)?, buffer_bytes = granted,
                "listening for syslog"
            );
        }
        listeners.tcp.extend(tcp);
        listeners.udp.extend(udp);
    }
    Ok(listeners)
}

/// The sockets of one address; TCP and UDP have the same port.
fn both(address: SyslogAddress, buffer_bytes: usize) -> io::Result<(Option<TcpListener>, Option<UdpSocket>)> {
    let mut attempts = 0;
    loop {
        let tcp = address.tcp.then(|| tcp(address.address)).transpose()?;
        let at = tcp.as_ref().map_or(Ok(address.address), TcpListener::local_addr)?;
        match address.udp.then(|| udp(at, buffer_bytes)).transpose() {
            Ok(udp) => return Ok((tcp, udp)),
            Err(_) if address.tcp && address.address.port() == 0 && attempts < ATTEMPTS => attempts += 1,
            Err(error) => return Err(error),
        }
    }
}

fn tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(1024)?;
    TcpListener::from_std(socket.into())
}

fn udp(address: SocketAddr, buffer_bytes: usize) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    // The system may grant less.
    socket.set_recv_buffer_size(buffer_bytes)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}
