//! Reading over plain HTTP, and over gRPC-Web.

use prost::Message;
use serde_json::{Value, json};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{Filter, TailRequest, TailResponse};
use spile_tests::{HttpStream, Server, ServerOptions, run_spile};

use crate::support::{
    Delivered, Reading, after, all_of, append, checksum, delivered, numbered, patiently, record, until_metric,
};

/// A message of an event stream.
#[derive(Debug, Default)]
struct Event {
    id: String,
    name: String,
    data: String,
}

impl Event {
    fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// The next event; `None` at the end.
async fn event(stream: &mut HttpStream) -> Option<Event> {
    let mut event = Event::default();
    while let Some(line) = patiently("an event", stream.line()).await.unwrap() {
        match line.split_once(": ") {
            Some(("id", id)) => event.id = id.to_owned(),
            Some(("event", name)) => event.name = name.to_owned(),
            Some(("data", data)) => event.data = data.to_owned(),
            Some(("retry", _)) => {}
            None if line.is_empty() && event.data.is_empty() => {}
            None if line.is_empty() => return Some(event),
            _ => panic!("{line:?} is no line of an event stream"),
        }
    }
    None
}

fn record_of(json: &Value) -> Delivered {
    Delivered { offset: json["offset"].as_u64().unwrap(), body: json["body"].as_str().unwrap().to_owned() }
}

async fn json_of(server: &Server, path: &str) -> (u16, Value) {
    let answer = patiently("an answer", HttpStream::get(&server.address, path, &[])).await.unwrap();
    let status = answer.status;
    (status, serde_json::from_slice(&answer.rest().await.unwrap()).unwrap())
}

/// All lines of a tail.
async fn lines(server: &Server, path: &str) -> Vec<Value> {
    let mut stream = HttpStream::get(&server.address, path, &[]).await.unwrap();
    assert_eq!(stream.status, 200, "{path}");
    let mut lines = Vec::new();
    while let Some(line) = patiently("a line", stream.line()).await.unwrap() {
        lines.push(serde_json::from_str(&line).unwrap());
    }
    lines
}

#[tokio::test]
async fn lines_are_the_records_as_the_command_line_prints_them() {
    let server = Server::start().await.unwrap();
    let text = "{\"level\":\"warn\",\"msg\":\"a \\\"quoted\\\"\\u2028 text\",\"n\":1.5,\"big\":9007199254740993,\"deep\":{\"list\":[1,true,null,\
                \"\\u0007\"]},\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}\nplain\nERROR: \u{202e}reversed\n";
    let pushed = run_spile(&server.address, &["push", "-", "--service", "checkout"], text.as_bytes());
    assert!(pushed.status.success());

    let mut over_http = lines(&server, "/v1/tail").await;
    let end = over_http.pop().unwrap();
    let printed = run_spile(&server.address, &["tail", "-n", "all", "-o", "jsonl"], b"");
    let printed: Vec<Value> = String::from_utf8(printed.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(over_http.len(), 3);
    for (mut line, printed) in over_http.into_iter().zip(&printed) {
        assert!(line.as_object_mut().unwrap().remove("cursor").is_some());
        assert_eq!(&line, printed);
    }
    assert_eq!(end["end"]["reason"], "end-of-history");
    assert_eq!((&end["end"]["records"], &end["end"]["scanned"]), (&json!(3), &json!(3)));
    let bodies: Vec<&str> = printed.iter().map(|line| line["body"].as_str().unwrap()).collect();
    assert_eq!(end["end"]["checksum"], checksum(bodies).as_str());
}

#[tokio::test]
async fn parameters_choose_as_the_fields_of_a_tail_do() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..100)).await;
    let bodies = async |parameters: &str| -> Vec<String> {
        let lines = lines(&server, &format!("/v1/tail?stream=s&marks=false&{parameters}")).await;
        lines.iter().map(|line| record_of(line).body).collect()
    };
    assert_eq!(bodies("level=error&limit=2").await, ["line 0", "line 10"]);
    assert_eq!(bodies("last=2").await, ["line 98", "line 99"]);
    assert_eq!(bodies("q=%22line+7%22&level=error").await, ["line 70"]);
    assert_eq!(bodies("order=newest-first&limit=2&level=error").await, ["line 90", "line 80"]);
    assert_eq!(bodies("offset=97&order=offset").await, ["line 97", "line 98", "line 99"]);
    assert_eq!(bodies("order=time&limit=1").await, ["line 0"]);
    assert_eq!(bodies("until=yesterday").await, [""; 0]);
    assert_eq!(bodies("since=-1h&last=1").await, ["line 99"]);

    let (_, count) = json_of(&server, "/v1/count?stream=s&level=error").await;
    assert_eq!(count["records"], 10);
    let (_, histogram) = json_of(&server, "/v1/histogram?stream=s&width=24h").await;
    assert_eq!(histogram["bucketNanos"], 86_400_000_000_000u64);
    let counted: u64 =
        histogram["buckets"].as_array().unwrap().iter().map(|b| b["records"].as_u64().unwrap()).sum();
    assert_eq!((counted, &histogram["records"]), (100, &json!(100)));
    let errors: u64 =
        histogram["buckets"].as_array().unwrap().iter().filter_map(|b| b["counts"]["ERROR"].as_u64()).sum();
    assert_eq!(errors, 10);
}

