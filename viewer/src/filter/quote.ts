// Texts as they stand in quotes in a filter expression.

const ESCAPES: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text in quotes; control characters and invisible ones are written as escapes, so that they can be read. */
export function quote(text: string): string {
  const inside = text.replace(/["\\]|\p{Cc}|\p{Cf}/gu, (char) => {
    return ESCAPES[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${inside}"`;
}

/** Reads what `quote` writes, without the quotes around it. */
export function unescape(inside: string): string {
  return inside.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|(.))/gsu, (whole, hex: string | undefined, char: string | undefined) => {
    if (hex !== undefined) {
      const code = Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    return { n: "\n", r: "\r", t: "\t" }[char ?? ""] ?? char ?? "";
  });
}
