//! The appender: order, bounds, ends.

use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::Status;

use super::fake::{AppendPlan, Fake, State};
use super::net::connected;
use super::tail::at_once;
use crate::proto::any_value::Value;
use crate::{Error, NewRecord, resource};

/// Waits until the fake's records are as wanted.
pub(super) async fn wait_for(fake: &Fake, wanted: impl Fn(&State) -> bool) {
    let mut tail = fake.tail();
    while !wanted(&fake.state()) {
        tail.changed().await.unwrap();
    }
}

fn long(number: u64) -> NewRecord {
    NewRecord::new(format!("{number:0100}"))
}

#[tokio::test]
async fn records_are_acknowledged_with_their_offsets_and_keep_what_they_are() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(5);
    let client = connected(&fake, &mut tasks).await;
    let service = resource([("service.name", "web")]);
    let appender = client.appender().resource(&service).open().unwrap();
    let pending = appender.append(NewRecord::new("a").attribute("code", 500)).await.unwrap();
    let second = appender.append("b").await.unwrap();
    let ack = pending.await.unwrap();
    assert_eq!((ack.offset, ack.duplicate), (Some(5), false));
    let ack = second.await.unwrap();
    assert_eq!((ack.offset, &*ack.cursor), (Some(6), "c7"));
    let state = fake.state();
    let stored = &state.records[5];
    assert_eq!(stored.resource_hash, service.hash);
    assert_eq!(stored.attributes[0].value.clone().unwrap().value, Some(Value::IntValue(500)));
}

#[tokio::test]
async fn a_batch_of_ones_own_is_one_batch_with_the_given_number() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    for duplicate in [false, true] {
        let appender = client.appender().producer("me", 40).batch_records(2).open().unwrap();
        let batch = (0..5).map(long).collect();
        let ack = appender.append_batch(batch).await.unwrap().await.unwrap();
        assert_eq!(ack.duplicate, duplicate);
        appender.close().await.unwrap();
    }
    assert_eq!(fake.state().batches, [5]);
    assert_eq!(fake.state().producers["me"].sequence, 40);
}

#[tokio::test]
async fn appending_waits_while_too_much_is_not_acknowledged() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let (allow, allowed) = watch::channel(0);
    fake.state().append_plans.push_back(AppendPlan::OneByOne(allowed));
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().batch_records(1).max_buffered_bytes(350).open().unwrap();
    for number in 0..3 {
        appender.append(long(number)).await.unwrap();
    }
    assert!(appender.append(long(3)).now_or_never().is_none(), "three records fill 350 bytes");
    let waiting = appender.append(long(3));
    allow.send_replace(1);
    waiting.await.unwrap();
    allow.send_replace(u64::MAX);
    appender.close().await.unwrap();
    assert_eq!(fake.state().records.len(), 4);
}

#[tokio::test]
async fn what_was_stored_and_not_acknowledged_is_sent_again_and_not_stored_twice() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let gone = Status::unavailable("gone");
    fake.state().append_plans.extend([
        AppendPlan::StoreThenFail(2, gone.clone()),
        AppendPlan::StoreThenFail(1, gone.clone()),
        AppendPlan::Refuse(gone),
    ]);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().batch_records(1).retry(at_once()).open().unwrap();
    for number in 0..20 {
        appender.append(number.to_string()).await.unwrap();
    }
    appender.flush().await.unwrap();
    let bodies: Vec<_> = fake.state().records.iter().map(|record| record.body.clone()).collect();
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    assert_eq!(bodies, expected);
    assert_eq!(fake.state().append_calls, 4);
}

#[tokio::test]
async fn a_refusal_ends_the_appender_for_everything_that_waits() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let refusal = AppendPlan::Refuse(Status::invalid_argument("no such stream name"));
    fake.state().append_plans.push_back(refusal);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().batch_records(1).max_buffered_bytes(350).open().unwrap();
    let mut pending = Vec::new();
    let error = loop {
        match appender.append(long(0)).await {
            Ok(one) => pending.push(one),
            Err(error) => break error,
        }
    };
    for one in pending {
        assert_eq!(one.await.unwrap_err().to_string(), error.to_string());
    }
    assert_eq!(error.to_string(), "INVALID_ARGUMENT: no such stream name");
    assert!(appender.flush().await.is_err());
    assert!(appender.append_batch(vec![long(0)]).await.is_err());
    assert!(appender.close().await.is_err());
}

#[tokio::test]
async fn wrong_acknowledgements_end_the_appender() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    fake.state().append_plans.push_back(AppendPlan::WrongSequence);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().open().unwrap();
    let error = appender.append("x").await.unwrap().await.unwrap_err();
    assert!(matches!(error, Error::Protocol(_)), "{error:?}");
}

#[tokio::test]
async fn attempts_are_counted_and_given_up() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let refuse = AppendPlan::Refuse(Status::unavailable("gone"));
    fake.state().append_plans.extend(vec![refuse; 4]);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().retry(at_once().max_attempts(3)).open().unwrap();
    let error = appender.append("x").await.unwrap().await.unwrap_err();
    assert!(matches!(error, Error::GaveUp { attempts: 3, .. }), "{error:?}");
    assert_eq!(fake.state().append_calls, 4);
}

#[tokio::test]
async fn closing_ends_the_call_as_it_should_and_stops_every_clone() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().open().unwrap();
    let clone = appender.clone();
    appender.append("x").await.unwrap();
    appender.close().await.unwrap();
    assert_eq!(fake.state().appends_closed, 1);
    assert!(matches!(clone.append("y").await, Err(Error::Closed)));
    assert_eq!(fake.state().records.len(), 1);
}

#[tokio::test]
async fn dropping_an_appender_frees_everything_and_tells_who_waits() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    fake.state().append_plans.push_back(AppendPlan::NeverAck);
    let client = connected(&fake, &mut tasks).await;
    let appender = client.appender().linger(Duration::ZERO).open().unwrap();
    let pending = appender.append("x").await.unwrap();
    wait_for(&fake, |state| state.records.len() == 1).await;
    drop(appender);
    assert!(matches!(pending.await, Err(Error::Closed)));
    fake.idle().await;
}

#[tokio::test]
async fn what_cannot_be_appended_is_refused_here() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = connected(&fake, &mut tasks).await;
    assert!(client.appender().producer("", 1).open().is_err());
    assert!(client.appender().producer("x".repeat(129), 1).open().is_err());
    let appender = client.appender().open().unwrap();
    let huge = NewRecord::new("x".repeat(9 << 20));
    let error = appender.append(huge).await.unwrap_err();
    assert!(matches!(error, Error::RecordTooLarge { .. }), "{error:?}");
    assert!(appender.append_batch(Vec::new()).await.is_err());
    appender.append("small ones still go").await.unwrap().await.unwrap();
}
