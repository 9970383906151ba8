//! That what is put together by hand is what prost would have encoded.

use std::collections::HashSet;

use prost::Message;
use prost::bytes::BytesMut;
use spile_proto::v1::{AppendRequest, LogRecord, RecordBatch};

use super::{OpenBatch, encoded_len};
use crate::record::{NewRecord, resource};

#[test]
fn a_request_decodes_to_what_was_put_in() {
    let web = resource([("service.name", "web")]);
    let db = resource([("service.name", "db")]);
    let mut open = OpenBatch::new();
    for record in [
        NewRecord::new("a").resource(&web),
        NewRecord::new("b").resource(&db),
        NewRecord::new("c").resource(&web),
        // A hash that names nothing here, as of a record that was read elsewhere.
        NewRecord::from(LogRecord { body: "d".to_owned(), resource_hash: 9, ..LogRecord::default() }),
    ] {
        open.push(record, None);
    }
    let request = open.seal(7).request("shop", "me");
    let mut bytes = BytesMut::from(request.head);
    bytes.extend_from_slice(&request.batch);
    let expected = |body: &str, resource_hash| LogRecord {
        body: body.to_owned(),
        resource_hash,
        ..LogRecord::default()
    };
    assert_eq!(
        AppendRequest::decode(bytes.freeze()).unwrap(),
        AppendRequest {
            stream: "shop".to_owned(),
            producer_id: "me".to_owned(),
            sequence: 7,
            batch: Some(RecordBatch {
                records: vec![
                    expected("a", web.hash),
                    expected("b", db.hash),
                    expected("c", web.hash),
                    expected("d", 0),
                ],
                resources: vec![(*web).clone(), (*db).clone()],
                ..RecordBatch::default()
            }),
        }
    );
}

#[test]
fn a_record_never_takes_more_than_it_is_let_in_with() {
    let long = "x".repeat(120);
    let resources = [
        resource([("a", "b")]),
        resource([("service.name", long.as_str())]),
        resource([] as [(&str, &str); 0]),
    ];
    let sizes: HashSet<usize> = (100..140).chain(16_370..16_400).collect();
    for body_len in sizes {
        for resource in &resources {
            let record = NewRecord::new("x".repeat(body_len)).resource(resource);
            let let_in = encoded_len(&record);
            let mut open = OpenBatch::new();
            open.push(record, None);
            assert!(open.bytes() <= let_in, "{} > {let_in}", open.bytes());
        }
    }
}
