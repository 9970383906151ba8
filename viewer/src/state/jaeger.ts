// Where a trace is looked at.

/** The address of a trace in Jaeger, or null when no address of Jaeger is known that a browser may open. */
export function traceUrl(jaeger: string, traceId: string): string | null {
  if (jaeger.trim() === "" || traceId === "") return null;
  try {
    const base = new URL(jaeger.trim());
    if (base.protocol !== "http:" && base.protocol !== "https:") return null;
    return `${base.origin}${base.pathname.replace(/\/+$/u, "")}/trace/${encodeURIComponent(traceId)}`;
  } catch {
    return null;
  }
}
