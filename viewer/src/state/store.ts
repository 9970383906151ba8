// The page's state: the view, what reads for it, and what people do to it.
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { client, serverInfo, type ServerInfo } from "../api/client";
import { compose } from "../filter/compose";
import { Overview } from "../model/overview";
import { Reader, type Query } from "../model/reader";
import { LEVELS, type Level } from "../model/severity";
import { nanosOf, parseBound } from "../text/time";
import { settings, change } from "./settings";
import { fromQuery, sameRecords, toQuery, type View } from "./view";

export const view = signal<View>(fromQuery(window.location.search, settings.value.display));
export const server = signal<ServerInfo>({ version: "", jaegerUrl: "" });

/** The address of Jaeger: one's own, else the server's. */
export const jaegerUrl = computed(() => settings.value.jaegerUrl.trim() || server.value.jaegerUrl);

/** How many columns the histogram has room for. */
export const columns = signal(120);

export const reader = signal<Reader>(null as never);
export const overview = signal<Overview>(null as never);

/** The record that keys act upon; null: none. */
export const selected = signal<number | null>(null);

/** The bounds of a view at this moment, in nanoseconds; 0 means none. */
export function boundsOf({ since, until }: View): { since: bigint; until: bigint } {
  const now = Date.now();
  const nanos = (text: string): bigint => {
    const ms = parseBound(text, now);
    return ms === null || ms < 0 ? 0n : nanosOf(ms);
  };
  return { since: nanos(since), until: nanos(until) };
}

export function queryOf(view: View): Query {
  const { since, until } = boundsOf(view);
  return {
    stream: view.stream,
    expression: compose(view),
    since,
    until,
    past: until !== 0n && until <= nanosOf(Date.now()),
  };
}

/** Reads what a view is about, in place of what was read. */
function read(next: View): void {
  reader.peek()?.close();
  overview.peek()?.close();
  const fresh = new Reader(client, queryOf(next));
  const volume = new Overview(
    client,
    { stream: next.stream, expression: compose({ ...next, levels: [] }), bounds: () => boundsOf(next) },
    () => columns.peek(),
  );
  fresh.onRecords = () => volume.touch();
  batch(() => {
    selected.value = next.open;
    reader.value = fresh;
    overview.value = volume;
  });
  fresh.open(next.cursor !== "" ? { cursor: next.cursor } : next.at !== null ? { offset: next.at } : null, next.at);
  // The lines come first; where there are none, the histogram comes all the same.
  setTimeout(() => volume.touch(), 250);
}

/** Shows another view. What is a step for the one who looks at it becomes a step of the browser's history. */
export function show(part: Partial<View>, step: "push" | "replace" = "push"): void {
  const before = view.peek();
  const after = { ...before, ...part };
  const other = !sameRecords(before, after);
  // A place belongs to what was read; it is kept only when it is given with the change.
  const next = other && part.cursor === undefined && part.at === undefined ? { ...after, cursor: "", at: null, open: part.open ?? null } : after;
  const address = toQuery(next);
  if (address !== window.location.search) {
    if (step === "push") window.history.pushState(null, "", address);
    else window.history.replaceState(null, "", address);
  }
  view.value = next;
  if (other || part.cursor !== undefined || (part.at !== undefined && step === "push")) read(next);
  const { wrap, zone, density, chart } = next;
  change({ display: { wrap, zone, density, chart } });
}

/** Keeps the place that is looked at in the address, so that it can be passed on; without reading anew. */
export function place(cursor: string, at: number | null): void {
  const next = { ...view.peek(), cursor, at };
  view.value = next;
  const address = toQuery(next);
  if (address !== window.location.search) window.history.replaceState(null, "", address);
}

export function openRecord(offset: number | null): void {
  selected.value = offset ?? selected.peek();
  show({ open: offset }, "replace");
}

export function toggleLevel(level: Level): void {
  const now = view.peek().levels;
  const shown = now.length === 0 ? LEVELS : now;
  const next = shown.includes(level) ? shown.filter((each) => each !== level) : [...shown, level];
  show({ levels: next.length === LEVELS.length || next.length === 0 ? [] : next });
}

const ERRORS: readonly Level[] = ["fatal", "error"];

export const showsErrors = computed(() => {
  const { levels } = view.value;
  return levels.length === ERRORS.length && ERRORS.every((level) => levels.includes(level));
});

export function toggleErrors(): void {
  show({ levels: showsErrors.peek() ? [] : ERRORS });
}

/** Starts the page. */
export function start(): void {
  window.addEventListener("popstate", () => {
    const before = view.peek();
    view.value = fromQuery(window.location.search, settings.peek().display);
    if (!sameRecords(before, view.peek()) || before.cursor !== view.peek().cursor) read(view.peek());
    else selected.value = view.peek().open;
  });
  const asking = new AbortController();
  serverInfo(asking.signal).then(
    (info) => (server.value = info),
    // The page works without: no version in the help, no link to Jaeger.
    () => undefined,
  );
  untracked(() => read(view.peek()));
  effect(() => {
    const { theme } = settings.value;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  });
}
