//! Pushes as Promtail, Vector and Fluent Bit make them, into a real engine.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::json;

use super::labels;
use crate::testing::{Receiving, Stored, get, pack, soon};

const PUSH: &str = "/loki/api/v1/push";
const JSON: (&str, &str) = ("content-type", "application/json");
const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");

/// `logproto.LabelPairAdapter`.
#[derive(Clone, PartialEq, prost::Message)]
struct Pair {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    value: String,
}

/// `logproto.EntryAdapter`.
#[derive(Clone, PartialEq, prost::Message)]
struct Entry {
    #[prost(message, optional, tag = "1")]
    timestamp: Option<prost_types::Timestamp>,
    #[prost(string, tag = "2")]
    line: String,
    #[prost(message, repeated, tag = "3")]
    structured_metadata: Vec<Pair>,
}

/// `logproto.StreamAdapter`.
#[derive(Clone, PartialEq, prost::Message)]
struct OneStream {
    #[prost(string, tag = "1")]
    labels: String,
    #[prost(message, repeated, tag = "2")]
    entries: Vec<Entry>,
    #[prost(uint64, tag = "3")]
    hash: u64,
}

/// `logproto.PushRequest`.
#[derive(Clone, PartialEq, prost::Message)]
struct PushRequest {
    #[prost(message, repeated, tag = "1")]
    streams: Vec<OneStream>,
}

fn entry(seconds: i64, line: &str) -> Entry {
    let timestamp = prost_types::Timestamp { seconds, nanos: 5 };
    Entry { timestamp: Some(timestamp), line: line.into(), structured_metadata: Vec::new() }
}

fn snapped(request: &PushRequest) -> Vec<u8> {
    snap::raw::Encoder::new().compress_vec(&prost::Message::encode_to_vec(request)).unwrap()
}

fn bodies(stored: &[Stored]) -> Vec<&str> {
    stored.iter().map(|stored| stored.record.body.as_str()).collect()
}

#[tokio::test]
async fn a_push_in_json_is_stored_under_opentelemetrys_names() {
    let receiving = Receiving::start().await;
    let body = json!({ "streams": [{
        "stream": { "app": "shop", "namespace": "prod", "pod": "shop-1", "container": "web", "team": "a" },
        "values": [
            ["1700000000000000001", "level=error msg=\"it broke\""],
            ["1700000000000000002", "plain", { "trace_id": "0af7651916cd43dd8448eb211c80319c", "user": "ada" }],
        ],
    }] });
    let answer = receiving.post(PUSH, &[JSON], body.to_string()).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{}", String::from_utf8_lossy(&answer.body));
    let stored = receiving.stored("default").await;
    assert_eq!(bodies(&stored), ["level=error msg=\"it broke\"", "plain"]);
    let first = &stored[0];
    assert_eq!((first.record.time_unix_nano, first.record.severity_number), (1_700_000_000_000_000_001, 17));
    for (name, text) in [
        ("service.name", "shop"),
        ("k8s.namespace.name", "prod"),
        ("k8s.pod.name", "shop-1"),
        ("k8s.container.name", "web"),
        ("app", "shop"),
        ("team", "a"),
    ] {
        assert_eq!(first.resource_attribute(name), Some(text), "{name}");
    }
    assert_eq!((stored[1].record.trace_id[0], stored[1].attribute("user")), (0x0a, Some("ada")));
    assert_eq!(receiving.counted("loki"), (2, 0));
    receiving.server.stop().await;
}

#[tokio::test]
async fn a_push_in_protobuf_and_snappy_is_the_same() {
    let receiving = Receiving::start().await;
    let mut second = entry(1_700_000_001, "two");
    second.structured_metadata.push(Pair { name: "detected_level".into(), value: "warn".into() });
    let stream = OneStream {
        labels: r#"{job="varlogs", service_name="shop", filename="/var/log/a.log"}"#.into(),
        entries: vec![entry(1_700_000_000, "one"), second],
        hash: 7,
    };
    let request = PushRequest { streams: vec![stream] };
    // Promtail names the type, others name another or none.
    for headers in
        [&[PROTOBUF][..], &[], &[("content-type", "application/x-protobuf"), ("content-encoding", "snappy")]]
    {
        let answer = receiving.post(PUSH, headers, snapped(&request)).await;
        assert_eq!(answer.status, 204, "{}", String::from_utf8_lossy(&answer.body));
    }
    let stored = receiving.stored("default").await;
    assert_eq!(bodies(&stored), ["one", "two", "one", "two", "one", "two"]);
    assert_eq!(stored[0].record.time_unix_nano, 1_700_000_000_000_000_005);
    assert_eq!(stored[0].resource_attribute("log.file.path"), Some("/var/log/a.log"));
    assert_eq!(stored[0].resource_attribute("service.name"), Some("shop"));
    assert_eq!((stored[1].record.severity_number, stored[1].record.severity_text.as_str()), (13, "warn"));
    receiving.server.stop().await;
}