/// Every record's own cursor goes on right behind it, in each order.
#[tokio::test]
async fn each_record_has_a_cursor_of_its_own_in_every_order() {
    let server = Server::start().await.unwrap();
    // Times that do not ascend, some of them equal.
    let times = |n: u64| 1_000_000_000_000 + (n * 7 % 10) * 1_000;
    let records: Vec<_> = (0..30u64)
        .map(|n| spile_proto::v1::LogRecord { time_unix_nano: times(n), ..record(format!("line {n}"), 9) })
        .collect();
    append(&server, "s", records).await;
    for order in ["offset", "newest-first", "time"] {
        let path = format!("/v1/tail?stream=s&marks=false&order={order}");
        let whole: Vec<Delivered> = lines(&server, &path).await.iter().map(record_of).collect();
        assert_eq!(whole.len(), 30, "{order}");
        for (at, line) in lines(&server, &path).await.iter().enumerate() {
            let rest = format!("{path}&after={}", line["cursor"].as_str().unwrap());
            let rest: Vec<Delivered> = lines(&server, &rest).await.iter().map(record_of).collect();
            assert_eq!(rest, whole[at + 1..], "{order}, behind record {at}");
        }
    }
}

#[tokio::test]
async fn wrong_parameters_are_all_named_in_the_shape_of_google_rpc_status() {
    let server = Server::start().await.unwrap();
    let (status, problem) =
        json_of(&server, "/v1/tail?limit=x&follow=maybe&last=3&after=abc&nonsense=1&order=up").await;
    assert_eq!((status, &problem["error"]["code"]), (400, &json!(400)));
    assert_eq!(problem["error"]["status"], "INVALID_ARGUMENT");
    let details = problem["error"]["details"].as_array().unwrap();
    assert_eq!(details[0]["reason"], "INVALID_FIELD");
    let named: Vec<&str> = details[1]["fieldViolations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["field"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["last", "follow", "limit", "order", "nonsense"]);

    let post =
        http::Request::post("/v1/tail").header("host", "test").body(bytes::Bytes::new().into()).unwrap();
    let answer = HttpStream::send(&server.address, post).await.unwrap();
    assert_eq!((answer.status, &answer.headers["allow"]), (405, &"GET,HEAD".parse().unwrap()));
    let problem: Value = serde_json::from_slice(&answer.rest().await.unwrap()).unwrap();
    assert_eq!(problem["error"]["status"], "UNIMPLEMENTED");

    for (path, field, code) in [
        ("/v1/tail?level=loud", "level", "INVALID_ARGUMENT"),
        ("/v1/tail?q=severity%3E%3E3", "q", "INVALID_ARGUMENT"),
        ("/v1/count?since=sometime", "since", "INVALID_ARGUMENT"),
        ("/v1/poll?after=nonsense", "after", "INVALID_ARGUMENT"),
        ("/v1/poll?wait=1h", "wait", "INVALID_ARGUMENT"),
        ("/v1/poll?limit=0", "limit", "INVALID_ARGUMENT"),
        ("/v1/histogram?buckets=5000", "buckets", "INVALID_ARGUMENT"),
        ("/v1/tail?stream=nobody", "stream", "NOT_FOUND"),
    ] {
        let (status, problem) = json_of(&server, path).await;
        assert_eq!(status, if code == "NOT_FOUND" { 404 } else { 400 }, "{path}");
        assert_eq!(problem["error"]["status"], code, "{path}");
        let violation = &problem["error"]["details"][1]["fieldViolations"][0];
        assert_eq!(violation["field"], field, "{path}: {problem}");
        assert!(problem["error"]["message"].as_str().unwrap().contains(field), "{path}: {problem}");
    }
}

#[tokio::test]
async fn events_go_from_history_to_live_and_resume_by_their_id() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..50)).await;
    let path = "/v1/tail?stream=s&level=error";
    let accept = ("accept", "text/event-stream");
    let mut stream = HttpStream::get(&server.address, path, &[accept]).await.unwrap();
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["x-accel-buffering"], "no");
    assert_eq!(stream.headers["cache-control"], "no-cache, no-transform");
    let mut seen = Vec::new();
    let mut last_id = String::new();
    // It breaks off in the middle of history.
    for _ in 0..2 {
        let record = event(&mut stream).await.unwrap();
        seen.push(record_of(&record.json()));
        last_id = record.id;
    }
    drop(stream);
    let mut stream =
        HttpStream::get(&server.address, path, &[accept, ("last-event-id", &last_id)]).await.unwrap();
    while seen.len() < 5 {
        seen.push(record_of(&event(&mut stream).await.unwrap().json()));
    }
    assert_eq!(event(&mut stream).await.unwrap().name, "caughtUp");
    append(&server, "s", numbered("line", 50..100)).await;
    while seen.len() < 8 {
        let record = event(&mut stream).await.unwrap();
        assert_eq!(record.name, "", "records are messages without a name");
        seen.push(record_of(&record.json()));
        last_id = record.id;
    }
    drop(stream);
    // It comes back to a server that was killed.
    let (mut server, old) = (server, ());
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let headers = [accept, ("last-event-id", last_id.as_str())];
    let mut stream =
        HttpStream::get(&server.address, &format!("{path}&follow=false"), &headers).await.unwrap();
    loop {
        let next = event(&mut stream).await.unwrap();
        if next.name == "end" {
            assert_eq!(next.json()["reason"], "end-of-history");
            break;
        }
        seen.push(record_of(&next.json()));
    }
    assert!(event(&mut stream).await.is_none());
    let expected: Vec<_> =
        (0..10).map(|n| Delivered { offset: n * 10, body: format!("line {}", n * 10) }).collect();
    assert_eq!((seen, old), (expected, ()));
}

