// Numbers for people: `1,234,567` where there is room, `1.2M` where there is none.

const WHOLE = new Intl.NumberFormat("en-US");

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** At most four characters below a billion: `999`, `1.2k`, `34k`, `1.2M`. */
export function short(value: number): string {
  if (value < 1_000) return String(value);
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (value >= size) {
      const scaled = value / size;
      return `${scaled < 10 ? Math.floor(scaled * 10) / 10 : Math.floor(scaled)}${unit}`;
    }
  }
  return String(value);
}

export function bytes(value: number): string {
  for (const [size, unit] of [[2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]] as const) {
    if (value >= size) return `${(value / size).toFixed(value / size < 10 ? 1 : 0)} ${unit}`;
  }
  return `${value} B`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
