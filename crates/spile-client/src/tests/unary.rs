//! Calls with one answer, and what every call carries.

use spile_proto::v1::{ContextRequest, Filter, HistogramRequest, Retention, StreamInfo, context_request};
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
async fn the_records_around_an_offset_come_with_theirs() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(12);
    let client = connected(&fake, &mut tasks).await;
    let position = Some(context_request::Position::Offset(5));
    let request = ContextRequest { position, before: 2, after: 3, ..ContextRequest::default() };
    let context = client.context(request.clone()).await.unwrap();
    let offsets: Vec<_> = context.records.iter().map(|record| record.offset).collect();
    assert_eq!(offsets, [3, 4, 5, 6, 7]);
    assert_eq!(context.records.iter().next().unwrap().record.body, "3");
    let generous = ContextRequest { stream: "generous".to_owned(), ..request };
    let error = client.context(generous).await.unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
    let nothing =
        ContextRequest { position: Some(context_request::Position::Offset(12)), ..ContextRequest::default() };
    assert!(client.context(nothing).await.unwrap().records.is_empty());
}

#[tokio::test]
async fn a_histogram_comes_as_it_was_asked_for() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    fake.state().histogram.cursor = "c0".to_owned();
    let request = HistogramRequest { max_buckets: 7, ..HistogramRequest::default() };
    assert_eq!(client.histogram(request.clone()).await.unwrap().cursor, "c0");
    assert_eq!(fake.state().histograms, [request]);
    fake.state().histogram.records = 1;
    let error = client.histogram(HistogramRequest::default()).await.unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn administration_is_asked_for_by_name() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    let own = Retention { max_bytes: 10, ..Retention::default() };
    assert_eq!(client.update_retention("web", Some(own)).await.unwrap(), own);
    assert!(client.update_retention("web", None).await.unwrap().inherited);
    assert!(matches!(client.update_retention("silent", None).await, Err(Error::Protocol(_))));
    let asked: Vec<_> = fake.state().retentions.iter().map(|asked| asked.stream.clone()).collect();
    assert_eq!(asked, ["web", "web", "silent"]);
    assert_eq!(client.delete_stream("web", "web").await.unwrap().records, 1);
    let refused = client.delete_stream("web", "wob").await.unwrap_err();
    assert_eq!(refused.status().map(|status| status.code()), Some(Code::InvalidArgument));
    assert_eq!(client.seal_stream("web").await.unwrap().sealed_to, 4);
    assert_eq!(client.verify_stream("web").await.unwrap().damages[0].file, "x.parquet");
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
