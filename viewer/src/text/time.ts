// Times: nanoseconds of the wire, lines of the list, words of the range picker.

export type Zone = "local" | "utc";

const MS = 1_000_000n;
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

export function msOf(nanos: bigint): number {
  return Number(nanos / MS);
}

export function nanosOf(ms: number): bigint {
  return BigInt(Math.round(ms)) * MS;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  milli: number;
}

function parts(ms: number, zone: Zone): Parts {
  const date = new Date(ms);
  return zone === "utc"
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth(),
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        milli: date.getUTCMilliseconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth(),
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
        milli: date.getMilliseconds(),
      };
}

const two = (value: number): string => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `14:05:09.042` */
export function clock(ms: number, zone: Zone): string {
  const at = parts(ms, zone);
  return `${two(at.hour)}:${two(at.minute)}:${two(at.second)}.${String(at.milli).padStart(3, "0")}`;
}

/** `Nov 22`; a day of another year than now says which: `2019-11-22`. */
export function day(ms: number, zone: Zone, now = Date.now()): string {
  const at = parts(ms, zone);
  if (at.year === parts(now, zone).year) return `${MONTHS[at.month]} ${two(at.day)}`;
  return `${String(at.year).padStart(4, "0")}-${two(at.month + 1)}-${two(at.day)}`;
}

/** `2026-11-22 14:05:09`, or less of it, as much as a step of the scale needs. */
export function tick(ms: number, stepMs: number, zone: Zone, now = Date.now()): string {
  const at = parts(ms, zone);
  if (stepMs >= 28 * UNITS["d"]!) return `${MONTHS[at.month]} ${at.year}`;
  if (stepMs >= UNITS["d"]!) return day(ms, zone, now);
  const hourMinute = `${two(at.hour)}:${two(at.minute)}`;
  if (at.hour === 0 && at.minute === 0 && at.second === 0 && at.milli === 0) return day(ms, zone, now);
  if (stepMs >= 60_000) return hourMinute;
  if (stepMs >= 1_000) return `${hourMinute}:${two(at.second)}`;
  return `${two(at.minute)}:${two(at.second)}.${String(at.milli).padStart(3, "0")}`;
}

/** The whole time with its nine digits and its offset from UTC: `2026-11-22 14:05:09.042000123 +01:00`. */
export function fullTime(nanos: bigint, zone: Zone): string {
  if (nanos === 0n) return "";
  const ms = msOf(nanos);
  const at = parts(ms, zone);
  const fraction = String(nanos % 1_000_000_000n).padStart(9, "0");
  const date = `${String(at.year).padStart(4, "0")}-${two(at.month + 1)}-${two(at.day)}`;
  return `${date} ${two(at.hour)}:${two(at.minute)}:${two(at.second)}.${fraction} ${offsetOf(ms, zone)}`;
}

function offsetOf(ms: number, zone: Zone): string {
  const minutes = zone === "utc" ? 0 : -new Date(ms).getTimezoneOffset();
  if (minutes === 0) return "UTC";
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** RFC 3339 in UTC, without digits that say nothing; what stands in the address. */
export function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/u, "Z");
}

/** A bound of the time range: `-15m` before now, or a time that names its zone; null when it is neither. */
export function parseBound(text: string, now: number): number | null {
  const relative = /^-(\d{1,6})([smhdw])$/u.exec(text.trim());
  if (relative !== null) return now - Number(relative[1]) * (UNITS[relative[2] ?? ""] ?? 0);
  const absolute = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/u.test(text.trim());
  const ms = absolute ? Date.parse(text.trim().replace(" ", "T")) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** The value of a `datetime-local` field for a time, and back. */
export function toField(ms: number, zone: Zone): string {
  const at = parts(ms, zone);
  return `${String(at.year).padStart(4, "0")}-${two(at.month + 1)}-${two(at.day)}T${two(at.hour)}:${two(at.minute)}:${two(at.second)}`;
}

export function fromField(value: string, zone: Zone): number | null {
  const ms = value === "" ? Number.NaN : Date.parse(zone === "utc" ? `${value}Z` : value);
  return Number.isNaN(ms) ? null : ms;
}

/** A length of time in words: `500 ms`, `30 s`, `5 min`, `2 h`, `3 d`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms * 1_000) / 1_000} ms`;
  if (ms < 60_000) return `${Math.round(ms / 100) / 10} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 6_000) / 10} min`;
  if (ms < 86_400_000) return `${Math.round(ms / 360_000) / 10} h`;
  return `${Math.round(ms / 8_640_000) / 10} d`;
}
