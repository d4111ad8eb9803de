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
    throw new RefusedQuery(`SQLite rejects the query for this schema: ${reasonOf(error)}`);
  } finally {
    capi.sqlite3_set_authorizer(db, null as never, 0);
  }
}

function expectOneQuery(query: string): void {
  if (query.includes("\0")) throw new RefusedQuery("The query holds a NUL character; remove it");
  const tokens = tokensOf(query);
  const end = tokens.findIndex(({ text }) => text === ";");
  if (end >= 0 && tokens.slice(end).some(({ text }) => text !== ";")) {
    throw new RefusedQuery("Expected one statement; there is more after the first");
  }
  const first = tokens.find(({ text }) => text !== "(");
  if (first === undefined || first.text === ";") throw new RefusedQuery("The query is empty");
  if (!QUERIES.some((word) => isWord(first, word))) {
    throw new RefusedQuery(
      "The query must only read: expected a SELECT, WITH ... SELECT or VALUES",
    );
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(/^SQLITE_ERROR: (?:sqlite3 result code 1: )?/, "");
}

/** An operation of a program. */
export interface Operation {
  /** What it does. */
  opcode: string;
  /** Its first operand: often a cursor. */
  p1: number;
  /** Its second operand. */
  p2: number;
  /** Its third operand. */
  p3: number;
  /** Its fourth operand, of any type. */
  p4: unknown;
  /** Its fifth operand. */
  p5: number;
}

/** The program that SQLite makes of a query. */
export function programOf({ db }: SchemaDatabase, query: string): Operation[] {
  return db.selectArrays(`EXPLAIN ${query}`).map(([, opcode, p1, p2, p3, p4, p5]) => ({
    opcode: String(opcode),
    p1: Number(p1),
    p2: Number(p2),
    p3: Number(p3),
    p4,
    p5: Number(p5),
  }));
}

/** Whether two programs do the same. */
export function isSameProgram(a: readonly Operation[], b: readonly Operation[]): boolean {
  // A transaction begins with the schema's version, which a renamed column changes.
  const textOf = (program: readonly Operation[]) =>
    JSON.stringify(program.filter(({ opcode }) => opcode !== "Transaction"));
  return textOf(a) === textOf(b);
}

/** The tables whose rows the program of a query goes through. */
export function scannedTables({ db }: SchemaDatabase, query: string): string[] {
  return db.selectValues(
    "SELECT DISTINCT coalesce(tbl_name, used.name) FROM tables_used(?) AS used " +
      "LEFT JOIN sqlite_schema AS made ON made.name = used.name",
    [query],
  ).map(String);
}
