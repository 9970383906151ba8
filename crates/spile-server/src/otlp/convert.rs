//! An encoded `ExportLogsServiceRequest` to frames.

use std::sync::Arc;

use spile_engine::ResourceDef;
use spile_otlp::{ReadError, Request, ResourceLogs, ScopeLogs};
use tonic::Status;

use crate::receive::budget::Charge;
use crate::receive::drafts::{Drafts, Laid};
use crate::status::{ErrorReason, error};

/// The records of a request, laid down.
pub(super) fn lay_down(
    request: &[u8],
    charge: Charge,
    max_bytes: usize,
    received_unix_nano: u64,
) -> Result<Laid, Status> {
    let mut drafts = Drafts::new(charge, max_bytes, received_unix_nano);
    for (at, part) in Request::new(request).resource_logs().enumerate() {
        let part = part.map_err(|why| malformed(&why))?;
        let place = format!("resource_logs[{at}]");
        match resource_of(&part)? {
            Ok(resource) => lay_resource(&part, resource.as_ref(), &place, &mut drafts)?,
            Err(why) => {
                for scope in part.scope_logs() {
                    let records = scope.map_err(|why| malformed(&why))?.records();
                    let records =
                        records.collect::<Result<Vec<_>, _>>().map_err(|why| malformed(&why))?.len() as u64;
                    drafts.refuse(records, || format!("{place}.resource: {why}"))?;
                }
            }
        }
    }
    drafts.finish()
}

/// The resource, or why it cannot be kept.
fn resource_of(part: &ResourceLogs<'_>) -> Result<Result<Option<Arc<ResourceDef>>, String>, Status> {
    let encoded = match part.resource() {
        Ok(None) => return Ok(Ok(None)),
        Ok(Some(encoded)) => encoded,
        Err(why) if why.is_malformed() => return Err(malformed(&why)),
        Err(why) => return Ok(Err(why.to_string())),
    };
    Ok(ResourceDef::check(&encoded).map(|(_, resource)| Some(resource)).map_err(|why| why.to_string()))
}

fn lay_resource(
    part: &ResourceLogs<'_>,
    resource: Option<&Arc<ResourceDef>>,
    place: &str,
    drafts: &mut Drafts,
) -> Result<(), Status> {
    for (at, scope) in part.scope_logs().enumerate() {
        let scope: ScopeLogs<'_> = scope.map_err(|why| malformed(&why))?;
        let mut encoded = Vec::new();
        for (nth, record) in scope.records().enumerate() {
            let place = || format!("{place}.scope_logs[{at}].log_records[{nth}]");
            encoded.clear();
            match scope.read_record(record.map_err(|why| malformed(&why))?, &mut encoded) {
                Ok(()) => drafts.push(&encoded, resource, place)?,
                Err(why) if why.is_malformed() => return Err(malformed(&why)),
                Err(why) => drafts.refuse(1, || format!("{}: {why}", place()))?,
            }
        }
    }
    Ok(())
}

fn malformed(why: &ReadError) -> Status {
    error(ErrorReason::InvalidMessage).message(why.to_string()).into()
}
