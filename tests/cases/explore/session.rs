//! A session and what it was told.

use spile_proto::v1::explore_request::{Action, Pause, Resume};
use spile_proto::v1::explore_response::{Answer, Refusal};
use spile_proto::v1::tail_response::Payload;
use spile_proto::v1::{ContextRequest, EndReason, ExploreRequest, ExploreResponse, TailRequest};
use spile_tests::Server;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use crate::support::{delivered, patiently};

pub(super) struct Session {
    /// `None` when this side is closed.
    requests: Option<mpsc::Sender<ExploreRequest>>,
    responses: Streaming<ExploreResponse>,
    /// Every answer that came, with the number of its request.
    pub(super) answers: Vec<(u64, Answer)>,
    last: u64,
}

impl Session {
    pub(super) async fn open(server: &Server) -> Self {
        let (requests, receiver) = mpsc::channel(16);
        let mut client = server.read().await.expect("the server is there");
        let responses =
            client.explore(ReceiverStream::new(receiver)).await.expect("the session opens at once");
        Self { requests: Some(requests), responses: responses.into_inner(), answers: Vec::new(), last: 0 }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        // Numbers may leave some out.
        self.last += 3;
        self.last
    }

    pub(super) async fn send(&mut self, number: u64, action: Option<Action>) {
        let requests = self.requests.as_ref().expect("this side is open");
        let mut sending = std::pin::pin!(requests.send(ExploreRequest { number, action }));
        // A server whose answers nobody takes stops taking requests.
        loop {
            tokio::select! {
                sent = &mut sending => return sent.expect("the session is open"),
                response = self.responses.message() => {
                    let response = response.unwrap().expect("the session goes on");
                    self.answers.extend(response.answer.map(|answer| (response.request, answer)));
                }
            }
        }
    }

    async fn ask(&mut self, action: Action) -> u64 {
        let number = self.next_number();
        self.send(number, Some(action)).await;
        number
    }

    pub(super) async fn read(&mut self, request: TailRequest) -> u64 {
        self.ask(Action::Read(request)).await
    }

    pub(super) async fn fetch(&mut self, request: TailRequest) -> u64 {
        self.ask(Action::Fetch(request)).await
    }

    pub(super) async fn context(&mut self, request: ContextRequest) -> u64 {
        self.ask(Action::Context(request)).await
    }

    pub(super) async fn pause(&mut self) -> u64 {
        self.ask(Action::Pause(Pause {})).await
    }

    pub(super) async fn resume(&mut self) -> u64 {
        self.ask(Action::Resume(Resume {})).await
    }

    /// Says that nothing more will be asked.
    pub(super) fn close(&mut self) {
        self.requests = None;
    }

    /// Takes one answer; `None` at the end.
    pub(super) async fn step(&mut self) -> Result<Option<()>, Status> {
        let Some(ExploreResponse { request, answer }) =
            patiently("an answer", self.responses.message()).await?
        else {
            return Ok(None);
        };
        self.answers.extend(answer.map(|answer| (request, answer)));
        Ok(Some(()))
    }

    /// Takes answers until one to this request has been as wanted.
    pub(super) async fn until(&mut self, number: u64, wanted: impl Fn(&Answer) -> bool) {
        if !self.answers.iter().any(|(request, answer)| *request == number && wanted(answer)) {
            self.until_next(number, wanted).await;
        }
    }

    /// Takes answers until another one to this request is as wanted.
    pub(super) async fn until_next(&mut self, number: u64, wanted: impl Fn(&Answer) -> bool) {
        patiently("an answer as wanted", async {
            loop {
                let seen = self.answers.len();
                self.step().await.unwrap().expect("the session goes on");
                let new = &self.answers[seen..];
                if new.iter().any(|(request, answer)| *request == number && wanted(answer)) {
                    return;
                }
            }
        })
        .await;
    }

    /// Takes answers until this request has given so many records.
    pub(super) async fn until_records(&mut self, number: u64, count: usize) {
        while self.count(number) < count {
            self.step().await.unwrap().expect("the session goes on");
        }
    }

    /// Waits for the refusal of a request.
    pub(super) async fn refusal(&mut self, number: u64) -> Refusal {
        self.until_next(number, |answer| matches!(answer, Answer::Refusal(_))).await;
        match self.answers.pop() {
            Some((_, Answer::Refusal(refusal))) => refusal,
            other => panic!("a refusal is not {other:?}"),
        }
    }

    /// Takes what comes until the end; gives the status that the session ended with.
    pub(super) async fn read_to_end(&mut self) -> Status {
        loop {
            match self.step().await {
                Ok(Some(())) => {}
                Ok(None) => return Status::ok(""),
                Err(status) => return status,
            }
        }
    }

    pub(super) async fn trailers(&mut self) -> tonic::metadata::MetadataMap {
        self.responses.trailers().await.unwrap().unwrap()
    }

    /// The offsets of the records of a request.
    pub(super) fn offsets(&self, number: u64) -> impl Iterator<Item = u64> + '_ {
        self.payloads(number).flat_map(|(_, payload)| match payload {
            Payload::Batch(batch) => {
                delivered(batch.clone()).into_iter().map(|record| record.offset).collect()
            }
            _ => Vec::new(),
        })
    }

    pub(super) fn count(&self, number: u64) -> usize {
        let batches = self.payloads(number).filter_map(|(_, payload)| match payload {
            Payload::Batch(batch) => Some(batch.records.len()),
            _ => None,
        });
        batches.sum()
    }

    /// The cursor of the last answer to a request.
    pub(super) fn cursor(&self, number: u64) -> String {
        self.payloads(number).last().expect("there was one").0.to_owned()
    }

    pub(super) fn index_of(&self, number: u64, wanted: impl Fn(&Answer) -> bool) -> usize {
        let found = self.answers.iter().position(|(request, answer)| *request == number && wanted(answer));
        found.expect("there is such an answer")
    }

    fn payloads(&self, number: u64) -> impl Iterator<Item = (&str, &Payload)> {
        self.answers.iter().filter(move |(request, _)| *request == number).filter_map(|(_, answer)| {
            match answer {
                Answer::Tail(tail) => Some((tail.cursor.as_str(), tail.payload.as_ref()?)),
                _ => None,
            }
        })
    }
}

fn payload(answer: &Answer) -> Option<&Payload> {
    match answer {
        Answer::Tail(tail) => tail.payload.as_ref(),
        _ => None,
    }
}

pub(super) fn caught_up(answer: &Answer) -> bool {
    matches!(payload(answer), Some(Payload::CaughtUp(_)))
}

/// The tail that a progress tells.
pub(super) fn progress(answer: &Answer) -> Option<u64> {
    match payload(answer) {
        Some(Payload::Progress(progress)) => Some(progress.tail),
        _ => None,
    }
}

/// Why a reading ended.
pub(super) fn end(answer: &Answer) -> Option<EndReason> {
    match payload(answer) {
        Some(Payload::End(end)) => Some(end.reason()),
        _ => None,
    }
}
