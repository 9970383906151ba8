//! What users and administrators get wrong, and what is told of it.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use spile_proto::v1::TailRequest;
use spile_tests::{Server, ServerOptions};

use super::cluster::Cluster;
use crate::support::{Reading, all_of, until_metric};

async fn failing(server: &Server, reason: &str, count: f64) {
    let label = format!("reason=\"{reason}\"");
    until_metric(server, "spile_database_failures_total", &[&label], |failures| failures >= count).await;
}

/// How often the log tells something.
fn told(server: &Server, what: &str) -> usize {
    server.log().lines().filter(|line| line.contains(what)).count()
}

#[tokio::test]
async fn trouble_is_told_once_and_over_when_it_is_mended() {
    let cluster = Cluster::start();
    cluster.execute("CREATE ROLE reader LOGIN PASSWORD 'hunter2'").await;
    let url =
        |parameters: &str| cluster.url(parameters).replace("postgres@", "reader:hunter2@") + "&interval=20ms";
    let server = ServerOptions::new()
        .args(["--source", &url("table=logs&cursor=id&stream=a")])
        .args(["--source", &url("query=SELECT nonsense&cursor=id&stream=b")])
        .start()
        .await
        .unwrap();
    failing(&server, "query", 5.0).await;
    assert_eq!(told(&server, "relation \\\"logs\\\" does not exist"), 1, "{}", server.log());
    assert_eq!(told(&server, "column \\\"nonsense\\\" does not exist"), 1, "{}", server.log());

    cluster.execute("CREATE TABLE logs (id serial PRIMARY KEY, message text); INSERT INTO logs (message) VALUES ('one')").await;
    let mut denied = 0;
    while denied == 0 {
        let failures = server.metric("spile_database_failures_total", &[]).await.unwrap();
        until_metric(&server, "spile_database_failures_total", &[], |now| now > failures).await;
        denied = told(&server, "permission denied for table logs");
    }
    cluster.execute("GRANT SELECT ON logs TO reader").await;
    let mut reading = Reading::open(&server, TailRequest { follow: true, ..all_of("a") }).await.unwrap();
    reading.until_records(1).await.unwrap();
    until_metric(&server, "spile_databases", &["state=\"following\""], |following| following == 1.0).await;
    assert_eq!(told(&server, "the database is read again"), 1);

    cluster.execute("DROP TABLE logs; CREATE TABLE logs (id serial PRIMARY KEY, message text)").await;
    cluster.execute("GRANT SELECT ON logs TO reader; INSERT INTO logs VALUES (2, 'two')").await;
    reading.until_records(2).await.unwrap();
    assert_eq!(reading.bodies(), ["one", "two"]);
    let metrics = spile_tests::get(&server.admin, "/metrics").await.unwrap().1;
    assert!(!server.log().contains("hunter2") && !metrics.contains("hunter2"), "{}", server.log());
    let stored = fs::read_dir(server.data_dir().join("sources")).unwrap();
    for file in stored {
        assert!(!fs::read_to_string(file.unwrap().path()).unwrap().contains("hunter2"));
    }
}

#[tokio::test]
async fn certificates_are_checked_when_that_is_asked_for() {
    let cluster = Cluster::start();
    cluster.execute("CREATE TABLE logs (id serial PRIMARY KEY, message text); INSERT INTO logs (message) VALUES ('one')").await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    fs::write(file("config"), "[req]\ndistinguished_name = dn\n[dn]\n").unwrap();
    let issue = |name: &str, extensions: &[&str], by: &[&str]| {
        let mut openssl = Command::new("openssl");
        openssl
            .current_dir(folder.path())
            .args(["req", "-config", "config", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]);
        openssl.args(["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", &format!("/CN={name}")]);
        openssl.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")]).args(by);
        openssl.args(extensions.iter().flat_map(|extension| ["-addext", *extension]));
        let issued = openssl.output().unwrap();
        assert!(issued.status.success(), "{}", String::from_utf8_lossy(&issued.stderr));
    };
    issue("authority", &["basicConstraints=critical,CA:TRUE"], &[]);
    let by_authority = ["-CA", "authority.crt", "-CAkey", "authority.key"];
    issue("server", &["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost"], &by_authority);
    let key = cluster.private_file(&file("server.key"), "server.key");
    let certificate = cluster.private_file(&file("server.crt"), "server.crt");
    // Free when it was asked; nobody else takes it in the meantime, or the start fails.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    cluster.crash();
    cluster.resume(&format!("-c listen_addresses=127.0.0.1 -p {port} -c ssl=on -c ssl_cert_file={certificate} -c ssl_key_file={key}"));

    let url = |host: &str, mode: &str| {
        format!("postgres://postgres@{host}:{port}/postgres?table=logs&cursor=id&interval=20ms&{mode}")
    };
    let trusted = format!("sslmode=verify-full&sslrootcert={}", file("authority.crt").display());
    let server = ServerOptions::new()
        .args(["--source", &url("localhost", &(trusted.clone() + "&stream=full"))])
        .args(["--source", &url("127.0.0.1", "sslmode=require&stream=require")])
        .args(["--source", &url("127.0.0.1", &(trusted + "&stream=name&id=name"))])
        .args(["--source", &url("localhost", "sslmode=verify-full&stream=unknown&id=unknown")])
        .start()
        .await
        .unwrap();
    for stream in ["full", "require"] {
        let mut reading =
            Reading::open(&server, TailRequest { follow: true, ..all_of(stream) }).await.unwrap();
        reading.until_records(1).await.unwrap();
    }
    failing(&server, "connect", 4.0).await;
    assert_eq!(told(&server, "not valid for name"), 1, "{}", server.log());
    assert!(
        told(&server, "UnknownIssuer")
            + told(&server, "CaUsedAsEndEntity")
            + told(&server, "no certificate to trust")
            >= 1,
        "{}",
        server.log()
    );
}
