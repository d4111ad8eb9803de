/**
 * CSV as RFC 4180 has it: a header line, commas, CRLF.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** A value that a CSV field can hold. */
export type CsvValue = null | undefined | boolean | number | bigint | string | Date | Uint8Array;

const NEEDS_QUOTES = /[",\r\n]/;

/** Formats one line, its CRLF included. */
export function formatCsvLine(values: readonly CsvValue[]): string {
  let line = "";
  for (let at = 0; at < values.length; at++) {
    if (at > 0) line += ",";
    line += formatCsvField(values[at]);
  }
  return line + "\r\n";
}

/** Quotes where RFC 4180 asks for it; an empty string is quoted too, to tell it from NULL. */
function formatCsvField(value: CsvValue): string {
  if (typeof value === "string") {
    return value === "" || NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }
  if (value === null || value === undefined) return "";
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex");
  }
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