#[tokio::test]
async fn a_quiet_stream_tells_its_progress_and_a_stopping_server_its_cursor() {
    let server = ServerOptions::new().args(["--progress-interval", "100ms"]).start().await.unwrap();
    append(&server, "s", numbered("line", 1..10)).await;
    let path = "/v1/tail?stream=s&level=error&follow=true";
    let mut stream =
        HttpStream::get(&server.address, path, &[("accept", "text/event-stream")]).await.unwrap();
    assert_eq!(event(&mut stream).await.unwrap().name, "caughtUp");
    let progress = event(&mut stream).await.unwrap();
    assert_eq!((progress.name.as_str(), &progress.json()["nextOffset"]), ("progress", &json!(9)));
    assert_eq!(progress.json()["cursor"], progress.id.as_str());
    server.terminate().unwrap();
    let end = loop {
        let next = event(&mut stream).await.unwrap();
        if next.name == "end" {
            break next;
        }
    };
    assert_eq!(end.json()["reason"], "drain");
    assert_eq!(end.json()["error"]["status"], "UNAVAILABLE");
    assert!(event(&mut stream).await.is_none());
}

#[tokio::test]
async fn polls_give_everything_once_and_wait_for_what_comes() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..2_500)).await;
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/v1/poll?stream=s&wait=0s&after={cursor}");
        let (status, page) = json_of(&server, &path).await;
        assert_eq!(status, 200, "{page}");
        let records = page["records"].as_array().unwrap();
        assert!(records.len() <= 1_000);
        seen.extend(records.iter().map(|record| record_of(record).offset));
        cursor = page["cursor"].as_str().unwrap().to_owned();
        if page["caughtUp"] == true {
            break;
        }
    }
    assert!(seen.iter().copied().eq(0..2_500), "{} records", seen.len());

    let path = format!("/v1/poll?stream=s&level=error&after={cursor}");
    let (waiting, ()) = tokio::join!(json_of(&server, &path), async {
        append(&server, "s", numbered("line", 2_501..2_512)).await;
    });
    let (_, page) = waiting;
    assert_eq!(page["records"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!(page["records"][0]["body"], "line 2510");
    assert_eq!(page["gaps"], json!([]));
}

#[tokio::test]
async fn a_poll_beyond_until_ends_and_one_over_a_stopping_server_comes_back() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..10)).await;
    let (_, page) = json_of(&server, "/v1/poll?stream=s&until=yesterday").await;
    assert_eq!((&page["records"], &page["end"]), (&json!([]), &json!("until")));
    let waiting = json_of(&server, "/v1/poll?stream=s&from=latest&wait=5m");
    let (page, ()) = tokio::join!(waiting, async {
        until_metric(&server, "spile_active_streams", &["/v1/poll"], |n| n == 1.0).await;
        server.terminate().unwrap();
    });
    assert_eq!(page.1["records"], json!([]));
    assert!(!page.1["cursor"].as_str().unwrap().is_empty());
}

