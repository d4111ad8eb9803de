/**
 * Any one `SELECT` on a SQLite database: all of its rows, or an error.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ResultsError, SqlError } from "../errors.ts";
import {
  anyNul,
  countReplacements,
  invalidTextError,
  isUtf16,
  nulError,
  sumReplacements,
} from "./faithful_text.ts";
import type { BoundValues } from "./placeholders.ts";
import type { Column, SqlValue } from "./rows.ts";
import { firstStatement } from "./sql_text.ts";
import { sqlReason } from "./untrusted_database.ts";

/** A checked query. */
export interface Select {
  /** The statement, without its semicolon. */
  select: string;
  /** The columns it gives. */
  columns: readonly Column[];
  /** Its placeholders: those of {@linkcode firstStatement}. */
  placeholders: readonly string[];
}

/** Statements that give rows and can't be part of a `SELECT`, and what to do instead. */
const NOT_QUERIES: Readonly<Record<string, string>> = {
  PRAGMA: "use its table-valued function, such as SELECT * FROM pragma_table_info('results')",
  EXPLAIN: "run it in the sqlite3 program",
};

/**
 * Checks that SQL is one statement that reads.
 *
 * @param ctes Common table expressions (`WITH ...`) to put in front of the statement.
 * @throws {SqlError} It isn't.
 */
export function prepareSelect(db: DatabaseSync, sql: string, ctes?: string): Select {
  const { text, rest, placeholders } = firstStatement(sql.slice(skipTrivia(sql)));
  if (text === "") throw new SqlError("Can't prepare the query: it is empty");
  if (skipTrivia(rest) !== rest.length) {
    throw new SqlError("A query is one statement; there is more after the first");
  }
  const word = /^\w+/.exec(text)?.[0].toUpperCase() ?? "";
  const instead = Object.hasOwn(NOT_QUERIES, word) ? NOT_QUERIES[word] : undefined;
  if (instead !== undefined) {
    throw new SqlError(`A query is a SELECT, WITH ... SELECT or VALUES, not ${word}; ${instead}`);
  }
  const select = ctes === undefined ? text : `${ctes} SELECT * FROM (\n${text}\n)`;
  try {
    const columns = columnsOf(db.prepare(select));
    if (columns.length > 0) return { select, columns, placeholders };
  } catch (error) {
    throw new SqlError(`Can't prepare the query: ${sqlReason(error)}`);
  }
  throw new SqlError(
    "A query reads: expected a SELECT, WITH ... SELECT or VALUES; the database can't be written",
  );
}

/**
 * The rows of a query as arrays, with every integer as a `bigint`: all of them, or it throws.
 *
 * `StatementSync.iterate()` ends on an error as if the rows were at their end, so one more row is put
 * behind the query's own: if iteration ends without having met it, an error was swallowed.
 *
 * @param select A statement from {@linkcode prepareSelect}.
 * @param params The values of its placeholders.
 * @throws {SqlError} It can't be run.
 * @throws {ResultsError} The database is damaged, an expression fails, or text doesn't fit a string.
 */
export function* streamRows(
  db: DatabaseSync,
  select: string,
  params: BoundValues,
): Generator<SqlValue[]> {
  const bound = params as never[];
  let source: string;
  let names: readonly string[];
  let number = 0;
  try {
    names = columnsOf(db.prepare(select)).map((_, at) => `c${at}`);
    const rows = nameNotIn(select);
    source = `WITH ${rows}(${names.join(", ")}) AS (\n${select}\n)`;
    const utf16 = isUtf16(db);
    const mark = `iif(${anyNul(names, utf16)}, ${HAS_NUL}, ${sumReplacements(names, utf16)})`;
    const statement = prepareArrays(
      db,
      `${source} SELECT ${mark}, * FROM ${rows} ` +
        `UNION ALL SELECT ${AT_END}${names.map(() => ", NULL").join("")}`,
    );
    source += ` SELECT ${names.map((name) => `max(${name})`).join(", ")} FROM ${rows}`;
    for (const row of statement.iterate(...bound) as Iterable<unknown> as Iterable<SqlValue[]>) {
      const mark = Number(row.shift());
      if (mark === AT_END) return;
      number++;
      if (mark === HAS_NUL) throw nulError(number);
      if (mark !== countReplacements(row)) throw invalidTextError(number);
      yield row;
    }
  } catch (error) {
    if (error instanceof ResultsError) throw error;
    throw new SqlError(`Can't run the query: ${sqlReason(error)}`);
  }
  throw new ResultsError(`The query failed after row ${number}: ${reasonOf(db, source, bound)}`);
}

/** What stands before a row of {@linkcode streamRows}, if not its number of U+FFFD. */
const HAS_NUL = -1;
const AT_END = -2;

/** A name that the SQL can't mean, as it isn't in its text. */
function nameNotIn(sql: string): string {
  let name = "relay_rows";
  for (let number = 1; sql.toLowerCase().includes(name); number++) name = `relay_rows_${number}`;
  return name;
}

/** Evaluates every value of a query that ended early, in one call that does throw. */
function reasonOf(db: DatabaseSync, everyValue: string, bound: never[]): string {
  try {
    prepareArrays(db, everyValue).get(...bound);
  } catch (error) {
    return sqlReason(error);
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
  // Values by name come with the name's sign; without it `:a` and `$a` would be one.
  statement.setAllowBareNamedParameters(false);
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
