// A line of the list: a record as it came, and what the list needs of it again and again.
import type { LogRecord, RecordBatch, Resource, KeyValue } from "../generated/spile/v1/record_pb";
import { GapCause } from "../generated/spile/v1/read_pb";
import { msOf } from "../text/time";
import { levelOf, type Level } from "./severity";

export interface Row {
  readonly kind: "row";
  readonly key: number;
  readonly offset: number;
  readonly ms: number;
  readonly level: Level;
  readonly service: string;
  readonly record: LogRecord;
  readonly resource: Resource | undefined;
  /** The cursor that came with it: a place in the stream at most one batch away. */
  readonly cursor: string;
  /** About how many bytes it holds in memory. */
  readonly weight: number;
}

/** A range of offsets of which nothing is shown. */
export interface Mark {
  readonly kind: "mark";
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly cause: GapCause;
  readonly loading: boolean;
  readonly error: string;
}

export type Item = Row | Mark;

export function mark(from: number, to: number, cause: GapCause, state: { loading?: boolean; error?: string } = {}): Mark {
  // Its end names it, so that it stays the same while records in front of it are loaded.
  return { kind: "mark", key: `m${to}`, from, to, cause, loading: state.loading ?? false, error: state.error ?? "" };
}

/** What retention removed cannot come back; everything else is worth asking for again. */
export function canLoad(gap: Mark): boolean {
  return gap.cause !== GapCause.RETENTION;
}

/** Where an item begins. */
export function startOf(item: Item): number {
  return item.kind === "row" ? item.offset : item.from;
}

/** The offset behind an item. */
export function endOf(item: Item): number {
  return item.kind === "row" ? item.offset + 1 : item.to;
}

/** Definitions of resources, as a call tells them: each once. */
export class Resources {
  private readonly known = new Map<bigint, { resource: Resource; service: string }>();

  learn(resources: readonly Resource[]): void {
    for (const resource of resources) {
      this.known.set(resource.hash, { resource, service: textOf(resource.attributes, "service.name") });
    }
  }

  get(hash: bigint): { resource: Resource | undefined; service: string } {
    return this.known.get(hash) ?? { resource: undefined, service: "" };
  }
}

/** The rows of a batch, in the order of the call. */
export function rowsOf(batch: RecordBatch, cursor: string, resources: Resources): Row[] {
  resources.learn(batch.resources);
  const first = Number(batch.firstOffset);
  return batch.records.map((record, index) => {
    const whole = batch.offsets[index];
    const offset = whole === undefined ? first + (batch.offsetDeltas[index] ?? index) : Number(whole);
    const { resource, service } = resources.get(record.resourceHash);
    return {
      kind: "row",
      key: offset,
      offset,
      ms: msOf(record.timeUnixNano),
      level: levelOf(record.severityNumber),
      service,
      record,
      resource,
      cursor,
      weight: 600 + 2 * record.body.length + 250 * record.attributes.length,
    };
  });
}

function textOf(attributes: readonly KeyValue[], key: string): string {
  const value = attributes.find((attribute) => attribute.key === key)?.value?.value;
  return value?.case === "stringValue" ? value.value : "";
}
