/**
 * What a job gets of a database: the table `results`, as the Query Engine makes it in production, and
 * nothing else.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import { columnsOf, quoteName } from "../../../src/results/select.ts";

/** What a database holds. */
export interface DatabaseContent {
  /** Whether there is a table or view `results`. */
  hasResults: boolean;
  /** Tables and views besides `results`, by name. */
  others: string[];
  /** Whether there is one plain table `results` and nothing else: no index, trigger or view either. */
  onlyResults: boolean;
}

/**
 * Lists what a database holds.
 *
 * @throws The file isn't a database, or can't be read.
 */
export function contentOf(path: string): DatabaseContent {
  using db = new DatabaseSync(path, { readOnly: true });
  const parts = db.prepare(
    "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  ).all().map(({ type, name }) => ({ type: String(type), name: String(name) }));
  const readable = parts.filter(({ type }) => type === "table" || type === "view");
  const others = readable.filter(({ name }) => !isResults(name)).map(({ name }) => name);
  return {
    hasResults: others.length < readable.length,
    others,
    onlyResults: parts.every(({ type, name }) => type === "table" && isResults(name)),
  };
}

/**
 * Copies the rows of `results` into a new database. Only names and declared types of the columns come
 * along, as from the Query Engine: no key, constraint or index.
 *
 * @throws A file can't be read or written, or there is no `results`.
 */
export function copyResults(from: string, to: string): void {
  const { encoding, columns } = describeResults(from);
  using db = new DatabaseSync(to);
  // Attached databases must have the encoding of the main one.
  db.exec(`PRAGMA encoding = '${encoding}'; PRAGMA journal_mode = MEMORY;
    PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF`);
  db.prepare("ATTACH ? AS source").run(`${pathToFileURL(from)}?mode=ro`);
  db.exec(`BEGIN; CREATE TABLE main.${RESULTS_TABLE}(${columns});
    INSERT INTO main.${RESULTS_TABLE} SELECT * FROM source.${RESULTS_TABLE}; COMMIT`);
}

/** The number of rows of `results`. */
export function countResults(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  return Number(db.prepare(`SELECT count(*) AS n FROM ${RESULTS_TABLE}`).get()?.n);
}

function describeResults(path: string): { encoding: string; columns: string } {
  using db = new DatabaseSync(path, { readOnly: true });
  const encoding = String(db.prepare("PRAGMA encoding").get()?.encoding);
  const columns = columnsOf(db.prepare(`SELECT * FROM ${RESULTS_TABLE}`));
  return {
    encoding,
    columns: columns.map(({ name, type }) => `${quoteName(name)} ${plainType(type)}`).join(", "),
  };
}

/**
 * A declared type that may stand in a definition. `ANY` converts nothing in a strict table; in another
 * it would turn text of digits into numbers.
 */
function plainType(type: string): string {
  return /^[\w ]+(?:\([\d ,]+\))?$/.test(type) && !/^any$/i.test(type) ? type : "";
}

function isResults(name: string): boolean {
  return name.toLowerCase() === RESULTS_TABLE;
}
