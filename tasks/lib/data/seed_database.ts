/**
 * Makes a database from an SQL script, statement by statement, so that an error can say where it is.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SIDECARS } from "../../../src/results/database_file.ts";
import { isDirectory, removeIfThere, removeLeftovers, temporaryName } from "../../../src/files.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import { skipTrivia } from "../../../src/results/select.ts";
import { ToolError } from "../errors.ts";

/** What a script made. */
export interface SeededDatabase {
  /** Rows in `results`; `undefined` where the script makes none. */
  rows?: number;
  /** Tables and views besides `results`. */
  others: string[];
}

const PREFIX = ".seed-";

/** Options of {@linkcode seedDatabase}. */
export interface SeedOptions {
  /** The SQL script. */
  from: string;
  /** The database to make, or to replace. */
  to: string;
  /** Whether a script without a `results` table is an error. */
  needsResults: boolean;
}

/**
 * Runs a script into a new database, and puts that in place of an earlier one, whole or not at all.
 *
 * @throws {ToolError} The script can't be read, a statement fails (file, line and statement are
 * named), or it makes no `results`.
 */
export function seedDatabase({ from, to, needsResults }: SeedOptions): SeededDatabase {
  const script = readScript(from);
  const directory = dirname(to);
  let temporary: string;
  try {
    Deno.mkdirSync(directory, { recursive: true });
    removeLeftovers(directory, PREFIX);
    temporary = join(directory, temporaryName(PREFIX));
    if (isDirectory(to)) throw new Error("it is a directory");
  } catch (error) {
    throw new ToolError(`Can't write ${to}: ${reason(error)}`);
  }
  try {
    const seeded = build(script, { from, path: temporary, needsResults });
    for (const suffix of SIDECARS) removeIfThere(to + suffix);
    Deno.renameSync(temporary, to);
    return seeded;
  } finally {
    for (const suffix of ["", ...SIDECARS]) removeIfThere(temporary + suffix);
  }
}

function build(
  script: string,
  { from, path, needsResults }: { from: string; path: string; needsResults: boolean },
): SeededDatabase {
  using db = new DatabaseSync(path);
  runScript(db, script, from);
  const names = db.prepare(
    "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') " +
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
  ).all().map(({ name }) => String(name));
  const others = names.filter((name) => name.toLowerCase() !== RESULTS_TABLE);
  if (others.length === names.length) {
    if (!needsResults) return { others };
    throw new ToolError(
      `${from} makes no table "${RESULTS_TABLE}", which is what a job gets. Add your query at its ` +
        `end, such as:\n\n  CREATE TABLE ${RESULTS_TABLE} AS\n  SELECT * FROM ${
          others[0] ?? "your_table"
        };`,
    );
  }
  const count = db.prepare(`SELECT count(*) AS n FROM ${RESULTS_TABLE}`).get();
  return { rows: Number(count?.n), others };
}

/** Runs a script's statements one by one; SQLite itself says where each one ends. */
function runScript(db: DatabaseSync, script: string, from: string): void {
  for (let at = skipTrivia(script); at < script.length; at += skipTrivia(script.slice(at))) {
    const rest = script.slice(at);
    let statement = rest.slice(0, rest.indexOf(";") < 0 ? rest.length : rest.indexOf(";") + 1);
    try {
      const prepared = db.prepare(rest);
      statement = prepared.sourceSQL;
      prepared.run();
    } catch (error) {
      throw failure(from, script, at, statement, reason(error));
    }
    at += statement.length;
  }
  try {
    db.exec("BEGIN; ROLLBACK");
  } catch {
    throw new ToolError(
      `${from} ends inside a transaction, so its rows would be lost; add COMMIT; at the end`,
    );
  }
}

function failure(from: string, script: string, at: number, statement: string, why: string): Error {
  const line = script.slice(0, at).split("\n").length;
  const shown = statement.trim().split("\n");
  const text = shown.slice(0, 8).map((text) => `  ${text}`).join("\n");
  return new ToolError(
    `${from}:${line}: ${why}\n\n${text}${shown.length > 8 ? "\n  ..." : ""}`,
  );
}

function readScript(from: string): string {
  try {
    return Deno.readTextFileSync(from);
  } catch (error) {
    throw new ToolError(
      error instanceof Deno.errors.NotFound
        ? `${from} doesn't exist; expected an SQL script that makes the table "${RESULTS_TABLE}"`
        : `Can't read ${from}: ${reason(error)}`,
    );
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
