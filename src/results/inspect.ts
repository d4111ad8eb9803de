/**
 * A look at a results database that evaluates none of its SQL, so that a hostile one costs no more than
 * an honest one.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { ResultsError } from "../errors.ts";
import { printable } from "../printable.ts";
import { readDatabaseHeader } from "./database_file.ts";
import type { Column } from "./rows.ts";
import { findResults, RESULTS_TABLE } from "./schema.ts";
import { openUntrusted, sqlReason } from "./untrusted_database.ts";

/** What the schema of a results database says. */
export interface InspectedResults {
  /** The columns of `results`, in order. */
  readonly columns: readonly Column[];
  /** Production has a table; reading a view evaluates the database's own SQL. */
  readonly kind: "table" | "view";
}

/** `hidden` of `PRAGMA table_xinfo`, from 2 on, marks generated columns: sqlite.org/pragma.html. */
const GENERATED = 2;

/**
 * Checks a results database by its header, its length and its schema.
 *
 * @param path A SQLite file with a table or view `results`.
 * @param name What messages call it.
 * @throws {ResultsError} The file is not a whole SQLite database, or has no `results`; `results` is a
 * virtual table, has a trigger or has a generated column.
 */
export function inspectResults(path: string, name: string = path): InspectedResults {
  readDatabaseHeader(path, name);
  try {
    using db = openUntrusted(path);
    return inspect(db, name);
  } catch (error) {
    if (error instanceof ResultsError) throw error;
    throw new ResultsError(`${name} can't be read as a database: ${printable(sqlReason(error))}`);
  }
}

function inspect(db: DatabaseSync, name: string): InspectedResults {
  const { kind } = findResults(db, name);
  if (kind === "virtual table") throw refused(name, "is a virtual table");
  const trigger = db.prepare(
    "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
  ).get(RESULTS_TABLE);
  if (trigger !== undefined) throw refused(name, "has a trigger");
  const columns = db.prepare(`PRAGMA main.table_xinfo(${RESULTS_TABLE})`).all();
  const generated = columns.find(({ hidden }) => Number(hidden) >= GENERATED);
  if (generated !== undefined) {
    throw refused(name, `has the generated column ${printable(JSON.stringify(generated.name))}`);
  }
  return {
    columns: columns.map(({ name, type }) => ({ name: String(name), type: String(type) })),
    kind,
  };
}

function refused(name: string, problem: string): ResultsError {
  return new ResultsError(
    `"${RESULTS_TABLE}" in ${name} ${problem}; expected an ordinary table, as the Query Engine makes it`,
  );
}
