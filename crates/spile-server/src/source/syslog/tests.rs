//! Real sockets into a real engine: framings, peers that are slow or gone, a full disk, and the end.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use spile_engine::disk::{Disk, OsDisk};
use spile_proto::v1::any_value::Value;
use spile_proto::v1::{BodyKind, LogRecord};
use tempfile::TempDir;

use super::address::SyslogAddress;
use super::zone::Zone;
use super::{Syslog, SyslogOptions, bind};
use crate::testing::disk::FillableDisk;
use crate::testing::sources::SourceServer;

/// A server that takes syslog in, and where.
struct Receiving {
    server: SourceServer,
    address: SocketAddr,
    _data: TempDir,
}

impl Receiving {
    fn start() -> Self {
        Self::start_with(Arc::new(OsDisk), "UTC", 100)
    }

    fn start_with(disk: Arc<dyn Disk>, zone: &str, max_connections: usize) -> Self {
        let data = tempfile::tempdir().unwrap();
        let options = SyslogOptions {
            listen: vec!["127.0.0.1:0".parse().unwrap()],
            stream: "default".into(),
            zone: zone.parse().unwrap(),
            max_connections,
            udp_buffer_bytes: 1 << 20,
        };
        let mut address = None;
        let server = SourceServer::start(disk, data.path(), "default", || {
            let listeners = bind(&options.listen, options.udp_buffer_bytes).unwrap();
            address = Some(listeners.tcp[0].local_addr().unwrap());
            assert_eq!(listeners.udp[0].local_addr().unwrap(), address.unwrap(), "the same port");
            Syslog::new(listeners, &options)
        });
        Self { server, address: address.unwrap(), _data: data }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    fn send_datagram(&self, message: &[u8]) {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(message, self.address).unwrap();
    }
}

fn attribute<'a>(record: &'a LogRecord, key: &str) -> Option<&'a Value> {
    record.attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()?.value.as_ref()
}

fn text(text: &str) -> Value {
    Value::StringValue(text.into())
}

#[test]
fn both_framings_come_on_one_connection() {
    let receiving = Receiving::start();
    let mut connection = receiving.connect();
    connection.write_all(b"<11>Oct 11 22:14:15 web su[7]: failed\n").unwrap();
    connection.write_all(b"51 <165>1 2024-01-31T23:59:59Z h app 12 ID47 - one\ntwo").unwrap();
    connection.write_all(b"no priority at all\n").unwrap();
    let records = receiving.server.records(3);
    assert_eq!(records[0].body, "failed");
    assert_eq!((records[0].severity_number, records[0].severity_text.as_str()), (17, "err"));
    assert_eq!(attribute(&records[0], "syslog.facility"), Some(&text("user")));
    assert_eq!(records[1].body, "one\ntwo");
    assert_eq!(records[1].time_unix_nano, 1_706_745_599_000_000_000);
    assert_eq!(attribute(&records[1], "syslog.msgid"), Some(&text("ID47")));
    assert_eq!(records[2].body, "no priority at all");
    receiving.server.until_metric("spile_syslog_messages_total{transport=\"tcp\"} 3");
}

#[test]
fn each_datagram_is_a_message() {
    let receiving = Receiving::start();
    receiving.send_datagram(b"<13>1 - h app - - [x@1 k=\"v\"] \xef\xbb\xbfone\ntwo\n");
    receiving.send_datagram(b"\n\0");
    receiving.send_datagram(b"<12>app: \xff broken\0");
    let records = receiving.server.records(2);
    assert_eq!(records[0].body, "one\ntwo");
    assert_eq!(attribute(&records[0], "syslog.x@1.k"), Some(&text("v")));
    assert_eq!((records[1].body_kind, records[1].severity_number), (BodyKind::Escaped as i32, 13));
    receiving.server.until_metric("spile_syslog_messages_total{transport=\"udp\"} 3");
}

#[test]
fn times_without_a_zone_are_in_the_zone_that_is_set() {
    let receiving = Receiving::start_with(Arc::new(OsDisk), "Asia/Tokyo", 1);
    receiving.send_datagram(b"<13>2024-01-31T09:00:00 h app: one");
    assert_eq!(receiving.server.records(1)[0].time_unix_nano, 1_706_659_200_000_000_000);
}

#[test]
fn long_messages_are_cut_and_bytes_after_them_are_not_lost() {
    let receiving = Receiving::start();
    let mut connection = receiving.connect();
    connection.write_all(b"<13>a: ").unwrap();
    connection.write_all(&vec![b'x'; 1 << 20]).unwrap();
    connection.write_all(b"\n1000008 <13>a: ").unwrap();
    connection.write_all(&vec![b'y'; 1_000_000 + 1]).unwrap();
    connection.write_all(b"<13>a: next\n").unwrap();
    let records = receiving.server.records(3);
    for record in &records[..2] {
        assert!(record.body.len() < 66_000, "{} bytes", record.body.len());
        assert!(
            matches!(attribute(record, "spile.cut_bytes"), Some(Value::IntValue(900_000..))),
            "{:?}",
            record.attributes
        );
    }
    assert_eq!(records[2].body, "next");
}

