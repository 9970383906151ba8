// Reads one stream through one filter into a window: history first, newest first, then what arrives; more history when someone
// scrolls there. Every read is a Tail from a place to a place, so that nothing is missing and nothing comes twice.
import { signal } from "@preact/signals";
import { failureOf, Code, type Failure, type ReadClient } from "../api/client";
import { EndReason, GapCause, Order, type TailResponse } from "../generated/spile/v1/read_pb";
import { backoff, calm, Gate, nextFrame } from "./pace";
import { endOf, mark, Resources, rowsOf, startOf, type Item, type Row } from "./row";
import { LogWindow, type Bounds } from "./window";

/** What the page keeps of a stream; older and newer lines are read again. */
export const BOUNDS: Bounds = { items: 10_000, bytes: 48 * 2 ** 20 };

/** The first page is small, so that it is there at once. */
const FIRST_PAGE = 300;
const PAGE = 2_000;
/**
 * A call that follows gives no more than this; then the next one goes on at its cursor. Browsers read a response ahead of the page
 * that reads it (Chromium up to 100 MB), so that not reading alone would hold the server back too late.
 */
const CREDIT = 10_000;
/** When as much waits for the next frame, no more is read before it was drawn. */
const FRAME_ITEMS = 4_000;
/** The server is heard at least every 15 s; after this long without a sign the call is made anew. */
const SILENCE_MS = 45_000;

/** What is read. */
export interface Query {
  readonly stream: string;
  readonly expression: string;
  /** Unix nanoseconds; 0 means no bound. */
  readonly since: bigint;
  readonly until: bigint;
  /** Nothing more can come: the time range has ended. */
  readonly past: boolean;
}

/** Where reading begins: at the tail, or around a place. */
export type Place = { readonly cursor: string } | { readonly offset: number };

type Start =
  | { case: "afterCursor"; value: string }
  | { case: "offset"; value: bigint }
  | { case: "oldest"; value: Record<string, never> }
  | { case: "latest"; value: Record<string, never> };

export type Edge = "more" | "loading" | "done";
export type Live = "off" | "connecting" | "live" | "reconnecting";

export class Reader {
  readonly window = new LogWindow(BOUNDS);
  /** Grows whenever the items have changed. */
  readonly version = signal(0);
  readonly phase = signal<"loading" | "ready" | "failed">("loading");
  readonly failure = signal<Failure | null>(null);
  readonly older = signal<Edge>("more");
  /** `done`: what arrives is added to the window. */
  readonly newer = signal<Edge>("done");
  readonly live = signal<Live>("connecting");
  /** The newest line is kept in view. */
  readonly following = signal(true);
  /** Nothing is read. */
  readonly paused = signal(false);
  /** How many lines came since following stopped. */
  readonly fresh = signal(0);
  /** How many records were looked at by the read of history that is under way. */
  readonly scanned = signal(0);
  /** Where the list should go; it takes it away when it has gone there. */
  readonly target = signal<{ offset: number } | "end" | "start" | null>(null);
  /** How many records this reader was given, by all its calls. */
  received = 0;
  /** Called when a record is there for the first time, and when more have come. */
  onRecords: () => void = () => {};

  private readonly abort = new AbortController();
  private readonly gate = new Gate();
  private pages = new AbortController();
  private tail = new AbortController();
  private call = new AbortController();
  private olderStart: Start = { case: "latest", value: {} };
  private pending: Item[] = [];
  private flushing = false;

  constructor(
    private readonly client: ReadClient,
    private readonly query: Query,
  ) {}

  /** Reads what is newest and then what arrives; or what is around a place. */
  open(place: Place | null, at: number | null): void {
    void this.untilItWorks(() => (place === null ? this.openAtTail() : this.openAround(place, at)));
  }

  close(): void {
    this.abort.abort();
    this.pages.abort();
    this.tail.abort();
    this.gate.open();
  }

  /** Stops reading: the call ends, and the server keeps what comes. The next one goes on at the cursor of the last line that was taken. */
  pause(): void {
    this.gate.close();
    this.paused.value = true;
    this.call.abort();
  }

  resume(): void {
    this.paused.value = false;
    this.gate.open();
  }

  /** The list says whether its end is in view. */
  follow(following: boolean): void {
    if (this.following.value === following) return;
    this.following.value = following;
    if (following) this.fresh.value = 0;
  }

  /** To what is newest. What is skipped on the way there is marked. */
  toEnd(): void {
    this.resume();
    this.fresh.value = 0;
    if (this.newer.value === "done") {
      this.following.value = true;
      this.target.value = "end";
    } else {
      void this.untilItWorks(() => this.skipToTail());
    }
  }

