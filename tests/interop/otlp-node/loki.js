// Two loggers that push to Loki, winston-loki in JSON and in snappy-compressed protobuf and pino-loki in JSON, against a Spile server.
//
// Usage: loki.js ADDRESS
//
// Prints TAP.
"use strict";

const assert = require("node:assert/strict");
const pino = require("pino");
const winston = require("winston");
const LokiTransport = require("winston-loki");
const { stored, run } = require("./spile.js");

const address = process.argv[2];
const COUNT = 500;

async function byWinston(stream, json) {
  const transport = new LokiTransport({
    host: `http://${address}`,
    headers: { "spile-stream": stream },
    labels: { app: "winston-shop", namespace: "prod" },
    json,
    interval: 1,
    clearOnError: false,
    format: winston.format.printf(({ message }) => message),
    onConnectionError: (error) => console.log(`# ${error}`),
  });
  const logger = winston.createLogger({ transports: [transport] });
  for (let number = 0; number < COUNT; number++) {
    logger.log(number % 10 === 0 ? "error" : "info", `record ${number}`);
  }
  await transport.flush();
  await transport.close();
  return verify(stream, "winston-shop");
}

async function byPino(stream) {
  const transport = pino.transport({
    target: "pino-loki",
    options: {
      host: `http://${address}`,
      headers: { "spile-stream": stream },
      labels: { app: "pino-shop", namespace: "prod" },
      batching: { interval: 0.2 },
    },
  });
  const logger = pino(transport);
  for (let number = 0; number < COUNT; number++) {
    logger[number % 10 === 0 ? "error" : "info"](`record ${number}`);
  }
  // The transport's worker alone does not keep the program alive.
  const alive = setInterval(() => {}, 1_000);
  const closed = new Promise((resolve) => transport.once("close", resolve));
  transport.end();
  await closed;
  clearInterval(alive);
  return verify(stream, "pino-shop");
}

/** Every record is there, once, with its level and origin. */
async function verify(stream, service) {
  const records = await stored(address, stream);
  assert.equal(records.length, COUNT);
  const numbers = new Set();
  for (const record of records) {
    const number = Number(/record (\d+)/.exec(record.body)[1]);
    numbers.add(number);
    assert.equal(record.severity, number % 10 === 0 ? "ERROR" : "INFO", JSON.stringify(record));
    assert.equal(record.resource["service.name"], service);
    assert.equal(record.resource["k8s.namespace.name"], "prod");
  }
  assert.equal(numbers.size, COUNT);
  return `${records.length} records`;
}

run({
  "winston-loki pushes JSON": () => byWinston("loki.winston-json", true),
  "winston-loki pushes snappy-compressed protobuf": () => byWinston("loki.winston-protobuf", false),
  "pino-loki pushes JSON": () => byPino("loki.pino"),
});
