/**
 * Lists the tables of a database.
 *
 * @module
 */

import { columnsOf, quoteName } from "../../../../src/results/select.ts";
import type { TableInfo } from "../wire.ts";
import { openDatabase } from "./open_database.ts";

/** The tables and views of a database, by name. */
export function listTables(file: { path: string; version: string }): TableInfo[] {
  const db = openDatabase(file);
  const names = db.prepare(
    "SELECT type, name FROM sqlite_schema WHERE type IN ('table', 'view') " +
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  ).all();
  return names.map(({ type, name }) => {
    const from = quoteName(String(name));
    return {
      name: String(name),
      kind: type === "view" ? "view" : "table",
      columns: columnsOf(db.prepare(`SELECT * FROM ${from}`)),
      rows: Number(db.prepare(`SELECT count(*) AS n FROM ${from}`).get()!.n),
    };
  });
}