  /** To the first record that is stored. */
  toStart(): void {
    void this.untilItWorks(() => this.openAround(null, null));
  }

  loadOlder(): void {
    if (this.older.value !== "more" || this.phase.value !== "ready") return;
    this.older.value = "loading";
    void this.page("older", async (signal) => {
      const done = await this.readOlder(this.olderStart, PAGE, signal);
      if (this.window.trimNewest() > 0) this.detach();
      this.changed();
      this.older.value = done ? "done" : "more";
    });
  }

  loadNewer(): void {
    if (this.newer.value !== "more" || this.phase.value !== "ready") return;
    this.newer.value = "loading";
    void this.page("newer", async (signal) => {
      const last = this.window.last;
      const start: Start = last === undefined ? { case: "oldest", value: {} } : { case: "offset", value: BigInt(endOf(last)) };
      await this.readNewer(start, PAGE, signal);
    });
  }

  /** Reads what a mark stands for, a page at a time. */
  async loadMark(key: string): Promise<void> {
    const gap = this.window.findMark(key);
    if (gap === undefined || gap.loading) return;
    this.window.replace(key, [mark(gap.from, gap.to, gap.cause, { loading: true })]);
    this.changed();
    const call = new AbortController();
    const items: Item[] = [];
    let from = gap.from;
    let error = "";
    let full = false;
    try {
      const resources = new Resources();
      const request = this.request({ case: "offset", value: BigInt(gap.from) }, { limit: PAGE });
      for await (const response of this.client.tail(request, { signal: AbortSignal.any([this.abort.signal, call.signal]) })) {
        const read = this.itemsOf(response, resources).filter((item) => startOf(item) < gap.to);
        items.push(...read);
        const next = nextOf(response);
        if (next !== null) from = Math.min(Math.max(from, next), gap.to);
        if (response.payload.case === "end") full = response.payload.value.reason === EndReason.LIMIT;
        if (from >= gap.to) break;
      }
      if (!full) from = gap.to;
    } catch (thrown) {
      if (this.abort.signal.aborted) return;
      error = failureOf(thrown).text;
    } finally {
      call.abort();
    }
    const rest = from < gap.to ? [mark(from, gap.to, gap.cause, { error })] : [];
    this.window.replace(key, [...items, ...rest]);
    this.changed();
  }

  /** The newest page backwards from the tail; meanwhile what arrives from that same place on. */
  private async openAtTail(): Promise<void> {
    const signal = this.restart();
    this.following.value = true;
    this.target.value = "end";
    this.newer.value = "done";
    const done = await this.readOlder({ case: "latest", value: {} }, FIRST_PAGE, signal, (cursor) => {
      this.startTail({ case: "afterCursor", value: cursor });
    });
    this.older.value = done ? "done" : "more";
    this.ready();
  }

  /** A page before and a page behind a place; null stands for the first record. */
  private async openAround(place: Place | null, at: number | null): Promise<void> {
    const signal = this.restart();
    this.following.value = false;
    this.newer.value = "loading";
    const start: Start =
      place === null
        ? { case: "oldest", value: {} }
        : "cursor" in place
          ? { case: "afterCursor", value: place.cursor }
          : { case: "offset", value: BigInt(place.offset) };
    const before = place === null ? Promise.resolve(true) : this.readOlder(start, FIRST_PAGE, signal);
    const [done] = await Promise.all([before, this.readNewer(start, PAGE, signal)]);
    this.older.value = done ? "done" : "more";
    const goal = at ?? (place !== null && "offset" in place ? place.offset : null);
    if (place === null) this.target.value = "start";
    else this.target.value = { offset: goal ?? this.middle(place) };
    this.ready();
    // Not at the tail: what arrives is counted, and read when someone scrolls there.
    if ((this.newer.value as Edge) !== "done") this.startTail({ case: "latest", value: {} });
  }

  /** Keeps what is here, reads the newest page, and marks what lies between. */
  private async skipToTail(): Promise<void> {
    const known = this.window.last === undefined ? 0 : endOf(this.window.last);
    this.pages.abort();
    this.pages = new AbortController();
    this.tail.abort();
    this.pending = [];
    const signal = AbortSignal.any([this.abort.signal, this.pages.signal]);
    const resources = new Resources();
    let newest: Item[] = [];
    let tail = "";
    let met = false;
    const request = this.request({ case: "latest", value: {} }, { limit: FIRST_PAGE, order: Order.NEWEST_FIRST });
    const onHeader = (header: Headers): void => void (tail = header.get("spile-start-cursor") ?? "");
    for await (const response of this.client.tail(request, { signal, onHeader })) {
      const read = this.itemsOf(response, resources).reverse();
      met ||= read.some((item) => startOf(item) < known);
      newest = read.filter((item) => startOf(item) >= known).concat(newest);
      if (response.payload.case === "end" && response.payload.value.reason !== EndReason.LIMIT) met = true;
      if (met) break;
    }
    const first = newest[0];
    const skipped = !met && first !== undefined ? [mark(known, startOf(first), GapCause.LAGGED)] : [];
    this.window.append([...skipped, ...newest]);
    this.trimOldest();
    this.newer.value = "done";
    this.following.value = true;
    this.target.value = "end";
    this.startTail({ case: "afterCursor", value: tail });
    this.ready();
  }

