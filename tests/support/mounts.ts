/**
 * Folders and databases for tests.
 *
 * @module
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Two mounts in a folder that goes away at the end of the `using` block. */
export class Mounts implements Disposable {
  /** The folder that holds both. */
  readonly root: string = Deno.makeTempDirSync({ prefix: "relay-test-" });
  /** The input mount; it exists. */
  readonly input: string = join(this.root, "input");
  /** The output mount; it exists. */
  readonly output: string = join(this.root, "output");

  /** Makes the folders. */
  constructor() {
    Deno.mkdirSync(this.input);
    Deno.mkdirSync(this.output);
  }

  /** The mounts as environment variables. */
  get env(): Record<string, string> {
    return { INPUT_PATH: this.input, OUTPUT_PATH: this.output };
  }

  /** Where the input's database is. */
  get inputDatabase(): string {
    return join(this.input, "query_results.db");
  }

  /** Where the output's database is. */
  get outputDatabase(): string {
    return join(this.output, "query_results.db");
  }

  /** What is in the output, staging folders too. */
  outputNames(): string[] {
    return namesIn(this.output);
  }

  /** What is in the input, temporary files too. */
  inputNames(): string[] {
    return namesIn(this.input);
  }

  /** Removes both. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }
}

/** The names in a folder, sorted. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Makes a database by SQL and closes it. */
export function makeDatabase(path: string, sql: string): void {
  using db = new DatabaseSync(path);
  db.exec(sql);
}

/** A small valid results database. */
export const SMALL_RESULTS = `CREATE TABLE results(user_id TEXT, locale TEXT);
  INSERT INTO results VALUES ('u-1', 'de'), ('u-2', 'fr-CA'), ('u-3', NULL);`;

/** Whether two files hold the same bytes. */
export function sameBytes(a: string, b: string): boolean {
  const [left, right] = [Deno.readFileSync(a), Deno.readFileSync(b)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** Copies a database that is open, with the file that SQLite has beside it (`-wal` or `-journal`). */
export function copyLive(from: string, to: string, sidecar: string): void {
  for (const suffix of ["", sidecar]) Deno.copyFileSync(from + suffix, to + suffix);
}

/** Puts a database in WAL mode at a path, its rows still in the `-wal` file beside it. */
export function leaveInWal(path: string): void {
  const folder = Deno.makeTempDirSync({ prefix: "relay-test-" });
  try {
    const source = join(folder, "live.db");
    using writer = new DatabaseSync(source);
    writer.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${SMALL_RESULTS}`);
    copyLive(source, path, "-wal");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
