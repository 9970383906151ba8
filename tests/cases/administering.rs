//! Sealing, retention, verifying and deleting, over gRPC and across restarts.

use spile_proto::v1::{
    DeleteStreamRequest, GetStreamRequest, Retention, SealStreamRequest, TailRequest, UpdateRetentionRequest,
    VerifyStreamRequest,
};
use spile_tests::{Server, ServerOptions};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::{Reading, after, all_of, append, numbered, patiently};

fn fields(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let violations = status.get_details_bad_request().expect("a BadRequest").field_violations;
    violations.into_iter().map(|violation| violation.field).collect()
}

async fn seal(server: &Server) -> u64 {
    let request = SealStreamRequest { stream: "s".into() };
    server.admin().await.unwrap().seal_stream(request).await.unwrap().into_inner().records
}

#[tokio::test]
async fn what_is_sealed_is_verified_and_damage_is_named_and_told_as_a_gap() {
    let mut server = ServerOptions::new().args(["--seal-age", "1d"]).start().await.unwrap();
    append(&server, "s", numbered("line", 0..40_000)).await;
    assert_eq!(seal(&server).await, 40_000);
    append(&server, "s", numbered("line", 40_000..40_010)).await;
    let verify = VerifyStreamRequest { stream: "s".into() };
    let mut admin = server.admin().await.unwrap();
    let verified = admin.verify_stream(verify.clone()).await.unwrap().into_inner();
    assert_eq!((verified.records, verified.damages), (40_010, vec![]));
    let stream = server.read().await.unwrap().get_stream(GetStreamRequest { stream: "s".into() }).await;
    let stream = stream.unwrap().into_inner().stream.unwrap();
    assert_eq!((stream.segments, stream.segment_records, stream.records), (1, 40_000, 40_010));
    assert!(stream.segment_raw_bytes > 5 * stream.segment_bytes, "{stream:?}");

    let folder = server.data_dir().join("streams/s/segments");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[1_000] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let damages = admin.verify_stream(verify).await.unwrap().into_inner().damages;
    let [damage] = damages.as_slice() else { panic!("{damages:?}") };
    assert_eq!((damage.from, damage.to, damage.reason.as_str()), (0, 2_048, "a page is damaged"));
    assert!(file.ends_with(&damage.file), "{}", damage.file);
    // In memory it was whole; a server that starts now has the disk alone.
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let mut reading = Reading::open(&server, all_of("s")).await.unwrap();
    patiently("the rest", reading.read_to_end()).await.unwrap();
    assert!(reading.offsets().into_iter().eq(2_048..40_010), "the rest is read once and in order");
}

#[tokio::test]
async fn a_retention_of_its_own_survives_a_restart_and_goes_again() {
    let mut server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..10)).await;
    let update = |retention| UpdateRetentionRequest { stream: "s".into(), retention };
    let wanted = Retention { max_bytes: 1 << 30, max_age_nanos: 0, inherited: false };
    let answer =
        server.admin().await.unwrap().update_retention(update(Some(wanted))).await.unwrap().into_inner();
    assert_eq!(answer.retention, Some(wanted));
    server.kill().await.unwrap();
    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let mut client = server.read().await.unwrap();
    let stream = client.get_stream(GetStreamRequest { stream: "s".into() }).await.unwrap().into_inner();
    assert_eq!(stream.stream.unwrap().retention, Some(wanted));
    let mut admin = server.admin().await.unwrap();
    let answer = admin.update_retention(update(None)).await.unwrap().into_inner();
    assert!(answer.retention.unwrap().inherited);
    for (wrong, field) in [
        (Retention { max_bytes: 5, ..wanted }, "retention.max_bytes"),
        (Retention { max_age_nanos: 5, ..wanted }, "retention.max_age_nanos"),
        (Retention { inherited: true, ..wanted }, "retention.inherited"),
    ] {
        let refused = admin.update_retention(update(Some(wrong))).await.unwrap_err();
        assert_eq!(fields(&refused), [field]);
    }
}

#[tokio::test]
async fn a_deleted_stream_is_gone_for_its_readers_and_for_its_cursors() {
    let mut server = Server::start().await.unwrap();
    append(&server, "s", numbered("line", 0..2_000)).await;
    assert_eq!(seal(&server).await, 2_000);
    append(&server, "s", numbered("line", 2_000..2_100)).await;
    let mut follower = Reading::open(&server, TailRequest { follow: true, ..all_of("s") }).await.unwrap();
    follower.until_records(2_100).await.unwrap();
    let delete =
        |stream: &str, confirm: &str| DeleteStreamRequest { stream: stream.into(), confirm: confirm.into() };
    let mut admin = server.admin().await.unwrap();
    let refused = admin.delete_stream(delete("s", "S")).await.unwrap_err();
    assert_eq!(fields(&refused), ["confirm"]);
    let refused = admin.delete_stream(delete("", "")).await.unwrap_err();
    assert_eq!(fields(&refused), ["stream"]);
    assert_eq!(admin.delete_stream(delete("t", "t")).await.unwrap_err().code(), Code::NotFound);
    let deleted = admin.delete_stream(delete("s", "s")).await.unwrap().into_inner();
    assert_eq!(deleted.records, 2_100);
    assert!(deleted.bytes > 1_000);
    let ended = patiently("the follower's end", follower.read_to_end()).await.unwrap_err();
    assert_eq!(ended.code(), Code::NotFound);
    assert!(!server.data_dir().join("streams/s").exists());
    server.kill().await.unwrap();

    let server = ServerOptions::new().data_of(&server).start().await.unwrap();
    let refused = Reading::open(&server, all_of("s")).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "nothing comes back after a restart");
    append(&server, "s", numbered("new", 0..10)).await;
    let request = TailRequest { start: after(follower.cursor.clone()), ..all_of("s") };
    let refused = Reading::open(&server, request).await.map(|_| ()).unwrap_err();
    assert_eq!(fields(&refused), ["start.after_cursor"], "it is another stream");
    let mut reading = Reading::open(&server, all_of("s")).await.unwrap();
    reading.read_to_end().await.unwrap();
    assert_eq!(reading.bodies().len(), 10);
}
