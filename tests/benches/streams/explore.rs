//! A session over a stored million whose filter changes: how long after the request the first record of the new filter is there.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use spile_client::proto::start::{Oldest, Position};
use spile_client::proto::{Filter, Start, TailRequest};
use spile_client::{Client, ExploreEvent, Explorer, TailEvent};
use spile_tests::Server;

use crate::process::percentile;
use crate::row;

const ROUNDS: usize = 200;

pub(crate) async fn measure(server: &Server) -> Result<()> {
    // Of each pair the second is asked for while the session pours out all of the first, or stands at the tail.
    for (name, before) in
        [("while all records pour out", ""), ("at the tail", "severity=FATAL body=\"none such\"")]
    {
        let client = Client::connect(&server.address).await?;
        let mut session = client.explore().open();
        let mut took: Vec<Duration> = Vec::new();
        for round in 0..ROUNDS {
            let number = session.read(reading(before));
            let poured = !before.is_empty();
            until(&mut session, number, |event| match event {
                TailEvent::Batch(_) => !poured,
                TailEvent::CaughtUp(_) => poured,
                _ => false,
            })
            .await?;
            // Every one in other words, so that nothing found before helps.
            let expression = format!("severity>=ERROR -\"round {round} of this\"");
            let start = Instant::now();
            let number = session.read(reading(&expression));
            until(&mut session, number, |event| matches!(event, TailEvent::Batch(_))).await?;
            took.push(start.elapsed());
        }
        took.sort();
        let [p50, p99] = [0.5, 0.99].map(|share| percentile(&took, share).as_secs_f64() * 1e3);
        row(
            &format!("Explore: from a filter's change {name} of 1 M stored to the first record: p50, p99"),
            &format!("{p50:.2} ms, {p99:.2} ms"),
            "",
        );
    }
    Ok(())
}

fn reading(expression: &str) -> TailRequest {
    TailRequest {
        filter: Some(Filter { expression: expression.to_owned(), ..Filter::default() }),
        start: Some(Start { position: Some(Position::Oldest(Oldest {})) }),
        follow: true,
        ..TailRequest::default()
    }
}

async fn until(session: &mut Explorer, number: u64, wanted: impl Fn(&TailEvent) -> bool) -> Result<()> {
    loop {
        match session.next().await.context("a session goes on")?? {
            ExploreEvent::Tail { request, event } if request == number => {
                ensure!(!matches!(event, TailEvent::End(_)), "a read that follows ended");
                if wanted(&event) {
                    return Ok(());
                }
            }
            ExploreEvent::Refused { refusal, .. } => anyhow::bail!("refused: {}", refusal.message),
            _ => {}
        }
    }
}
