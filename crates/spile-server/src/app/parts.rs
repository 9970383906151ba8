//! What works behind the services: the engine, the watchdog, housekeeping, and the sources.

use std::sync::Arc;

use spile_engine::catalog::DEFAULT_STREAM;
use spile_engine::disk::OsDisk;
use spile_engine::{Engine, EngineError, EngineOptions, Limits, Retention, RuntimeThreads, SealPolicy};
use spile_proto::example::log_service_server::LogServiceServer;
use spile_proto::v1::admin_service_server::AdminServiceServer;
use spile_proto::v1::read_service_server::ReadServiceServer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::housekeeping;
pub use super::sources::SourceError;
use super::sources::Sources;
use crate::administer::AdminState;
use crate::config::{Config, Sealing};
use crate::context::ServerContext;
use crate::grpc::taking;
use crate::metered::MeteredDisk;
use crate::read::{self, ReadState, Taps};
use crate::receive::ReceiveState;
use crate::services::Services;
use crate::write::{self, WriteState};
use crate::{loki, otlp};
use crate::{viewer, web};

/// Why what is stored cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The engine says so.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What feeds streams cannot be set up.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Opening panicked.
    #[error("opening the data folder failed: {0}")]
    Failed(#[from] tokio::task::JoinError),
}

/// The parts, opened and not yet at work.
#[derive(Debug)]
pub(super) struct Parts {
    context: ServerContext,
    engine: Engine,
    taps: Taps,
    receive: ReceiveState,
    retention: Retention,
    sealing: Sealing,
    jaeger_url: Option<String>,
    sources: Sources,
}

/// The parts at work.
pub(super) struct Working {
    engine: Engine,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Whether everything is sealed at the end.
    seal: bool,
}

impl Parts {
    pub(super) async fn open(config: Config, context: ServerContext) -> Result<Self, OpenError> {
        let retention = Retention {
            bytes: config.retention.max_bytes,
            age_nanos: config.retention.max_age.map(|age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX)),
        };
        let sources = Sources::of(&config)?;
        let fed = sources.streams();
        let options = EngineOptions {
            data_dir: config.data_dir,
            disk: Arc::new(MeteredDisk::new(OsDisk, context.metrics.clone())),
            limits: Limits {
                ring_bytes: usize::try_from(config.limits.ring_bytes).unwrap_or(usize::MAX),
                journal_file_bytes: config.journal_file_bytes,
                ..Limits::default()
            },
            repair: config.repair,
            store: None,
            random: Arc::new(rand::random),
            blocking: Arc::new(RuntimeThreads),
        };
        let open = move || {
            let engine = Engine::open(options)?;
            // There is always a stream to read when none is named.
            engine.stream_or_new(DEFAULT_STREAM)?;
            Sources::make_streams(&fed, &engine)?;
            Ok::<_, EngineError>(engine)
        };
        let engine = tokio::task::spawn_blocking(open).await??;
        let receive = ReceiveState::new(context.clone(), engine.clone());
        Ok(Self {
            context,
            engine,
            receive,
            taps: Taps::default(),
            retention,
            sealing: config.sealing,
            jaeger_url: config.jaeger_url,
            sources,
        })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// OTLP's ways in.
    pub(super) fn otlp(&self) -> axum::Router {
        otlp::routes(self.receive.clone())
    }

    /// The services, with the streaming calls' own routes over the generated ones.
    pub(super) fn services(&self) -> Services {
        let (context, engine) = (self.context.clone(), self.engine.clone());
        let reading = ReadState {
            context: context.clone(),
            engine: engine.clone(),
            taps: self.taps.clone(),
            retention: self.retention,
        };
        let max_request_bytes = context.limits.max_request_bytes;
        let administering =
            AdminState { engine: engine.clone(), retention: self.retention, fed: self.sources.streams() };
        let writing = WriteState { context, engine };
        Services::new()
            .routes(viewer::settings(self.jaeger_url.clone()))
            .routes(read::routes(reading.clone()))
            .routes(web::routes(reading.clone()))
            .routes(write::routes(writing))
            .routes(self.otlp())
            .routes(loki::routes(self.receive.clone()))
            .service(taking!(ReadServiceServer::new(reading.clone()), max_request_bytes))
            .service(taking!(AdminServiceServer::new(administering), max_request_bytes))
            .service(taking!(LogServiceServer::new(reading), max_request_bytes))
    }

    /// Sets everything to work that works by itself.
    pub(super) fn start(&self) -> Working {
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let stall_limit = self.context.limits.stall_limit;
        let watchdog = self.taps.clone().watch(stall_limit, self.context.metrics.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(watchdog));
        let keeping = housekeeping::keep(self.engine.clone(), self.context.clone(), self.retention);
        tasks.spawn(stop.clone().run_until_cancelled_owned(keeping));
        let policy = SealPolicy { bytes: self.sealing.bytes, age_nanos: self.sealing.age.as_nanos() as u64 };
        let sealing = housekeeping::seal(self.engine.clone(), self.context.clone(), policy);
        tasks.spawn(stop.clone().run_until_cancelled_owned(sealing));
        self.sources.start(&self.engine, &self.context, &tasks);
        tasks.close();
        Working { engine: self.engine.clone(), tasks, stop, seal: self.sealing.at_drain }
    }
}

impl Working {
    /// Ends the tasks and closes the journals cleanly.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        let Self { engine, seal, .. } = self;
        let close = move || {
            if seal {
                engine.seal_all();
            }
            engine.close();
        };
        if let Err(error) = tokio::task::spawn_blocking(close).await {
            tracing::error!(%error, "closing the journals failed");
        }
    }
}
