//! What is known of the contract's methods.

#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_contracts_methods_are_known_with_the_sides_that_stream() {
    let cases = [
        ("/spile.v1.ReadService/Tail", false, true),
        ("/spile.v1.ReadService/Count", false, false),
        ("/spile.v1.WriteService/Upload", true, false),
        ("/spile.v1.WriteService/Append", true, true),
        ("/example.LogService/StreamLogs", false, true),
        ("/grpc.health.v1.Health/Watch", false, true),
        ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", true, true),
    ];
    for (path, client_streams, server_streams) in cases {
        let method = find(path).unwrap();
        assert_eq!(
            (method.client_streams, method.server_streams),
            (client_streams, server_streams),
            "{path}"
        );
        assert_eq!(method.name, path[1..]);
    }
}

#[test]
fn what_is_not_in_the_contract_is_unknown() {
    for path in
        ["/", "", "/spile.v1.ReadService/", "/spile.v1.ReadService", "spile.v1.ReadService/Tail", "/x/y"]
    {
        assert_eq!(find(path), None, "{path}");
    }
    assert!(is_service("spile.v1.ReadService") && !is_service("spile.v1.Read") && !is_service(""));
}
