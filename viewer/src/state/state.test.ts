import { describe, expect, it } from "vitest";
import { traceUrl } from "./jaeger";
import { DEFAULT_VIEW, fromQuery, sameRecords, toQuery, type View } from "./view";

const FULL: View = {
  stream: "prod/shop",
  expression: 'severity>=WARN "a & b" attributes.x="ü=?#"',
  levels: ["fatal", "warn", "none"],
  services: ["cart", "a,b & c"],
  since: "-15m",
  until: "2026-11-22T14:05:09.042Z",
  cursor: "AYSi-pqafieGAAAAAAAAAACqzwGN",
  at: 12_345_678_901,
  open: 0,
  wrap: true,
  zone: "utc",
  density: "cosy",
  chart: false,
};

describe("the address", () => {
  it("holds all of a view", () => {
    expect(fromQuery(toQuery(FULL), DEFAULT_VIEW)).toEqual(FULL);
    expect(fromQuery(toQuery(DEFAULT_VIEW), FULL)).toEqual(DEFAULT_VIEW);
  });

  it("takes what it does not say from the person's settings", () => {
    const { wrap, zone, density } = fromQuery("?q=x", { wrap: true, zone: "utc", density: "cosy", chart: true });
    expect({ wrap, zone, density }).toEqual({ wrap: true, zone: "utc", density: "cosy" });
  });

  it("passes over what cannot be", () => {
    const view = fromQuery("?level=error,loud&at=-1&open=9999999999999999999&tz=mars&density=huge&wrap=yes&service=&service=a&service=a", DEFAULT_VIEW);
    expect(view).toEqual({ ...DEFAULT_VIEW, levels: ["error"], services: ["a"] });
  });

  it("tells a change of what is read from a change of how it is shown", () => {
    expect(sameRecords(FULL, { ...FULL, wrap: false, zone: "local", at: 1, open: null, cursor: "" })).toBe(true);
    expect(sameRecords(FULL, { ...FULL, levels: ["none", "fatal", "warn"] })).toBe(true);
    expect(sameRecords(FULL, { ...FULL, levels: ["none", "fatal"] })).toBe(false);
    expect(sameRecords(FULL, { ...FULL, since: "" })).toBe(false);
  });
});

describe("Jaeger's address", () => {
  it("leads to the trace", () => {
    expect(traceUrl("http://localhost:16686", "ab")).toBe("http://localhost:16686/trace/ab");
    expect(traceUrl(" https://x.test/jaeger/ ", "ab")).toBe("https://x.test/jaeger/trace/ab");
  });

  it("is never one that runs something", () => {
    for (const address of ["", "javascript:alert(1)", "data:text/html,x", "not an address"]) expect(traceUrl(address, "ab")).toBeNull();
  });
});
