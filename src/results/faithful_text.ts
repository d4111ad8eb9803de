/**
 * Text that a string can't hold. SQLite stores any bytes as text; through `node:sqlite` a string ends
 * at a NUL character, and bytes that aren't valid Unicode become U+FFFD, both without an error.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { ResultsError } from "../errors.ts";
import type { SqlValue } from "./rows.ts";

const NUL = 0;
const REPLACEMENT = 0xfffd;

/** Whether a database stores text as UTF-16 rather than UTF-8. */
export function isUtf16(db: DatabaseSync): boolean {
  return String(db.prepare("PRAGMA encoding").get()?.encoding).startsWith("UTF-16");
}

/** SQL that says whether any of some columns is text with a NUL character. */
export function anyNul(names: readonly string[], utf16 = false): string {
  return joined(
    names.map((name) => `(typeof(${name}) = 'text' AND ${has(name, NUL, utf16)})`),
    "OR",
  );
}

/**
 * SQL that is true, or fails with an error if any of some columns is text with a NUL character. For
 * UTF-8 only.
 */
export function failIfAnyNul(names: readonly string[]): string {
  if (names.length === 0) return "1";
  const found = names.map((name) => `(${has(name, NUL, false)} AND typeof(${name}) = 'text')`);
  // abs() of the least integer is an error: https://www.sqlite.org/lang_corefunc.html#abs
  return `(NOT ${joined(found, "OR")} OR abs(-9223372036854775807 - 1))`;
}

/** Less than all U+FFFD of a row can be: the count of a row with invalid UTF-16. */
const INVALID = -1e12;

/**
 * SQL that counts the characters U+FFFD that are really written in some columns of text. A string has
 * more of them if it was made of bytes that aren't valid. Text in UTF-16 that isn't valid doesn't get
 * them from SQLite, so there it is compared with itself after a way through UTF-8, and counts as less
 * than 0.
 */
export function sumReplacements(names: readonly string[], utf16 = false): string {
  const counts = names.map((name) => {
    const written = `iif(${has(name, REPLACEMENT, utf16)}, ` +
      `length(${name}) - length(replace(${name}, char(${REPLACEMENT}), '')), 0)`;
    const count = utf16
      ? `iif(CAST(substr(${name}, 1) AS BLOB) = CAST(${name} AS BLOB), ${written}, ${INVALID})`
      : written;
    return `iif(typeof(${name}) = 'text', ${count}, 0)`;
  });
  return joined(counts, "+");
}

/** SQL that says whether text holds a character, which is given by its code point. */
function has(name: string, codePoint: number, utf16: boolean): string {
  if (utf16) return `instr(${name}, char(${codePoint})) > 0`;
  // As a BLOB it needn't be split into characters; in UTF-16 its bytes would be others.
  const utf8 = new TextEncoder().encode(String.fromCodePoint(codePoint));
  const hex = [...utf8].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `instr(CAST(${name} AS BLOB), x'${hex}') > 0`;
}

/** Joins terms as a balanced tree: SQLite allows an expression a depth of 1000, and a table 2000 columns. */
export function joined(terms: readonly string[], operator: string): string {
  if (terms.length <= 1) return terms[0] ?? "0";
  const middle = terms.length >> 1;
  const half = (some: readonly string[]) => joined(some, operator);
  return `(${half(terms.slice(0, middle))} ${operator} ${half(terms.slice(middle))})`;
}

/** Counts the characters U+FFFD in the strings of a row. */
export function countReplacements(row: readonly SqlValue[]): number {
  let count = 0;
  for (const value of row) {
    if (typeof value === "string" && value.includes("\uFFFD")) {
      count += value.split("\uFFFD").length - 1;
    }
  }
  return count;
}

const BYTES_HINT = "read its bytes, with CAST(column AS BLOB) in results.query()";

/** Says that a row (counted from 1) holds text with a NUL character. */
export function nulError(number: number): ResultsError {
  return new ResultsError(
    `Row ${number} holds text with a NUL character, at which a string would be cut; ${BYTES_HINT}`,
  );
}

/** Says that a row (counted from 1) holds text that is not valid Unicode. */
export function invalidTextError(number: number): ResultsError {
  return new ResultsError(
    `Row ${number} holds text that isn't valid UTF-8 or UTF-16, which a string can't hold; ` +
      BYTES_HINT,
  );
}
