//! The fake's sessions: each goes by its script.

use spile_proto::v1::{ExploreRequest, ExploreResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Response, Status, Streaming};

use super::Fake;

/// What a session of the fake does next. Behind the last it takes requests, and says nothing, until the caller closes its side.
#[derive(Clone, Debug)]
pub(in crate::tests) enum Step {
    /// Waits until so many requests have come on this call.
    Take(usize),
    Say(ExploreResponse),
    /// The end with this status; OK is one, too.
    Fail(Status),
}

impl Fake {
    pub(super) fn begin_explore(
        &self,
        mut requests: Streaming<ExploreRequest>,
    ) -> Response<BoxStream<ExploreResponse>> {
        let (sender, receiver) = mpsc::channel(1);
        let guard = self.enter();
        let (script, call) = {
            let mut state = self.state();
            state.explores.push(Vec::new());
            (state.explore_plans.pop_front().unwrap_or_default(), state.explores.len() - 1)
        };
        tokio::spawn(async move {
            for step in script {
                let said = match step {
                    Step::Take(count) => {
                        while guard.0.state().explores[call].len() < count {
                            let Ok(Some(request)) = requests.message().await else { return };
                            guard.0.state().explores[call].push(request);
                        }
                        continue;
                    }
                    Step::Say(response) => Ok(response),
                    Step::Fail(status) => {
                        if status.code() != tonic::Code::Ok {
                            // A client that has gone needs no answer.
                            let _gone = sender.send(Err(status)).await;
                        }
                        return;
                    }
                };
                if sender.send(said).await.is_err() {
                    return;
                }
            }
            while let Ok(Some(request)) = requests.message().await {
                guard.0.state().explores[call].push(request);
            }
        });
        Response::new(Box::pin(ReceiverStream::new(receiver)))
    }
}
