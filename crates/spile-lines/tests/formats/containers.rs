//! Lines wrapped by container runtimes.

use super::check;

#[test]
fn cri_lines_are_unwrapped_and_read_again() {
    check(&[
        (
            "2024-01-31T23:59:59.123456789Z stdout F plain text",
            r#"plain in Cri 2024-01-31T23:59:59.123456789Z body="plain text" | log.iostream="stdout""#,
        ),
        (
            "2024-01-31T23:59:59.123456789+01:00 stderr F ERROR: failed",
            r#"leveled in Cri 2024-01-31T22:59:59.123456789Z ERROR body="ERROR: failed" | log.iostream="stderr""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout F {\"level\":\"info\",\"ts\":1706745500,\"msg\":\"text\"}",
            r#"json in Cri 2024-01-31T23:58:20Z INFO(info) body="text" | log.iostream="stdout""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stderr F I0131 12:00:00.000001       1 main.go:5] text",
            r#"klog in Cri 2024-01-31T23:59:59.123456789Z INFO(I) body="I0131 12:00:00.000001       1 main.go:5] text" | thread.id=1 code.file.path="main.go" code.line.number=5 log.iostream="stderr""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout F 2024-01-31T22:00:00Z INFO app: text",
            r#"timestamped in Cri 2024-01-31T22:00:00Z INFO scope=app body="2024-01-31T22:00:00Z INFO app: text" | log.iostream="stdout""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout P first half",
            r#"plain in Cri 2024-01-31T23:59:59.123456789Z body="first half" | log.iostream="stdout" spile.partial=true"#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout F:tag text",
            r#"plain in Cri 2024-01-31T23:59:59.123456789Z body="text" | log.iostream="stdout""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout F ",
            r#"plain in Cri 2024-01-31T23:59:59.123456789Z body="" | log.iostream="stdout""#,
        ),
        (
            "2024-01-31T23:59:59.123456789Z stdout F",
            r#"plain in Cri 2024-01-31T23:59:59.123456789Z body="" | log.iostream="stdout""#,
        ),
        ("2024-01-31T23:59:59.123456789Z stdout X no such tag", "timestamped 2024-01-31T23:59:59.123456789Z"),
        ("2024-01-31T23:59:59.123456789 stdout F no zone", "timestamped 2024-01-31T23:59:59.123456789Z?"),
        (
            "2024-01-31T23:59:59.123456789Z stdlog F no such stream",
            "timestamped 2024-01-31T23:59:59.123456789Z",
        ),
    ]);
}

#[test]
fn docker_lines_are_unwrapped_and_read_again() {
    check(&[
        (
            r#"{"log":"plain text\n","stream":"stdout","time":"2024-01-31T23:59:59.123456789Z"}"#,
            r#"plain in DockerJson 2024-01-31T23:59:59.123456789Z body="plain text" | log.iostream="stdout""#,
        ),
        (
            r#"{"log":"no newline: a piece","stream":"stderr","time":"2024-01-31T23:59:59.123456789Z"}"#,
            r#"plain in DockerJson 2024-01-31T23:59:59.123456789Z body="no newline: a piece" | log.iostream="stderr" spile.partial=true"#,
        ),
        (
            r#"{"log":"{\"level\":\"warn\",\"msg\":\"inner\",\"n\":1}\n","stream":"stdout","attrs":{"tag":"x"},"time":"2024-01-31T23:59:59.123456789Z"}"#,
            r#"json in DockerJson 2024-01-31T23:59:59.123456789Z WARN(warn) body="inner" | n=1 tag="x" log.iostream="stdout""#,
        ),
        (
            r#"{"log":"2024-01-31 12:00:00,000 INFO a.b: zoneless\r\n","stream":"stdout","time":"2024-01-31T23:59:59.123456789Z"}"#,
            r#"timestamped in DockerJson 2024-01-31T23:59:59.123456789Z INFO scope=a.b body="2024-01-31 12:00:00,000 INFO a.b: zoneless" | log.iostream="stdout""#,
        ),
        (
            r#"{"log":"not docker","stream":"other","time":"2024-01-31T23:59:59Z"}"#,
            r#"json 2024-01-31T23:59:59Z body="not docker" | stream="other""#,
        ),
        (r#"{"log":"not docker","level":"info"}"#, r#"json INFO(info) body="not docker""#),
    ]);
}
