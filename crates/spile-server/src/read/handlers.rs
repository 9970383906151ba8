//! The streaming calls: `Tail`, `Explore`, and the article's `GetLogs` and `StreamLogs`.
//!
//! They are mounted as plain routes over the generated services, because their messages are ready bytes and their bodies make
//! their own trailers.

use axum::body::Body;
use axum::extract::State;
use http::{HeaderMap, HeaderValue, Request, Response};
use spile_engine::cursor::LossPolicy;
use spile_engine::filter::Filter;
use spile_engine::subscription::{Start, SubscriptionPlan};
use spile_proto::{example, v1};
use tokio::time::Instant;
use tonic::Status;

use super::ReadState;
use super::encode::Defined;
use super::flow::{Clocks, Flow, Form};
use super::plan::{self, Reading, TailPlan};
use super::reader::Reader;
use super::session::Session;
use super::tap::{Meter, Pour, Shared, Tap};
use super::text::TextForm;
use crate::deadline::{Deadline, SelfGoverned};
use crate::grpc;
use crate::transport::StreamHandle;

/// `spile.v1.ReadService/Tail`.
pub(super) async fn tail(State(state): State<ReadState>, request: Request<Body>) -> Response<Body> {
    let call = Call::of(&request, "spile.v1.ReadService/Tail");
    let max_bytes = state.context.limits.max_request_bytes;
    let planned = async {
        let request: v1::TailRequest = grpc::single_request(request, max_bytes).await?;
        plan::tail(&state.engine, request).await
    };
    match planned.await {
        Ok(plan) => call.answer(state, plan, Form::Tail(Defined::default())).await,
        Err(status) => status.into_http(),
    }
}

/// `spile.v1.ReadService/Explore`.
pub(super) async fn explore(State(state): State<ReadState>, request: Request<Body>) -> Response<Body> {
    let call = Call::of(&request, "spile.v1.ReadService/Explore");
    match Session::new(state.clone(), request, call.deadline) {
        Ok(session) => streaming(HeaderMap::new(), call.tap(&state, session)),
        Err(status) => status.into_http(),
    }
}

/// `example.LogService/GetLogs`: what is stored, then the end.
pub(super) async fn get_logs(State(state): State<ReadState>, request: Request<Body>) -> Response<Body> {
    logs(state, request, "example.LogService/GetLogs", false).await
}

/// `example.LogService/StreamLogs`: what is stored, then what arrives.
pub(super) async fn stream_logs(State(state): State<ReadState>, request: Request<Body>) -> Response<Body> {
    logs(state, request, "example.LogService/StreamLogs", true).await
}

async fn logs(
    state: ReadState,
    request: Request<Body>,
    method: &'static str,
    follow: bool,
) -> Response<Body> {
    let call = Call::of(&request, method);
    let max_bytes = state.context.limits.max_request_bytes;
    let planned = async {
        let request: example::LogRequest = grpc::single_request(request, max_bytes).await?;
        let filter = Filter::all().and_level(plan::severity_of("level", &request.level)?);
        let loss_policy = LossPolicy::CatchUp;
        Ok(TailPlan {
            stream: plan::named_stream(&state.engine, "")?,
            reading: Reading::Forward(SubscriptionPlan {
                start: Start::Oldest,
                follow,
                filter,
                limit: None,
                loss_policy,
            }),
            until_unix_nano: None,
        })
    };
    match planned.await {
        Ok(plan) => call.answer(state, plan, Form::Entries).await,
        Err(status) => Status::into_http(status),
    }
}

/// What is known of a call before its request message is read.
pub(crate) struct Call {
    method: &'static str,
    deadline: Option<Instant>,
    handle: Option<StreamHandle>,
}

impl Call {
    pub(crate) fn of(request: &Request<Body>, method: &'static str) -> Self {
        let extensions = request.extensions();
        let deadline = extensions.get::<Deadline>().map(|deadline| deadline.0);
        Self { method, deadline, handle: extensions.get().cloned() }
    }

    async fn answer(self, state: ReadState, plan: TailPlan, form: Form) -> Response<Body> {
        match self.open(state, plan, form).await {
            Ok((headers, tap)) => streaming(headers, tap),
            Err(status) => status.into_http(),
        }
    }

    /// A stream of text: its headers, but for those that say what it is, and its body.
    pub(crate) async fn open_text(
        self,
        state: ReadState,
        plan: TailPlan,
        form: TextForm,
    ) -> Result<(HeaderMap, Body), Status> {
        let (headers, tap) = self.open(state, plan, Form::Text(form)).await?;
        Ok((headers, Body::new(tap)))
    }

    /// The response's headers and its body.
    async fn open(self, state: ReadState, plan: TailPlan, form: Form) -> Result<(HeaderMap, Tap), Status> {
        let context = &state.context;
        let max_age = (!matches!(form, Form::Entries)).then(|| context.limits.jittered_stream_age());
        let clocks = |until| Clocks::start(context, self.deadline, until, max_age);
        let flow = Flow::open(context, plan, form, clocks).await?;
        let headers = headers(&flow.reader);
        Ok((headers, self.tap(&state, flow)))
    }

    /// The body that gives out what there is.
    fn tap(self, state: &ReadState, pour: impl Pour + 'static) -> Tap {
        let meter = Meter::new(state.context.metrics.clone(), self.method);
        let shared = Shared::new(pour, self.handle, meter);
        let registration = state.taps.register(shared.clone());
        Tap::new(shared, registration)
    }
}

fn streaming(headers: HeaderMap, tap: Tap) -> Response<Body> {
    let mut response = grpc::streaming_response(headers, tap);
    response.extensions_mut().insert(SelfGoverned);
    response
}

/// The headers before the first message.
fn headers(reader: &Reader) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let cursor = HeaderValue::try_from(reader.cursor()).expect("base64url is ASCII");
    headers.insert("spile-start-cursor", cursor);
    if let Some(total) = reader.known_total() {
        headers.insert("spile-total-records", HeaderValue::from(total));
    }
    headers
}
