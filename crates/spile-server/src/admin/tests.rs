//! The admin port's pages, over real HTTP.

#![allow(clippy::unwrap_used)]

use serde_json::Value;

use crate::readiness::Scope;
use crate::testing::{TestServer, get, soon};

#[tokio::test]
async fn readyz_names_every_part_that_is_not_ready() {
    let server = TestServer::start().await;
    let readiness = &server.context.readiness;
    assert_eq!(soon(get(server.admin, "/readyz")).await, (200, r#"{"ready":true,"reasons":{}}"#.into()));

    readiness.lower("journal", Scope::Services(&["spile.v1.WriteService"]), "no space left on device");
    readiness.lower("files", Scope::All, "no file matches");

    let (status, body) = soon(get(server.admin, "/readyz")).await;
    assert_eq!(status, 503);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["ready"], false);
    assert_eq!(body["reasons"]["journal"], "no space left on device");
    assert_eq!(body["reasons"]["files"], "no file matches");
    readiness.raise("journal");
    readiness.raise("files");
    assert_eq!(soon(get(server.admin, "/readyz")).await.0, 200);
    server.stop().await;
}

#[tokio::test]
async fn livez_answers() {
    let server = TestServer::start().await;
    assert_eq!(soon(get(server.admin, "/livez")).await, (200, "ok\n".into()));
    server.stop().await;
}

#[tokio::test]
async fn metrics_are_open_metrics() {
    let server = TestServer::start().await;
    let (status, text) = soon(get(server.admin, "/metrics")).await;
    assert_eq!(status, 200);
    assert!(text.ends_with("# EOF\n"), "{text}");
    for line in ["spile_build_info{version=\"", "spile_uptime_seconds 0", "spile_tokio_tasks "] {
        assert!(text.contains(line), "{line} is missing in {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn operators_pages_are_not_on_the_main_port() {
    let server = TestServer::start().await;
    for path in ["/metrics", "/readyz", "/livez"] {
        assert_eq!(soon(get(server.main, path)).await.0, 404, "{path}");
    }
    server.stop().await;
}