/// One cursor goes through every door: each continues where the one before ended.
#[tokio::test]
async fn one_cursor_continues_over_every_door() {
    let server =
        ServerOptions::new().args(["--seal-bytes", "64KiB", "--ring-bytes", "1MiB"]).start().await.unwrap();
    let long = "x".repeat(200);
    let records: Vec<_> = (0..6_000u64)
        .map(|n| record(format!("{n} {long}"), if n.is_multiple_of(3) { 17 } else { 9 }))
        .collect();
    append(&server, "s", records[..4_000].to_vec()).await;
    let expected: Vec<u64> = (0..6_000).filter(|n| n % 3 == 0).collect();
    let errors = || Some(Filter { level: "error".to_owned(), ..Filter::default() });
    let mut seen: Vec<u64> = Vec::new();

    // gRPC.
    let request = TailRequest { filter: errors(), limit: 300, ..all_of("s") };
    let mut grpc = Reading::open(&server, request).await.unwrap();
    grpc.read_to_end().await.unwrap();
    seen.extend(grpc.offsets());
    let mut cursor = grpc.cursor;

    // Server-Sent Events, broken off after 300 records.
    let path = "/v1/tail?stream=s&level=error";
    let headers = [("accept", "text/event-stream"), ("last-event-id", cursor.as_str())];
    let mut events = HttpStream::get(&server.address, path, &headers).await.unwrap();
    for _ in 0..300 {
        let record = event(&mut events).await.unwrap();
        seen.push(record.json()["offset"].as_u64().unwrap());
        cursor = record.id;
    }
    drop(events);

    // A long poll.
    let (_, page) =
        json_of(&server, &format!("/v1/poll?stream=s&level=error&limit=300&after={cursor}")).await;
    let polled = page["records"].as_array().unwrap();
    assert!(!polled.is_empty() && polled.len() <= 300);
    seen.extend(polled.iter().map(|record| record["offset"].as_u64().unwrap()));
    cursor = page["cursor"].as_str().unwrap().to_owned();

    // Lines of JSON.
    let lines = lines(&server, &format!("/v1/tail?stream=s&level=error&limit=200&after={cursor}")).await;
    let (end, records_of_lines) = lines.split_last().unwrap();
    assert_eq!(end["end"]["reason"], "limit");
    seen.extend(records_of_lines.iter().map(|record| record["offset"].as_u64().unwrap()));
    cursor = records_of_lines.last().unwrap()["cursor"].as_str().unwrap().to_owned();

    // gRPC-Web.
    let request = TailRequest { filter: errors(), limit: 200, start: after(cursor), ..all_of("s") };
    let (offsets, next, trailers) = grpc_web_tail(&server, &request).await;
    assert!(trailers.contains("grpc-status:0") && trailers.contains("spile-end-reason:limit"), "{trailers}");
    seen.extend(offsets);
    cursor = next;

    // The command line, in the middle of which more is appended.
    append(&server, "s", records[4_000..].to_vec()).await;
    let arguments = ["tail", "-s", "s", "-l", "error", "-o", "jsonl", "--after-cursor", &cursor];
    let printed = run_spile(&server.address, &arguments, b"");
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    for line in String::from_utf8(printed.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        seen.push(line["offset"].as_u64().unwrap());
    }
    assert_eq!(seen.len(), expected.len());
    assert!(seen == expected, "each once, in order");
}