  /** Backwards from a place, newest first, into the front of the window. True when there is nothing before it any more. */
  private async readOlder(start: Start, limit: number, signal: AbortSignal, onStart?: (cursor: string) => void): Promise<boolean> {
    const resources = new Resources();
    const request = this.request(start, { limit, order: Order.NEWEST_FIRST });
    const onHeader = (header: Headers): void => onStart?.(header.get("spile-start-cursor") ?? "");
    let done = false;
    this.scanned.value = 0;
    for await (const response of this.client.tail(request, { signal, onHeader })) {
      this.window.prepend(this.itemsOf(response, resources).reverse());
      this.olderStart = { case: "afterCursor", value: response.cursor };
      if (response.payload.case === "end") done = response.payload.value.reason !== EndReason.LIMIT;
      else if (response.payload.case !== "progress") this.ready();
      this.changed();
    }
    return done;
  }

  /** Forwards from a place into the back of the window. At the end of history what arrives follows without a seam. */
  private async readNewer(start: Start, limit: number, signal: AbortSignal): Promise<void> {
    const resources = new Resources();
    for await (const response of this.client.tail(this.request(start, { limit }), { signal })) {
      this.window.append(this.itemsOf(response, resources));
      if (response.payload.case === "end") {
        if (response.payload.value.reason === EndReason.LIMIT) {
          this.newer.value = "more";
        } else {
          this.newer.value = "done";
          this.startTail({ case: "afterCursor", value: response.cursor });
        }
      }
    }
    this.trimOldest();
    this.changed();
  }

  /** One call after the other from `start` on, for as long as this is what is read. */
  private startTail(start: Start): void {
    this.tail.abort();
    this.tail = new AbortController();
    if (this.query.past) {
      this.live.value = "off";
      return;
    }
    void this.runTail(start, AbortSignal.any([this.abort.signal, this.tail.signal]));
  }

  private async runTail(start: Start, signal: AbortSignal): Promise<void> {
    let attempt = 0;
    let from = start;
    while (!signal.aborted) {
      await this.gate.pass();
      const call = new AbortController();
      this.call = call;
      const silence = new Silence(SILENCE_MS);
      let ended: EndReason | null = null;
      try {
        const resources = new Resources();
        const options = { signal: AbortSignal.any([signal, silence.signal, call.signal]) };
        for await (const response of this.client.tail(this.request(from, { follow: true, limit: CREDIT }), options)) {
          if (signal.aborted) return;
          silence.stop();
          attempt = 0;
          ended = this.take(response, resources);
          from = { case: "afterCursor", value: response.cursor };
          while (this.pending.length >= FRAME_ITEMS && !signal.aborted) await nextFrame();
          if (call.signal.aborted) break;
          silence.start();
        }
      } catch (thrown) {
        if (signal.aborted) return;
        const failure = failureOf(thrown);
        if (!call.signal.aborted && failure.final && failure.code !== Code.NotFound) return this.fail(failure);
      } finally {
        silence.stop();
      }
      if (ended === EndReason.UNTIL) {
        this.live.value = "off";
        return;
      }
      if (ended === EndReason.LIMIT || call.signal.aborted) continue;
      this.live.value = "reconnecting";
      try {
        await calm(backoff(attempt), signal);
      } catch {
        return;
      }
      attempt += 1;
    }
  }

  /** Takes a message of what arrives; the last one says why it is the last. */
  private take(response: TailResponse, resources: Resources): EndReason | null {
    const { payload } = response;
    if (payload.case === "end") return payload.value.reason;
    this.live.value = "live";
    if (payload.case !== "batch" && payload.case !== "gap") return null;
    if (this.newer.value === "done") {
      this.pending.push(...this.itemsOf(response, resources));
      void this.flushSoon();
    } else if (payload.case === "batch") {
      this.received += payload.value.records.length;
      this.fresh.value += payload.value.records.length;
      this.onRecords();
    }
    return null;
  }

  private async flushSoon(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    await nextFrame();
    this.flushing = false;
    if (!this.abort.signal.aborted) this.flush();
  }

