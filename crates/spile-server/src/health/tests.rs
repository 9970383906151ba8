//! gRPC health, held against its specification by a real client.

#![allow(clippy::unwrap_used)]

use futures_util::FutureExt;
use spile_proto::health::health_client::HealthClient;
use tonic::transport::Channel;
use tonic::{Code, Streaming};
use tonic_types::StatusExt;

use super::*;
use crate::readiness::Scope;
use crate::testing::{TestServer, channel, soon};

const READ: &str = "spile.v1.ReadService";
const WRITE: &str = "spile.v1.WriteService";

fn of(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.into() }
}

async fn client(server: &TestServer) -> HealthClient<Channel> {
    HealthClient::new(server.channel().await)
}

async fn check(client: &mut HealthClient<Channel>, service: &str) -> ServingStatus {
    soon(client.check(of(service))).await.unwrap().into_inner().status()
}

async fn next(changes: &mut Streaming<HealthCheckResponse>) -> ServingStatus {
    soon(changes.message()).await.unwrap().expect("the watch is open").status()
}

#[tokio::test]
async fn both_ports_answer_for_the_server_and_for_each_service() {
    let server = TestServer::start().await;
    for address in [server.main, server.admin] {
        let mut client = HealthClient::new(channel(address).await);
        for service in ["", READ, WRITE, "example.LogService", "grpc.health.v1.Health"] {
            assert_eq!(check(&mut client, service).await, ServingStatus::Serving, "{service}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn check_of_an_unknown_service_is_not_found() {
    let server = TestServer::start().await;

    let status = soon(client(&server).await.check(of("no.Such"))).await.unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "NOT_FOUND");
    assert_eq!(details.bad_request().unwrap().field_violations[0].field, "service");
    server.stop().await;
}

#[tokio::test]
async fn a_lowered_part_takes_down_the_services_that_need_it_and_the_whole() {
    let server = TestServer::start().await;
    let mut client = client(&server).await;

    server.context.readiness.lower("journal", Scope::Services(&[WRITE]), "the disk is full");

    assert_eq!(check(&mut client, "").await, ServingStatus::NotServing);
    assert_eq!(check(&mut client, WRITE).await, ServingStatus::NotServing);
    assert_eq!(check(&mut client, READ).await, ServingStatus::Serving);
    server.context.readiness.raise("journal");
    assert_eq!(check(&mut client, WRITE).await, ServingStatus::Serving);
    server.stop().await;
}

#[tokio::test]
async fn watch_tells_the_state_and_then_every_change() {
    let server = TestServer::start().await;
    let readiness = &server.context.readiness;
    let mut changes = soon(client(&server).await.watch(of(WRITE))).await.unwrap().into_inner();
    assert_eq!(next(&mut changes).await, ServingStatus::Serving);

    readiness.lower("journal", Scope::Services(&[WRITE]), "the disk is full");
    assert_eq!(next(&mut changes).await, ServingStatus::NotServing);
    readiness.raise("journal");
    assert_eq!(next(&mut changes).await, ServingStatus::Serving);
    server.stop().await;
}

#[tokio::test]
async fn watch_is_silent_while_its_state_stays_the_same() {
    let readiness = Readiness::new();
    let health = HealthService { readiness: readiness.clone() };
    let mut changes = health.watch(Request::new(of(WRITE))).await.unwrap().into_inner();
    let mut next = || changes.next().now_or_never().map(|change| change.unwrap().unwrap().status());
    assert_eq!(next(), Some(ServingStatus::Serving));

    readiness.lower("reading", Scope::Services(&[READ]), "a change elsewhere");
    assert_eq!(next(), None);
    readiness.lower("journal", Scope::Services(&[WRITE]), "the disk is full");
    assert_eq!(next(), Some(ServingStatus::NotServing));
    readiness.lower("journal", Scope::Services(&[WRITE]), "another reason for the same");
    assert_eq!(next(), None);
    readiness.raise("journal");
    assert_eq!(next(), Some(ServingStatus::Serving));
}

#[tokio::test]
async fn watch_of_an_unknown_service_says_so_and_stays_open() {
    let server = TestServer::start().await;
    let mut changes = soon(client(&server).await.watch(of("no.Such"))).await.unwrap().into_inner();

    assert_eq!(next(&mut changes).await, ServingStatus::ServiceUnknown);

    // What comes next is the end of the server, so that until then the call was open.
    server.begin_shutdown();
    let end = soon(changes.message()).await.unwrap_err();
    assert_eq!(end.code(), Code::Unavailable);
    soon(server.stopped()).await;
}

#[tokio::test]
async fn a_drain_is_told_before_the_watch_ends() {
    let server = TestServer::start().await;
    let mut changes = soon(client(&server).await.watch(of(READ))).await.unwrap().into_inner();
    assert_eq!(next(&mut changes).await, ServingStatus::Serving);

    server.begin_shutdown();

    assert_eq!(next(&mut changes).await, ServingStatus::NotServing);
    let end = soon(changes.message()).await.unwrap_err();
    assert_eq!(end.get_error_details().error_info().unwrap().reason, "DRAINING");
    assert_eq!(soon(server.stopped()).await, crate::app::Stop::Drained);
}

#[tokio::test]
async fn list_has_the_whole_and_every_service() {
    let server = TestServer::start().await;

    let statuses =
        soon(client(&server).await.list(HealthListRequest {})).await.unwrap().into_inner().statuses;

    for service in ["", READ, WRITE, "example.LogService", "grpc.reflection.v1.ServerReflection"] {
        assert_eq!(statuses[service].status(), ServingStatus::Serving, "{service}");
    }
    server.stop().await;
}
