// The OpenTelemetry SDK in JavaScript with its three OTLP exporters, against a Spile server.
//
// Usage: sdk.js ADDRESS
//
// Prints TAP.
"use strict";

const assert = require("node:assert/strict");
const { Metadata } = require("@grpc/grpc-js");
const { SeverityNumber } = require("@opentelemetry/api-logs");
const { OTLPLogExporter: GrpcExporter } = require("@opentelemetry/exporter-logs-otlp-grpc");
const { OTLPLogExporter: JsonExporter } = require("@opentelemetry/exporter-logs-otlp-http");
const { OTLPLogExporter: ProtobufExporter } = require("@opentelemetry/exporter-logs-otlp-proto");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { BatchLogRecordProcessor, LoggerProvider } = require("@opentelemetry/sdk-logs");
const { stored, run } = require("./spile.js");

const address = process.argv[2];
const COUNT = 5_000;

/** Sends COUNT records and one with everything, and checks what is stored of them. */
async function deliver(stream, makeExporter) {
  // Signature of older and newer versions alike: the exporter, then its batches.
  const exporter = makeExporter();
  const batches = { maxQueueSize: 2 * COUNT, maxExportBatchSize: 512 };
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "node-shop" }),
    processors: [new BatchLogRecordProcessor({ exporter, ...batches })],
  });
  const logger = provider.getLogger("shop.cart", "2.0");
  for (let number = 0; number < COUNT; number++) {
    const severityNumber = number % 10 === 0 ? SeverityNumber.ERROR : SeverityNumber.INFO;
    logger.emit({ severityNumber, body: `record ${number}`, attributes: { order: number } });
  }
  logger.emit({
    timestamp: [1_700_000_000, 1],
    severityNumber: SeverityNumber.WARN2,
    severityText: "Warn!",
    eventName: "cart.changed",
    body: { user: "ada", cart: [1, 2.5, null], raw: new Uint8Array([0, 255]) },
    attributes: { text: "grüße \u{1f980}", yes: true, half: 0.5, list: ["a", "b"], whole: 2 ** 40 },
  });
  await provider.forceFlush();
  await provider.shutdown();

  const records = await stored(address, stream);
  assert.equal(records.length, COUNT + 1);
  records.slice(0, COUNT).forEach((record, number) => {
    assert.equal(record.body, `record ${number}`);
    assert.equal(record.attributes.order, number);
    assert.equal(record.severity, number % 10 === 0 ? "ERROR" : "INFO");
    assert.equal(record.resource["service.name"], "node-shop");
    assert.equal(record.scopeName, "shop.cart");
  });
  const last = records[COUNT];
  assert.deepEqual(JSON.parse(last.body), { user: "ada", cart: [1, 2.5, null], raw: "AP8=" });
  assert.equal(last.timeUnixNano, "1700000000000000001");
  assert.equal(last.severityNumber, 14);
  assert.equal(last.severityText, "Warn!");
  assert.equal(last.eventName, "cart.changed");
  const { text, yes, half, list, whole } = last.attributes;
  assert.deepEqual({ text, yes, half, list, whole }, { text: "grüße \u{1f980}", yes: true, half: 0.5, list: ["a", "b"], whole: 2 ** 40 });
  assert.equal(last.attributes["otel.scope.version"], "2.0");
  return `${records.length} records`;
}

const overHttp = (stream, Exporter, compression) => () =>
  deliver(stream, () => new Exporter({ url: `http://${address}/v1/logs`, headers: { "spile-stream": stream }, compression }));

const overGrpc = (stream, compression) => () => {
  const metadata = new Metadata();
  metadata.set("spile-stream", stream);
  return deliver(stream, () => new GrpcExporter({ url: `http://${address}`, metadata, compression }));
};

run({
  "http/json delivers everything": overHttp("node.json", JsonExporter, "none"),
  "http/json delivers everything with gzip": overHttp("node.json-gzip", JsonExporter, "gzip"),
  "http/protobuf delivers everything": overHttp("node.protobuf", ProtobufExporter, "none"),
  "http/protobuf delivers everything with gzip": overHttp("node.protobuf-gzip", ProtobufExporter, "gzip"),
  "grpc delivers everything": overGrpc("node.grpc", "none"),
  "grpc delivers everything with gzip": overGrpc("node.grpc-gzip", "gzip"),
});
