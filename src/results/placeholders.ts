/**
 * The values of a query's placeholders: each one has a value, and each value has a placeholder.
 *
 * @module
 */

import type { SupportedValueType } from "node:sqlite";
import { SqlError } from "../errors.ts";
import type { SqlValue } from "./rows.ts";

/** A value for a placeholder. A boolean becomes 1 or 0, and a whole number an INTEGER. */
export type SqlParam = SqlValue | boolean;

/**
 * Values for a query's placeholders: an array for `?` and `?3`, or an object for `:name`, `@name` and
 * `$name`, with or without their sign.
 */
export type QueryParams = readonly SqlParam[] | Readonly<Record<string, SqlParam>>;

/** Values as a prepared statement takes them: in order, or one object of all of them by name. */
export type BoundValues =
  | readonly SupportedValueType[]
  | readonly [Record<string, SupportedValueType>];

const EXPECTED = "expected null, a number, a bigint, a string, a boolean or a Uint8Array";

/** The range of SQLite's integers, as of `INTEGER` in sqlite.org/datatype3.html. */
const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/**
 * Gives each placeholder its value.
 *
 * @param placeholders As they are written in the SQL, in order.
 * @throws {SqlError} A placeholder has no value, a value has no placeholder, or SQLite can't store one.
 */
export function bindParams(
  placeholders: readonly string[],
  params: QueryParams = [],
): BoundValues {
  const named = placeholders.filter((placeholder) => !placeholder.startsWith("?"));
  const numbered = placeholders.find((placeholder) => placeholder.startsWith("?"));
  if (named.length > 0 && numbered !== undefined) {
    throw new SqlError(
      `The query has placeholders of both kinds, ${numbered} and ${named[0]}; use one kind`,
    );
  }
  if (Array.isArray(params)) {
    if (named.length === 0) return bindArray(placeholders, params);
    if (params.length === 0) throw withoutValue(named[0]!);
    throw new SqlError(
      `The query has the placeholder ${named[0]}; give params as an object, such as ` +
        `{ ${bareName(named[0]!)}: ... }`,
    );
  }
  if (!isRecord(params)) {
    throw new SqlError(`params is ${describe(params)}; expected an array or a plain object`);
  }
  if (numbered !== undefined) {
    throw new SqlError(`The query has the placeholder ${numbered}; give params as an array`);
  }
  return bindRecord(named, params);
}

/** A `?` takes the number behind the greatest one before it: sqlite.org/lang_expr.html#varparam. */
function bindArray(
  placeholders: readonly string[],
  params: readonly unknown[],
): readonly SupportedValueType[] {
  let greatest = 0;
  for (const placeholder of placeholders) {
    const number = placeholder === "?" ? greatest + 1 : Number(placeholder.slice(1));
    greatest = Math.max(greatest, number);
    if (number > params.length || params[number - 1] === undefined) {
      throw withoutValue(`${placeholder === "?" ? `number ${number}` : placeholder}`);
    }
  }
  if (params.length > greatest) {
    throw new SqlError(
      `Value ${
        greatest + 1
      } of params has no placeholder: the query takes ${greatest}, and params ` +
        `has ${params.length}`,
    );
  }
  // A number that the SQL leaves out has a value all the same, so that the others keep theirs.
  return Array.from(
    params,
    (value, at) => toBindable(value === undefined ? null : value, `Value ${at + 1} of params`),
  );
}

function bindRecord(
  placeholders: readonly string[],
  params: Readonly<Record<string, unknown>>,
): readonly [Record<string, SupportedValueType>] {
  const bound: Record<string, SupportedValueType> = {};
  const used = new Set<string>();
  for (const placeholder of placeholders) {
    const key = [placeholder, bareName(placeholder)].find((key) => Object.hasOwn(params, key));
    if (key === undefined || params[key] === undefined) throw withoutValue(placeholder);
    used.add(key);
    bound[placeholder] = toBindable(params[key], `The value of ${placeholder}`);
  }
  const left = Object.keys(params).find((key) => !used.has(key));
  if (left === undefined) return [bound];
  const known = placeholders.length === 0 ? "it has none" : `it has ${placeholders.join(", ")}`;
  throw new SqlError(
    `The query has no placeholder for ${JSON.stringify(left)} of params; ${known}`,
  );
}

function toBindable(value: unknown, what: string): SupportedValueType {
  switch (typeof value) {
    case "boolean":
      return value ? 1n : 0n;
    case "number":
      // A number would be bound as a REAL, and 1 would come back as the text "1.0" from `? || ''`.
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (!Number.isNaN(value)) return value;
      break;
    case "bigint":
      if (value >= LEAST && value <= GREATEST) return value;
      throw new SqlError(`${what} is ${value}, and SQLite's integers have 64 bits`);
    case "string":
      if (value.isWellFormed()) return value;
      throw new SqlError(`${what} holds half of a surrogate pair, which UTF-8 can't store`);
    case "object":
      if (value === null || value instanceof Uint8Array) return value;
      if (value instanceof Date) {
        throw new SqlError(`${what} is a Date; give text, such as date.toISOString()`);
      }
  }
  throw new SqlError(`${what} is ${describe(value)}, which SQLite can't store; ${EXPECTED}`);
}

function withoutValue(placeholder: string): SqlError {
  return new SqlError(`The placeholder ${placeholder} has no value in params`);
}

function bareName(placeholder: string): string {
  return placeholder.slice(1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Names what a value is, without its content. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) {
    return `a ${value.constructor?.name ?? "Object"}`;
  }
  return Number.isNaN(value) || value === null || value === undefined
    ? String(value)
    : `a ${typeof value}`;
}
