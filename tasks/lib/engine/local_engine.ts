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
import { readDatabaseHeader } from "../../../src/results/database_file.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";

/** Options of {@linkcode openLocalEngine}. */
export interface LocalEngineOptions extends Omit<EngineOptions, "database" | "folder"> {
  /** The data: an SQL script with the refiner's schema, or a SQLite file. */
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
 * @throws {ToolError} The port is taken, or the script fails.
 * @throws {ResultsError} The database isn't one.
 */
export function openLocalEngine({ data, ...options }: LocalEngineOptions): LocalEngine {
  const folder = Deno.makeTempDirSync({ prefix: "engine-" });
  const clear = () => Deno.removeSync(folder, { recursive: true });
  try {
    const database = "script" in data
      ? makeRefinerDatabase(data.script, join(folder, "refiner.db"))
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

/**
 * Makes a database of the refiner's schema and rows, without the `results` that a query makes.
 *
 * @returns Its path.
 * @throws {ToolError} The script fails.
 */
export function makeRefinerDatabase(script: string, path: string): string {
  seedDatabase({ from: script, to: path, needsResults: false });
  using db = new DatabaseSync(path);
  const kind = db.prepare("SELECT type FROM sqlite_schema WHERE lower(name) = ?").get(
    RESULTS_TABLE,
  );
  if (kind !== undefined) db.exec(`DROP ${kind.type} ${RESULTS_TABLE}`);
  return path;
}

function checkDatabase(path: string): string {
  readDatabaseHeader(path);
  return resolve(path);
}
