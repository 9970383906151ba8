// The texts that a filter looks for in bodies, so that they can be marked in the lines.
import { unescape } from "./quote";
import { scan } from "./scan";

const BODY = /^body\s*[:=]\s*/u;

/** Every text at the top level, bare or in quotes, and `body:` values; nothing that is negated. */
export function soughtTexts(expression: string): string[] {
  const texts: string[] = [];
  for (const { text } of scan(expression)) {
    if (text === "AND" || text === "OR" || text.startsWith("-") || text.startsWith("NOT ")) continue;
    if (text.startsWith("(")) {
      if (text.endsWith(")")) texts.push(...soughtTexts(text.slice(1, -1)));
      continue;
    }
    const value = text.replace(BODY, "");
    const quoted = /^(["'])(.*)\1$/su.exec(value);
    if (quoted !== null) texts.push(unescape(quoted[2] ?? ""));
    else if (!/[=<>!~:*()"\\]/u.test(value)) texts.push(value);
  }
  return [...new Set(texts.filter((text) => text !== ""))];
}

/** Finds any of the texts, in any case; null when there is none. */
export function finder(texts: readonly string[]): RegExp | null {
  if (texts.length === 0) return null;
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&")).join("|"), "giu");
}
