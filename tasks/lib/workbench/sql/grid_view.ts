/**
 * Any rows of a table by their number: all of them or those of a condition, in any order.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { messageOf, SqlError } from "../../../../src/errors.ts";
import { columnsOf, prepareArrays, quoteName } from "../../../../src/results/select.ts";
import { firstStatement } from "../../../../src/results/sql_text.ts";
import { sqlReason } from "../../../../src/results/untrusted_database.ts";
import { splitSqlError } from "../../data/sql_error.ts";
import type { GridColumn } from "../wire.ts";
import { openDatabase } from "./open_database.ts";

/** Which rows of which file. */
export interface ViewOrder {
  /** The file. */
  path: string;
  /** Changes whenever the file does. */
  version: string;
  /** The table or view. */
  table: string;
  /** An SQL condition; empty for all rows. */
  where: string;
  /** What the rows are sorted by; `undefined` for the table's own order. */
  order?: { column: string; descending: boolean };
}

/** Rows that can be read by their numbers, which count from 0. */
export interface View {
  /** The database. */
  db: DatabaseSync;
  /** The columns. */
  columns: GridColumn[];
  /** How many rows there are. */
  count: number;
  /** SQL that gives the rows from the number `?1` on, `?2` of them: what stands behind `FROM`. */
  page: string;
  /** What is added to a row's number, for `?1`. */
  first: bigint;
  /** SQL that gives all of the rows in any order: what stands behind `FROM`. */
  all: string;
}

/** A table of more columns is shown without the rest. SQLite allows a result 2000. */
export const MOST_COLUMNS = 500;

/** Views that are kept, with their temporary tables. */
const MOST_VIEWS = 6;

/** The views of each database, the last used last. */
const views = new WeakMap<DatabaseSync, Map<string, View & { temporary?: string }>>();
let lastTemporary = 0;

/**
 * Opens a view.
 *
 * @throws {SqlError} The condition isn't one.
 * @throws What `node:sqlite` throws.
 */
export function openView(order: ViewOrder): View {
  const db = openDatabase(order);
  const own = views.get(db) ?? new Map<string, View & { temporary?: string }>();
  views.set(db, own);
  const key = JSON.stringify([order.table, order.where, order.order]);
  const view = own.get(key) ?? makeView(db, order);
  own.delete(key);
  own.set(key, view);
  for (const [oldest, { temporary }] of own) {
    if (own.size <= MOST_VIEWS) break;
    if (temporary !== undefined) db.exec(`DROP TABLE temp.${temporary}`);
    own.delete(oldest);
  }
  return view;
}

function makeView(
  db: DatabaseSync,
  { table, where, order }: ViewOrder,
): View & { temporary?: string } {
  const name = `main.${quoteName(table)}`;
  const columns = columnsOf(db.prepare(`SELECT * FROM ${name}`)).slice(0, MOST_COLUMNS);
  const condition = conditionOf(where);
  const all = `${name} AS t${condition}`;
  const rowid = rowidName(db, name, columns);
  if (rowid !== undefined && condition === "" && order === undefined) {
    const [count, first, last] = prepareArrays(
      db,
      `SELECT count(*), min(t.${rowid}), max(t.${rowid}) FROM ${name} AS t`,
    ).get() as unknown as [bigint, bigint | null, bigint | null];
    if (first === null || last === null || last - first + 1n === count) {
      const page = `${name} AS t WHERE t.${rowid} >= ?1 ORDER BY t.${rowid} LIMIT ?2`;
      return { db, columns, count: Number(count), page, first: first ?? 0n, all };
    }
  }
  const temporary = `view_${++lastTemporary}`;
  const sorted = order === undefined
    ? ""
    : ` ORDER BY t.${quoteName(order.column)}${order.descending ? " DESC" : ""}`;
  const what = rowid === undefined ? "t.*" : `t.${rowid} AS k`;
  const sql = `CREATE TABLE temp.${temporary} AS SELECT ${what} FROM ${all}${sorted}`;
  try {
    db.exec(sql);
  } catch (error) {
    const { reason } = splitSqlError(messageOf(error), sql);
    throw new SqlError(
      condition === "" ? sqlReason(reason) : `The filter fails: ${sqlReason(reason)}`,
    );
  }
  const count = Number(db.prepare(`SELECT count(*) AS n FROM temp.${temporary}`).get()!.n);
  const page = rowid === undefined
    ? `temp.${temporary} AS t WHERE t.rowid >= ?1 ORDER BY t.rowid LIMIT ?2`
    : `(SELECT k, rowid AS n FROM temp.${temporary} WHERE rowid >= ?1 ORDER BY rowid LIMIT ?2) AS o ` +
      `JOIN ${name} AS t ON t.${rowid} = o.k ORDER BY o.n`;
  return { db, columns, count, page, first: 1n, all, temporary };
}

/** A condition as it stands behind a table's name. */
function conditionOf(where: string): string {
  const { text, rest } = firstStatement(where);
  if (rest.trim() !== "") {
    throw new SqlError("The filter is one SQL condition, without a semicolon; try: locale = 'de'");
  }
  // The line break ends a comment in it.
  return text.trim() === "" ? "" : ` WHERE (${text}\n)`;
}

/** A name by which the rowid can be read; `undefined` where there is none. */
function rowidName(
  db: DatabaseSync,
  table: string,
  columns: readonly GridColumn[],
): string | undefined {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  const rowid = ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
  if (rowid === undefined) return undefined;
  try {
    db.prepare(`SELECT t.${rowid} FROM ${table} AS t`);
    return rowid;
  } catch {
    return undefined;
  }
}
