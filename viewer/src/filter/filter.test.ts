import { describe, expect, it } from "vitest";
import { compose } from "./compose";
import { condition, fieldOf, withCondition } from "./edit";
import { problemOf } from "./problem";
import { quote, unescape } from "./quote";
import { scan } from "./scan";
import { finder, soughtTexts } from "./terms";

describe("composing", () => {
  const all = { expression: "", levels: [], services: [] };

  it("joins what is chosen", () => {
    expect(compose(all)).toBe("");
    expect(compose({ ...all, expression: "  a b " })).toBe("a b");
    expect(compose({ ...all, levels: ["error", "fatal"] })).toBe("severity=(FATAL OR ERROR)");
    expect(compose({ ...all, levels: ["none"], services: ["cart"] })).toBe('severity=0 service.name="cart"');
    expect(compose({ expression: "a OR b", levels: ["warn"], services: ["x", 'y"z'] })).toBe(
      '(a OR b) severity=WARN service.name=("x" OR "y\\"z")',
    );
  });

  it("leaves out levels when all are chosen", () => {
    expect(compose({ ...all, levels: ["fatal", "error", "warn", "info", "debug", "trace", "none"] })).toBe("");
  });
});

describe("quoting", () => {
  it("writes what it reads", () => {
    for (const text of ["plain", 'a "quoted" \\ one', "tab\tline\nfeed\r", "bell\u0007", "turn\u202earound", "雪 ñ 🦀", "lone \\u{zz}"]) {
      const quoted = quote(text);
      expect(quoted).toMatch(/^".*"$/su);
      expect(unescape(quoted.slice(1, -1))).toBe(text);
    }
  });

  it("shows what cannot be seen", () => {
    expect(quote("a\u202eb\u0000")).toBe('"a\\u{202e}b\\u{0}"');
  });
});

describe("scanning", () => {
  const texts = (expression: string): string[] => scan(expression).map((term) => term.text);

  it("splits at blanks that separate", () => {
    expect(texts('severity>=ERROR "timed out" -"healthz" body=~"user \\"x\\" \\d+"')).toEqual([
      "severity>=ERROR",
      '"timed out"',
      '-"healthz"',
      'body=~"user \\"x\\" \\d+"',
    ]);
    expect(texts("a.b = (x OR y) -(c d) NOT e")).toEqual(["a.b = (x OR y)", "-(c d)", "NOT e"]);
    expect(texts("a OR b")).toEqual(["a", "OR", "b"]);
    expect(texts('attributes."weird key"="v 1" next')).toEqual(['attributes."weird key"="v 1"', "next"]);
    expect(texts("code>=500 host:web")).toEqual(["code>=500", "host:web"]);
  });

  it("ends, whatever it is given", () => {
    for (const text of ['"', "(", ")", "((", '"\\', "=", "a=", "a= ", "-", "NOT ", ")))(((", '(")']) {
      const terms = scan(text);
      expect(terms.map((term) => term.text).join("").replace(/\s/gu, "")).toBe(text.replace(/\s/gu, ""));
    }
  });
});

describe("editing", () => {
  it("names fields as the filter wants them", () => {
    expect(fieldOf("attributes", "code")).toBe("attributes.code");
    expect(fieldOf("attributes", "weird key")).toBe('attributes."weird key"');
    expect(fieldOf("resource", "service.name")).toBe("service.name");
    expect(fieldOf("resource", "k8s.pod.name")).toBe("resource.k8s.pod.name");
    expect(condition("attributes.code", 500n)).toBe("attributes.code=500");
    expect(condition("attributes.on", true)).toBe("attributes.on=true");
  });

  it("adds once, and takes the opposite out", () => {
    expect(withCondition("", "a.b=1", false)).toBe("a.b=1");
    expect(withCondition("x a.b=1", "a.b=1", false)).toBe("x a.b=1");
    expect(withCondition("x a.b=1 y", "a.b=1", true)).toBe("x y -a.b=1");
    expect(withCondition("x -a.b=1", "a.b=1", false)).toBe("x a.b=1");
    expect(withCondition("x AND y", "a.b=1", false)).toBe("x y a.b=1");
    expect(withCondition("x OR y", "a.b=1", false)).toBe("(x OR y) a.b=1");
  });
});

describe("what is sought", () => {
  it("is every text that a line must have, and nothing that it may not", () => {
    expect(soughtTexts('timeout "connection refused" -healthz severity>=ERROR body:"deep down" NOT x')).toEqual([
      "timeout",
      "connection refused",
      "deep down",
    ]);
    expect(soughtTexts("(a OR b) service.name=c")).toEqual(["a", "b"]);
  });

  it("is found in any case, and as it is written", () => {
    const find = finder(["a.b", "(x"])!;
    expect("A.B axb (X".match(find)).toEqual(["A.B", "(X"]);
    expect(finder([])).toBeNull();
  });
});

describe("problems", () => {
  it("have the place that the server named", () => {
    const message = [
      'not a filter: filter.expression: invalid filter at column 11: unknown severity "LOUD"; expected TRACE, DEBUG',
      "  severity>=LOUD",
      "            ^^^^",
    ].join("\n");
    expect(problemOf(message)).toEqual({ text: 'unknown severity "LOUD"; expected TRACE, DEBUG', start: 10, end: 14 });
  });

  it("are text where there is no place", () => {
    expect(problemOf("the expression is longer than 8 KiB")).toEqual({ text: "the expression is longer than 8 KiB" });
  });
});
