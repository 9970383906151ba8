//! A server with an engine of its own that takes requests of records in, and what it has stored.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use prost::Message;
use spile_engine::cursor::LossPolicy;
use spile_engine::disk::Disk;
use spile_engine::filter::Filter;
use spile_engine::subscription::{Delivery, Start, SubscriptionPlan};
use spile_engine::{Engine, EngineOptions, RuntimeThreads};
use spile_proto::v1::{LogRecord, RecordBatch, Resource};
use tempfile::TempDir;

use super::disk::FillableDisk;
use super::{Answer, TestServer, call, default_limits, grpc_request, soon};
use crate::limits::ReceiveLimits;
use crate::metrics::SourceLabel;
use crate::receive::ReceiveState;
use crate::receive::budget::Budget;
use crate::services::Services;

/// The server.
pub(crate) struct Receiving {
    pub(crate) server: TestServer,
    pub(crate) engine: Engine,
    pub(crate) disk: FillableDisk,
    pub(crate) budget: Budget,
    _data: TempDir,
}

/// A record with its resource.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) record: LogRecord,
    pub(crate) resource: Resource,
}

impl Receiving {
    pub(crate) async fn start() -> Self {
        Self::start_with(default_limits().receive, spile_engine::Limits::default()).await
    }

    pub(crate) async fn start_with(receive: ReceiveLimits, engine: spile_engine::Limits) -> Self {
        let data = tempfile::tempdir().unwrap();
        let disk = FillableDisk::default();
        let options = EngineOptions {
            data_dir: data.path().to_path_buf(),
            disk: Arc::new(disk.clone()) as Arc<dyn Disk>,
            limits: engine,
            repair: false,
            store: None,
            random: Arc::new(|| 7),
            blocking: Arc::new(RuntimeThreads),
        };
        let engine = Engine::open(options).unwrap();
        let (taking, mut budget) = (engine.clone(), None);
        let limits = crate::limits::Limits { receive, ..default_limits() };
        let services = |context: &crate::context::ServerContext| {
            let state = ReceiveState::new(context.clone(), taking);
            budget = Some(state.budget.clone());
            Services::new().routes(crate::otlp::routes(state.clone())).routes(crate::loki::routes(state))
        };
        let server = TestServer::start_with(limits, services).await;
        Self { server, engine, disk, budget: budget.unwrap(), _data: data }
    }

    /// A POST over HTTP/2.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = Request::post(format!("http://test{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        soon(call(self.server.h2().await, request.body(()).unwrap(), body.into())).await.unwrap()
    }

    /// A gRPC call with a body that is framed already.
    pub(crate) async fn grpc(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = grpc_request(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        soon(call(self.server.h2().await, request.body(()).unwrap(), body.into())).await.unwrap()
    }

    /// All that a stream holds.
    pub(crate) async fn stored(&self, stream: &str) -> Vec<Stored> {
        let Some(stream) = self.engine.stream(stream) else { return Vec::new() };
        let plan = SubscriptionPlan {
            start: Start::Oldest,
            follow: false,
            filter: Filter::all(),
            limit: None,
            loss_policy: LossPolicy::CatchUp,
        };
        let mut subscription = stream.subscribe(plan);
        let mut stored = Vec::new();
        while let Some(delivery) = soon(poll_fn(|cx| subscription.poll_delivery(cx))).await {
            let Delivery::Records(picked) = delivery.unwrap() else { continue };
            let resources = picked.frame().resources().iter();
            let resources: HashMap<u64, Resource> = resources
                .map(|resource| (resource.hash(), Resource::decode(resource.encoded().as_ref()).unwrap()))
                .collect();
            let records = RecordBatch::decode(picked.records().as_ref()).unwrap().records;
            stored.extend(records.into_iter().map(|record| {
                let resource = resources.get(&record.resource_hash).cloned().unwrap_or_default();
                Stored { record, resource }
            }));
        }
        stored
    }

    /// How many records were stored and how many refused, as the metrics have it.
    pub(crate) fn counted(&self, source: &'static str) -> (u64, u64) {
        let metrics = &self.server.context.metrics;
        let label = SourceLabel { source };
        (
            metrics.appended_records.get_or_create(&label).get(),
            metrics.refused_records.get_or_create(&label).get(),
        )
    }
}

impl Stored {
    /// An attribute of the record that is a text.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        text_of(&self.record.attributes, name)
    }

    /// An attribute of the resource that is a text.
    pub(crate) fn resource_attribute(&self, name: &str) -> Option<&str> {
        text_of(&self.resource.attributes, name)
    }
}

fn text_of<'a>(attributes: &'a [spile_proto::v1::KeyValue], name: &str) -> Option<&'a str> {
    let value = attributes.iter().find(|attribute| attribute.key == name)?.value.as_ref()?;
    match value.value.as_ref()? {
        spile_proto::v1::any_value::Value::StringValue(text) => Some(text),
        _ => None,
    }
}