#[test]
fn what_a_connection_ends_with_is_kept() {
    let receiving = Receiving::start();
    receiving.connect().write_all(b"<13>a: one\n<13>a: without an end").unwrap();
    assert_eq!(receiving.server.bodies(2), ["one", "without an end"]);
    receiving.connect().write_all(b"99 <13>a: only the begin").unwrap();
    let record = receiving.server.records(3).remove(2);
    assert_eq!(
        (record.body.as_str(), attribute(&record, "spile.partial")),
        ("only the begin", Some(&Value::BoolValue(true)))
    );
}

#[test]
fn more_connections_than_permitted_are_refused_until_one_ends() {
    let receiving = Receiving::start_with(Arc::new(OsDisk), "UTC", 1);
    let mut first = receiving.connect();
    first.write_all(b"<13>a: one\n").unwrap();
    assert_eq!(receiving.server.bodies(1), ["one"]);
    let mut refused = receiving.connect();
    assert_eq!(refused.read(&mut [0]).unwrap_or(0), 0, "it is closed");
    receiving.server.until_metric("spile_refused_connections_total{port=\"syslog\"} 1");
    drop(first);
    receiving.server.until_metric("spile_open_connections{port=\"syslog\"} 0");
    receiving.connect().write_all(b"<13>a: two\n").unwrap();
    assert_eq!(receiving.server.bodies(2), ["one", "two"]);
}

#[test]
fn a_full_disk_holds_senders_up_and_loses_nothing() {
    let disk = FillableDisk::default();
    let receiving = Receiving::start_with(Arc::new(disk.clone()), "UTC", 10);
    let mut connection = receiving.connect();
    connection.write_all(b"<13>a: 0\n").unwrap();
    receiving.server.bodies(1);
    disk.set_full(true);
    connection.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let mut sent = 1;
    let mut line = Vec::new();
    // Until neither the server nor the system takes more.
    'full: loop {
        line.clear();
        writeln!(line, "<13>a: {sent} {}", "x".repeat(60_000)).unwrap();
        let mut rest = line.as_slice();
        while !rest.is_empty() {
            match connection.write(rest) {
                Ok(bytes) => rest = &rest[bytes..],
                Err(_) if disk.refused() > 0 => {
                    line.drain(..line.len() - rest.len());
                    break 'full;
                }
                Err(_) => {}
            }
        }
        sent += 1;
    }
    disk.set_full(false);
    connection.set_write_timeout(None).unwrap();
    connection.write_all(&line).unwrap();
    let bodies = receiving.server.bodies(sent + 1);
    for (at, body) in bodies.iter().enumerate() {
        assert_eq!(body.split(' ').next().unwrap(), at.to_string());
    }
}

#[test]
fn the_end_takes_what_was_sent_before_it() {
    let receiving = Receiving::start();
    let mut connection = receiving.connect();
    for at in 0..1000 {
        writeln!(connection, "<13>a: {at}").unwrap();
    }
    receiving.server.bodies(1);
    let bodies = receiving.server.stop();
    assert_eq!(bodies.len(), 1000);
    assert_eq!(connection.read(&mut [0]).unwrap(), 0, "the peer is told");
}

#[test]
fn addresses_say_their_transport() {
    let parsed = |text: &str| text.parse::<SyslogAddress>();
    assert_eq!(parsed("127.0.0.1:514").map(|at| (at.tcp, at.udp)), Ok((true, true)));
    assert_eq!(parsed("tcp://127.0.0.1:514").map(|at| (at.tcp, at.udp)), Ok((true, false)));
    assert_eq!(parsed("udp://[::1]:514").map(|at| at.to_string()), Ok("udp://[::1]:514".into()));
    assert!(parsed("tls://127.0.0.1:6514").unwrap_err().contains("no transport"));
    assert!(parsed("localhost:514").unwrap_err().contains("not an address"));
}

#[test]
fn zones_have_names_and_offsets() {
    let offset = |text: &str| text.parse::<Zone>().unwrap().offset(1_706_745_599_000_000_000).seconds();
    assert_eq!((offset("UTC"), offset("+02:00"), offset("Europe/Berlin")), (0, 7200, 3600));
    assert!("Mars/Base".parse::<Zone>().unwrap_err().contains("is no zone"));
    assert!("local".parse::<Zone>().is_ok());
}
