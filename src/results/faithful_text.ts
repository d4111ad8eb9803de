/**
 * Text that a string can't hold. SQLite stores any bytes as text; through `node:sqlite` a string ends
 * at a NUL character, and bytes that aren't UTF-8 become U+FFFD, both without an error.
 *
 * @module
 */

import { ResultsError } from "../errors.ts";
import type { SqlValue } from "./rows.ts";

/** SQL that says whether any of some columns is text with a NUL character. */
export function anyNul(names: readonly string[]): string {
  return names.map((name) =>
    `(typeof(${name}) = 'text' AND instr(CAST(${name} AS BLOB), x'00') > 0)`
  )
    .join(" OR ");
}

/** SQL that is true, or fails with an error if any of some columns is text with a NUL character. */
export function failIfAnyNul(names: readonly string[]): string {
  if (names.length === 0) return "1";
  const found = names.map((name) =>
    `instr(CAST(${name} AS BLOB), x'00') > 0 AND typeof(${name}) = 'text'`
  );
  // abs() of the least integer is an error: https://www.sqlite.org/lang_corefunc.html#abs
  return `(NOT (${found.join(" OR ")}) OR abs(-9223372036854775807 - 1))`;
}

/**
 * SQL that counts the characters U+FFFD that are really written in some columns of text. A string has
 * more of them if it was made of bytes that aren't UTF-8.
 */
export function sumReplacements(names: readonly string[]): string {
  return names.map((name) =>
    `iif(typeof(${name}) = 'text' AND instr(CAST(${name} AS BLOB), x'efbfbd') > 0, ` +
    `(octet_length(${name}) - octet_length(replace(${name}, char(65533), ''))) / 3, 0)`
  ).join(" + ");
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

/** Says that a row (counted from 1) holds text that is not UTF-8. */
export function utf8Error(number: number): ResultsError {
  return new ResultsError(
    `Row ${number} holds text that isn't UTF-8, which a string can't hold; ${BYTES_HINT}`,
  );
}
