// The server that this page came from, over gRPC-Web.
import { Code, ConnectError, createClient, type Client } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { ReadService } from "../generated/spile/v1/read_pb";

export type ReadClient = Client<typeof ReadService>;

export const client: ReadClient = createClient(
  ReadService,
  createGrpcWebTransport({ baseUrl: window.location.origin, useBinaryFormat: true }),
);

/** What the server says of itself to the viewer. */
export interface ServerInfo {
  readonly version: string;
  readonly jaegerUrl: string;
}

export async function serverInfo(signal: AbortSignal): Promise<ServerInfo> {
  const response = await fetch("/v1/viewer.json", { signal });
  if (!response.ok) throw new Error(`viewer.json: ${response.status}`);
  const info = (await response.json()) as { version?: unknown; jaeger_url?: unknown };
  return {
    version: typeof info.version === "string" ? info.version : "",
    jaegerUrl: typeof info.jaeger_url === "string" ? info.jaeger_url : "",
  };
}

/** Asking the same again would give the same answer. */
const FINAL = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.FailedPrecondition,
  Code.OutOfRange,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.Unimplemented,
  Code.DataLoss,
]);

/** Why a call failed, as the page needs it. */
export interface Failure {
  readonly text: string;
  readonly code: Code;
  readonly final: boolean;
}

export function failureOf(error: unknown): Failure {
  const status = ConnectError.from(error);
  return { text: status.rawMessage, code: status.code, final: FINAL.has(status.code) };
}

export { Code };
