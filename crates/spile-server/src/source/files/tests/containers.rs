//! Files as Kubernetes lays them out.

use std::fs;
use std::os::unix::fs::symlink;

use spile_engine::RecordView;
use spile_engine::record::Value;

use super::Place;

const POD: &str = "log/pods/shop_checkout-x2x_0f1e2d3c/server";

#[test]
fn a_pod_s_lines_are_unwrapped_and_know_their_pod() {
    let place = Place::new();
    place.append(
        &format!("{POD}/2.log"),
        "2023-11-14T22:13:19.123456789Z stderr F {\"level\":\"error\",\"msg\":\"boom\"}\n",
    );
    fs::create_dir_all(place.path("log/containers")).unwrap();
    let link = place.path("log/containers/checkout-x2x_shop_server-0123456789abcdef.log");
    symlink(place.path(&format!("{POD}/2.log")), link).unwrap();
    let server = place.follow(&["log/containers/*.log", "log/pods/*/*/*.log"]);
    assert_eq!(server.bodies(1), ["boom"]);
    let frame = server.stream.subscribe(super::SubscriptionPlan {
        start: super::Start::Oldest,
        follow: false,
        filter: super::Filter::all(),
        limit: None,
        loss_policy: super::LossPolicy::CatchUp,
    });
    let picked = server.runtime.block_on(async {
        let mut subscription = frame;
        match super::poll_fn(|cx| subscription.poll_delivery(cx)).await {
            Some(Ok(super::Delivery::Records(picked))) => picked,
            other => panic!("{other:?}"),
        }
    });
    let record = picked.frame().record(0);
    let text = |key: &str| match record.resource_attribute(key) {
        Some(Value::Str(text)) => text.into_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(record.severity_number(), 17);
    assert_eq!(record.time_unix_nano(), 1_699_999_999_123_456_789);
    assert_eq!(record.attribute("log.iostream"), Some(Value::Str("stderr".into())));
    assert_eq!(text("k8s.namespace.name"), "shop");
    assert_eq!(text("k8s.pod.name"), "checkout-x2x");
    assert_eq!(text("k8s.pod.uid"), "0f1e2d3c");
    assert_eq!(text("k8s.container.name"), "server");
    assert_eq!(text("container.id"), "0123456789abcdef");
    assert_eq!(text("service.name"), "server");
    assert_eq!(record.resource_attribute("k8s.container.restart_count"), Some(Value::Int(2)));
    drop(picked);
    server.kill();
}

#[test]
fn a_container_that_starts_again_writes_a_new_file() {
    let place = Place::new();
    let line = |text: &str| format!("2023-11-14T22:13:19.5Z stdout F {text}\n");
    place.append(&format!("{POD}/0.log"), line("first life"));
    let server = place.follow(&["log/pods/*/*/*.log"]);
    server.bodies(1);
    place.append(&format!("{POD}/1.log"), line("second life"));
    place.append("log/pods/shop_other_uid/sidecar/0.log", line("another pod"));
    let mut bodies = server.bodies(3);
    bodies.sort();
    assert_eq!(bodies, ["another pod", "first life", "second life"]);
    fs::remove_dir_all(place.path("log/pods/shop_checkout-x2x_0f1e2d3c")).unwrap();
    server.until("the pod's files are forgotten", |context| context.metrics.followed_files.get() == 1);
    assert_eq!(server.stop().len(), 3);
}
