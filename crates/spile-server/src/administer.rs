//! `spile.v1.AdminService`: what is kept of a stream, and for how long.

use std::collections::BTreeMap;
use std::time::Instant;

use spile_engine::catalog::DEFAULT_STREAM;
use spile_engine::{ChangeError, Engine, Retention, Stream};
use spile_proto::v1::{self, admin_service_server::AdminService};
use tonic::{Request, Response, Status};

use crate::read::plan;
use crate::status::{ErrorReason, error};
use crate::write::errors::stream_status;

/// The least that a retention may keep, bytes: a segment or two.
const MIN_BYTES: u64 = 1 << 20;

/// The least age that a retention may keep, nanoseconds: one minute.
const MIN_AGE_NANOS: u64 = 60 * 1_000_000_000;

/// What administering calls are given. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AdminState {
    pub(crate) engine: Engine,
    /// What is kept of streams that have no setting of their own.
    pub(crate) retention: Retention,
    /// Streams that the server itself writes to for as long as it runs, each with the setting that says so.
    pub(crate) fed: BTreeMap<String, &'static str>,
}

#[tonic::async_trait]
impl AdminService for AdminState {
    async fn update_retention(
        &self,
        request: Request<v1::UpdateRetentionRequest>,
    ) -> Result<Response<v1::UpdateRetentionResponse>, Status> {
        let v1::UpdateRetentionRequest { stream, retention: wanted } = request.into_inner();
        let stream = plan::named_stream(&self.engine, &stream)?;
        let own = wanted.map(retention).transpose()?;
        let changed = stream.clone();
        blocking(move || changed.set_own_retention(own)).await?.map_err(|why| change_status(&why))?;
        tracing::info!(stream = stream.name(), ?own, "retention changed");
        let retention = Some(retention_of(&stream, &self.retention));
        Ok(Response::new(v1::UpdateRetentionResponse { retention }))
    }

    async fn delete_stream(
        &self,
        request: Request<v1::DeleteStreamRequest>,
    ) -> Result<Response<v1::DeleteStreamResponse>, Status> {
        let v1::DeleteStreamRequest { stream: name, confirm } = request.into_inner();
        let wrong = |field: &str, why: &str| error(ErrorReason::InvalidField).field(field, why).into_status();
        if name.is_empty() {
            return Err(wrong("stream", "must be given to delete a stream, also for \"default\""));
        }
        if confirm != name {
            return Err(wrong(
                "confirm",
                "must be the name of the stream once more, to show that deleting it is meant",
            ));
        }
        if let Some(setting) = self.fed.get(&name) {
            let why = match *setting {
                "follow" => {
                    "followed files are written to it; start the server without --follow to delete it"
                        .to_owned()
                }
                setting => {
                    format!("the server itself writes to it; start it without --{setting} to delete it")
                }
            };
            return Err(wrong("stream", &why));
        }
        plan::named_stream(&self.engine, &name)?;
        let engine = self.engine.clone();
        let delete = move || {
            let deleted = engine.delete_stream(&name)?;
            // There is always a stream to read when none is named.
            engine.stream_or_new(DEFAULT_STREAM)?;
            Ok(deleted)
        };
        let deleted = blocking(delete).await?.map_err(|why| stream_status(&why))?;
        let Some(deleted) = deleted else { return Err(error(ErrorReason::StreamNotFound).into()) };
        Ok(Response::new(v1::DeleteStreamResponse { records: deleted.records, bytes: deleted.bytes }))
    }

    async fn seal_stream(
        &self,
        request: Request<v1::SealStreamRequest>,
    ) -> Result<Response<v1::SealStreamResponse>, Status> {
        let stream = plan::named_stream(&self.engine, &request.into_inner().stream)?;
        let sealed = blocking(move || stream.seal()).await?.map_err(|why| change_status(&why))?;
        let (records, sealed_to) = (sealed.records, sealed.sealed_to.0);
        Ok(Response::new(v1::SealStreamResponse { records, sealed_to }))
    }

    async fn verify_stream(
        &self,
        request: Request<v1::VerifyStreamRequest>,
    ) -> Result<Response<v1::VerifyStreamResponse>, Status> {
        let stream = plan::named_stream(&self.engine, &request.into_inner().stream)?;
        let started = Instant::now();
        let name = stream.name().to_owned();
        let verified = blocking(move || stream.verify()).await?;
        let verified =
            verified.map_err(|why| error(ErrorReason::Internal).message(why.to_string()).into_status())?;
        let (records, bytes, damages) = (verified.records, verified.bytes, verified.damages.len());
        tracing::info!(stream = name, records, bytes, damages, took = ?started.elapsed(), "stream verified");
        let damages = verified.damages.into_iter().map(|damage| v1::Damage {
            file: damage.file.display().to_string(),
            at: damage.at,
            from: damage.from.0,
            to: damage.to.0,
            reason: damage.reason.to_owned(),
        });
        Ok(Response::new(v1::VerifyStreamResponse { records, bytes, damages: damages.collect() }))
    }
}

/// What is kept of a stream: its own retention, or else the server's.
pub(crate) fn retention_of(stream: &Stream, default: &Retention) -> v1::Retention {
    let own = stream.own_retention();
    let Retention { bytes, age_nanos } = own.unwrap_or(*default);
    v1::Retention {
        max_bytes: bytes.unwrap_or(0),
        max_age_nanos: age_nanos.unwrap_or(0),
        inherited: own.is_none(),
    }
}

fn retention(wanted: v1::Retention) -> Result<Retention, Status> {
    let v1::Retention { max_bytes, max_age_nanos, inherited } = wanted;
    let wrong = |field: &str, why: &str| Err(error(ErrorReason::InvalidField).field(field, why).into());
    if inherited {
        return wrong(
            "retention.inherited",
            "is only told; leave the retention unset to go back to the server's settings",
        );
    }
    if (1..MIN_BYTES).contains(&max_bytes) {
        return wrong("retention.max_bytes", "must be at least 1 MiB (1048576), or 0 for no bound");
    }
    if (1..MIN_AGE_NANOS).contains(&max_age_nanos) {
        return wrong(
            "retention.max_age_nanos",
            "must be at least a minute (60000000000), or 0 for no bound",
        );
    }
    let bound = |number: u64| (number != 0).then_some(number);
    Ok(Retention { bytes: bound(max_bytes), age_nanos: bound(max_age_nanos) })
}

/// Runs work on a thread where blocking is allowed. A caller that goes away does not stop it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| error(ErrorReason::Internal).message(panic.to_string()).into_status())
}

fn change_status(why: &ChangeError) -> Status {
    if matches!(why, ChangeError::Closed) {
        return error(ErrorReason::StreamNotFound).message(why.to_string()).into();
    }
    tracing::error!(error = %why, "a stream could not be changed");
    error(ErrorReason::Internal).message(why.to_string()).into()
}
