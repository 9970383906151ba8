//! What a path says.

use std::collections::BTreeMap;
use std::path::Path;

use spile_proto::v1::any_value::Value;

use crate::ingest::origin::of_paths;

fn attributes(paths: &[&str]) -> BTreeMap<String, String> {
    let paths: Vec<&Path> = paths.iter().map(Path::new).collect();
    let attributes = of_paths(&paths).into_iter().map(|attribute| {
        let value = match attribute.value.unwrap().value.unwrap() {
            Value::StringValue(text) => text,
            Value::IntValue(number) => number.to_string(),
            other => panic!("{other:?}"),
        };
        (attribute.key, value)
    });
    attributes.collect()
}

fn expect(paths: &[&str], expected: &[(&str, &str)]) {
    let expected: BTreeMap<_, _> = expected.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(attributes(paths), expected);
}

#[test]
fn a_file_has_its_name_its_path_and_a_service() {
    expect(
        &["/var/log/checkout.log"],
        &[
            ("log.file.name", "checkout.log"),
            ("log.file.path", "/var/log/checkout.log"),
            ("service.name", "checkout"),
        ],
    );
    expect(&["app.log"], &[("log.file.name", "app.log"), ("service.name", "app")]);
}

#[test]
fn rotation_does_not_change_the_service() {
    for name in [
        "web-2.log",
        "web-2.log.1",
        "web-2.log-20240131",
        "web-2.log.2024-01-31",
        "web-2-2024-01-31.log",
        "web-2_20240131.log",
        "web-2",
    ] {
        assert_eq!(attributes(&[name])["service.name"], "web-2", "{name}");
    }
    assert_eq!(attributes(&["my.service.log"])["service.name"], "my.service");
    assert_eq!(attributes(&["syslog"])["service.name"], "syslog");
    assert_eq!(attributes(&["20240131.log"])["service.name"], "20240131");
}

#[test]
fn a_pod_s_file_names_pod_and_container() {
    expect(
        &["/var/log/pods/shop_checkout-7d4b9c-x2x_0f1e2d3c-aaaa-bbbb-cccc-0123456789ab/server/3.log"],
        &[
            ("k8s.container.name", "server"),
            ("k8s.container.restart_count", "3"),
            ("k8s.namespace.name", "shop"),
            ("k8s.pod.name", "checkout-7d4b9c-x2x"),
            ("k8s.pod.uid", "0f1e2d3c-aaaa-bbbb-cccc-0123456789ab"),
            ("log.file.name", "3.log"),
            (
                "log.file.path",
                "/var/log/pods/shop_checkout-7d4b9c-x2x_0f1e2d3c-aaaa-bbbb-cccc-0123456789ab/server/3.log",
            ),
            ("service.name", "server"),
        ],
    );
    let rotated = "/host/var/log/pods/a_b_c/d/12.log.20240131-101500";
    assert_eq!(attributes(&[rotated])["k8s.container.restart_count"], "12");
}

#[test]
fn a_link_to_a_pod_s_file_has_what_both_paths_say() {
    let id = "0123456789abcdef";
    let link = format!("/var/log/containers/checkout-x2x_shop_my-server-{id}.log");
    let both = attributes(&[&link, "/var/log/pods/shop_checkout-x2x_uid-1/my-server/0.log"]);
    assert_eq!(both["k8s.pod.name"], "checkout-x2x");
    assert_eq!(both["k8s.namespace.name"], "shop");
    assert_eq!(both["k8s.container.name"], "my-server");
    assert_eq!(both["container.id"], id);
    assert_eq!(both["k8s.pod.uid"], "uid-1");
    assert_eq!(both["k8s.container.restart_count"], "0");
    assert_eq!(both["service.name"], "my-server");
    assert_eq!(both["log.file.path"], link);
}

#[test]
fn other_paths_that_look_a_little_like_a_pod_s_are_plain_files() {
    for path in ["/var/log/pods/readme.txt/x.log", "/var/log/pods/a_b/c/0.log", "/var/log/containers/x.log"] {
        let keys: Vec<_> = attributes(&[path]).into_keys().collect();
        assert_eq!(keys, ["log.file.name", "log.file.path", "service.name"], "{path}");
    }
}
