/**
 * SQLite as WebAssembly: unlike `node:sqlite`, it tells what a query reads.
 *
 * @module
 */

import sqlite3InitModule, { type Database, type Sqlite3Static } from "@sqlite.org/sqlite-wasm";
import { quoteName } from "../../../src/results/select.ts";
import wasmBinary from "@sqlite.org/sqlite-wasm/sqlite3.wasm" with { type: "bytes" };

/** Bytes that SQL may take. */
const MEMORY_BYTES = 128 * 1024 * 1024;

/** What the library knows of SQLite's C interface. */
export type Capi = Sqlite3Static["capi"];

/** A database that holds a schema and no rows. */
export interface SchemaDatabase {
  /** The database. */
  db: Database;
  /** SQLite's C interface. */
  capi: Capi;
}

/** Makes a database of a schema's statements, without the views that SQLite can't use. */
export async function openSchema(statements: readonly string[]): Promise<SchemaDatabase> {
  // The module isn't read from disk, which would need a permission.
  const start = sqlite3InitModule as (options: unknown) => Promise<Sqlite3Static>;
  const { capi, oo1 } = await start({ wasmBinary, print() {}, printErr() {} });
  const db = new oo1.DB(":memory:");
  // As in most builds of SQLite, a name in double quotes that is none is a string.
  for (const dqs of [capi.SQLITE_DBCONFIG_DQS_DML, capi.SQLITE_DBCONFIG_DQS_DDL]) {
    capi.sqlite3_db_config(db, dqs, 1, 0);
  }
  db.exec(`PRAGMA hard_heap_limit = ${MEMORY_BYTES}; PRAGMA trusted_schema = OFF`);
  for (const statement of statements) db.exec(statement);
  dropBrokenViews(db);
  return { db, capi };
}

/** A view that names what isn't there can't be queried, and would keep columns from being renamed. */
function dropBrokenViews(db: Database): void {
  const views = db.selectValues("SELECT name FROM sqlite_schema WHERE type = 'view'").map(String);
  for (let dropped = true; dropped;) {
    dropped = false;
    for (const view of views) {
      const name = quoteName(view);
      try {
        db.prepare(`SELECT * FROM ${name}`).finalize();
      } catch {
        db.exec(`DROP VIEW IF EXISTS ${name}`);
        views.splice(views.indexOf(view), 1);
        dropped = true;
        break;
      }
    }
  }
}
