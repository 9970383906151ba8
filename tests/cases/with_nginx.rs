//! Reading through nginx with its default settings: it buffers answers and speaks HTTP/1.0 to the server.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;
use spile_tests::{HttpStream, Server};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::support::{append, numbered, patiently};

/// Debian keeps it where only root looks.
const PROGRAM: &str = "/usr/sbin/nginx";

/// A proxy in front of a server. It is killed when dropped.
struct Nginx {
    _child: Child,
    _folder: TempDir,
    address: String,
}

impl Nginx {
    async fn before(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A port that was free a moment ago.
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let path = |name: &str| -> PathBuf { folder.path().join(name) };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {};\n", path(name).display()))
            .collect();
        let config = format!(
            // One process: workers would outlive a master that is killed, and hold on to this program's output.
            "daemon off; master_process off; pid {pid}; error_log stderr;\n\
             events {{}}\n\
             http {{ access_log off; {temporary} server {{ listen {address}; location / {{ proxy_pass http://{server}; }} }} }}\n",
            pid = path("pid").display(),
            server = server.address,
        );
        std::fs::write(path("nginx.conf"), config).unwrap();
        let mut command = Command::new(PROGRAM);
        command.arg("-c").arg(path("nginx.conf")).arg("-p").arg(folder.path()).arg("-e").arg("stderr");
        let child = command.stdin(Stdio::null()).kill_on_drop(true).spawn();
        let child = child
            .unwrap_or_else(|why| panic!("{PROGRAM} does not start ({why}): apt-get install nginx-light"));
        let listens = async {
            while TcpStream::connect(&address).await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        patiently("nginx", listens).await;
        Self { _child: child, _folder: folder, address }
    }
}

#[tokio::test]
async fn live_records_pass_at_once() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..20)).await;
    let proxy = Nginx::before(&server).await;
    for format in ["sse", "ndjson"] {
        let path = format!("/v1/tail?stream=s&level=error&follow=true&last=1&format={format}");
        let mut stream = HttpStream::get(&proxy.address, &path, &[]).await.unwrap();
        assert_eq!(stream.status, 200);
        let mut next = async || loop {
            let line = patiently("a record", stream.line()).await.unwrap().unwrap();
            let line = line.strip_prefix("data: ").unwrap_or(&line);
            if let Ok(json) = serde_json::from_str::<Value>(line)
                && let Some(body) = json["body"].as_str()
            {
                return body.to_owned();
            }
        };
        let stored = next().await;
        // Nothing follows it: a proxy that collected would keep it for ever.
        let live = format!("live over {format}");
        append(&server, "s", vec![crate::support::record(live.clone(), 17)]).await;
        assert_ne!(stored, live);
        assert_eq!(next().await, live);
    }
}

#[tokio::test]
async fn polls_counts_and_errors_pass() {
    let server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..20)).await;
    let proxy = Nginx::before(&server).await;
    let json = async |path: &str| -> (u16, Value) {
        let answer = HttpStream::get(&proxy.address, path, &[]).await.unwrap();
        (answer.status, serde_json::from_slice(&answer.rest().await.unwrap()).unwrap())
    };
    let (_, page) = json("/v1/poll?stream=s&level=error").await;
    assert_eq!(page["records"].as_array().unwrap().len(), 2);
    let next = format!("/v1/poll?stream=s&level=error&after={}", page["cursor"].as_str().unwrap());
    let (waited, ()) = tokio::join!(json(&next), append(&server, "s", numbered("more", 10..11)));
    assert_eq!(waited.1["records"][0]["body"], "more 10");
    assert_eq!(json("/v1/count?stream=s").await.1["records"], 21);
    assert_eq!(json("/v1/count?stream=none").await.0, 404);
}
