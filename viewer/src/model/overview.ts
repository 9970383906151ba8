// How much of what there is: the histogram, and the counts beside the levels. Asked anew while records arrive, never more than one
// call at a time, and less often the longer the answer takes.
import { signal } from "@preact/signals";
import { Code, failureOf, type ReadClient } from "../api/client";
import type { HistogramResponse } from "../generated/spile/v1/read_pb";
import { msOf } from "../text/time";
import { LEVELS, levelOf, noCounts, type LevelCounts } from "./severity";

/** Columns of the histogram: the start of each, and how many of each level. */
export interface Chart {
  readonly stepMs: number;
  readonly startsMs: readonly number[];
  readonly counts: LevelColumns;
}

export type LevelColumns = Record<keyof LevelCounts, readonly number[]>;

export interface Volume {
  readonly chart: Chart;
  readonly totals: LevelCounts;
  readonly records: number;
}

export interface VolumeQuery {
  readonly stream: string;
  /** Without the levels, so that those which are not shown have counts too. */
  readonly expression: string;
  readonly bounds: () => { since: bigint; until: bigint };
}

/** The shortest time between two questions. */
const REST_MS = 1_500;
/** A question may take one part in so many of the server's time. */
const SHARE = 10;
const LONGEST_REST_MS = 60_000;

export class Overview {
  readonly volume = signal<Volume | null>(null);
  readonly failure = signal("");
  private readonly abort = new AbortController();
  private asking = false;
  private stale = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: ReadClient,
    private readonly query: VolumeQuery,
    private readonly columns: () => number,
  ) {
    document.addEventListener("visibilitychange", this.seen);
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.timer);
    this.abort.abort();
  }

  /** More has come. */
  touch(): void {
    this.stale = true;
    if (!this.asking && this.timer === undefined && !document.hidden) void this.ask();
  }

  private readonly seen = (): void => {
    if (!document.hidden && this.stale) this.touch();
  };

  private async ask(): Promise<void> {
    this.asking = true;
    this.stale = false;
    const started = performance.now();
    const { stream, expression } = this.query;
    const { since, until } = this.query.bounds();
    const filter = { expression, sinceUnixNano: since, untilUnixNano: until };
    try {
      const maxBuckets = this.columns();
      const response = await this.client.histogram({ stream, filter, maxBuckets }, { signal: this.abort.signal });
      this.volume.value = volumeOf(response);
      this.failure.value = "";
    } catch (thrown) {
      if (this.abort.signal.aborted) return;
      const failure = failureOf(thrown);
      // A stream that is not there yet is said where its lines would be.
      this.failure.value = failure.code === Code.NotFound ? "" : failure.text;
      this.stale = !failure.final;
    }
    this.asking = false;
    const rest = Math.min(Math.max(REST_MS, (performance.now() - started) * SHARE), LONGEST_REST_MS);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.stale) this.touch();
    }, rest);
  }
}

export function volumeOf(response: HistogramResponse): Volume {
  const stepMs = Number(response.bucketNanos) / 1e6;
  const empty = response.buckets.map(() => 0);
  const counts = Object.fromEntries(LEVELS.map((level) => [level, [...empty]])) as Record<keyof LevelCounts, number[]>;
  const totals = noCounts();
  response.buckets.forEach((bucket, column) => {
    for (const { severityNumber, records } of bucket.counts) {
      const level = levelOf(severityNumber);
      counts[level][column] = (counts[level][column] ?? 0) + Number(records);
      totals[level] += Number(records);
    }
  });
  const startsMs = response.buckets.map((bucket) => msOf(bucket.startUnixNano));
  return { chart: { stepMs, startsMs, counts }, totals, records: Number(response.records) };
}
