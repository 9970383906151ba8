// Severities as the viewer groups them: the six ranges of OpenTelemetry, and records whose source named none.

export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "none"] as const;

export type Level = (typeof LEVELS)[number];

/** How many records each level has. */
export type LevelCounts = Record<Level, number>;

const ASCENDING: readonly Level[] = ["trace", "debug", "info", "warn", "error", "fatal"];

/** The level of a severity number, 0 to 24. */
export function levelOf(severity: number): Level {
  return severity >= 1 ? (ASCENDING[Math.min(Math.floor((severity - 1) / 4), 5)] ?? "none") : "none";
}

/** What stands in a line: `ERROR`, or `ERROR2` for the finer steps. */
export function severityLabel(severity: number): string {
  if (severity < 1) return "";
  const step = (severity - 1) % 4;
  return levelOf(severity).toUpperCase() + (step === 0 ? "" : String(step + 1));
}

export function noCounts(): LevelCounts {
  return { fatal: 0, error: 0, warn: 0, info: 0, debug: 0, trace: 0, none: 0 };
}

export function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}
