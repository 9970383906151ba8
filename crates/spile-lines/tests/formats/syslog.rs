//! Syslog, on the wire and in files.

use super::{check, check_with};
use spile_lines::{LineParser, UtcOffset};

#[test]
fn rfc_5424() {
    check(&[
        (
            "<34>1 2024-01-31T23:59:59.123Z host.example.org su 1234 ID47 - 'su root' failed",
            r#"syslog-5424 2024-01-31T23:59:59.123Z ERROR2(crit) service.name="su" host.name="host.example.org" process.pid=1234 body="'su root' failed" | syslog.version=1 syslog.msgid="ID47" syslog.facility="auth""#,
        ),
        (
            "<165>1 2024-01-31T23:59:59.123456+01:00 192.0.2.1 evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"App \\\"x\\\" \\\\ \\]\"] \u{feff}text",
            r#"syslog-5424 2024-01-31T22:59:59.123456Z INFO2(notice) service.name="evntslog" host.name="192.0.2.1" body="text" | syslog.version=1 syslog.msgid="ID47" syslog.exampleSDID@32473.iut="3" syslog.exampleSDID@32473.eventSource="App \"x\" \\ ]" syslog.facility="local4""#,
        ),
        (
            "<165>1 2024-01-31T23:59:59Z h a worker-1 - [a@1 k=\"v\"][b@2 k=\"w\" l=\"\"]",
            r#"syslog-5424 2024-01-31T23:59:59Z INFO2(notice) service.name="a" host.name="h" body="" | syslog.version=1 syslog.procid="worker-1" syslog.a@1.k="v" syslog.b@2.k="w" syslog.b@2.l="" syslog.facility="local4""#,
        ),
        (
            "<13>1 - - - - - -",
            r#"syslog-5424 INFO2(notice) body="" | syslog.version=1 syslog.facility="user""#,
        ),
        (
            "<13>1 - - - - - [origin ip=\"10.0.0.1\" swVersion=\"1.2\"] text",
            r#"syslog-5424 INFO2(notice) service.version="1.2" body="text" | syslog.version=1 client.address="10.0.0.1" syslog.facility="user""#,
        ),
        (
            "<191>1 2024-01-31T23:59:59Z h a - - - ",
            r#"syslog-5424 2024-01-31T23:59:59Z DEBUG(debug) service.name="a" host.name="h" body="" | syslog.version=1 syslog.facility="local7""#,
        ),
        (
            "<13>1 2024-01-31T23:59:59Z h a - - [broken text",
            r#"syslog-3164 INFO2(notice) body="1 2024-01-31T23:59:59Z h a - - [broken text" | syslog.facility="user""#,
        ),
        ("<13>1 not a header", r#"syslog-3164 INFO2(notice) body="1 not a header" | syslog.facility="user""#),
    ]);
}

#[test]
fn rfc_3164_framed() {
    check(&[
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick",
            r#"syslog-3164 2023-10-11T22:14:15Z? ERROR2(crit) service.name="su" host.name="mymachine" body="'su root' failed for lonvick" | syslog.facility="auth""#,
        ),
        (
            "<13>Jan  1 00:00:00 host app[1234]: text",
            r#"syslog-3164 2024-01-01T00:00:00Z? INFO2(notice) service.name="app" host.name="host" process.pid=1234 body="text" | syslog.facility="user""#,
        ),
        (
            "<13>2024-01-31T23:59:59.123+01:00 host app[1234]: text",
            r#"syslog-3164 2024-01-31T22:59:59.123Z INFO2(notice) service.name="app" host.name="host" process.pid=1234 body="text" | syslog.facility="user""#,
        ),
        (
            "<30>dockerd[123]: text",
            r#"syslog-3164 INFO(info) service.name="dockerd" process.pid=123 body="text" | syslog.facility="daemon""#,
        ),
        (
            "<3>text after a priority as systemd reads it",
            r#"syslog-3164 ERROR(err) body="text after a priority as systemd reads it""#,
        ),
        ("<192>no such priority", "plain"),
        ("<html>", "plain"),
        ("<13>", r#"syslog-3164 INFO2(notice) body="" | syslog.facility="user""#),
    ]);
}

#[test]
fn files_of_syslog_daemons() {
    check(&[
        (
            "Jan  4 15:16:01 combo sshd(pam_unix)[19939]: authentication failure",
            r#"syslog-3164 2024-01-04T15:16:01Z? service.name="sshd" host.name="combo" process.pid=19939"#,
        ),
        (
            "Dec 31 23:59:59 web-1 kernel: [12345.678901] usb 1-1: new device",
            r#"syslog-3164 2023-12-31T23:59:59Z? service.name="kernel" host.name="web-1""#,
        ),
        (
            "Jan 31 23:59:59 web-1 postfix/smtp[12]: warning: relay denied",
            r#"syslog-3164 2024-01-31T23:59:59Z? WARN(warning) service.name="postfix/smtp" host.name="web-1" process.pid=12"#,
        ),
        (
            "Jan 31 23:59:59 web-1 NetworkManager[12]: <warn>  [1706745599.1] text",
            r#"syslog-3164 2024-01-31T23:59:59Z? WARN(warn) service.name="NetworkManager" host.name="web-1" process.pid=12"#,
        ),
        (
            "Jan 31 23:59:59 web-1 dockerd[12]: time=\"2024-01-31T23:59:59Z\" level=error msg=\"x\"",
            r#"syslog-3164 2024-01-31T23:59:59Z? ERROR(error) service.name="dockerd" host.name="web-1" process.pid=12"#,
        ),
        (
            "Jan 31 23:59:59 web-1 last message repeated 2 times",
            r#"syslog-3164 2024-01-31T23:59:59Z? host.name="web-1""#,
        ),
        ("Jan 31 23:59:59 web-1 -- MARK --", r#"syslog-3164 2024-01-31T23:59:59Z? host.name="web-1""#),
        ("Jan 31 23:59:59 kernel: no host", r#"syslog-3164 2024-01-31T23:59:59Z? service.name="kernel""#),
        (
            "Jan 31 2023 23:59:59 fw : %ASA-6-302013: Built",
            r#"syslog-3164 2023-01-31T23:59:59Z? host.name="fw""#,
        ),
        (
            "2024-01-31T23:59:59.123456+01:00 web-1 systemd[1]: Started x.service",
            r#"syslog-3164 2024-01-31T22:59:59.123456Z service.name="systemd" host.name="web-1" process.pid=1"#,
        ),
        (
            "2024-01-31T23:59:59+0100 web-1 sshd[12]: error: kex failed",
            r#"syslog-3164 2024-01-31T22:59:59Z ERROR(error) service.name="sshd" host.name="web-1" process.pid=12"#,
        ),
        ("2024-01-31T23:59:59Z starting up: done", "timestamped 2024-01-31T23:59:59Z"),
        ("May be a sentence", "plain"),
        ("Jan", "plain"),
    ]);
}

#[test]
fn times_without_a_zone_are_taken_at_the_default_offset() {
    let parser = LineParser::new().with_default_offset("+02:00".parse::<UtcOffset>().unwrap());
    check_with(
        &parser,
        &[
            (
                "Jan 31 23:59:59 web-1 app[1]: text",
                r#"syslog-3164 2024-01-31T21:59:59Z? service.name="app" host.name="web-1" process.pid=1"#,
            ),
            (
                "2024-01-31T23:59:59Z web-1 app[1]: text",
                r#"syslog-3164 2024-01-31T23:59:59Z service.name="app" host.name="web-1" process.pid=1"#,
            ),
        ],
    );
}
