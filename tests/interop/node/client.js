// A client of the article's contract in JavaScript: grpc-js, which reads proto/example/log_service.proto when it starts.
//
// Usage: client.js PROTO_DIR ADDRESS FILE...
//
// The files are those that were pushed to the server, in that order. Prints TAP.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");

const [protoDir, address, ...files] = process.argv.slice(2);
const definition = protoLoader.loadSync("example/log_service.proto", { includeDirs: [protoDir], longs: String });
const { LogService } = grpc.loadPackageDefinition(definition).example;
const client = new LogService(address, grpc.credentials.createInsecure());

const lines = files.flatMap((file) => {
  const found = fs.readFileSync(file, "utf8").split("\n");
  if (found.at(-1) === "") found.pop();
  return found.map((line) => line.replace(/\r$/, ""));
});

// Lines whose severity is plain to see: log4j's layout.
const LOG4J = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:- )?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/;
const severity = (line) => LOG4J.exec(line)?.[1];

const CRC32C = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** crc32c in hexadecimal over each message followed by a newline. */
function checksum(messages) {
  let crc = 0xffffffff;
  for (const message of messages) {
    for (const byte of Buffer.from(`${message}\n`)) crc = (crc >>> 8) ^ CRC32C[(crc ^ byte) & 0xff];
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}

const inSeconds = (seconds) => ({ deadline: Date.now() + seconds * 1000 });

/** Reads a call to its end: entries, headers, and the status with its trailers. */
function read(call) {
  return new Promise((resolve) => {
    const seen = { entries: [], headers: undefined };
    call.on("metadata", (metadata) => (seen.headers = metadata.getMap()));
    call.on("data", (entry) => seen.entries.push(entry));
    // The status tells the error too.
    call.on("error", () => {});
    call.on("status", (status) => resolve({ ...seen, status, trailers: status.metadata.getMap() }));
  });
}

const getLogs = (level = "") => read(client.GetLogs({ level }, inSeconds(60)));
const messages = ({ entries }) => entries.map((entry) => entry.message);

/** A call of a method that is in no contract. */
function callUnknown(path) {
  const { requestSerialize, responseDeserialize } = LogService.service.GetLogs;
  return read(client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {}, null, inSeconds(60)));
}

const checks = {
  async "every line comes back in order"() {
    const { entries, status } = await getLogs();
    assert.equal(status.code, grpc.status.OK);
    assert.equal(entries.length, lines.length);
    entries.forEach((entry, index) => {
      assert.equal(entry.message, lines[index], `entry ${index}`);
      assert.ok(BigInt(entry.timestamp) > 0n, `entry ${index} has the time ${entry.timestamp}`);
    });
    return `${entries.length} entries`;
  },

  async "level means this severity or worse"() {
    const wanted = { warn: ["WARN", "ERROR", "FATAL"], error: ["ERROR", "FATAL"] };
    const figures = [];
    for (const [level, severities] of Object.entries(wanted)) {
      const got = messages(await getLogs(level));
      const expected = lines.filter((line) => severities.includes(severity(line)));
      assert.deepEqual(got.filter(severity), expected);
      assert.ok(got.length < lines.length, `${level} filters nothing`);
      figures.push(`${level}: ${got.length}, of log4j ${expected.length}`);
    }
    assert.deepEqual(messages(await getLogs("Err")), messages(await getLogs("ERROR")));
    return figures.join("; ");
  },

  async "headers come before the first message"() {
    const call = client.GetLogs({}, inSeconds(60));
    const order = [];
    call.once("metadata", () => order.push("headers"));
    call.once("data", () => order.push("message"));
    const { headers } = await read(call);
    assert.deepEqual(order, ["headers", "message"]);
    assert.ok(headers["spile-request-id"], "no request id");
    assert.ok(headers["spile-start-cursor"], "no start cursor");
    return `request id ${headers["spile-request-id"]}`;
  },

  async "trailers close the stream with a checksum"() {
    const answer = await getLogs("warn");
    const { trailers, entries } = answer;
    assert.equal(answer.status.code, grpc.status.OK);
    assert.equal(trailers["spile-records"], String(entries.length));
    assert.ok(Number(trailers["spile-scanned"]) >= entries.length);
    assert.equal(trailers["spile-end-reason"], "end-of-history");
    assert.ok(trailers["spile-cursor"]);
    assert.equal(trailers["spile-checksum"], checksum(messages(answer)));
    return `${entries.length} entries, checksum ${trailers["spile-checksum"]}`;
  },

  async "bad level is INVALID_ARGUMENT"() {
    const { status } = await getLogs("loud");
    assert.equal(status.code, grpc.status.INVALID_ARGUMENT);
    assert.match(status.details, /level/);
    assert.match(status.details, /loud/);
    return status.details;
  },

  async "a deadline ends a follow"() {
    const started = performance.now();
    const { entries, status } = await read(client.StreamLogs({ level: "error" }, inSeconds(1)));
    const took = (performance.now() - started) / 1000;
    assert.equal(status.code, grpc.status.DEADLINE_EXCEEDED);
    assert.ok(took > 0.9 && took < 5, `ended after ${took} s`);
    assert.equal(entries.length, (await getLogs("error")).entries.length);
    return `${entries.length} entries, then DEADLINE_EXCEEDED after ${took.toFixed(2)} s`;
  },

  async "cancelling a follow leaves the server well"() {
    const call = client.StreamLogs({}, inSeconds(60));
    call.once("data", () => call.cancel());
    const { entries, status } = await read(call);
    assert.equal(status.code, grpc.status.CANCELLED);
    assert.equal(entries[0].message, lines[0]);
    assert.equal((await getLogs()).entries.length, lines.length);
    return `cancelled after ${entries.length} entries`;
  },

  async "unknown methods are UNIMPLEMENTED"() {
    for (const path of ["/example.LogService/MadeUp", "/example.NoService/GetLogs"]) {
      const { status } = await callUnknown(path);
      assert.equal(status.code, grpc.status.UNIMPLEMENTED, path);
    }
    return "method and service";
  },
};

async function main() {
  console.log(`TAP version 14\n1..${Object.keys(checks).length}`);
  let number = 0;
  for (const [name, check] of Object.entries(checks)) {
    number += 1;
    try {
      console.log(`ok ${number} - ${name} # ${await check()}`);
    } catch (error) {
      process.exitCode = 1;
      console.log(`not ok ${number} - ${name}\n# ${String(error.stack).replaceAll("\n", "\n# ")}`);
    }
  }
  client.close();
}

main();
