/**
 * Any one `SELECT` on a SQLite database: all of its rows, or an error.
 *
 * @module
 */

import type { DatabaseSync, StatementSync, SupportedValueType } from "node:sqlite";
import { messageOf, ResultsError, SqlError } from "../errors.ts";
import {
  anyNul,
  countReplacements,
  nulError,
  sumReplacements,
  utf8Error,
} from "./faithful_text.ts";
import type { Column, SqlValue } from "./rows.ts";

/**
 * Checks that SQL is one statement that reads.
 *
 * @returns The statement without its semicolon, and its columns.
 * @throws {SqlError} It isn't.
 */
export function prepareSelect(
  db: DatabaseSync,
  sql: string,
): { select: string; columns: readonly Column[] } {
  let statement: StatementSync;
  try {
    if (skipTrivia(sql) === sql.length) throw new Error("it is empty");
    statement = db.prepare(sql);
  } catch (error) {
    throw new SqlError(`Can't prepare the query: ${messageOf(error)}`);
  }
  const text = statement.sourceSQL;
  const rest = sql.slice(text.length);
  if (skipTrivia(rest) !== rest.length) {
    throw new SqlError("A query is one statement; there is more after the first");
  }
  const columns = columnsOf(statement);
  if (columns.length === 0) {
    throw new SqlError(
      "A query reads: expected a SELECT, WITH ... SELECT or VALUES; the database can't be written",
    );
  }
  return { select: text.replace(/;\s*$/, ""), columns };
}

/**
 * The rows of a query as arrays, with every integer as a `bigint`: all of them, or it throws.
 *
 * `StatementSync.iterate()` ends on an error as if the rows were at their end, so one more row is put
 * behind the query's own: if iteration ends without having met it, an error was swallowed.
 *
 * @param select A statement from {@linkcode prepareSelect}.
 * @throws {ResultsError} The database is damaged, or an expression fails.
 */
export function* streamRows(
  db: DatabaseSync,
  select: string,
  params: readonly SqlValue[],
): Generator<SqlValue[]> {
  const width = columnsOf(db.prepare(select)).length;
  const names = Array.from({ length: width }, (_, at) => `c${at}`);
  const source = `WITH q(${names.join(", ")}) AS (\n${select}\n)`;
  const bound = params as SupportedValueType[];
  let number = 0;
  try {
    const statement = prepareArrays(
      db,
      `${source} SELECT iif(${anyNul(names)}, ${HAS_NUL}, ${sumReplacements(names)}), * FROM q ` +
        `UNION ALL SELECT ${AT_END}${names.map(() => ", NULL").join("")}`,
    );
    for (const row of statement.iterate(...bound) as Iterable<unknown> as Iterable<SqlValue[]>) {
      const mark = Number(row.shift());
      if (mark === AT_END) return;
      number++;
      if (mark === HAS_NUL) throw nulError(number);
      if (mark !== countReplacements(row)) throw utf8Error(number);
      yield row;
    }
  } catch (error) {
    if (error instanceof ResultsError) throw error;
    throw new SqlError(`Can't run the query: ${messageOf(error)}`);
  }
  throw new ResultsError(
    `The query failed after row ${number}: ${reasonOf(db, source, names, bound)}`,
  );
}

/** What stands before a row of {@linkcode streamRows}, if not its number of U+FFFD. */
const HAS_NUL = -1;
const AT_END = -2;

/** Evaluates every value of a query that ended early, in one call that does throw. */
function reasonOf(
  db: DatabaseSync,
  source: string,
  names: readonly string[],
  bound: SupportedValueType[],
): string {
  try {
    db.prepare(`${source} SELECT ${names.map((name) => `max(${name})`).join(", ")} FROM q`)
      .get(...bound);
  } catch (error) {
    return messageOf(error);
  }
  return "the database ended it early without a reason";
}

/** A name as SQL has it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Prepares a statement whose rows come as arrays, and integers as `bigint` unless asked otherwise. */
export function prepareArrays(
  db: DatabaseSync,
  sql: string,
  { bigints = true }: { bigints?: boolean } = {},
): StatementSync {
  const statement = db.prepare(sql);
  statement.setReadBigInts(bigints);
  // Deno 2.6's types lack it.
  (statement as StatementSync & { setReturnArrays(enabled: boolean): void }).setReturnArrays(true);
  return statement;
}

/** The columns a prepared statement gives. */
export function columnsOf(
  statement: { columns(): { name: string; type: string | null }[] },
): Column[] {
  return statement.columns().map(({ name, type }) => ({ name, type: type ?? "" }));
}

/** Where the first thing that isn't a space, a comment or a lone semicolon stands in SQL text. */
export function skipTrivia(sql: string): number {
  return /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/.exec(sql)![0].length;
}
