// What one person has chosen on one machine: kept in the browser, not in the address.
import { signal, effect } from "@preact/signals";
import { DEFAULT_VIEW, type Defaults } from "./view";

export type Theme = "system" | "light" | "dark";

export interface Settings {
  readonly theme: Theme;
  /** Where Jaeger is; empty: as the server says. */
  readonly jaegerUrl: string;
  /** How many lines around a record are shown. */
  readonly contextLines: number;
  readonly display: Defaults;
}

const KEY = "spile.viewer";

const { wrap, zone, density, chart } = DEFAULT_VIEW;
const NONE: Settings = { theme: "system", jaegerUrl: "", contextLines: 5, display: { wrap, zone, density, chart } };

export const settings = signal<Settings>(load());

export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.value, ...part };
}

effect(() => {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.value));
  } catch {
    // A browser that keeps nothing: the settings last as long as the page.
  }
});

/** Reads what is kept; what cannot be is as if it were not there. */
export function parse(text: string | null): Settings {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    return NONE;
  }
  if (typeof kept !== "object" || kept === null) return NONE;
  const { theme, jaegerUrl, contextLines, display } = kept as Record<string, unknown>;
  const shown = (typeof display === "object" && display !== null ? display : {}) as Record<string, unknown>;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    jaegerUrl: typeof jaegerUrl === "string" ? jaegerUrl : "",
    contextLines: typeof contextLines === "number" && contextLines >= 1 && contextLines <= 100 ? Math.floor(contextLines) : 5,
    display: {
      wrap: shown["wrap"] === true,
      zone: shown["zone"] === "utc" ? "utc" : "local",
      density: shown["density"] === "cosy" ? "cosy" : "compact",
      chart: shown["chart"] !== false,
    },
  };
}

function load(): Settings {
  try {
    return parse(localStorage.getItem(KEY));
  } catch {
    return NONE;
  }
}
