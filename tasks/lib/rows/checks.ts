/**
 * The CHECK constraints of a table, and what the usual forms of them ask of a column. That is only a guide
 * to values that may pass: SQLite itself decides.
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import type { Table } from "../schema/tables.ts";
import { isWord, type Token, tokensOf } from "../schema/tokens.ts";
import type { Value } from "./values.ts";

/** What a check seems to ask of a column's values. */
export interface Wish {
  /** They are among these. */
  oneOf?: Value[];
  /** The least number. */
  min?: number;
  /** The largest number. */
  max?: number;
  /** The fewest characters. */
  minLength?: number;
  /** The most characters. */
  maxLength?: number;
  /** They are like this, in the way of LIKE or GLOB. */
  pattern?: { kind: "LIKE" | "GLOB"; text: string };
}

/** A constraint. */
export interface Check {
  /** What SQLite calls it in its message: its name, or else its expression. */
  label: string;
  /** The columns that it reads. */
  columns: string[];
  /** What it seems to ask, by column. */
  wishes: Map<string, Wish>;
  /** All values that are written in it, and those beside its numbers. */
  literals: Value[];
}

/** Reads the constraints from the statement that made a table. */
export function checksOf({ sql, columns }: Table): Check[] {
  const tokens = tokensOf(sql);
  const names = columns.map(({ name }) => name);
  return tokens.flatMap((token, at) => {
    if (!isWord(token, "CHECK") || tokens[at + 1]?.text !== "(") return [];
    const end = closing(tokens, at + 1);
    const inner = tokens.slice(at + 2, end);
    const named = isWord(tokens[at - 2], "CONSTRAINT") ? tokens[at - 1]?.value : undefined;
    const text = inner.length === 0 ? "" : sql.slice(inner[0]!.start, inner.at(-1)!.end);
    return [readCheck(inner, named ?? text, names)];
  });
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === "(") depth++;
    if (tokens[at]!.text === ")" && --depth === 0) return at;
  }
  return tokens.length;
}

function readCheck(tokens: readonly Token[], label: string, names: readonly string[]): Check {
  const columnAt = (at: number) => {
    const token = tokens[at];
    if (token === undefined || (token.kind !== "word" && token.kind !== "quoted")) return undefined;
    return names.find((name) => isSame(name, token.value));
  };
  const wishes = new Map<string, Wish>();
  const columns = new Set<string>();
  const literals: Value[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const value = literalAt(tokens, at)?.value;
    if (typeof value === "number") literals.push(value, value + 1, value - 1);
    else if (value !== undefined) literals.push(value);
    const column = columnAt(at);
    if (column === undefined) continue;
    columns.add(column);
    const ofLength = isWord(tokens[at - 2], "LENGTH") && tokens[at - 1]?.text === "(";
    const wish = wishAt(tokens, ofLength ? at + 2 : at + 1);
    const wished = ofLength ? lengthOf(wish) : wish;
    wishes.set(column, { ...wishes.get(column), ...wished });
  }
  return { label, columns: [...columns], wishes, literals };
}

/** What stands behind a column: an operator and literals. */
function wishAt(tokens: readonly Token[], at: number): Wish {
  if (isWord(tokens[at], "IN") && tokens[at + 1]?.text === "(") {
    const oneOf: Value[] = [];
    for (let next = at + 2; next < tokens.length && tokens[next]!.text !== ")"; next++) {
      const found = literalAt(tokens, next);
      if (found === undefined) continue;
      oneOf.push(found.value);
      next = found.end - 1;
    }
    return oneOf.length > 0 ? { oneOf } : {};
  }
  if (isWord(tokens[at], "BETWEEN")) {
    const min = literalAt(tokens, at + 1);
    const max = min && literalAt(tokens, min.end + 1);
    return typeof min?.value === "number" && typeof max?.value === "number"
      ? { min: min.value, max: max.value }
      : {};
  }
  for (const kind of ["LIKE", "GLOB"] as const) {
    const text = tokens[at + 1];
    if (isWord(tokens[at], kind) && text?.kind === "string") {
      return { pattern: { kind, text: text.value } };
    }
  }
  return comparison(tokens, at);
}

function comparison(tokens: readonly Token[], at: number): Wish {
  const first = tokens[at]?.text ?? "";
  const second = tokens[at + 1]?.text ?? "";
  const operator = second === "=" || second === ">" ? first + second : first;
  const value = literalAt(tokens, at + operator.length)?.value;
  if (value === undefined) return {};
  if (operator === "=" || operator === "==") return { oneOf: [value] };
  if (typeof value !== "number") return {};
  // Numbers close to a bound suit a strict one as well, and an integer as well as a fraction.
  if (operator === ">=" || operator === ">") return { min: operator === ">" ? value + 1 : value };
  if (operator === "<=" || operator === "<") return { max: operator === "<" ? value - 1 : value };
  return {};
}

function lengthOf({ min, max, oneOf }: Wish): Wish {
  const exact = oneOf?.find((value) => typeof value === "number");
  if (typeof exact === "number") return { minLength: exact, maxLength: exact };
  return {
    ...(min === undefined ? {} : { minLength: min }),
    ...(max === undefined ? {} : { maxLength: max }),
  };
}

function literalAt(
  tokens: readonly Token[],
  at: number,
): { value: string | number; end: number } | undefined {
  const negative = tokens[at]?.text === "-" ? 1 : 0;
  const token = tokens[at + negative];
  if (token?.kind === "number") {
    return { value: Number(token.text) * (negative ? -1 : 1), end: at + negative + 1 };
  }
  return token?.kind === "string" && !negative ? { value: token.value, end: at + 1 } : undefined;
}
