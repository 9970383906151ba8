// What can be chosen: the streams of the server, and the services of a stream.
import type { ReadClient } from "../api/client";
import { Order, type StreamInfo } from "../generated/spile/v1/read_pb";
import { quote } from "../filter/quote";
import { Resources, rowsOf } from "./row";

const MOST_STREAMS = 1_000;
/** A filter has at most 256 comparisons. */
const MOST_SERVICES = 200;
const SAMPLE = 256n;

export async function listStreams(client: ReadClient, signal: AbortSignal): Promise<StreamInfo[]> {
  const streams: StreamInfo[] = [];
  let pageToken = "";
  do {
    const page = await client.listStreams({ pageSize: 1_000, pageToken }, { signal });
    streams.push(...page.streams);
    pageToken = page.nextPageToken;
  } while (pageToken !== "" && streams.length < MOST_STREAMS);
  return streams;
}

/**
 * The services of a stream, those heard of last first. No call lists them, so each call asks for records of any other service than those
 * that are known; the indexes of segments make that cheap, and the last call finds none.
 */
export async function listServices(
  client: ReadClient,
  stream: string,
  signal: AbortSignal,
  found: (services: readonly string[]) => void,
): Promise<void> {
  const known = new Set<string>();
  while (known.size < MOST_SERVICES) {
    const before = known.size;
    const others = [...known].map(quote).join(" OR ");
    const expression = known.size === 0 ? "service.name:*" : `service.name:* -service.name=(${others})`;
    const request = { stream, filter: { expression }, limit: SAMPLE, order: Order.NEWEST_FIRST };
    const resources = new Resources();
    for await (const response of client.tail(request, { signal })) {
      if (response.payload.case !== "batch") continue;
      for (const row of rowsOf(response.payload.value, "", resources)) if (row.service !== "") known.add(row.service);
      found([...known]);
    }
    if (known.size === before) return;
  }
}
