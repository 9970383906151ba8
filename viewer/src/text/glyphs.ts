// Text of others made safe to look at: what would be invisible, or turn the line around, becomes a sign that can be seen.

/** A run of text. `sign` is a character made visible; `found` is what a search looked for. */
export interface Run {
  readonly kind: "text" | "sign" | "found";
  readonly text: string;
  /** For a sign: which character it stands for. */
  readonly title?: string;
}

/** C0, DEL and C1 but the tab; what formats and is not seen, bidirectional controls among them; separators of lines; lone surrogates. */
const UNSEEN = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]|\p{Cf}|[\u2028\u2029\u115f\u1160\u3164\uffa0]|\p{Cs}|[\u{e0000}-\u{e0fff}]/gu;
const ANY_UNSEEN = new RegExp(UNSEEN.source, "u");

const NAMES: Record<number, string> = {
  0x0a: "line feed",
  0x0d: "carriage return",
  0x1b: "escape",
  0x00: "null",
  0x200b: "zero width space",
  0x200d: "zero width joiner",
  0x200e: "left-to-right mark",
  0x200f: "right-to-left mark",
  0x202a: "left-to-right embedding",
  0x202b: "right-to-left embedding",
  0x202c: "pop directional formatting",
  0x202d: "left-to-right override",
  0x202e: "right-to-left override",
  0x2066: "left-to-right isolate",
  0x2067: "right-to-left isolate",
  0x2068: "first strong isolate",
  0x2069: "pop directional isolate",
  0xfeff: "byte order mark",
};

/** The sign for a character that cannot be seen: `␛`, `↵`, `‹U+202E›`. */
export function signOf(char: string): Run {
  const code = char.codePointAt(0) ?? 0;
  const point = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  const title = NAMES[code] === undefined ? point : `${point} ${NAMES[code]}`;
  if (code === 0x0a) return { kind: "sign", text: "↵", title };
  if (code === 0x7f) return { kind: "sign", text: "␡", title };
  if (code < 0x20) return { kind: "sign", text: String.fromCodePoint(0x2400 + code), title };
  return { kind: "sign", text: `‹${point}›`, title };
}

/** The runs of a text. `lines` keeps line feeds as they are, for places that show several lines. */
export function runsOf(text: string, find: RegExp | null = null, lines = false): Run[] {
  if (find === null && !ANY_UNSEEN.test(text)) return text === "" ? [] : [{ kind: "text", text }];
  const runs: Run[] = [];
  for (const piece of split(text, find)) {
    if (piece.found) visible(piece.text, lines, "found", runs);
    else visible(piece.text, lines, "text", runs);
  }
  return runs;
}

/** The text in one string, with signs in place; for titles and labels, which have no markup. */
export function visibleText(text: string): string {
  return text.replace(UNSEEN, (char) => signOf(char).text);
}

function* split(text: string, find: RegExp | null): Generator<{ text: string; found: boolean }> {
  let end = 0;
  if (find !== null) {
    for (const match of text.matchAll(find)) {
      if (match[0] === "") continue;
      if (match.index > end) yield { text: text.slice(end, match.index), found: false };
      yield { text: match[0], found: true };
      end = match.index + match[0].length;
    }
  }
  if (end < text.length) yield { text: text.slice(end), found: false };
}

function visible(text: string, lines: boolean, kind: "text" | "found", runs: Run[]): void {
  let end = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (lines && match[0] === "\n") continue;
    if (match.index > end) runs.push({ kind, text: text.slice(end, match.index) });
    runs.push(signOf(match[0]));
    end = match.index + match[0].length;
  }
  if (end < text.length) runs.push({ kind, text: text.slice(end) });
}
