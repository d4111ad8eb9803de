/**
 * JSON whose numbers aren't altered.
 *
 * @module
 */

import { QueryEngineError } from "../errors.ts";
import type { JsonValue } from "../json_value.ts";

/** What TypeScript doesn't know yet of the reviver's third argument and of raw JSON. */
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * Parses JSON. A number that JavaScript would write otherwise, such as an integer beyond 2^53, is its
 * own text.
 *
 * @returns The value; `undefined` if the text isn't JSON.
 */
export function parseExactly(text: string): unknown {
  const reviver: Reviver = (_, value, { source }) =>
    typeof value === "number" && String(value) !== source ? source : value;
  try {
    return JSON.parse(text, reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/**
 * A query's parameters as `JSON.stringify` will write them: numbers of a JSON text just as they are
 * there.
 *
 * @throws {QueryEngineError} The text isn't a JSON array, or a number is one that JSON can't hold.
 */
export function exactParams(params: readonly JsonValue[] | string): unknown {
  if (typeof params !== "string") return params.map(checkNumbers);
  const reviver: Reviver = (_, value, { source }) =>
    typeof value === "number" ? rawJSON(source!) : value;
  try {
    const value = JSON.parse(params, reviver as Parameters<typeof JSON.parse>[1]);
    if (Array.isArray(value)) return value;
  } catch {
    // It is told below.
  }
  throw new QueryEngineError("The query's parameters aren't a JSON array");
}

function checkNumbers(value: JsonValue): JsonValue {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new QueryEngineError(`A parameter of the query is ${value}, which JSON can't hold`);
  }
  if (typeof value === "object" && value !== null) Object.values(value).forEach(checkNumbers);
  return value;
}
