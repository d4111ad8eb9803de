/**
 * An engine over a builder's own data: a script or a database.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type EngineOptions, startEngine } from "./engine.ts";
import { seedDatabase } from "../data/seed_database.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { isFile } from "../../../src/files.ts";
import { readDatabaseHeader } from "../../../src/results/database_file.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";

/** Options of {@linkcode openLocalEngine}. */
export interface LocalEngineOptions extends Omit<EngineOptions, "database" | "folder"> {
  /** The data: an SQL script with the refiner's schema, read again when it changes, or a SQLite file. */
  data: { script: string } | { database: string };
}

/** A running engine that removes its files when it is disposed of. */
export interface LocalEngine extends AsyncDisposable {
  /** Its base URL. */
  url: string;
  /** The file whose data it serves. */
  source: string;
}

/**
 * Starts an engine on loopback.
 *
 * @throws {ToolError} The port is taken, the script fails, or there is no room for temporary files.
 * @throws {ResultsError} The database isn't one.
 */
export function openLocalEngine({ data, ...options }: LocalEngineOptions): LocalEngine {
  // A signal ends the engine first, which uses the folder.
  const temporary = new TemporaryFolder({ prefix: "engine-", endOnSignal: false });
  const folder = temporary.path;
  const clear = () => temporary[Symbol.dispose]();
  try {
    const database = "script" in data
      ? scriptDatabase(data.script, folder)
      : checkDatabase(data.database);
    const engine = startEngine({ ...options, database, folder });
    return {
      url: engine.url,
      source: "script" in data ? data.script : data.database,
      async [Symbol.asyncDispose]() {
        await engine.close();
        clear();
      },
    };
  } catch (error) {
    clear();
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ToolError(`Port ${options.port} is taken; choose another, or 0 for a free one`);
  }
}

/** The database of a script, made again where the script's content has changed. */
function scriptDatabase(script: string, folder: string): () => string {
  const path = join(folder, "refiner.db");
  let madeFrom: string | undefined;
  const update = () => {
    const sha256 = isFile(script) ? hashFile(script) : "missing";
    if (sha256 !== madeFrom) makeRefinerDatabase(script, path);
    madeFrom = sha256;
    return path;
  };
  update();
  return update;
}

/**
 * Makes the database that queries run on: the refiner's tables, without the `results` of a query.
 *
 * @param script The SQL script.
 * @param path The database to make or replace.
 * @throws {ToolError} As {@linkcode seedDatabase}.
 */
export function makeRefinerDatabase(script: string, path: string): void {
  const made = `${path}.new`;
  seedDatabase({ from: script, to: made, needsResults: false });
  dropResults(made);
  // Queries that run go on with the earlier file.
  Deno.renameSync(made, path);
}

function dropResults(path: string): void {
  using db = new DatabaseSync(path);
  const kind = db.prepare("SELECT type FROM sqlite_schema WHERE lower(name) = ?").get(
    RESULTS_TABLE,
  );
  if (kind !== undefined) db.exec(`DROP ${kind.type} ${RESULTS_TABLE}`);
}

function checkDatabase(path: string): string {
  readDatabaseHeader(path);
  return resolve(path);
}
