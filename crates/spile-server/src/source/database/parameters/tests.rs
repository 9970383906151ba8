//! What URLs say, and everything that is wrong with one at once.

use std::path::Path;
use std::time::Duration;

use spile_lines::Meaning;

use super::super::address::{DatabaseAddress, Rows, Server, TlsMode};

const USUAL: &str = "postgres://user@host/db?table=logs&cursor=id";

fn parsed(url: &str) -> DatabaseAddress {
    DatabaseAddress::parse(url).unwrap()
}

fn wrong(url: &str) -> String {
    DatabaseAddress::parse(url).unwrap_err()
}

#[test]
fn a_short_url_has_sensible_defaults() {
    let address = parsed(USUAL);
    assert_eq!(address.rows, Rows::Table("logs".into()));
    assert_eq!((address.cursor.as_slice(), address.stream.as_str()), (&["id".to_owned()][..], "default"));
    assert_eq!((address.interval, address.fetch, address.lag), (Duration::from_secs(1), 1000, None));
    let Server::Postgres(server) = &address.server else { panic!("{address:?}") };
    assert_eq!((server.tls, server.config.get_dbname()), (TlsMode::Prefer, Some("db")));
    assert_eq!(address.to_string(), "postgres://host:5432/db?table=logs");
    assert_eq!(address.service(), "logs");
}

#[test]
fn everything_can_be_said() {
    let address = parsed(
        "postgresql://me:pw@h1:6543/db?query=SELECT%20*%20FROM a WHERE x+1>2;&cursor=at, id&stream=s&time=at&level=lvl&body=txt\
         &service=app&trace_id=t&span_id=s&host_name=h&interval=250ms&fetch=50&lag=3s&id=mine&notify=New Rows&sslmode=verify-full\
         &sslrootcert=/ca.pem&connect_timeout=3&application_name=x",
    );
    assert_eq!(address.rows, Rows::Query("SELECT * FROM a WHERE x+1>2".into()));
    assert_eq!(address.cursor, ["at", "id"]);
    assert_eq!((address.lag, address.producer().as_str()), (Some(Duration::from_secs(3)), "database:mine"));
    assert!(address.meanings.contains(&(Meaning::Severity, "lvl".into())));
    let Server::Postgres(server) = &address.server else { panic!("{address:?}") };
    assert_eq!((server.tls, server.notify.as_deref()), (TlsMode::VerifyFull, Some("New Rows")));
    assert_eq!(server.config.get_ports(), [6543]);
}

#[test]
fn sqlite_takes_a_path() {
    let address = parsed("sqlite:///var/lib/a%20b.db?table=t&cursor=rowid");
    assert!(address.server == Server::Sqlite(Path::new("/var/lib/a b.db").into()), "{address:?}");
    let relative = parsed("sqlite://a.db?table=t&cursor=rowid");
    assert!(matches!(&relative.server, Server::Sqlite(path) if path.is_absolute()), "{relative:?}");
}

#[test]
fn everything_wrong_is_told_at_once() {
    let told = wrong(
        "postgres://host/db?tabel=x&interval=soon&fetch=0&lag=9d&stream=a/b&sslmode=maybe&level=a&severity=b&cursor=,&id=a b&port=x",
    );
    for part in [
        "`tabel`",
        "names no user",
        "`port`",
        "`sslmode`",
        "neither `table`",
        "`cursor`",
        "`stream`",
        "`level`",
        "`interval`",
        "`fetch`",
        "`lag`",
        "`id`",
    ] {
        assert!(told.contains(part), "{part} is not in: {told}");
    }
    assert!(wrong("postgres://u@h/d?table=t").contains("`cursor` does not name"));
    assert!(wrong("postgres://u@h/d?table=t&query=q&cursor=id").contains("both given"));
    assert!(wrong("sqlite:///x?table=t&cursor=id&notify=n").contains("for postgres alone"));
    assert!(wrong("sqlite://?table=t&cursor=id").contains("names no file"));
    assert!(wrong("mysql://h/d?table=t&cursor=id").contains("no known kind"));
    assert!(wrong("logs.db").contains("is not a URL"));
    assert!(wrong("postgres://u@h/d?table=t&cursor=id&cursor=id").contains("given twice"));
    assert!(wrong("postgres://u@h/d?table=t&cursor=id&sslrootcert=x").contains("needs sslmode=verify-full"));
}

#[test]
fn a_password_is_never_shown() {
    let secret = "hunter2";
    for url in [
        format!("postgres://me:{secret}@host/db?table=logs&cursor=id"),
        format!("postgres://me@host/db?table=logs&cursor=id&password={secret}"),
    ] {
        let address = parsed(&url);
        assert!(!format!("{address} {address:?} {}", address.producer()).contains(secret));
    }
    for url in [
        format!("postgres://me:{secret}@host:port/db?table=logs&cursor=id"),
        format!("postgres://me:{secret}@host/db?bad=1&password={secret}&password_file=x"),
    ] {
        assert!(!wrong(&url).contains(secret));
    }
}

#[test]
fn what_is_read_decides_who_produces_it() {
    let producer = |url: &str| parsed(url).producer();
    let same = "postgres://other:pw@host/db?table=logs&cursor=id&interval=5s&body=x&fetch=5";
    assert_eq!(producer(USUAL), producer(same), "who asks, how often, and what columns mean are no matter");
    for other in [
        "postgres://user@host2/db?table=logs&cursor=id",
        "postgres://user@host/db2?table=logs&cursor=id",
        "postgres://user@host/db?table=logs2&cursor=id",
        "postgres://user@host/db?table=logs&cursor=id2",
    ] {
        assert_ne!(producer(USUAL), producer(other), "{other}");
    }
}
