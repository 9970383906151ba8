import { describe, expect, it } from "vitest";
import { runsOf, visibleText } from "./glyphs";
import { bytes, plural, short } from "./numbers";
import { clock, day, fromField, fullTime, parseBound, span, stamp, tick, toField } from "./time";
import { prettyJson } from "./value";

const AT = Date.UTC(2026, 10, 22, 14, 5, 9, 42);

describe("times", () => {
  it("are written to the millisecond in lines, to the nanosecond in fields", () => {
    expect(clock(AT, "utc")).toBe("14:05:09.042");
    expect(day(AT, "utc", AT)).toBe("Nov 22");
    expect(day(AT, "utc", Date.UTC(2028, 1, 1))).toBe("2026-11-22");
    expect(fullTime(BigInt(AT) * 1_000_000n + 123n, "utc")).toBe("2026-11-22 14:05:09.042000123 UTC");
    expect(fullTime(0n, "utc")).toBe("");
    expect(stamp(AT)).toBe("2026-11-22T14:05:09.042Z");
    expect(stamp(Date.UTC(2026, 0, 1))).toBe("2026-01-01T00:00:00Z");
  });

  it("say as much as a step needs", () => {
    expect(tick(AT, 86_400_000, "utc", AT)).toBe("Nov 22");
    expect(tick(AT, 86_400_000, "utc", 0)).toBe("2026-11-22");
    expect(tick(AT, 40 * 86_400_000, "utc", AT)).toBe("Nov 2026");
    expect(tick(AT, 600_000, "utc")).toBe("14:05");
    expect(tick(AT, 5_000, "utc")).toBe("14:05:09");
    expect(tick(AT, 10, "utc")).toBe("05:09.042");
    expect(tick(Date.UTC(2026, 10, 22), 3_600_000, "utc", AT)).toBe("Nov 22");
  });

  it("are read when they name their zone, or lie so far back", () => {
    expect(parseBound("-15m", AT)).toBe(AT - 900_000);
    expect(parseBound("2026-11-22T14:05:09Z", AT)).toBe(AT - 42);
    expect(parseBound("2026-11-22T15:05:09.042+01:00", AT)).toBe(AT);
    for (const wrong of ["", "yesterday", "2026-11-22", "2026-11-22T14:05:09", "-15", "15m", "-1y"]) expect(parseBound(wrong, AT)).toBeNull();
  });

  it("go into fields and back", () => {
    for (const zone of ["utc", "local"] as const) expect(fromField(toField(AT, zone), zone)).toBe(AT - 42);
    expect(fromField("", "utc")).toBeNull();
  });

  it("have lengths in words", () => {
    expect([0.5, 500, 1_500, 90_000, 5_400_000, 172_800_000].map(span)).toEqual(["0.5 ms", "500 ms", "1.5 s", "1.5 min", "1.5 h", "2 d"]);
  });
});

describe("numbers", () => {
  it("are short where there is little room", () => {
    expect([0, 999, 1_000, 1_299, 34_567, 1_250_000, 9_990_000_000].map(short)).toEqual(["0", "999", "1k", "1.2k", "34k", "1.2M", "9.9G"]);
    expect(bytes(1_536)).toBe("1.5 KiB");
    expect(plural(1, "line")).toBe("1 line");
    expect(plural(1_234, "line")).toBe("1,234 lines");
  });
});

describe("text of others", () => {
  it("is one run when there is nothing to it", () => {
    expect(runsOf("plain ünïcode 雪\ttab")).toEqual([{ kind: "text", text: "plain ünïcode 雪\ttab" }]);
    expect(runsOf("")).toEqual([]);
  });

  it("has a sign for everything that cannot be seen", () => {
    expect(visibleText("a\u001b[0m\u0000\u007f\u0085\u202eb\u2066\u200b\ufeff\u2028\u{e0041}\ud800")).toBe(
      "a␛[0m␀␡‹U+0085›‹U+202E›b‹U+2066›‹U+200B›‹U+FEFF›‹U+2028›‹U+E0041›‹U+D800›",
    );
    expect(runsOf("x\u202e")[1]).toEqual({ kind: "sign", text: "‹U+202E›", title: "U+202E right-to-left override" });
  });

  it("breaks lines only where several are shown", () => {
    expect(visibleText("a\nb")).toBe("a↵b");
    expect(runsOf("a\nb\u001b", null, true).map((run) => run.text)).toEqual(["a\nb", "␛"]);
  });

  it("marks what was found, signs inside of it too", () => {
    expect(runsOf("one two one", /one/giu)).toEqual([
      { kind: "found", text: "one" },
      { kind: "text", text: " two " },
      { kind: "found", text: "one" },
    ]);
    expect(runsOf("a\u0007b", /a\u0007b/gu).map((run) => run.kind)).toEqual(["found", "sign", "found"]);
  });
});

describe("JSON", () => {
  it("is laid out without a change of its numbers", () => {
    expect(prettyJson('{"a":[1,2.50,{}],"b":"x,{}:\\"y","n":12345678901234567890,"e":[]}')).toBe(
      '{\n  "a": [\n    1,\n    2.50,\n    {}\n  ],\n  "b": "x,{}:\\"y",\n  "n": 12345678901234567890,\n  "e": []\n}',
    );
  });

  it("is left alone when it is none", () => {
    for (const text of ["", "text", "[http-1] started", "{broken", '"a string"', "42"]) expect(prettyJson(text)).toBeNull();
  });
});
