/**
 * Makes a table of a file of rows, which can then be shown, sorted and charted like any other.
 *
 * @module
 */

import { parse } from "csv-parse/sync";
import { DatabaseSync } from "node:sqlite";
import { quoteName } from "../../../../src/results/select.ts";
import { ToolError } from "../../errors.ts";

/** The table that is made. */
const IMPORTED_TABLE = "rows";

/** The largest file that is read whole. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A database's limit: https://www.sqlite.org/limits.html */
const MOST_COLUMNS = 2000;

type Value = string | number | null;

/** Rows that were read from a file. */
interface ReadRows {
  names: string[];
  rows: Value[][];
}

/**
 * Makes a database with the rows of a file.
 *
 * @param kind How the file is read: JSON is an array of objects.
 * @throws {ToolError} The file is too large, or doesn't hold rows.
 */
export function importTable(
  { path, kind, to }: { path: string; kind: "csv" | "json" | "json-lines"; to: string },
): void {
  if (Deno.statSync(path).size > MOST_BYTES) {
    throw new ToolError("The file is larger than 64 MiB; download it to see its rows");
  }
  const text = Deno.readTextFileSync(path);
  const { names, rows } = kind === "csv" ? rowsOfCsv(text) : rowsOfObjects(objectsOf(text, kind));
  if (names.length === 0) throw new ToolError("There are no rows in it");
  if (names.length > MOST_COLUMNS) throw new ToolError(`It has more than ${MOST_COLUMNS} columns`);
  using db = new DatabaseSync(to);
  db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  db.exec(`CREATE TABLE ${IMPORTED_TABLE}(${apart(names).map(quoteName).join(", ")}); BEGIN`);
  const insert = db.prepare(
    `INSERT INTO ${IMPORTED_TABLE} VALUES (${names.map(() => "?").join(", ")})`,
  );
  for (const row of rows) insert.run(...names.map((_, at) => toSql(row[at] ?? null)));
  db.exec("COMMIT");
}

/** A number would be stored as a REAL. */
function toSql(value: Value): Value | bigint {
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

function rowsOfCsv(text: string): ReadRows {
  const records = parse(text, { bom: true, relax_column_count: true, skip_empty_lines: true });
  const [head = [], ...rows] = records as string[][];
  const width = Math.max(head.length, ...rows.slice(0, 1000).map((row) => row.length));
  const names = Array.from({ length: width }, (_, at) => head[at] ?? `column ${at + 1}`);
  return { names, rows: rows.map((row) => row.map(numberOrText)) };
}

/** A number, where it is written as a number is: an id with zeros in front stays text. */
function numberOrText(text: string): Value {
  const number = Number(text);
  return text !== "" && String(number) === text && Number.isFinite(number) ? number : text;
}

function objectsOf(text: string, kind: "json" | "json-lines"): unknown[] {
  if (kind === "json-lines") {
    return text.split("\n").filter((line) => line.trim() !== "").map((line) => JSON.parse(line));
  }
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [];
}

function rowsOfObjects(objects: unknown[]): ReadRows {
  if (!objects.every(isRecord)) throw new ToolError("It isn't a list of objects");
  const names = [...new Set(objects.flatMap((row) => Object.keys(row)))];
  return { names, rows: objects.map((row) => names.map((name) => valueOf(row[name]))) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueOf(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string") return value;
  return typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** Names for the columns of one table, all different: SQLite ignores case. */
function apart(names: string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let own = name.replaceAll("\0", "");
    for (let number = 2; seen.has(own.toLowerCase()); number++) own = `${name} (${number})`;
    seen.add(own.toLowerCase());
    return own;
  });
}
