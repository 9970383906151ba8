"""The OpenTelemetry SDK in Python, with its OTLP exporters over gRPC and HTTP, against a Spile server.

Usage: sdk.py ADDRESS

Prints TAP.
"""

import gzip
import logging
import sys
import urllib.error
import urllib.request

import grpc
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpExporter
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import TraceFlags

import spile

ADDRESS = sys.argv[1]
COUNT = 5_000
SPECIAL = {"text": "grüße \u0000 \U0001f980", "yes": True, "whole": -(2**62), "half": 0.5, "list": ["a", "b"]}


def send(exporter):
    """Logs through the standard library's logging, and one record with everything through the API."""
    resource = Resource.create({"service.name": "python-shop", "service.version": "1.2"})
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter, max_queue_size=2 * COUNT))
    logger = logging.Logger("shop.cart")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    for number in range(COUNT):
        level = logging.ERROR if number % 10 == 0 else logging.INFO
        logger.log(level, "record %d", number, extra={"order": number})
    record = LogRecord(
        timestamp=1_700_000_000_000_000_001,
        observed_timestamp=1_700_000_000_000_000_002,
        trace_id=0x0AF7651916CD43DD8448EB211C80319C,
        span_id=0xB7AD6B7169203331,
        trace_flags=TraceFlags(1),
        severity_text="Warn!",
        severity_number=SeverityNumber.WARN2,
        body={"user": "ada", "cart": [1, 2.5, None]},
        attributes=SPECIAL,
        event_name="cart.changed",
    )
    provider.get_logger("shop.events", "3.1", "https://example.com/schema", {"scope": "kept"}).emit(record)
    assert provider.force_flush(60_000), "not everything could be sent"
    provider.shutdown()


def verify(stream):
    """Every record is there, once and in order, with all it says."""
    records = spile.stored(ADDRESS, stream)
    assert len(records) == COUNT + 1, f"{len(records)} records for {COUNT + 1}"
    for number, record in enumerate(records[:COUNT]):
        assert record["body"] == f"record {number}", record
        assert record["attributes"]["order"] == number, record
        assert record["severity"] == ("ERROR" if number % 10 == 0 else "INFO"), record
        assert record["resource"]["service.name"] == "python-shop", record
        assert record["scopeName"] == "shop.cart", record
    record = records[COUNT]
    assert record["body"] == '{"user":"ada","cart":[1,2.5,null]}' and record["bodyKind"] == "json", record
    assert record["timeUnixNano"] == "1700000000000000001", record
    assert record["observedTimeUnixNano"] == "1700000000000000002", record
    assert (record["severityNumber"], record["severityText"]) == (14, "Warn!"), record
    assert (record["traceId"], record["spanId"]) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), record
    assert record["eventName"] == "cart.changed" and record["scopeName"] == "shop.events", record
    said = record["attributes"]
    assert {name: said[name] for name in SPECIAL} == SPECIAL, said
    assert said["otel.scope.version"] == "3.1" and said["otel.scope.attributes.scope"] == "kept", said
    return f"{len(records)} records"


def the_grpc_exporter_delivers_everything():
    send(GrpcExporter(f"http://{ADDRESS}", insecure=True, headers={"spile-stream": "python.grpc"}))
    return verify("python.grpc")


def the_grpc_exporter_delivers_everything_with_gzip():
    headers = {"spile-stream": "python.grpc-gzip"}
    send(GrpcExporter(f"http://{ADDRESS}", insecure=True, headers=headers, compression=grpc.Compression.Gzip))
    return verify("python.grpc-gzip")


def the_http_exporter_delivers_everything():
    send(HttpExporter(f"http://{ADDRESS}/v1/logs", headers={"spile-stream": "python.http"}))
    return verify("python.http")


def the_http_exporter_delivers_everything_with_gzip():
    headers = {"spile-stream": "python.http-gzip"}
    send(HttpExporter(f"http://{ADDRESS}/v1/logs", headers=headers, compression=Compression.Gzip))
    return verify("python.http-gzip")


def request(*bodies):
    records = [logs_pb2.LogRecord(body=common_pb2.AnyValue(string_value=body)) for body in bodies]
    part = logs_pb2.ResourceLogs(scope_logs=[logs_pb2.ScopeLogs(log_records=records)])
    return logs_service_pb2.ExportLogsServiceRequest(resource_logs=[part])


def a_record_that_is_too_large_is_a_partial_success():
    with grpc.insecure_channel(ADDRESS) as channel:
        stub = logs_service_pb2_grpc.LogsServiceStub(channel)
        answer = stub.Export(request("small", "x" * 400_000), timeout=60, metadata=[("spile-stream", "python.partial")])
    assert answer.partial_success.rejected_log_records == 1, answer
    assert [record["body"] for record in spile.stored(ADDRESS, "python.partial")] == ["small"]
    return answer.partial_success.error_message


def a_request_that_is_too_large_is_permanent():
    """An exporter that took it for retryable would send it for ever."""
    options = [("grpc.max_send_message_length", -1)]
    large = request(*["x" * 200_000] * 400)
    with grpc.insecure_channel(ADDRESS, options=options) as channel:
        stub = logs_service_pb2_grpc.LogsServiceStub(channel)
        for compression in [grpc.Compression.NoCompression, grpc.Compression.Gzip]:
            try:
                stub.Export(large, timeout=60, compression=compression)
                raise AssertionError("it was taken")
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error
                details = dict(error.trailing_metadata())["grpc-status-details-bin"]
                assert b"google.rpc.RetryInfo" not in details, details
    packed = gzip.compress(large.SerializeToString())
    headers = {"content-type": "application/x-protobuf", "content-encoding": "gzip"}
    try:
        urllib.request.urlopen(urllib.request.Request(f"http://{ADDRESS}/v1/logs", packed, headers), timeout=60)
        raise AssertionError("it was taken")
    except urllib.error.HTTPError as error:
        assert error.code == 413 and error.headers["content-type"] == "application/x-protobuf", error
    return f"{large.ByteSize()} bytes, {len(packed)} compressed"


sys.exit(
    spile.run(
        [
            the_grpc_exporter_delivers_everything,
            the_grpc_exporter_delivers_everything_with_gzip,
            the_http_exporter_delivers_everything,
            the_http_exporter_delivers_everything_with_gzip,
            a_record_that_is_too_large_is_a_partial_success,
            a_request_that_is_too_large_is_permanent,
        ]
    )
)
