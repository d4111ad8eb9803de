/**
 * What the schema of a results database says of `results`, without evaluating any SQL of the database.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { ResultsError } from "../errors.ts";
import { printable } from "../printable.ts";

/** The table or view that holds the query's answer. */
export const RESULTS_TABLE = "results";

/** What `results` is. */
export interface ResultsSchema {
  /** How it was made. */
  kind: "table" | "view" | "virtual table";
  /** Its name, in its own case. */
  name: string;
}

const OTHERS_NAMED = 20;

/**
 * Finds the table or view `results`. Only `sqlite_schema` is read: SQLite itself checks that a row's
 * type and name are those of its statement, and prepares no view and connects no virtual table for it.
 *
 * @param name What messages call the database.
 * @throws {ResultsError} There is none.
 */
export function findResults(db: DatabaseSync, name: string): ResultsSchema {
  const found = db.prepare(
    "SELECT type, name, substr(sql, 1, 13) LIKE 'CREATE TABLE ' AS ordinary FROM sqlite_schema " +
      "WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE",
  ).get(RESULTS_TABLE);
  if (found !== undefined) {
    const kind = found.type === "view" ? "view" : found.ordinary === 1 ? "table" : "virtual table";
    return { kind, name: String(found.name) };
  }
  const others = db.prepare(
    "SELECT substr(name, 1, 100) AS name FROM sqlite_schema WHERE type IN ('table', 'view') " +
      `AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name LIMIT ${OTHERS_NAMED}`,
  ).all().map(({ name }) => printable(JSON.stringify(name)));
  throw new ResultsError(
    `${name} has no table or view "${RESULTS_TABLE}"; ` +
      (others.length === 0 ? "it has none at all" : `it has ${others.join(", ")}`),
  );
}
