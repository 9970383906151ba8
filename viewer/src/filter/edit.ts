// Adds a condition to a filter expression, or its negation: what the + and − beside a field do.
import { isDisjunction, scan } from "./scan";
import { quote } from "./quote";

/** A value that a condition compares with. */
export type Operand = string | number | bigint | boolean;

/** `attributes.code=500`, `service.name="cart"`. */
export function condition(field: string, value: Operand): string {
  return `${field}=${typeof value === "string" ? quote(value) : String(value)}`;
}

/** The field of an attribute: its key stands in quotes where it would not be a bare word. */
export function fieldOf(space: "attributes" | "resource", key: string): string {
  if (space === "resource" && key === "service.name") return key;
  return `${space}.${/^[\p{L}\p{N}_][\p{L}\p{N}_.\-/]*$/u.test(key) ? key : quote(key)}`;
}

/** The expression with the condition, or with its negation; the opposite is taken out. Added twice is added once. */
export function withCondition(expression: string, wanted: string, negated: boolean): string {
  const opposite = negated ? wanted : `-${wanted}`;
  const added = negated ? `-${wanted}` : wanted;
  const terms = scan(expression).map((term) => term.text);
  if (isDisjunction(expression)) return `(${expression.trim()}) ${added}`;
  const kept = terms.filter((term) => term !== opposite && term !== "AND");
  if (!kept.includes(added)) kept.push(added);
  return kept.join(" ");
}