  /** Adds what has arrived since the last frame. */
  private flush(): void {
    const items = this.pending;
    this.pending = [];
    const fresh = this.window.append(items);
    if (this.following.value) {
      this.trimOldest();
    } else {
      this.fresh.value += fresh;
      if (this.window.trimNewest() > 0) this.detach();
    }
    this.ready();
    this.changed();
  }

  /** The newest lines do not fit beside those that are looked at: what arrives is only counted. */
  private detach(): void {
    if (this.newer.value === "done") this.newer.value = "more";
    this.following.value = false;
  }

  private trimOldest(): void {
    const first = this.window.trimOldest() > 0 ? this.window.first : undefined;
    if (first === undefined) return;
    this.olderStart = { case: "offset", value: BigInt(startOf(first)) };
    if (this.older.value === "done") this.older.value = "more";
  }

  private itemsOf(response: TailResponse, resources: Resources): Item[] {
    const { payload, cursor } = response;
    if (payload.case === "batch") {
      const rows: Row[] = rowsOf(payload.value, cursor, resources);
      this.received += rows.length;
      this.onRecords();
      return rows;
    }
    if (payload.case === "gap") return [mark(Number(payload.value.from), Number(payload.value.to), payload.value.cause)];
    if (payload.case === "progress") this.scanned.value = Number(payload.value.scanned);
    return [];
  }

  private request(start: Start, options: { limit?: number; follow?: boolean; order?: Order }) {
    const { stream, expression, since, until } = this.query;
    return {
      stream,
      filter: { expression, sinceUnixNano: since, untilUnixNano: until },
      start: { position: start },
      follow: options.follow ?? false,
      limit: BigInt(options.limit ?? 0),
      order: options.order ?? Order.UNSPECIFIED,
    };
  }

  /** Ends what is read, and empties the window. */
  private restart(): AbortSignal {
    this.pages.abort();
    this.pages = new AbortController();
    this.tail.abort();
    this.pending = [];
    this.window.clear();
    this.fresh.value = 0;
    this.phase.value = "loading";
    this.failure.value = null;
    this.older.value = "loading";
    this.changed();
    return AbortSignal.any([this.abort.signal, this.pages.signal]);
  }

  /** Begins again from the start while the server cannot be reached. */
  private async untilItWorks(read: () => Promise<void>): Promise<void> {
    for (let attempt = 0; !this.abort.signal.aborted; attempt += 1) {
      let pages = this.pages;
      try {
        const reading = read();
        pages = this.pages;
        await reading;
        return;
      } catch (thrown) {
        if (this.abort.signal.aborted || pages.signal.aborted) return;
        const failure = failureOf(thrown);
        if (failure.final && failure.code !== Code.NotFound) return this.fail(failure);
        this.failure.value = failure;
        this.live.value = "reconnecting";
        this.tail.abort();
        try {
          await calm(failure.final ? 2_000 : backoff(attempt), AbortSignal.any([this.abort.signal, pages.signal]));
        } catch {
          return;
        }
      }
    }
  }

  /** Reads a page; what fails in between is tried again when the list asks for it the next time. */
  private async page(side: "older" | "newer", read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const pages = this.pages;
    const signal = AbortSignal.any([this.abort.signal, pages.signal]);
    try {
      await read(signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const failure = failureOf(thrown);
      if (failure.final) return this.fail(failure);
      try {
        await calm(backoff(2), signal);
      } catch {
        return;
      }
      this[side].value = "more";
      this.changed();
    }
  }

  private ready(): void {
    if (this.phase.value === "loading") this.phase.value = "ready";
    this.failure.value = null;
  }

  private fail(failure: Failure): void {
    this.failure.value = failure;
    this.phase.value = "failed";
    this.live.value = "off";
  }

  private changed(): void {
    this.version.value += 1;
  }

  /** The offset at a cursor: the end of what lies before it. */
  private middle(place: Place): number {
    const at = this.window.items.find((item) => item.kind === "row" && "cursor" in place && item.cursor === place.cursor);
    return at === undefined ? 0 : startOf(at);
  }
}

/** The offset behind which a message has looked, where it says so. */
function nextOf(response: TailResponse): number | null {
  const { payload } = response;
  if (payload.case === "progress") return Number(payload.value.nextOffset);
  if (payload.case === "gap") return Number(payload.value.to);
  if (payload.case !== "batch") return null;
  const count = payload.value.records.length;
  const delta = payload.value.offsetDeltas[count - 1] ?? count - 1;
  return count === 0 ? null : Number(payload.value.firstOffset) + delta + 1;
}

/** Aborts after a silence. */
class Silence {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {
    this.start();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  start(): void {
    this.timer = setTimeout(() => this.controller.abort(), this.ms);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
