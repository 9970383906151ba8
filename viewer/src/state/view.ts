// What the page shows, as a value; and the same as the address of the page.
import { LEVELS, isLevel, type Level } from "../model/severity";
import type { Zone } from "../text/time";

export type Density = "compact" | "cosy";

/** Everything that decides what is on the screen. */
export interface View {
  readonly stream: string;
  readonly expression: string;
  /** The levels that are shown; empty means all. */
  readonly levels: readonly Level[];
  readonly services: readonly string[];
  /** `-15m`, RFC 3339, or empty: no bound. */
  readonly since: string;
  readonly until: string;
  /** A cursor of the place that is looked at; empty means the tail. */
  readonly cursor: string;
  /** The offset of the first line on the screen; null: at the cursor. */
  readonly at: number | null;
  /** The offset of the record that is open. */
  readonly open: number | null;
  readonly wrap: boolean;
  readonly zone: Zone;
  readonly density: Density;
  readonly chart: boolean;
}

export const DEFAULT_VIEW: View = {
  stream: "",
  expression: "",
  levels: [],
  services: [],
  since: "",
  until: "",
  cursor: "",
  at: null,
  open: null,
  wrap: false,
  zone: "local",
  density: "compact",
  chart: true,
};

/** What was chosen once and holds where the address says nothing else. */
export type Defaults = Pick<View, "wrap" | "zone" | "density" | "chart">;

/** The query of the address, `?` included. How lines are shown is always in it, so that a link shows the same to everyone. */
export function toQuery(view: View): string {
  const query = new URLSearchParams();
  if (view.stream !== "") query.set("stream", view.stream);
  if (view.expression.trim() !== "") query.set("q", view.expression.trim());
  if (view.levels.length > 0) query.set("level", LEVELS.filter((level) => view.levels.includes(level)).join(","));
  for (const service of view.services) query.append("service", service);
  if (view.since !== "") query.set("since", view.since);
  if (view.until !== "") query.set("until", view.until);
  if (view.cursor !== "") query.set("cursor", view.cursor);
  if (view.at !== null) query.set("at", String(view.at));
  if (view.open !== null) query.set("open", String(view.open));
  query.set("wrap", view.wrap ? "1" : "0");
  query.set("tz", view.zone);
  query.set("density", view.density);
  query.set("chart", view.chart ? "1" : "0");
  return `?${query.toString()}`;
}

/** Reads an address. What it does not know, or what cannot be, is passed over. */
export function fromQuery(search: string, defaults: Defaults): View {
  const query = new URLSearchParams(search);
  const text = (name: string): string => query.get(name) ?? "";
  const choice = <T extends string>(name: string, values: readonly T[], otherwise: T): T => {
    return values.find((value) => value === query.get(name)) ?? otherwise;
  };
  const levels = text("level").split(",").filter(isLevel);
  return {
    stream: text("stream"),
    expression: text("q"),
    levels: LEVELS.filter((level) => levels.includes(level)),
    services: [...new Set(query.getAll("service").filter((service) => service !== ""))],
    since: text("since"),
    until: text("until"),
    cursor: text("cursor"),
    at: offset(query.get("at")),
    open: offset(query.get("open")),
    wrap: choice("wrap", ["0", "1"], defaults.wrap ? "1" : "0") === "1",
    zone: choice("tz", ["local", "utc"], defaults.zone),
    density: choice("density", ["compact", "cosy"], defaults.density),
    chart: choice("chart", ["0", "1"], defaults.chart ? "1" : "0") === "1",
  };
}

function offset(text: string | null): number | null {
  if (text === null || !/^\d{1,16}$/u.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Whether two views read the same records; the rest is how they are shown. */
export function sameRecords(a: View, b: View): boolean {
  const same = (x: readonly string[], y: readonly string[]): boolean => x.length === y.length && x.every((v) => y.includes(v));
  return (
    a.stream === b.stream &&
    a.expression.trim() === b.expression.trim() &&
    same(a.levels, b.levels) &&
    same(a.services, b.services) &&
    a.since === b.since &&
    a.until === b.until
  );
}
