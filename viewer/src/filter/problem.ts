// What the server says of a wrong filter: the text, and the place that it is about.

export interface Problem {
  /** What is wrong and what would be right. */
  readonly text: string;
  /** The characters of the expression that it is about, if the server said which. */
  readonly start?: number;
  readonly end?: number;
}

/** Reads the description of a wrong `filter.expression`: a sentence, then the expression's line with a line of carets below. */
export function problemOf(message: string): Problem {
  const lines = message.split("\n");
  const head = (lines[0] ?? "").replace(/^not a filter: (?:filter\.expression: )?/u, "");
  const found = /^invalid filter at column (\d+): (.*)$/su.exec(head);
  if (found === null) return { text: head };
  const start = Number(found[1]) - 1;
  const carets = lines.map((line) => /^\s*(\^+)\s*$/u.exec(line)?.[1]).find((run) => run !== undefined);
  return { text: found[2] ?? head, start, end: start + Math.max(carets?.length ?? 1, 1) };
}
