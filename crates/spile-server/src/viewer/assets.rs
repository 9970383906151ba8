//! The viewer's files as they are served: with their type, their name for caches, and compressed once.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use include_dir::{Dir, include_dir};
use xxhash_rust::xxh3::xxh3_64;

/// The files, as `viewer/` was built.
static DIST: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../viewer/dist");

static ASSETS: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let mut assets = BTreeMap::new();
    collect(&DIST, &mut assets);
    assets
});

/// A file.
pub(super) struct Asset {
    pub(super) bytes: &'static [u8],
    /// `None` when it would not be smaller.
    pub(super) gzip: Option<Bytes>,
    pub(super) content_type: &'static str,
    /// A strong validator: the hash of its bytes.
    pub(super) etag: HeaderValue,
}

/// The file of this path below `viewer/dist`.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.get(path)
}

/// The paths of all files.
#[cfg(test)]
pub(super) fn paths() -> impl Iterator<Item = &'static str> {
    ASSETS.keys().copied()
}

fn collect(dir: &'static Dir<'static>, assets: &mut BTreeMap<&'static str, Asset>) {
    for file in dir.files() {
        if let Some(path) = file.path().to_str() {
            assets.insert(path, Asset::of(file.path(), file.contents()));
        }
    }
    dir.dirs().for_each(|dir| collect(dir, assets));
}

impl Asset {
    fn of(path: &Path, bytes: &'static [u8]) -> Self {
        let etag = format!("\"{:016x}\"", xxh3_64(bytes));
        Self {
            bytes,
            gzip: gzip(bytes).filter(|gzip| gzip.len() < bytes.len()),
            content_type: content_type(path),
            etag: HeaderValue::try_from(etag).expect("hex is ASCII"),
        }
    }
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}
