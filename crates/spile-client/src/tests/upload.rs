//! Uploads: what arrives, and what becomes of broken ones.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use spile_proto::v1::UploadHeader;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::fake::Fake;
use super::net::connected;
use super::tail::at_once;
use crate::{Error, UploadProgress};

#[tokio::test]
async fn a_source_arrives_whole_with_its_header_and_progress_is_told() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    let source = b"a line\n".repeat(200_000);
    let header = UploadHeader {
        stream: "web".to_owned(),
        file_name: "access.log".to_owned(),
        ..UploadHeader::default()
    };
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let tell = move |progress: UploadProgress| teller.lock().unwrap().push(progress.bytes);
    let summary = client.upload(io::Cursor::new(source.clone()), header.clone(), tell).await.unwrap();
    assert_eq!((summary.records, summary.bytes), (200_000, 1_400_000));
    assert_eq!(fake.state().uploads, [(header, source)]);
    let told = told.lock().unwrap();
    assert!(told.is_sorted());
    assert_eq!(told.last(), Some(&1_400_000));
}

#[tokio::test]
async fn a_source_that_breaks_cancels_the_upload() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    let error = client.upload(Breaking(false), UploadHeader::default(), |_| {}).await.unwrap_err();
    assert!(matches!(&error, Error::Read(cause) if cause.to_string() == "the disk is gone"), "{error:?}");
    fake.idle().await;
    assert!(fake.state().uploads.is_empty(), "half a source must not look whole");
}

/// A reader that gives a part of a line and then fails.
struct Breaking(bool);

impl AsyncRead for Breaking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(Err(io::Error::other("the disk is gone")));
        }
        into.put_slice(b"half a li");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn an_upload_is_tried_again_only_when_that_is_of_use() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    let upload = || {
        let open = || async { Ok(io::Cursor::new(b"x\n".to_vec())) };
        client.upload_with(open, UploadHeader::default(), at_once().max_attempts(2), |_| {})
    };
    fake.state().upload_plans.extend([Status::unavailable("gone"), Status::unavailable("gone")]);
    assert_eq!(upload().await.unwrap().records, 1);

    fake.state().upload_plans.extend(vec![Status::unavailable("gone"); 3]);
    assert!(matches!(upload().await, Err(Error::GaveUp { attempts: 2, .. })));

    fake.state().upload_plans.push_back(Status::invalid_argument("no"));
    let error = upload().await.unwrap_err();
    assert_eq!(error.status().map(Status::code), Some(Code::InvalidArgument));

    let missing = || async { Err::<io::Cursor<Vec<u8>>, _>(io::Error::from(io::ErrorKind::NotFound)) };
    let error = client.upload_with(missing, UploadHeader::default(), at_once(), |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::Read(_)), "{error:?}");
}