#[tokio::test]
async fn json_may_be_compressed_and_have_its_labels_last() {
    let receiving = Receiving::start().await;
    let body = r#"{"streams":[{"values":[["1","a"],["2","b"]],"stream":{"job":"x","level":"error"}},{"values":[["3","c"]]}]}"#;
    for coding in ["identity", "gzip", "zstd"] {
        let answer =
            receiving.post(PUSH, &[JSON, ("content-encoding", coding)], pack(coding, body.as_bytes())).await;
        assert_eq!(answer.status, 204, "{coding}");
    }
    let stored = receiving.stored("default").await;
    assert_eq!(bodies(&stored[..3]), ["a", "b", "c"]);
    assert_eq!(stored[0].resource_attribute("service.name"), Some("x"));
    assert_eq!(stored.len(), 9);
    receiving.server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_kept_is_told_and_the_rest_is_stored() {
    let receiving = Receiving::start().await;
    let body = json!({ "streams": [{ "stream": {}, "values": [["1", "a"], ["2", "x".repeat(300_000)], ["3", "c"]] }] });
    let answer = receiving.post(PUSH, &[JSON], body.to_string()).await;
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 400);
    assert!(
        text.starts_with("1 records were refused, all others are stored: streams[0].entries[1]: record has"),
        "{text}"
    );
    assert_eq!(bodies(&receiving.stored("default").await), ["a", "c"]);
    assert_eq!(receiving.counted("loki"), (2, 1));
    receiving.server.stop().await;
}

#[tokio::test]
async fn mistakes_are_told_in_words_and_are_permanent() {
    let receiving = Receiving::start().await;
    let with_labels = |labels: &str| {
        snapped(&PushRequest {
            streams: vec![OneStream { labels: labels.into(), entries: vec![entry(1, "x")], hash: 0 }],
        })
    };
    for (headers, body, code, part) in [
        (&[JSON][..], b"{".to_vec(), 400, "EOF"),
        (&[JSON], b"[]".to_vec(), 400, "streams"),
        (
            &[JSON],
            br#"{"streams":[{"stream":{},"values":[["soon","x"]]}]}"#.to_vec(),
            400,
            "unix nanoseconds",
        ),
        (&[JSON], br#"{"streams":[{"stream":{},"values":[["1"]]}]}"#.to_vec(), 400, "an entry"),
        (&[JSON], br#"{"streams":[{"stream":{"a":1},"values":[]}]}"#.to_vec(), 400, "text"),
        (
            &[JSON],
            br#"{"streams":[{"labels":"{}","entries":[{"ts":"x","line":"x"}]}]}"#.to_vec(),
            400,
            "`values`",
        ),
        (&[JSON, ("content-encoding", "br")], b"{}".to_vec(), 415, "gzip"),
        (&[JSON, ("spile-stream", "A B")], b"{}".to_vec(), 400, "stream name"),
        (&[PROTOBUF], b"no snappy".to_vec(), 400, "decompressed"),
        (&[PROTOBUF], with_labels("{a=b}"), 400, "quote"),
        (&[PROTOBUF], with_labels("a=\"b\""), 400, "missing"),
    ] {
        let answer = receiving.post(PUSH, headers, body).await;
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, code, "{text}");
        assert!(text.contains(part), "{part} is not in {text}");
        assert!(!answer.headers.contains_key("retry-after"));
    }
    assert!(receiving.stored("default").await.is_empty());
    receiving.server.stop().await;
}

/// A block of snappy says how long it will be, and may lie.
#[tokio::test]
async fn a_length_that_is_absurd_is_not_believed() {
    let receiving = Receiving::start().await;
    let answer = receiving.post(PUSH, &[PROTOBUF], vec![0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]).await;
    assert_eq!(answer.status, 413);
    let answer = receiving.post(PUSH, &[PROTOBUF], vec![0x80, 0x80, 0x80, 0x10, 0, 0]).await;
    assert_eq!(answer.status, 400);
    let answer = receiving.post(PUSH, &[PROTOBUF], vec![0xff; 64]).await;
    assert_eq!(answer.status, 400);
    assert_eq!(receiving.budget.left(), 512 << 20);
    receiving.server.stop().await;
}

/// Each name has a few bytes on the wire and many more when it is read.
#[tokio::test]
async fn labels_and_metadata_without_end_are_refused() {
    let receiving = Receiving::start().await;
    let many = format!("{{{}\"z\":\"\"}}", "\"\":\"\",".repeat(1_000_000));
    let metadata = format!("{{\"streams\":[{{\"stream\":{{}},\"values\":[[\"1\",\"x\",{many}]]}}]}}");
    let labels = format!("{{\"streams\":[{{\"stream\":{many},\"values\":[]}}]}}");
    for body in [metadata, labels] {
        let answer = receiving.post(PUSH, &[JSON], body).await;
        assert_eq!(answer.status, 400);
        assert!(String::from_utf8_lossy(&answer.body).contains("more than 4096 names"));
    }
    let labels = format!("{{{}}}", "a=\"\",".repeat(1_000_000));
    let stream = OneStream { labels, entries: vec![entry(1, "x")], hash: 0 };
    let answer = receiving.post(PUSH, &[PROTOBUF], snapped(&PushRequest { streams: vec![stream] })).await;
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("more than 128 labels"));
    receiving.server.stop().await;
}

