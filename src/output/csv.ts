/**
 * CSV as RFC 4180 has it: a header line, commas, CRLF.
 *
 * @module
 */

import { ArtifactError } from "../errors.ts";
import { printable } from "../printable.ts";
import { DatabaseRows } from "../results/rows.ts";
import type { CsvOptions } from "./artifacts.ts";
import { toHexadecimal } from "./hexadecimal.ts";

/** A value that a CSV field can hold. */
type CsvValue = null | undefined | boolean | number | bigint | string | Date | Uint8Array;

const NEEDS_QUOTES = /[",\r\n]/;
const FORMULA = /^[=+\-@\t\r]/;
const BYTE_ORDER_MARK = "\uFEFF";

/**
 * Writes rows as CSV.
 *
 * @param write Takes the text, piece by piece.
 * @param name The artifact's name, for messages.
 * @throws {ArtifactError} As `Artifacts.writeCsv` says.
 */
export async function writeCsv(
  write: (text: string) => void,
  rows: Iterable<object> | AsyncIterable<object>,
  { columns, bom = false, safeFormulas = false }: CsvOptions,
  name: string,
): Promise<void> {
  if (bom) write(BYTE_ORDER_MARK);
  const format = { write, safeFormulas, name };
  if (rows instanceof DatabaseRows) return writeDatabaseRows(rows, columns, format);
  const lines = new ObjectLines(columns, format);
  if (Symbol.asyncIterator in rows) {
    for await (const row of rows) lines.add(row);
  } else {
    for (const row of rows) lines.add(row);
  }
}

interface Format {
  write: (text: string) => void;
  safeFormulas: boolean;
  name: string;
}

/** Writes rows straight from the database, which need not become objects, nor be checked. */
function writeDatabaseRows(
  rows: DatabaseRows<object>,
  columns: readonly string[] | undefined,
  { write, safeFormulas, name }: Format,
): void {
  const names = rows.columns.map(({ name }) => name);
  const places = columns?.map((column) => {
    const at = names.indexOf(column);
    if (at < 0) throw new ArtifactError(`${name}: ${lacking("the rows have", column, names)}`);
    return at;
  });
  write(formatLine(columns ?? names, safeFormulas));
  for (const batch of rows.batches()) {
    for (const values of batch) {
      write(formatLine(places?.map((at) => values[at]) ?? values, safeFormulas));
    }
  }
}

/** Checks and writes objects, one after another. */
class ObjectLines {
  readonly #format: Format;
  /** Whether the columns were named, so that a row may have more. */
  readonly #named: boolean;
  #columns?: readonly string[];
  #rows = 0;

  constructor(columns: readonly string[] | undefined, format: Format) {
    this.#format = format;
    this.#named = columns !== undefined;
    if (columns !== undefined) this.#begin(columns);
  }

  /** Writes the line of a row. */
  add(row: object): void {
    this.#rows++;
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw this.#error(`is ${describe(row)}; expected an object by column name`);
    }
    const columns = this.#columns ?? this.#begin(Object.keys(row));
    const values: CsvValue[] = [];
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at]!;
      const value = (row as Record<string, unknown>)[column];
      if (value === undefined && !(column in row)) {
        throw this.#error(lacking("has", column, Object.keys(row)));
      }
      const problem = problemOf(value);
      if (problem !== undefined) throw this.#error(`, column ${quoted(column)}: ${problem}`);
      values.push(value as CsvValue);
    }
    if (!this.#named && Object.keys(row).length !== columns.length) {
      const extra = Object.keys(row).find((key) => !columns.includes(key));
      throw this.#error(
        `has the column ${quoted(extra!)}, which the first row lacks; name the columns to write ` +
          "with the option `columns`",
      );
    }
    this.#format.write(formatLine(values, this.#format.safeFormulas));
  }

  #begin(columns: readonly string[]): readonly string[] {
    const half = columns.find((column) => !column.isWellFormed());
    if (half !== undefined) {
      throw new ArtifactError(`${this.#format.name}: the column name ${quoted(half)} ${HALF}`);
    }
    if (columns.length === 0) throw this.#error("has no columns");
    this.#format.write(formatLine(columns, this.#format.safeFormulas));
    return this.#columns = columns;
  }

  #error(problem: string): ArtifactError {
    const space = problem.startsWith(",") ? "" : " ";
    return new ArtifactError(`${this.#format.name}: row ${this.#rows}${space}${problem}`);
  }
}

const HALF = "holds half of a surrogate pair, which UTF-8 can't store";

/** What keeps a value from being a field. */
function problemOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? undefined : `the text ${HALF}`;
    case "number":
      return Number.isNaN(value) ? "the value is NaN" : undefined;
    case "undefined":
    case "boolean":
    case "bigint":
      return undefined;
  }
  if (value === null || value instanceof Uint8Array) return undefined;
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "the date is invalid" : undefined;
  }
  return `the value is ${describe(value)}; give text, such as JSON.stringify(value)`;
}

/** Says which column is missing, and which one was perhaps meant. */
function lacking(subject: string, column: string, keys: readonly string[]): string {
  const close = keys.find((key) => key.toLowerCase() === column.toLowerCase());
  const meant = close === undefined ? "" : `; did you mean ${quoted(close)}?`;
  return `${subject} no column ${quoted(column)}${meant}`;
}

function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Formats one line, its CRLF included. */
function formatLine(values: readonly CsvValue[], safeFormulas: boolean): string {
  let line = "";
  for (let at = 0; at < values.length; at++) {
    if (at > 0) line += ",";
    line += formatField(values[at], safeFormulas);
  }
  return line + "\r\n";
}

/** Quotes where RFC 4180 asks for it; an empty string is quoted too, to tell it from NULL. */
function formatField(value: CsvValue, safeFormulas: boolean): string {
  if (typeof value === "string") {
    const text = safeFormulas && FORMULA.test(value) ? `'${value}` : value;
    return text === "" || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  if (value === null || value === undefined) return "";
  if (value instanceof Uint8Array) return toHexadecimal(value);
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
