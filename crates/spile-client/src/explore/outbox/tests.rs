//! What leaves when more is asked than leaves.

use futures_util::{FutureExt, StreamExt};
use spile_proto::v1::explore_request::{Pause, Resume};
use spile_proto::v1::{ContextRequest, TailRequest};

use super::*;

fn left(mut outbox: Outbox) -> Vec<u64> {
    std::iter::from_fn(|| outbox.next().now_or_never().flatten()).map(|request| request.number).collect()
}

fn pushed(actions: Vec<Action>) -> Outbox {
    let outbox = Outbox::default();
    for (number, action) in (1..).zip(actions) {
        outbox.push(ExploreRequest { number, action: Some(action) }, Some(7));
    }
    outbox
}

#[test]
fn of_each_kind_the_last_leaves_in_order() {
    let (read, fetch) = (Action::Read(TailRequest::default()), Action::Fetch(TailRequest::default()));
    let (pause, resume) = (Action::Pause(Pause {}), Action::Resume(Resume {}));
    let context = Action::Context(ContextRequest::default());
    assert_eq!(left(pushed(vec![read.clone(), fetch.clone(), read.clone(), context])), [2, 3, 4]);
    assert_eq!(left(pushed(vec![read.clone(), pause.clone(), resume, pause.clone()])), [1, 4]);
    assert_eq!(left(pushed(vec![pause, read.clone()])), [1, 2]);
    let many = pushed((0..10_000).flat_map(|_| [read.clone(), fetch.clone()]).collect());
    assert_eq!(left(many), [7, 19_999, 20_000], "what is read now goes on should the new one be refused");
}

#[test]
fn it_ends_when_it_is_closed_and_empty() {
    let mut outbox = pushed(vec![Action::Pause(Pause {})]);
    outbox.close();
    assert!(outbox.next().now_or_never().flatten().is_some());
    assert_eq!(outbox.next().now_or_never(), Some(None));
}
