//! The viewer's files as browsers get them.

#![allow(clippy::unwrap_used)]

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::Request;
use serde_json::Value;

use super::*;
use crate::services::Services;
use crate::testing::{Answer, TestServer, call, default_limits, soon};

async fn get_with(path: &str, headers: &[(&str, &str)]) -> Answer {
    let jaeger_url = Some("http://localhost:16686".to_owned());
    let services = |_: &_| Services::new().routes(settings(jaeger_url));
    let server = TestServer::start_with(default_limits(), services).await;
    let mut request = Request::get(format!("http://test{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = soon(call(server.h2().await, request.body(()).unwrap(), Bytes::new())).await.unwrap();
    server.stop().await;
    answer
}

#[tokio::test]
async fn browsers_get_the_page_under_a_strict_policy() {
    let answer = get_with("/", &[("accept", "text/html,*/*;q=0.8")]).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.headers["cache-control"], ASK_AGAIN);
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.to_ascii_lowercase().starts_with("<!doctype html>"), "{page}");
    assert!(!page.contains("<style") && !page.contains("onload="), "nothing is inline");
}

#[tokio::test]
async fn others_get_a_welcome() {
    let answer = get_with("/", &[("accept", "*/*")]).await;
    assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
    assert!(String::from_utf8(answer.body).unwrap().contains("spile tail -f"));
}

#[tokio::test]
async fn a_file_that_is_known_is_not_sent_again() {
    let first = get_with("/", &[("accept", "text/html")]).await;
    let etag = first.headers["etag"].to_str().unwrap();
    let again = get_with("/", &[("accept", "text/html"), ("if-none-match", etag)]).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[tokio::test]
async fn every_file_has_a_type_and_the_same_content_compressed() {
    for path in assets::paths() {
        let asset = assets::find(path).unwrap();
        assert_ne!(asset.content_type, "application/octet-stream", "{path}");
        if let Some(gzip) = &asset.gzip {
            let mut plain = Vec::new();
            GzDecoder::new(&gzip[..]).read_to_end(&mut plain).unwrap();
            assert_eq!(plain, asset.bytes, "{path}");
        }
    }
}

#[test]
fn compression_is_what_the_browser_takes() {
    for accepted in ["gzip", "br, gzip", "gzip;q=0.5", "GZIP, deflate"] {
        assert!(takes_gzip(accepted), "{accepted}");
    }
    for accepted in ["", "br", "gzip;q=0", "identity, gzip; q=0.0"] {
        assert!(!takes_gzip(accepted), "{accepted}");
    }
}

#[tokio::test]
async fn a_missing_file_is_not_found() {
    let answer = get_with("/assets/../../Cargo.toml", &[]).await;
    assert_eq!(answer.status, 404);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("application/json"));
}

#[tokio::test]
async fn the_page_is_told_the_version_and_where_jaeger_is() {
    let answer = get_with("/v1/viewer.json", &[]).await;
    let settings: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(settings["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(settings["jaeger_url"], "http://localhost:16686");
}
