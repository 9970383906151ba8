// One filter expression of everything that is chosen: the search box, the levels, the services.
import { LEVELS, type Level } from "../model/severity";
import { quote } from "./quote";

export interface Choice {
  /** The text of the search box. */
  readonly expression: string;
  /** The levels that are shown; empty means all. */
  readonly levels: readonly Level[];
  /** The services that are shown; empty means all. */
  readonly services: readonly string[];
}

/** How a level is written as a value of `severity`. */
const VALUE: Record<Level, string> = {
  fatal: "FATAL",
  error: "ERROR",
  warn: "WARN",
  info: "INFO",
  debug: "DEBUG",
  trace: "TRACE",
  none: "0",
};

export function compose({ expression, levels, services }: Choice): string {
  const own = expression.trim();
  const chosen = LEVELS.filter((level) => levels.includes(level));
  const terms: string[] = [];
  if (chosen.length > 0 && chosen.length < LEVELS.length) terms.push(oneOf("severity", chosen.map((level) => VALUE[level])));
  if (services.length > 0) terms.push(oneOf("service.name", services.map(quote)));
  if (own === "") return terms.join(" ");
  // In parentheses, so that an OR in the box stays what it is.
  return terms.length === 0 ? own : [`(${own})`, ...terms].join(" ");
}

function oneOf(field: string, values: readonly string[]): string {
  return values.length === 1 ? `${field}=${values[0]}` : `${field}=(${values.join(" OR ")})`;
}
