//! rsyslog and logger(1) as senders, as Debian has them.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use spile_proto::v1::any_value::Value;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{LogRecord, TailRequest};
use spile_tests::{Server, ServerOptions};
use tempfile::TempDir;

use crate::support::{Reading, all_of, patiently, until_metric};

/// An rsyslog of a test's own. What is written to its pipe is sent on.
struct Rsyslog {
    folder: TempDir,
    running: Child,
    input: tokio::net::UnixDatagram,
}

impl Rsyslog {
    /// Starts it with one action, which sends to `port`.
    async fn start(port: &str, action: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            r#"global(workDirectory="{work}" maxMessageSize="128k")
               module(load="imuxsock" sysSock.use="off")
               input(type="imuxsock" socket="{socket}" createPath="on" useSysTimeStamp="off" rateLimit.interval="0")
               *.* action(type="omfwd" target="127.0.0.1" port="{port}" {action})
            "#,
            work = folder.path().display(),
            socket = path("log"),
        );
        fs::write(path("rsyslog.conf"), config).unwrap();
        let mut rsyslogd = Command::new(program());
        rsyslogd.args(["-n", "-f", &path("rsyslog.conf"), "-i", &path("pid")]);
        let running = rsyslogd.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let input = tokio::net::UnixDatagram::unbound().unwrap();
        patiently("rsyslog's socket", async {
            while input.connect(folder.path().join("log")).is_err() {
                // A file system tells of a new socket only when asked.
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
        Self { folder, running, input }
    }

    /// Logs a message as a program does.
    async fn log(&self, message: &str) {
        patiently("rsyslog to take a message", self.input.send(message.as_bytes())).await.unwrap();
    }

    /// Asks it to end, which writes its queue to the disk, and waits.
    fn stop(mut self) {
        let pid = self.running.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.running.wait().unwrap();
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        drop(self.running.kill());
        drop(self.running.wait());
        let _kept_until_now = &self.folder;
    }
}

fn program() -> PathBuf {
    PathBuf::from("/usr/sbin/rsyslogd")
}

fn port(server: &Server) -> String {
    server.syslog[0].rsplit(':').next().unwrap().to_owned()
}

async fn receiving() -> Server {
    ServerOptions::new().args(["--syslog-listen", "127.0.0.1:0"]).start().await.unwrap()
}

/// The first records of the default stream.
async fn records(server: &Server, count: usize) -> Vec<LogRecord> {
    let request = TailRequest { follow: true, ..all_of("") };
    let mut tail = server.read().await.unwrap().tail(request).await.unwrap().into_inner();
    let mut records = Vec::new();
    while records.len() < count {
        let message = patiently("records", tail.message()).await.unwrap().unwrap();
        if let Some(Payload::Batch(batch)) = message.payload {
            records.extend(batch.records);
        }
    }
    records
}

fn attribute<'a>(record: &'a LogRecord, key: &str) -> Option<&'a Value> {
    record.attributes.iter().find(|pair| pair.key == key)?.value.as_ref()?.value.as_ref()
}

