//! The viewer: the built files of `viewer/dist`, inside the binary, and what they ask the server about itself.

mod assets;
#[cfg(test)]
mod tests;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use tonic::Code;

use crate::protocol;
use assets::Asset;

/// What a page may load and do: files of this server alone, nothing inline, and no frame around it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                       connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
                                       frame-ancestors 'none'";

/// Headers of every file.
const GUARDS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Files whose names have a hash of what is in them never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The others are asked for again each time; mostly the answer is that nothing has changed.
const ASK_AGAIN: &str = "no-cache";

/// `/`, and the files that it loads.
pub(crate) fn pages() -> Router {
    Router::new()
        .route("/", get(page))
        .route("/assets/{*name}", get(asset))
        .route("/favicon.svg", get(|headers: HeaderMap| async move { file("favicon.svg", &headers) }))
}

/// `/v1/viewer.json`: what the viewer asks about this server.
pub(crate) fn settings(jaeger_url: Option<String>) -> Router {
    let settings = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "jaeger_url": jaeger_url.unwrap_or_default(),
    });
    let answer = move || async move { ([(header::CACHE_CONTROL, ASK_AGAIN)], Json(settings)) };
    Router::new().route("/v1/viewer.json", get(answer))
}

/// The viewer for browsers; for `curl`, how to go on.
async fn page(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let mut response = if accept.is_some_and(|accept| accept.contains("text/html")) {
        file("index.html", &headers)
    } else {
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], welcome()).into_response()
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    file(&format!("assets/{name}"), &headers)
}

fn file(name: &str, request: &HeaderMap) -> Response {
    let Some(asset) = assets::find(name) else {
        let text = format!("the viewer has no file {}", protocol::shortened(name, 128));
        return protocol::problem(StatusCode::NOT_FOUND, Code::NotFound, &text);
    };
    let mut response = answer(asset, request);
    let headers = response.headers_mut();
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let keeping = if name.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keeping));
    headers.insert(header::ETAG, asset.etag.clone());
    headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn answer(asset: &'static Asset, request: &HeaderMap) -> Response {
    if request.get(header::IF_NONE_MATCH).is_some_and(|known| known == asset.etag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let content_type = [(header::CONTENT_TYPE, asset.content_type)];
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    match &asset.gzip {
        Some(gzip) if accepted.is_some_and(takes_gzip) => {
            (content_type, [(header::CONTENT_ENCODING, "gzip")], gzip.clone()).into_response()
        }
        _ => (content_type, asset.bytes).into_response(),
    }
}

/// Whether `Accept-Encoding` names gzip, and not to refuse it (RFC 9110, section 12.5.3).
fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

fn welcome() -> String {
    format!(
        "spile {}: log records in, durable, and streamed out over gRPC\n\n\
         open this address in a browser                     the viewer\n\
         spile tail -f                                      follow the stream `default`\n\
         spile push FILE                                    store the lines of a file\n\
         curl -N 'HOST:PORT/v1/tail?level=error&follow=true'  lines of JSON\n\
         grpcurl -plaintext HOST:PORT list                  list the gRPC services of this port\n",
        env!("CARGO_PKG_VERSION")
    )
}
