// Appends records over gRPC: a batch is there for everyone when its promise resolves.
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { create, fromBinary, toBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { LogRecordSchema, ResourceSchema } from "./generated/spile/v1/record_pb";
import { AppendRequestSchema, AppendResponseSchema } from "./generated/spile/v1/write_pb";

export type RecordInit = MessageInitShape<typeof LogRecordSchema>;

export interface Batch {
  readonly records: RecordInit[];
  /** `service.name` of all of them. */
  readonly service?: string;
}

export class Appender {
  private readonly session: ClientHttp2Session;
  private readonly call: ClientHttp2Stream;
  private readonly waiting: { resolve: (offset: number) => void; reject: (error: Error) => void }[] = [];
  private received = Buffer.alloc(0);
  private sequence = 0n;

  constructor(address: string, private readonly stream: string) {
    this.session = connect(`http://${address}`);
    this.session.on("error", (error) => this.fail(error));
    this.call = this.session.request({
      ":method": "POST",
      ":path": "/spile.v1.WriteService/Append",
      "content-type": "application/grpc",
      te: "trailers",
    });
    this.call.on("data", (bytes: Buffer) => this.take(bytes));
    this.call.on("error", (error) => this.fail(error));
    this.call.on("trailers", (trailers) => {
      if (trailers["grpc-status"] !== "0") this.fail(new Error(`append: ${String(trailers["grpc-message"])}`));
    });
    this.call.on("close", () => this.fail(new Error("the server has ended the call")));
  }

  /** Gives the offset of the first record. */
  append({ records, service }: Batch): Promise<number> {
    this.sequence += 1n;
    const resources = service === undefined ? [] : [create(ResourceSchema, { hash: 1n, attributes: [text("service.name", service)] })];
    const message = toBinary(
      AppendRequestSchema,
      create(AppendRequestSchema, {
        stream: this.stream,
        sequence: this.sequence,
        batch: { records: records.map((record) => ({ resourceHash: service === undefined ? 0n : 1n, ...record })), resources },
      }),
    );
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    this.call.write(Buffer.concat([head, message]));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  lines(bodies: readonly string[], service = "shop", severity = 9): Promise<number> {
    return this.append({ service, records: bodies.map((body) => ({ body, severityNumber: severity })) });
  }

  close(): void {
    this.call.end();
    this.session.close();
  }

  private take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    while (this.received.length >= 5) {
      const end = 5 + this.received.readUInt32BE(1);
      if (this.received.length < end) return;
      const { firstOffset } = fromBinary(AppendResponseSchema, this.received.subarray(5, end));
      this.received = this.received.subarray(end);
      this.waiting.shift()?.resolve(Number(firstOffset));
    }
  }

  private fail(error: Error): void {
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}

export function text(key: string, value: string) {
  return { key, value: { value: { case: "stringValue" as const, value } } };
}
