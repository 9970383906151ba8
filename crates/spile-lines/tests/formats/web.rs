//! Access and error logs of web servers.

use super::check;

#[test]
fn access_logs() {
    check(&[
        (
            "127.0.0.1 - frank [31/Jan/2024:23:59:59 +0100] \"GET /a/b.gif?x=1&y=2 HTTP/1.0\" 200 2326",
            r#"access-log 2024-01-31T22:59:59Z INFO() | client.address="127.0.0.1" user.name="frank" http.request.method="GET" url.path="/a/b.gif" url.query="x=1&y=2" network.protocol.name="http" network.protocol.version="1.0" http.response.status_code=200 http.response.body.size=2326"#,
        ),
        (
            "2001:db8::1 - - [31/Jan/2024:23:59:59 +0000] \"POST /api HTTP/1.1\" 503 12 \"https://example.org/\" \"Mozilla/5.0 (X11; \\\"quoted\\\")\"",
            r#"access-log 2024-01-31T23:59:59Z ERROR() | client.address="2001:db8::1" http.request.method="POST" url.path="/api" network.protocol.name="http" network.protocol.version="1.1" http.response.status_code=503 http.response.body.size=12 http.request.header.referer=["https://example.org/"] user_agent.original="Mozilla/5.0 (X11; \\\"quoted\\\")""#,
        ),
        (
            "10.0.0.1 - - [31/Jan/2024:23:59:59 +0000] \"GET / HTTP/2.0\" 404 - \"-\" \"-\"",
            r#"access-log 2024-01-31T23:59:59Z WARN() | client.address="10.0.0.1" http.request.method="GET" url.path="/" network.protocol.name="http" network.protocol.version="2.0" http.response.status_code=404"#,
        ),
        (
            "www.example.org:443 10.0.0.1 - - [31/Jan/2024:23:59:59 +0000] \"GET / HTTP/1.1\" 301 0 \"-\" \"curl/8.0\"",
            r#"access-log 2024-01-31T23:59:59Z INFO() | server.address="www.example.org" server.port=443 client.address="10.0.0.1" http.request.method="GET" url.path="/" network.protocol.name="http" network.protocol.version="1.1" http.response.status_code=301 http.response.body.size=0 user_agent.original="curl/8.0""#,
        ),
        (
            "10.0.0.1 - a user [31/Jan/2024:23:59:59 +0000] \"GET / HTTP/1.1\" 200 0",
            r#"access-log 2024-01-31T23:59:59Z INFO() | client.address="10.0.0.1" user.name="a user" http.request.method="GET" url.path="/" network.protocol.name="http" network.protocol.version="1.1" http.response.status_code=200 http.response.body.size=0"#,
        ),
        (
            "10.0.0.1 - - [31/Jan/2024:23:59:59 +0000] \"\\x16\\x03\\x01\" 400 157 \"-\" \"-\"",
            r#"access-log 2024-01-31T23:59:59Z WARN() | client.address="10.0.0.1" http.response.status_code=400 http.response.body.size=157"#,
        ),
        (
            "10.0.0.1 - - [31/Jan/2024:23:59:59 +0000] \"-\" 408 0 \"-\" \"-\"",
            r#"access-log 2024-01-31T23:59:59Z WARN() | client.address="10.0.0.1" http.response.status_code=408 http.response.body.size=0"#,
        ),
        (
            "[2024-01-31T23:59:59.123Z] \"GET /status HTTP/1.1\" 503 - via_upstream - \"-\" 0 91 3 - \"-\" \"curl/8.0\" \"id\" \"host\" \"-\"",
            r#"access-log 2024-01-31T23:59:59.123Z ERROR() | http.request.method="GET" url.path="/status" network.protocol.name="http" network.protocol.version="1.1" http.response.status_code=503"#,
        ),
        ("10.0.0.1 - - [31/Jan/2024:23:59:59 +0000] no request", "plain"),
    ]);
}

#[test]
fn error_logs() {
    check(&[
        (
            "[Wed Jan 31 23:59:59 2024] [error] [client 10.0.0.1] File does not exist: /x",
            r#"apache-error 2024-01-31T23:59:59Z? ERROR(error) | client.address="10.0.0.1""#,
        ),
        (
            "[Wed Jan 31 23:59:59.123456 2024] [core:error] [pid 12:tid 34] [client 10.0.0.1:5678] AH00035: access denied",
            r#"apache-error 2024-01-31T23:59:59.123456Z? ERROR(error) scope=core process.pid=12 | thread.id=34 client.address="10.0.0.1" client.port=5678"#,
        ),
        (
            "[Wed Jan 31 23:59:59.123456 2024] [proxy:warn] [pid 12] (13)Permission denied: [client [2001:db8::1]:5678] AH1: x",
            r#"apache-error 2024-01-31T23:59:59.123456Z? WARN(warn) scope=proxy process.pid=12 | client.address="2001:db8::1" client.port=5678"#,
        ),
        (
            "[Wed Jan 31 23:59:59.123456 2024] [ssl:info] [pid 12:tid 34] [client 2001:db8::1:5678] x",
            r#"apache-error 2024-01-31T23:59:59.123456Z? INFO(info) scope=ssl process.pid=12 | thread.id=34 client.address="2001:db8::1" client.port=5678"#,
        ),
        (
            "[Wed Jan 31 23:59:59 2024] [notice] Apache configured",
            "apache-error 2024-01-31T23:59:59Z? INFO2(notice)",
        ),
        ("[Wed Jan 31 23:59:59 2024] no level", "apache-error 2024-01-31T23:59:59Z?"),
        (
            "2024/01/31 23:59:59 [error] 12#34: *56 open() \"/x\" failed (2: No such file), client: 10.0.0.1, server: example.org, request: \"GET /x?y HTTP/1.1\", host: \"example.org\"",
            r#"nginx-error 2024-01-31T23:59:59Z? ERROR(error) process.pid=12 | thread.id=34 client.address="10.0.0.1" server.address="example.org" http.request.method="GET" url.path="/x" url.query="y" network.protocol.name="http" network.protocol.version="1.1""#,
        ),
        (
            "2024/01/31 23:59:59 [notice] 12#12: signal process started",
            "nginx-error 2024-01-31T23:59:59Z? INFO2(notice) process.pid=12 | thread.id=12",
        ),
        (
            "2024/01/31 23:59:59 [emerg] 1#1: bind() failed, client: 10.0.0.1, server: , request: \"x\"",
            r#"nginx-error 2024-01-31T23:59:59Z? FATAL(emerg) process.pid=1 | thread.id=1 client.address="10.0.0.1""#,
        ),
    ]);
}