#[tokio::test]
async fn a_full_disk_is_retryable_for_promtail() {
    let receiving = Receiving::start().await;
    let body = r#"{"streams":[{"stream":{},"values":[["1","a"]]}]}"#;
    assert_eq!(receiving.post(PUSH, &[JSON], body).await.status, 204);
    receiving.disk.set_full(true);
    let answer = receiving.post(PUSH, &[JSON], body).await;
    assert_eq!((answer.status, &answer.headers["retry-after"]), (503, &"5".parse().unwrap()));
    receiving.disk.set_full(false);
    assert_eq!(receiving.post(PUSH, &[JSON], body).await.status, 204);
    receiving.server.stop().await;
}

#[tokio::test]
async fn vectors_probe_is_answered() {
    let receiving = Receiving::start().await;
    assert_eq!(soon(get(receiving.server.main, "/ready")).await, (200, "ready\n".into()));
    let readiness = &receiving.server.context.readiness;
    readiness.lower("disk", crate::readiness::Scope::All, "it is full");
    assert_eq!(soon(get(receiving.server.main, "/ready")).await.0, 503);
    receiving.server.stop().await;
}

#[test]
fn labels_read_as_prometheus_writes_them() {
    let read = |text| {
        let labels = labels::parse(text)?;
        Ok::<_, String>(labels.into_iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>())
    };
    assert_eq!(read("{}").unwrap(), Vec::<String>::new());
    let escaped = r#" { a = "1" , b_2="x\"y\\z\n\u00e9\x41\101", } "#;
    assert_eq!(read(escaped).unwrap(), ["a=1", "b_2=x\"y\\z\néAA"]);
    assert_eq!(read("{a=`raw\\n`}").unwrap(), ["a=raw\\n"]);
    for wrong in [
        "",
        "{",
        "{a}",
        "{a=}",
        "{a=\"x}",
        "{a=\"x\"",
        "{a=\"x\"} x",
        "{a=\"x\" b=\"y\"}",
        "{=\"x\"}",
        "{a=\"\\q\"}",
        "{a=\"\\u12\"}",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_text_is_labels_or_is_not(text in any::<String>()) {
        let _ = labels::parse(&text);
    }

    #[test]
    fn what_go_quotes_reads_back(text in any::<String>()) {
        // JSON's escapes are among Go's, but for the slash, which is not escaped here.
        let quoted = serde_json::to_string(&text).unwrap();
        let selector = format!("{{a={quoted}}}");
        prop_assert_eq!(&labels::parse(&selector).unwrap()[0].1, &text);
    }
}
