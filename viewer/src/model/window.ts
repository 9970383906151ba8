// The lines that are kept in memory: a contiguous window over all that match, bounded in number and bytes. What falls out of it at
// one end is read again when someone scrolls there.
import { endOf, startOf, type Item, type Mark, type Row } from "./row";

export interface Bounds {
  readonly items: number;
  readonly bytes: number;
}

export class LogWindow {
  private list: readonly Item[] = [];
  private total = 0;

  constructor(private readonly bounds: Bounds) {}

  get items(): readonly Item[] {
    return this.list;
  }

  get length(): number {
    return this.list.length;
  }

  get bytes(): number {
    return this.total;
  }

  get first(): Item | undefined {
    return this.list[0];
  }

  get last(): Item | undefined {
    return this.list[this.list.length - 1];
  }

  /** Whether one more page would be too much. */
  get isFull(): boolean {
    return this.list.length >= this.bounds.items || this.total >= this.bounds.bytes;
  }

  clear(): void {
    this.list = [];
    this.total = 0;
  }

  /** Adds newer items, ascending. Those that are here already are passed over; gives how many rows are new. */
  append(items: readonly Item[]): number {
    const end = this.last === undefined ? 0 : endOf(this.last);
    const fresh = items.filter((item) => startOf(item) >= end);
    if (fresh.length > 0) this.list = this.list.concat(fresh);
    this.total += weigh(fresh);
    return rows(fresh);
  }

  /** Adds older items, ascending. Those that are here already are passed over; gives how many rows are new. */
  prepend(items: readonly Item[]): number {
    const start = this.first === undefined ? Number.POSITIVE_INFINITY : startOf(this.first);
    const fresh = items.filter((item) => endOf(item) <= start);
    if (fresh.length > 0) this.list = fresh.concat(this.list);
    this.total += weigh(fresh);
    return rows(fresh);
  }

  /** Drops the oldest until the window is within its bounds; gives how many went. */
  trimOldest(): number {
    let drop = 0;
    let bytes = this.total;
    while (this.list.length - drop > this.bounds.items || (bytes > this.bounds.bytes && this.list.length - drop > 1)) {
      bytes -= weightOf(this.list[drop]!);
      drop += 1;
    }
    if (drop > 0) this.list = this.list.slice(drop);
    this.total = bytes;
    return drop;
  }

  /** Drops the newest until the window is within its bounds; gives how many went. */
  trimNewest(): number {
    let keep = this.list.length;
    let bytes = this.total;
    while (keep > this.bounds.items || (bytes > this.bounds.bytes && keep > 1)) {
      keep -= 1;
      bytes -= weightOf(this.list[keep]!);
    }
    const dropped = this.list.length - keep;
    if (dropped > 0) this.list = this.list.slice(0, keep);
    this.total = bytes;
    return dropped;
  }

  /** Puts items in the place of a mark. */
  replace(key: string, items: readonly Item[]): void {
    const at = this.list.findIndex((item) => item.key === key);
    if (at < 0) return;
    this.list = [...this.list.slice(0, at), ...items, ...this.list.slice(at + 1)];
    this.total += weigh(items);
  }

  findMark(key: string): Mark | undefined {
    return this.list.find((item): item is Mark => item.kind === "mark" && item.key === key);
  }

  /** The place of the first item at or behind an offset; the length when there is none. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.list[middle]!) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  row(offset: number): Row | undefined {
    const item = this.list[this.indexAt(offset)];
    return item?.kind === "row" && item.offset === offset ? item : undefined;
  }
}

function weightOf(item: Item): number {
  return item.kind === "row" ? item.weight : 0;
}

function weigh(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + weightOf(item), 0);
}

function rows(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + (item.kind === "row" ? 1 : 0), 0);
}
