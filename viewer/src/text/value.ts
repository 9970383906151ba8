// Attribute values as text, and records as JSON.
import type { AnyValue, KeyValue, LogRecord, Resource } from "../generated/spile/v1/record_pb";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A value as JSON. Integers beyond what a number holds exactly stay exact as text; bytes are base64. */
export function jsonOf(value: AnyValue | undefined): Json {
  const held = value?.value;
  switch (held?.case) {
    case "stringValue":
    case "boolValue":
      return held.value;
    case "doubleValue":
      return Number.isFinite(held.value) ? held.value : String(held.value);
    case "intValue": {
      const number = Number(held.value);
      return Number.isSafeInteger(number) ? number : String(held.value);
    }
    case "bytesValue":
      return base64(held.value);
    case "arrayValue":
      return held.value.values.map(jsonOf);
    case "kvlistValue":
      return objectOf(held.value.values);
    default:
      return null;
  }
}

export function objectOf(attributes: readonly KeyValue[]): { [key: string]: Json } {
  // Without a prototype, so that no key has a meaning of its own.
  const object = Object.create(null) as { [key: string]: Json };
  for (const { key, value } of attributes) object[key] = jsonOf(value);
  return object;
}

/** What stands in one line for a value. */
export function textOf(value: AnyValue | undefined): string {
  const json = jsonOf(value);
  return typeof json === "string" ? json : JSON.stringify(json);
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** The text with two blanks for each level when it is a JSON object or array; null when it is not. */
export function prettyJson(text: string): string | null {
  const trimmed = text.trim();
  if (!/^[[{]/u.test(trimmed) || trimmed.length > 1_000_000) return null;
  try {
    JSON.parse(trimmed);
  } catch {
    return null;
  }
  return indented(trimmed);
}

/** Lays JSON out without reading its numbers, so that none of them changes. */
function indented(json: string): string {
  let out = "";
  let depth = 0;
  const line = (): string => `\n${"  ".repeat(depth)}`;
  for (const token of json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gu) ?? []) {
    const empty = out.endsWith("{") || out.endsWith("[");
    if (token === "}" || token === "]") {
      depth -= 1;
      out += empty ? token : line() + token;
      continue;
    }
    if (empty) out += line();
    if (token === ",") out += `,${line()}`;
    else if (token === ":") out += ": ";
    else out += token;
    if (token === "{" || token === "[") depth += 1;
  }
  return out;
}

/** The whole record, as it is copied. */
export function recordJson(offset: number, record: LogRecord, resource: Resource | undefined, severity: string): string {
  const time = (nanos: bigint): Json => (nanos === 0n ? null : `${new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)}.${String(nanos % 1_000_000_000n).padStart(9, "0")}Z`);
  const fields: { [key: string]: Json } = {
    offset,
    time: time(record.timeUnixNano),
    observed_time: time(record.observedTimeUnixNano),
    severity,
    severity_text: record.severityText,
    body: record.body,
    event_name: record.eventName,
    scope: record.scopeName,
    trace_id: hex(record.traceId),
    span_id: hex(record.spanId),
    attributes: objectOf(record.attributes),
    resource: objectOf(resource?.attributes ?? []),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== "" && value !== null);
  return JSON.stringify(Object.fromEntries(given), null, 2);
}
