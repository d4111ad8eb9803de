/**
 * Makes a database from an SQL script.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import {
  exists,
  isDirectory,
  removeIfThere,
  removeLeftovers,
  temporaryName,
} from "../../../src/files.ts";
import { SIDECARS } from "../../../src/results/database_file.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import { ToolError } from "../errors.ts";
import { contentOf, copyResults, countResults } from "./only_results.ts";
import { runScript } from "./run_script.ts";
import { readScript } from "./script_text.ts";

/** What a script made. */
export interface SeededDatabase {
  /** Rows in `results`, where it is needed. */
  rows?: number;
  /** The script's tables and views besides `results`. */
  others: string[];
}

/** Options of {@linkcode seedDatabase}. */
export interface SeedOptions {
  /** The SQL script. */
  from: string;
  /** The database to make, or to replace. */
  to: string;
  /**
   * Whether the database is what a job gets: `results`, which the script must make, and nothing else.
   * Otherwise it is all that the script makes.
   */
  needsResults: boolean;
  /**
   * Where an earlier database is moved to, with the files that SQLite has beside it.
   *
   * @default it is replaced
   */
  keepAs?: string;
}

const PREFIX = ".seed-";

/**
 * Runs a script into a new database, and puts that in place of an earlier one, whole or not at all.
 *
 * @throws {ToolError} The script can't be read, a statement fails (file, line and statement are
 * named), it makes no `results`, or the database can't be written.
 */
export function seedDatabase(
  { from, to, needsResults, keepAs }: SeedOptions,
): SeededDatabase {
  const script = readScript(from);
  const directory = dirname(to);
  let made: string;
  try {
    Deno.mkdirSync(directory, { recursive: true });
    removeLeftovers(directory, PREFIX);
    made = join(directory, temporaryName(PREFIX));
    if (isDirectory(to)) throw new Error("it is a directory");
    // SQLite's own error would not say why it can't.
    Deno.createSync(made).close();
  } catch (error) {
    throw new ToolError(`Can't write ${to}: ${messageOf(error)}`);
  }
  const results = join(directory, temporaryName(PREFIX));
  try {
    runScript(script, { from, to: made });
    const { hasResults, others, onlyResults } = contentOf(made);
    if (!needsResults) {
      replace(to, made, keepAs);
      return { others };
    }
    if (!hasResults) throw noResults(from, others);
    if (!onlyResults) takeResults(from, made, results);
    const whole = onlyResults ? made : results;
    const rows = countResults(whole);
    replace(to, whole, keepAs);
    return { rows, others };
  } finally {
    for (const path of [made, results]) {
      for (const suffix of ["", ...SIDECARS]) removeIfThere(path + suffix);
    }
  }
}

function replace(to: string, made: string, keepAs: string | undefined): void {
  for (const suffix of ["", ...SIDECARS]) {
    if (keepAs !== undefined && exists(to + suffix)) Deno.renameSync(to + suffix, keepAs + suffix);
    if (suffix !== "") removeIfThere(to + suffix);
  }
  Deno.renameSync(made, to);
}

function takeResults(from: string, made: string, to: string): void {
  try {
    copyResults(made, to);
  } catch (error) {
    throw new ToolError(`${from}: "${RESULTS_TABLE}" can't be read: ${messageOf(error)}`);
  }
}

function noResults(from: string, others: string[]): ToolError {
  return new ToolError(
    `${from} makes no table "${RESULTS_TABLE}", which is what a job gets. Add your query at its ` +
      `end, like this:\n\n  CREATE TABLE ${RESULTS_TABLE} AS\n  SELECT * FROM ${
        others[0] ?? "your_table"
      };`,
  );
}
