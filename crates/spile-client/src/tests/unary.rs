//! Calls with one answer, and what every call carries.

use spile_proto::v1::{Filter, StreamInfo};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::Code;

use super::fake::Fake;
use super::net::{connected, serve};
use crate::{Client, Error};

#[tokio::test]
async fn counts_come_with_their_cursor_and_errors_with_their_details() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(12);
    let client = connected(&fake, &mut tasks).await;
    let count = client.count("", Filter::default()).await.unwrap();
    assert_eq!((count.records, count.cursor.as_str()), (12, "c12"));
    let loud = Filter { level: "loud".to_owned(), ..Filter::default() };
    let error = client.count("", loud).await.unwrap_err();
    assert_eq!(error.reason().as_deref(), Some("UNKNOWN_LEVEL"));
    let message = error.to_string();
    assert!(message.contains("filter.level"), "{message}");
}

#[tokio::test]
async fn all_pages_of_the_catalog_are_fetched() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let names = ["a", "b", "c", "d", "e"];
    let stream = |name: &str| StreamInfo { name: name.to_owned(), ..StreamInfo::default() };
    fake.state().streams.extend(names.map(stream));
    let client = connected(&fake, &mut tasks).await;
    let page = client.list_streams(0, "").await.unwrap();
    assert_eq!(page.streams.len(), 2);
    let all = client.all_streams().await.unwrap();
    assert!(all.iter().map(|stream| stream.name.as_str()).eq(names));
    assert_eq!(client.get_stream("d").await.unwrap().name, "d");
    let missing = client.get_stream("z").await.unwrap_err();
    assert_eq!(missing.status().map(|status| status.code()), Some(Code::NotFound));
}

#[tokio::test]
async fn every_call_says_who_calls() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let address = serve(&fake, &mut tasks).await.to_string();
    let builder = Client::builder().token(" s3cret\n").user_agent("billing/1.2");
    let client = builder.connect(&address).await.unwrap();
    client.count("", Filter::default()).await.unwrap();
    client.tail().open().next().await.unwrap().unwrap();
    let metadata = fake.state().metadata.clone();
    assert_eq!(metadata.len(), 2);
    for metadata in metadata {
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer s3cret");
        let agent = metadata.get("user-agent").unwrap().to_str().unwrap();
        assert!(agent.starts_with("billing/1.2 spile-client/"), "{agent}");
    }
    assert!(!format!("{client:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_without_being_repeated() {
    for token in ["", " \n", "two words", "s3cret\nx: y", "pässword"] {
        let error = Client::builder().token(token).connect_lazy("localhost").unwrap_err().to_string();
        assert!(error.contains("token"), "{error}");
        assert!(token.trim().is_empty() || !error.contains(token), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    // A port that was free a moment ago: nothing listens there.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let error = Client::connect(&address).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("cannot reach spile at {address}: connection refused"));
}