const ACTIONS: [(&str, &str); 6] = [
    (
        "tcp counted 5424",
        r#"protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format""#,
    ),
    (
        "tcp lines 5424",
        r#"protocol="tcp" TCP_Framing="traditional" template="RSYSLOG_SyslogProtocol23Format""#,
    ),
    (
        "tcp counted 3164",
        r#"protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_TraditionalForwardFormat""#,
    ),
    ("tcp lines 3164", r#"protocol="tcp" TCP_Framing="traditional" template="RSYSLOG_ForwardFormat""#),
    ("udp 5424", r#"protocol="udp" template="RSYSLOG_SyslogProtocol23Format""#),
    ("udp 3164", r#"protocol="udp" template="RSYSLOG_TraditionalForwardFormat""#),
];

#[tokio::test]
async fn every_transport_framing_and_template_is_understood() {
    for (what, action) in ACTIONS {
        let server = receiving().await;
        let rsyslog = Rsyslog::start(&port(&server), action).await;
        rsyslog.log("<27>Jan  2 03:04:05 checkout[77]: payment failed: größer").await;
        rsyslog.log("<14>Jan  2 03:04:06 web: second").await;
        let records = records(&server, 2).await;
        let failed = records.iter().find(|record| record.body.contains("payment")).unwrap();
        assert_eq!(failed.body.trim_start(), "payment failed: größer", "{what}");
        assert_eq!((failed.severity_number, failed.severity_text.as_str()), (17, "err"), "{what}");
        assert_eq!(
            attribute(failed, "syslog.facility"),
            Some(&Value::StringValue("daemon".into())),
            "{what}"
        );
        assert_eq!(attribute(failed, "process.pid"), Some(&Value::IntValue(77)), "{what}");
        let delay = failed.observed_time_unix_nano.abs_diff(failed.time_unix_nano);
        assert!(delay < 120_000_000_000, "{what}: it was logged just now: {failed:?}");
        rsyslog.stop();
    }
}

#[tokio::test]
async fn a_queue_on_disk_outlasts_restarts_of_the_server() {
    const MESSAGES: usize = 6000;
    let mut server = receiving().await;
    let at = server.syslog[0].clone();
    let queue = r#"protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format" queue.type="LinkedList"
                   queue.filename="spile" queue.size="100000" queue.saveOnShutdown="on" action.resumeRetryCount="-1"
                   action.resumeInterval="1""#;
    let rsyslog = Rsyslog::start(&port(&server), queue).await;
    for round in 0..4 {
        let half = MESSAGES / 8;
        let mut numbers = round * half * 2..(round + 1) * half * 2;
        for number in numbers.by_ref().take(half) {
            rsyslog.log(&format!("<14>Jan  2 03:04:05 app: number {number}")).await;
        }
        until_metric(&server, "spile_syslog_messages_total", &[], |messages| messages >= 1.0).await;
        server.terminate().unwrap();
        // In the middle of its end, and while it is away.
        for number in numbers {
            rsyslog.log(&format!("<14>Jan  2 03:04:05 app: number {number}")).await;
        }
        assert_eq!(patiently("the server's end", server.wait()).await.unwrap(), Some(0));
        server = ServerOptions::new().data_of(&server).args(["--syslog-listen", &at]).start().await.unwrap();
    }
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    patiently("all records", reading.until_records(MESSAGES)).await.unwrap();
    let mut numbers: Vec<usize> = reading
        .bodies()
        .iter()
        .map(|body| body.trim().rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(numbers.into_iter().eq(0..MESSAGES), "every message is there");
    rsyslog.stop();
}

#[tokio::test]
async fn logger_is_understood_in_all_its_ways() {
    let server = receiving().await;
    let port = port(&server);
    let ways: [&[&str]; 5] = [
        &["--tcp"],
        &["--tcp", "--octet-count"],
        &["--udp"],
        &["--tcp", "--rfc3164"],
        &["--udp", "--rfc5424=notq"],
    ];
    for (at, way) in ways.iter().enumerate() {
        let mut logger = Command::new("logger");
        logger.args([
            "--server",
            "127.0.0.1",
            "--port",
            &port,
            "--tag",
            "shop",
            "--priority",
            "local3.warning",
        ]);
        let sent = logger.args(*way).arg(format!("way {at}")).status().unwrap();
        assert!(sent.success(), "{way:?}");
    }
    let records = records(&server, ways.len()).await;
    let mut bodies: Vec<_> = records.iter().map(|record| record.body.as_str()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["way 0", "way 1", "way 2", "way 3", "way 4"]);
    for record in &records {
        assert_eq!((record.severity_number, record.severity_text.as_str()), (13, "warning"), "{record:?}");
        assert_eq!(attribute(record, "syslog.facility"), Some(&Value::StringValue("local3".into())));
    }
}

/// What plain syslog over TCP cannot promise: how much of what was sent is lost when the server is killed. Nothing comes twice.
#[tokio::test]
async fn a_kill_loses_at_most_what_was_in_flight_and_doubles_nothing() {
    const MESSAGES: usize = 6000;
    let mut server = receiving().await;
    let at = server.syslog[0].clone();
    let queue = r#"protocol="tcp" TCP_Framing="octet-counted" queue.type="LinkedList" queue.size="100000" action.resumeRetryCount="-1"
                   action.resumeInterval="1""#;
    let rsyslog = Rsyslog::start(&port(&server), queue).await;
    for number in 0..MESSAGES {
        rsyslog.log(&format!("<14>Jan  2 03:04:05 app: number {number}")).await;
        if number == MESSAGES / 2 {
            until_metric(&server, "spile_syslog_messages_total", &[], |messages| messages >= 100.0).await;
            server.kill().await.unwrap();
            let options = ServerOptions::new().data_of(&server).args(["--syslog-listen", &at]);
            server = options.start().await.unwrap();
        }
    }
    rsyslog.log("<14>Jan  2 03:04:05 app: number 999999").await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("") }).await.unwrap();
    patiently("the last message", async {
        while !reading.bodies().iter().any(|body| body.ends_with("999999")) {
            assert!(reading.step().await.unwrap());
        }
    })
    .await;
    let mut numbers: Vec<usize> = reading
        .bodies()
        .iter()
        .map(|body| body.trim().rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count, "nothing comes twice");
    println!("{} of {MESSAGES} messages were lost with the server", MESSAGES + 1 - count);
    rsyslog.stop();
}