/// The offsets of a tail over gRPC-Web, its last cursor, and its trailers.
async fn grpc_web_tail(server: &Server, request: &TailRequest) -> (Vec<u64>, String, String) {
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(request.encoded_len()).unwrap().to_be_bytes());
    request.encode(&mut body).unwrap();
    let request = http::Request::post("/spile.v1.ReadService/Tail")
        .header("host", &server.address)
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body(bytes::Bytes::from(body).into())
        .unwrap();
    let answer = HttpStream::send(&server.address, request).await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/grpc-web+proto");
    let body = answer.rest().await.unwrap();
    let (mut rest, mut offsets, mut cursor) = (body.as_slice(), Vec::new(), String::new());
    loop {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        let (frame, behind) = rest[5..].split_at(length);
        if rest[0] == 0x80 {
            assert!(behind.is_empty());
            return (offsets, cursor, String::from_utf8(frame.to_vec()).unwrap());
        }
        let message = TailResponse::decode(frame).unwrap();
        cursor = message.cursor;
        if let Some(Payload::Batch(batch)) = message.payload {
            offsets.extend(delivered(batch).iter().map(|record| record.offset));
        }
        rest = behind;
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_freed_over_http_too() {
    let server =
        ServerOptions::new().args(["--stall-limit", "500ms", "--ring-bytes", "1MiB"]).start().await.unwrap();
    let long = "x".repeat(400);
    let records: Vec<_> = (0..40_000).map(|n| record(format!("{n} {long}"), 9)).collect();
    append(&server, "s", records).await;
    let before = server.resident_bytes().unwrap();
    let mut stopped = HttpStream::get(&server.address, "/v1/tail?stream=s&follow=true", &[]).await.unwrap();
    let mut download = HttpStream::get(&server.address, "/v1/tail?stream=s&marks=false", &[]).await.unwrap();
    let first = stopped.line().await.unwrap().unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(record_of(&first).offset, 0);
    until_metric(&server, "spile_stream_ends_total", &["/v1/tail", "stalled"], |n| n == 2.0).await;
    let grown = server.resident_bytes().unwrap().saturating_sub(before);
    assert!(grown < 24 << 20, "grew by {grown} bytes");
    // Neither looks as if it were whole: the one is told or cut off, the other, which is told nothing, is cut off.
    let mut last = first;
    let told = loop {
        match patiently("the end", stopped.line()).await {
            Ok(Some(line)) => last = serde_json::from_str(&line).unwrap(),
            Ok(None) => break last["end"]["reason"] == "stalled",
            Err(_) => break true,
        }
    };
    assert!(told, "{last}");
    let cut_off = loop {
        match patiently("the end", download.chunk()).await {
            Ok(Some(_)) => {}
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(cut_off);
}

/// A client of 1996 gets the same bytes, ended by the end of the connection.
#[tokio::test]
async fn http_1_0_works() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..3)).await;
    let mut socket = tokio::net::TcpStream::connect(&server.address).await.unwrap();
    let request = "GET /v1/tail?stream=s&marks=false HTTP/1.0\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    patiently("the end", socket.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 OK"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"), "{head}");
    assert_eq!(body.lines().count(), 3);
}
