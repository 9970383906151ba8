//! Round trips of any records, and the cases that properties do not reach.

#![allow(clippy::unwrap_used)]

pub(crate) mod any;
mod cases;
pub(crate) mod json_writer;

use proptest::prelude::*;
use prost::Message;
use spile_engine::FrameDraft;
use spile_proto::otlp::collector::logs::v1::ExportLogsServiceRequest;
use spile_proto::otlp::common::v1::{AnyValue, InstrumentationScope, any_value};
use spile_proto::otlp::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use spile_proto::otlp::resource::v1::Resource;
use spile_proto::v1;

use crate::read::{ReadError, Request};
use crate::write::RequestWriter;

/// A record of Spile's with its resource, both encoded.
type Encoded = (Vec<u8>, Vec<u8>);

/// All records of a request as Spile's; each is acceptable to the engine.
fn read_all(request: &[u8]) -> Result<Vec<Encoded>, ReadError> {
    let mut records = Vec::new();
    for part in Request::new(request).resource_logs() {
        let part = part?;
        let resource = part.resource()?.unwrap_or_default();
        for scope in part.scope_logs() {
            let scope = scope?;
            for record in scope.records() {
                let mut out = Vec::new();
                scope.read_record(record?, &mut out)?;
                FrameDraft::default().push_encoded(&out, None, 1).expect("the engine takes it");
                records.push((out, resource.clone()));
            }
        }
    }
    Ok(records)
}

fn write_all(records: &[Encoded]) -> ExportLogsServiceRequest {
    let mut writer = RequestWriter::new();
    for (record, resource) in records {
        writer.push(record, resource).unwrap();
    }
    ExportLogsServiceRequest::decode(writer.finish().as_slice()).unwrap()
}

/// A request of one record.
fn request_of(record: LogRecord) -> ExportLogsServiceRequest {
    let scope = ScopeLogs { log_records: vec![record], ..ScopeLogs::default() };
    let part = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![part] }
}

/// Every record with all that is said of it, whatever it shares with its neighbours; encoded, because NaN is unlike itself.
fn flat(request: &ExportLogsServiceRequest) -> Vec<[Vec<u8>; 5]> {
    let mut records = Vec::new();
    for part in &request.resource_logs {
        for scope in &part.scope_logs {
            records.extend(scope.log_records.iter().map(|record| {
                [
                    part.resource.as_ref().map(Resource::encode_to_vec).unwrap_or_default(),
                    part.schema_url.clone().into_bytes(),
                    scope.scope.as_ref().map(InstrumentationScope::encode_to_vec).unwrap_or_default(),
                    scope.schema_url.clone().into_bytes(),
                    usual(record.clone()).encode_to_vec(),
                ]
            }));
        }
    }
    records
}

/// A body that says nothing and no body are the same.
fn usual(mut record: LogRecord) -> LogRecord {
    let says_nothing = |body: &AnyValue| match &body.value {
        None => true,
        Some(any_value::Value::StringValue(text)) => text.is_empty(),
        Some(_) => false,
    };
    record.body = record.body.filter(|body| !says_nothing(body));
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_otlp_sends_comes_back_from_spile(request in any::request()) {
        let records = read_all(&request.encode_to_vec()).unwrap();
        prop_assert_eq!(flat(&write_all(&records)), flat(&request));
    }

    #[test]
    fn what_spile_has_comes_back_from_otlp(records in proptest::collection::vec(any::spile_record(), 1..6)) {
        let encoded: Vec<Encoded> = records.iter().map(|record| (record.encode_to_vec(), Vec::new())).collect();
        let back = read_all(&write_all(&encoded).encode_to_vec()).unwrap();
        let back: Vec<_> = back.iter().map(|(record, _)| v1::LogRecord::decode(record.as_slice()).unwrap()).collect();
        // Encoded, because NaN is unlike itself.
        let bytes = |records: &[v1::LogRecord]| records.iter().map(Message::encode_to_vec).collect::<Vec<_>>();
        prop_assert_eq!(bytes(&back), bytes(&records), "{:?} became {:?}", &records, &back);
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_all(&bytes);
        let _ = crate::json::read_request(&bytes);
        let _ = RequestWriter::new().push(&bytes, &bytes);
    }

    /// Cut anywhere, a request is refused as a whole or has lost whole parts at its end.
    #[test]
    fn a_request_that_is_cut_is_malformed(request in any::request(), at in any::<prop::sample::Index>()) {
        let bytes = request.encode_to_vec();
        let cut = at.index(bytes.len() + 1);
        match read_all(&bytes[..cut]) {
            Ok(records) => {
                let all = read_all(&bytes).unwrap();
                prop_assert_eq!(records.as_slice(), &all[..records.len()]);
            }
            Err(error) => prop_assert!(error.is_malformed()),
        }
    }
}
