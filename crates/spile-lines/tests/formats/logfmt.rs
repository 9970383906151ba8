//! Lines of `key=value` pairs.

use super::check;

#[test]
fn logfmt() {
    check(&[
        (
            "time=\"2024-01-31T23:59:59+01:00\" level=warning msg=\"text with \\\"quotes\\\"\" attempt=3 ratio=0.5 ok=true zip=00123 big=12345678901234567890",
            r#"logfmt 2024-01-31T22:59:59Z WARN(warning) | msg="text with \"quotes\"" attempt=3 ratio=0.5 ok=true zip="00123" big="12345678901234567890""#,
        ),
        (
            "ts=2024-01-31T23:59:59.123456789Z caller=metrics.go:159 component=frontend level=info msg=done duration=2.5s",
            r#"logfmt 2024-01-31T23:59:59.123456789Z INFO(info) | code.file.path="metrics.go" code.line.number=159 component="frontend" msg="done" duration="2.5s""#,
        ),
        (
            "ts=1706745599.123456789 lvl=eror msg=x",
            r#"logfmt 2024-01-31T23:59:59.123456789Z ERROR(eror) | msg="x""#,
        ),
        (
            "t=2024-01-31T23:59:59+0000 lvl=info msg=\"log15\" logger=context",
            r#"logfmt 2024-01-31T23:59:59Z INFO(info) scope=context | msg="log15""#,
        ),
        (
            "at=error code=H12 desc=\"Request timeout\" method=GET path=/ host=example.org",
            r#"logfmt ERROR(error) | code="H12" desc="Request timeout" method="GET" path="/" host="example.org""#,
        ),
        (
            "level=info trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 pid=12 hostname=h service=s",
            r#"logfmt INFO(info) service.name="s" host.name="h" process.pid=12 trace=4bf92f3577b34da6a3ce929d0e0e4736 span=00f067aa0ba902b7"#,
        ),
        ("level=info done", "leveled INFO(info)"),
        ("level=info ts=1706745599 words, of a text", "logfmt 2024-01-31T23:59:59Z INFO(info)"),
        ("a=1 a=2 level=warn", "logfmt WARN(warn) | a=2"),
        ("a=1 b=2", "logfmt | a=1 b=2"),
        ("a=1 b=2 and words", "plain"),
        ("x=1", "plain"),
        ("a=1 b=\"unterminated", "plain"),
        ("https://example.org/?a=1 b=2", "plain"),
        ("a= b=-1 c=-0 d=1. e=.5 f=1e5", r#"logfmt | a="" b=-1 c="-0" d="1." e=".5" f="1e5""#),
    ]);
}
