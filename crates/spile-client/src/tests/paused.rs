//! What depends on time, in paused time: silence on a connection, batches that wait, what happens when nothing happens.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::append::wait_for;
use super::fake::{AppendPlan, Fake, Plan};
use super::net::in_memory;
use super::tail::told;
use crate::{ClientBuilder, NewRecord, TailEvent};

#[tokio::test(start_paused = true)]
async fn a_call_that_falls_silent_is_resumed_on_a_new_connection() {
    let mut tasks = JoinSet::new();
    let fake = Fake::with_plans(3, [Plan::SilentAfter(1), Plan::NeverAnswer]);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let began = Instant::now();
    let told = told(&mut client.tail().heartbeat_timeout(Duration::from_secs(40)).open()).await;
    let end = "end: END_REASON_END_OF_HISTORY, 3 records";
    assert_eq!(told, ["0", "again: silent", "again: silent", "open", "1", "2", end]);
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(80) && took < Duration::from_secs(82), "{took:?}");
    assert_eq!(fake.state().dials, 3, "a new connection for each");
}

#[tokio::test(start_paused = true)]
async fn progress_is_a_sign_of_life() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let mut tail = client.tail().follow().open();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3_600) {
        let event = tail.next().await.unwrap().unwrap();
        assert!(matches!(event, TailEvent::Progress(_) | TailEvent::CaughtUp(_)), "{event:?}");
    }
    assert_eq!(fake.state().tails.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_pauses_does_not_take_its_own_silence_for_the_servers() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(1);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let mut tail = client.tail().follow().open();
    for _ in 0..5 {
        let event = tail.next().await.unwrap().unwrap();
        assert!(!matches!(event, TailEvent::Reconnecting { .. }), "{event:?}");
        sleep(Duration::from_secs(600)).await;
    }
    assert_eq!(fake.state().tails.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_ahead_of_a_reader_that_does_not_poll() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(1_000_000);
    let small = ClientBuilder::default().stream_window(64 << 10).connection_window(64 << 10);
    let client = in_memory(&fake, &mut tasks, small);
    let mut tail = client.tail().open();
    tail.next().await.unwrap().unwrap();
    // Paused time moves on only when nothing can be done any more.
    sleep(Duration::from_secs(1)).await;
    let unread = tail.next().await.unwrap().unwrap();
    assert!(matches!(unread, TailEvent::Batch(_)));
    let sent = fake.state().furthest;
    // Records of about 10 bytes: the window, and what one message and its buffers hold.
    assert!(sent < 40_000, "{sent} of a million records were sent to a reader that read 14");
}

#[tokio::test(start_paused = true)]
async fn an_overdue_acknowledgement_brings_a_new_connection_and_no_duplicate() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    fake.state().append_plans.push_back(AppendPlan::NeverAck);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let appender = client.appender().ack_timeout(Duration::from_secs(30)).open().unwrap();
    let began = Instant::now();
    let ack = appender.append(NewRecord::new("0")).await.unwrap().await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(30));
    assert!(ack.duplicate, "the first call had stored it");
    assert_eq!(ack.offset, None, "offset 0 of a duplicate may stand for not known");
    assert_eq!(fake.state().records.len(), 1);
    assert_eq!(fake.state().dials, 2);
}

#[tokio::test(start_paused = true)]
async fn an_idle_appender_waits_for_no_acknowledgement() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let appender = client.appender().ack_timeout(Duration::from_secs(1)).open().unwrap();
    for number in 0..3_u64 {
        let ack = appender.append(number.to_string()).await.unwrap().await.unwrap();
        assert_eq!(ack.offset, Some(number));
        sleep(Duration::from_secs(3_600)).await;
    }
    assert_eq!(fake.state().append_calls, 1, "one call serves them all");
}

#[tokio::test(start_paused = true)]
async fn records_that_come_together_go_together() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let appender = client.appender().linger(Duration::from_millis(5)).batch_records(4).open().unwrap();
    for number in 0..6_u64 {
        appender.append(number.to_string()).await.unwrap();
    }
    let began = Instant::now();
    wait_for(&fake, |state| state.records.len() == 6).await;
    assert!(began.elapsed() >= Duration::from_millis(5), "the second batch has waited for more");
    assert_eq!(fake.state().batches, [4, 2]);
}

#[tokio::test(start_paused = true)]
async fn no_more_batches_are_on_the_way_than_allowed() {
    let mut tasks = JoinSet::new();
    let fake = Fake::new(0);
    let (allow, allowed) = watch::channel(0);
    fake.state().append_plans.push_back(AppendPlan::OneByOne(allowed));
    let client = in_memory(&fake, &mut tasks, ClientBuilder::default());
    let appender = client.appender().batch_records(1).max_in_flight(3).open().unwrap();
    for number in 0..10_u64 {
        appender.append(number.to_string()).await.unwrap();
    }
    for acked in 0..7 {
        allow.send_replace(acked);
        // Paused time moves on only when nothing can be done any more.
        sleep(Duration::from_secs(1)).await;
        assert_eq!(fake.state().records.len() as u64, acked + 3);
    }
    allow.send_replace(u64::MAX);
    appender.close().await.unwrap();
    assert_eq!(fake.state().records.len(), 10);
}
