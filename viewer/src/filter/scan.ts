// Splits a filter expression into its top-level terms. It is lenient: the server is the one who judges.

/** A term as it is written, with its place. */
export interface Term {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const OPERATOR = /^\s*(?:!=|!~|=~|<=|>=|=|<|>|:)\s*/u;
const FIELD = /[\p{L}\p{N}_.\-"']/u;

/** The terms at the top level: blanks separate them, unless they stand in quotes, in parentheses or around an operator. */
export function scan(expression: string): Term[] {
  const terms: Term[] = [];
  let at = 0;
  while (at < expression.length) {
    if (/\s/u.test(expression.charAt(at))) {
      at += 1;
      continue;
    }
    const start = at;
    at = skipTerm(expression, at);
    terms.push({ text: expression.slice(start, at), start, end: at });
  }
  return terms;
}

/** Whether the terms at the top level are joined by OR. */
export function isDisjunction(expression: string): boolean {
  return scan(expression).some((term) => term.text === "OR");
}

function skipTerm(text: string, from: number): number {
  let at = from;
  if (text.startsWith("NOT ", at)) {
    at += 4;
    while (text.charAt(at) === " ") at += 1;
  }
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") {
      at = skipQuoted(text, at);
    } else if (char === "(") {
      at = skipGroup(text, at);
    } else if (char === ")") {
      return at + 1;
    } else {
      const operator = OPERATOR.exec(text.slice(at));
      const before = text.slice(from, at);
      if (operator !== null && operator[0].trim() !== "" && before !== "" && FIELD.test(before.charAt(before.length - 1))) {
        at += operator[0].length;
        continue;
      }
      if (/\s/u.test(char)) return at;
      at += 1;
    }
  }
  return at;
}

function skipQuoted(text: string, from: number): number {
  const quote = text.charAt(from);
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "\\") at += 1;
    else if (char === quote) return at + 1;
  }
  return text.length;
}

function skipGroup(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = skipQuoted(text, at) - 1;
    else if (char === "(") depth += 1;
    else if (char === ")" && --depth === 0) return at + 1;
  }
  return text.length;
}
