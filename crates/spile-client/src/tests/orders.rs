//! Tails in other orders than by offset: what they ask for, where they resume, and what they refuse.

use spile_proto::v1::start::Position;
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{EndReason, Order, RecordBatch, TailResponse};
use tokio::task::JoinSet;
use tonic::Status;

use super::fake::{Fake, Plan};
use super::net::connected;
use super::tail::{position, run};
use crate::{Error, Tail};

#[tokio::test]
async fn the_newest_comes_first_and_a_resumption_goes_on_downwards() {
    let plans = [
        Plan::EndAfter(2, EndReason::MaxAge, None),
        Plan::FailAfter(1, Status::unavailable("gone")),
        Plan::FailAfter(0, Status::unavailable("gone")),
    ];
    let (mut told, asked) = run(5, &plans, Tail::newest_first).await;
    told.retain(|what| !what.starts_with("again") && what != "open");
    assert_eq!(told, ["4", "3", "2", "1", "0", "end: END_REASON_END_OF_HISTORY, 5 records"]);
    assert!(asked.iter().all(|request| request.order() == Order::NewestFirst && !request.follow));
    let cursors: Vec<_> = asked.iter().filter_map(position).collect();
    let after = |cursor: &str| Position::AfterCursor(cursor.to_owned());
    assert_eq!(cursors, [after("r3"), after("r2"), after("r2")]);
}

#[tokio::test]
async fn records_by_time_come_once_whatever_breaks() {
    let plans = [3, 0, 9, 1].map(|records| Plan::FailAfter(records, Status::unavailable("gone")));
    let (told, asked) = run(20, &plans, Tail::by_time).await;
    let mut offsets: Vec<u64> = told.iter().filter_map(|what| what.parse().ok()).collect();
    assert_eq!(offsets[..4], [1, 0, 3, 2], "neighbours have changed places");
    offsets.sort_unstable();
    assert!(offsets.into_iter().eq(0..20));
    assert_eq!(asked.len(), 5);
    assert!(asked.iter().all(|request| request.order() == Order::ByTime));
}

#[tokio::test]
async fn a_limit_counts_from_the_newest() {
    let plans = [Plan::FailAfter(3, Status::unavailable("gone"))];
    let (told, asked) = run(9, &plans, |tail| tail.newest_first().limit(4)).await;
    assert_eq!(told.last().unwrap(), "end: END_REASON_LIMIT, 4 records");
    assert_eq!(asked[1].limit, 1);
}

type SetOrder = fn(Tail) -> Tail;
type Forge = fn(&mut TailResponse);

fn batch(response: &mut TailResponse) -> &mut RecordBatch {
    match &mut response.payload {
        Some(Payload::Batch(batch)) => batch,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_in_another_order_is_refused() {
    let newest_first: SetOrder = Tail::newest_first;
    let by_offset: SetOrder = |tail| tail;
    let forgeries: [(&str, SetOrder, Forge); 9] = [
        ("rises", newest_first, |response| batch(response).offsets.reverse()),
        ("an offset twice", newest_first, |response| batch(response).offsets[1] += 1),
        ("the same batch again", newest_first, |response| batch(response).offsets = (10..17).rev().collect()),
        ("too few offsets", newest_first, |response| batch(response).offsets.truncate(1)),
        ("too few offsets", Tail::by_time, |response| batch(response).offsets.truncate(1)),
        ("two ways", newest_first, |response| batch(response).first_offset = 3),
        ("not the order", newest_first, |response| {
            let batch = batch(response);
            batch.offsets.clear();
            batch.first_offset = 0;
        }),
        ("the same batch again", by_offset, |response| batch(response).first_offset = 5),
        ("no cursor", by_offset, |response| response.cursor.clear()),
    ];
    for (what, set, forge) in forgeries {
        let mut tasks = JoinSet::new();
        let fake = Fake::with_plans(14, [Plan::Forge(forge)]);
        let client = connected(&fake, &mut tasks).await;
        let mut tail = set(client.tail()).open();
        let mut error = None;
        while let Some(event) = tail.next().await {
            error = event.err();
        }
        assert!(matches!(error, Some(Error::Protocol(_))), "{what}: {error:?}");
    }
}
