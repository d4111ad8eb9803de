/**
 * A query as SQLite prepares it: what it reports, and the program it makes.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { isWord, tokensOf } from "../schema/tokens.ts";
import type { SchemaDatabase } from "./schema_database.ts";

/** A query that isn't taken; its message says why. */
export class RefusedQuery extends Error {
  /** Tells the class apart. */
  override readonly name = "RefusedQuery";
}

/** A column that SQLite's authorizer reports; empty: of the table no column in particular. */
export interface Reported {
  /** The table, or view. */
  table: string;
  /** The column. */
  column: string;
}

/** Statements that can be prepared without doing more than a query. */
const QUERIES = ["SELECT", "WITH", "VALUES"];

/**
 * Prepares a query and collects what SQLite reports of it.
 *
 * @throws {RefusedQuery} SQLite doesn't take it, it is more than one statement, or it does more than read.
 */
export function reportedReads({ db, capi }: SchemaDatabase, query: string): Reported[] {
  expectOneQuery(query);
  const reported: Reported[] = [];
  const harmless: number[] = [capi.SQLITE_SELECT, capi.SQLITE_FUNCTION, capi.SQLITE_RECURSIVE];
  const authorize = (
    _: unknown,
    action: number,
    table: string | 0,
    column: string | 0,
  ): number => {
    if (action === capi.SQLITE_READ) {
      reported.push({ table: table || "", column: column || "" });
      return capi.SQLITE_OK;
    }
    return harmless.includes(action) ? capi.SQLITE_OK : capi.SQLITE_DENY;
  };
  capi.sqlite3_set_authorizer(db, authorize, 0);
  try {
    db.prepare(query).finalize();
    return reported;
  } catch (error) {
    throw new RefusedQuery(`SQLite doesn't take the query on this schema: ${reasonOf(error)}`);
  } finally {
    capi.sqlite3_set_authorizer(db, null as never, 0);
  }
}

function expectOneQuery(query: string): void {
  if (query.includes("\0")) throw new RefusedQuery("The query holds a NUL character; remove it");
  const tokens = tokensOf(query);
  const end = tokens.findIndex(({ text }) => text === ";");
  if (end >= 0 && tokens.slice(end).some(({ text }) => text !== ";")) {
    throw new RefusedQuery("A query is one statement; there is more after the first");
  }
  const first = tokens.find(({ text }) => text !== "(");
  if (first === undefined || first.text === ";") throw new RefusedQuery("The query is empty");
  if (!QUERIES.some((word) => isWord(first, word))) {
    throw new RefusedQuery("A query reads: expected a SELECT, WITH ... SELECT or VALUES");
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^SQLITE_ERROR: (?:sqlite3 result code 1: )?/, "");
}

/** The program that SQLite makes of a query: two queries with the same program give the same rows. */
export function programOf({ db }: SchemaDatabase, query: string): string {
  const operations = db.selectArrays(`EXPLAIN ${query}`);
  // What a transaction begins with holds the schema's version, which a renamed column changes.
  return JSON.stringify(
    operations.filter(([, operation]) => operation !== "Transaction").map((row) => row.slice(1, 7)),
  );
}

/** The tables whose rows the program of a query goes through. */
export function scannedTables({ db }: SchemaDatabase, query: string): string[] {
  return db.selectValues(
    "SELECT DISTINCT coalesce(tbl_name, used.name) FROM tables_used(?) AS used " +
      "LEFT JOIN sqlite_schema AS made ON made.name = used.name",
    [query],
  ).map(String);
}
