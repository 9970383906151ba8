import { describe, expect, it } from "vitest";
import { GapCause } from "../generated/spile/v1/read_pb";
import { mark, type Item, type Row } from "./row";
import { LogWindow } from "./window";

function row(offset: number, weight = 1): Row {
  return { kind: "row", key: offset, offset, weight } as Row;
}

function rows(from: number, to: number, weight = 1): Row[] {
  return Array.from({ length: to - from }, (_, index) => row(from + index, weight));
}

const offsets = (items: readonly Item[]): number[] => items.map((item) => (item.kind === "row" ? item.offset : -item.to));

describe("the window", () => {
  it("passes over what it has already, at both ends", () => {
    const window = new LogWindow({ items: 100, bytes: 1_000 });
    expect(window.append(rows(10, 15))).toBe(5);
    expect(window.append(rows(12, 18))).toBe(3);
    expect(window.prepend(rows(5, 12))).toBe(5);
    expect(offsets(window.items)).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    expect(window.bytes).toBe(13);
  });

  it("drops from the end that is asked for, until it is within both bounds", () => {
    const window = new LogWindow({ items: 5, bytes: 1_000 });
    window.append(rows(0, 8));
    expect(window.trimOldest()).toBe(3);
    expect(offsets(window.items)).toEqual([3, 4, 5, 6, 7]);
    window.prepend(rows(0, 3));
    expect(window.trimNewest()).toBe(3);
    expect(offsets(window.items)).toEqual([0, 1, 2, 3, 4]);

    const heavy = new LogWindow({ items: 100, bytes: 25 });
    heavy.append(rows(0, 4, 10));
    expect(heavy.trimOldest()).toBe(2);
    expect(heavy.bytes).toBe(20);
  });

  it("keeps one row however large it is", () => {
    const window = new LogWindow({ items: 5, bytes: 10 });
    window.append([row(0, 50)]);
    expect(window.trimOldest()).toBe(0);
    expect(window.trimNewest()).toBe(0);
    expect(window.length).toBe(1);
  });

  it("finds places by offset, marks among them", () => {
    const window = new LogWindow({ items: 100, bytes: 1_000 });
    window.append([row(0), row(3), mark(4, 10, GapCause.LAGGED), row(12)]);
    expect(window.indexAt(0)).toBe(0);
    expect(window.indexAt(1)).toBe(1);
    expect(window.indexAt(7)).toBe(2);
    expect(window.indexAt(11)).toBe(3);
    expect(window.indexAt(13)).toBe(4);
    expect(window.row(3)?.offset).toBe(3);
    expect(window.row(2)).toBeUndefined();
  });

  it("puts what was loaded before the rest of its mark", () => {
    const window = new LogWindow({ items: 100, bytes: 1_000 });
    window.append([row(0), mark(1, 10, GapCause.LAGGED), row(10)]);
    window.replace("m10", [row(1), row(2), mark(3, 10, GapCause.LAGGED)]);
    expect(offsets(window.items)).toEqual([0, 1, 2, -10, 10]);
    window.replace("m10", [row(3)]);
    expect(offsets(window.items)).toEqual([0, 1, 2, 3, 10]);
    window.replace("m10", [row(4)]);
    expect(window.length).toBe(5);
    expect(window.bytes).toBe(5);
  });

  it("is the same as a sorted set, whatever is done to it", () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 200; round += 1) {
      const window = new LogWindow({ items: 20, bytes: 10_000 });
      let model: number[] = [];
      let low = 500;
      let high = 500;
      for (let step = 0; step < 30; step += 1) {
        const count = 1 + random(8);
        if (random(2) === 0) {
          window.append(rows(high, high + count));
          model.push(...Array.from({ length: count }, (_, index) => high + index));
          if (random(2) === 0) {
            window.trimOldest();
            model = model.slice(Math.max(model.length - 20, 0));
          } else {
            window.trimNewest();
            model = model.slice(0, 20);
          }
        } else {
          window.prepend(rows(low - count, low));
          model.unshift(...Array.from({ length: count }, (_, index) => low - count + index));
          window.trimNewest();
          model = model.slice(0, 20);
        }
        low = model[0]!;
        high = model[model.length - 1]! + 1;
        expect(offsets(window.items)).toEqual(model);
        expect(window.bytes).toBe(model.length);
      }
    }
  });
});
