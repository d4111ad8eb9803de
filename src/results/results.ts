/**
 * The results database: a SQLite file whose table (or view) `results` holds the query's answer.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { ResultsError, SqlError } from "../errors.ts";
import { printable } from "../printable.ts";
import { readDatabaseHeader } from "./database_file.ts";
import { isUtf16 } from "./faithful_text.ts";
import { Integers } from "./integers.ts";
import { bindParams, type BoundValues, type QueryParams } from "./placeholders.ts";
import {
  type Batches,
  type Column,
  DatabaseRows,
  type Row,
  type Rows,
  type RowsOptions,
} from "./rows.ts";
import { findResults, RESULTS_TABLE } from "./schema.ts";
import { columnsOf, prepareArrays, prepareSelect, quoteName, streamRows } from "./select.ts";
import { readTable } from "./table.ts";
import { openUntrusted, sqlReason } from "./untrusted_database.ts";

export { RESULTS_TABLE };

/** The name of the results database in the input and output mounts. */
export const RESULTS_FILE = "query_results.db";

/** Options of {@linkcode JobResults.query}. */
export interface QueryOptions extends RowsOptions {
  /**
   * The values of the query's placeholders: an array for `?` and `?3`, or an object for `:name`,
   * `@name` and `$name`, with or without their sign.
   *
   * @default []
   */
  params?: QueryParams;
}

/**
 * The query's answer, as a job reads it.
 *
 * @typeParam R The shape of a row of `results`, taken on trust.
 */
export interface JobResults<R extends object = Row> {
  /** The columns of `results`, in order. */
  readonly columns: readonly Column[];

  /**
   * Counts the rows of `results`. Scans the table: seconds on a gigabyte.
   *
   * @throws {ResultsError} The database is damaged.
   */
  count(): number;

  /**
   * The rows of `results`, one after another; each iteration reads them anew.
   *
   * Either every row comes as it is or it throws: it never ends early in silence, and never alters a
   * value. Text with a NUL character, or that isn't valid UTF-8 or UTF-16, would not survive as a
   * string, so it is an error; `CAST(column AS BLOB)` in a {@linkcode query} gives its bytes.
   *
   * @throws {ResultsError} While iterating: the database is damaged, an expression of the view
   * fails, an integer doesn't fit a number, text doesn't fit a string, or SQL takes over 512 MiB.
   */
  rows(options?: RowsOptions): Rows<R>;

  /**
   * The rows of a query on the database, one after another, as complete or loud as {@linkcode rows}.
   *
   * @typeParam T The row's shape, taken on trust.
   * @param sql One `SELECT` (or `WITH ... SELECT`, or `VALUES`); a statement that writes is refused.
   * @throws {SqlError} The SQL is wrong or writes, two columns have one name, a placeholder has no
   * value, a value has no placeholder, or SQLite can't store a value.
   * @throws {ResultsError} While iterating, as {@linkcode rows}.
   */
  query<T extends object = Row>(sql: string, options?: QueryOptions): Rows<T>;
}

/**
 * The results database, open for reading only.
 *
 * Its rows may be of a view, whose SQL is then evaluated; it may take at most 512 MiB of memory.
 *
 * @typeParam R The shape of a row of `results`, taken on trust.
 * @example
 * ```ts
 * import { Results } from "./results.ts";
 *
 * function locales(path: string): string[] {
 *   using results = Results.open(path);
 *   const found: string[] = [];
 *   for (const { locale } of results.query<{ locale: string }>("SELECT DISTINCT locale FROM results")) {
 *     found.push(locale);
 *   }
 *   return found;
 * }
 * ```
 */
export class Results<R extends object = Row> implements JobResults<R>, Disposable {
  /** The file that is open. */
  readonly path: string;
  /** The columns of `results`, in order. */
  readonly columns: readonly Column[];
  readonly #db: DatabaseSync;
  /** Where `results` has rowids to read it by: a name for them, and its own name. */
  readonly #table?: { rowid: string; name: string };
  /** Stands in for `results` where that has a collation that isn't known here. */
  readonly #ctes?: string;

  private constructor(path: string, name: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
    const { kind, name: table } = findResults(db, name);
    this.columns = columnsOf(db.prepare(`SELECT * FROM ${RESULTS_TABLE}`));
    this.#ctes = plainCollations(db, this.columns);
    const rowid = kind === "table" && !isUtf16(db) ? rowidName(db, this.columns) : undefined;
    if (rowid !== undefined) this.#table = { rowid, name: table };
    // One row: a damaged first page or a view over a missing table shows here, not in the job.
    prepareArrays(db, `SELECT * FROM ${RESULTS_TABLE} LIMIT 1`).get();
  }

  /**
   * Checks and opens a results database.
   *
   * @param path A SQLite file with a table or view `results`. One in WAL mode needs a folder that
   * can be written to.
   * @param name What messages call it.
   * @throws {ResultsError} It is missing, empty, of another kind, truncated, encrypted, or holds no
   * readable `results`.
   */
  static open<R extends object = Row>(path: string, name: string = path): Results<R> {
    readDatabaseHeader(path, name);
    let db: DatabaseSync | undefined;
    try {
      db = openUntrusted(path);
      return new Results<R>(path, name, db);
    } catch (error) {
      db?.close();
      if (error instanceof ResultsError) throw error;
      throw new ResultsError(`${name} can't be read as a database: ${sqlReason(error)}`);
    }
  }

  /** As {@linkcode JobResults.count}. */
  count(): number {
    try {
      const row = this.#db.prepare(`SELECT count(*) AS n FROM ${RESULTS_TABLE}`).get();
      return Number(row?.n);
    } catch (error) {
      throw new ResultsError(`Can't count the rows of ${this.path}: ${sqlReason(error)}`);
    }
  }

  /** As {@linkcode JobResults.rows}. */
  rows(options: RowsOptions = {}): Rows<R> {
    const { columns, path: name } = this;
    const integers = new Integers(options, columns, name);
    const table = this.#table;
    if (table === undefined) {
      const { select } = prepareSelect(this.#db, `SELECT * FROM ${RESULTS_TABLE}`, this.#ctes);
      return new DatabaseRows(columns, () => this.#batches(select, [], integers));
    }
    return new DatabaseRows(
      columns,
      () => readTable(this.#db, { table: table.name, rowid: table.rowid, columns, integers, name }),
    );
  }

  /** As {@linkcode JobResults.query}. */
  query<T extends object = Row>(sql: string, options: QueryOptions = {}): Rows<T> {
    const { select, columns, placeholders } = prepareSelect(this.#db, sql, this.#ctes);
    const names = columns.map(({ name }) => name);
    const twice = firstTwice(names);
    if (twice !== undefined) {
      throw new SqlError(
        `The query gives two columns the name ${
          printable(JSON.stringify(twice))
        }, so a row could ` +
          "hold only one of them; name them apart with AS",
      );
    }
    const bound = bindParams(placeholders, options.params);
    const integers = new Integers(options, columns, this.path);
    return new DatabaseRows(columns, () => this.#batches(select, bound, integers));
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** Closes the database, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The rows of a query, one by one: a free query may be slow, and its first row wanted soon. */
  *#batches(select: string, bound: BoundValues, integers: Integers): Batches {
    let number = 0;
    for (const row of streamRows(this.#db, select, bound)) yield [integers.convert(row, ++number)];
  }
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** A name under which the rowid can be read, if `results` has rowids. */
function rowidName(db: DatabaseSync, columns: readonly Column[]): string | undefined {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()));
  const rowid = ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
  if (rowid === undefined) return undefined;
  try {
    db.prepare(`SELECT ${rowid} FROM ${RESULTS_TABLE}`);
    return rowid;
  } catch {
    return undefined;
  }
}

/**
 * SQLite refuses every query on a column with a collation that isn't known here, `LOCALIZED` for one,
 * though it can read the column. Such a `results` is read through one whose columns compare by bytes.
 */
function plainCollations(db: DatabaseSync, columns: readonly Column[]): string | undefined {
  try {
    db.prepare(`SELECT * FROM (SELECT * FROM ${RESULTS_TABLE})`);
    return undefined;
  } catch {
    const names = columns.map(({ name }) => quoteName(name));
    const plain = names.map((name) => `${name} COLLATE BINARY AS ${name}`).join(", ");
    return `WITH ${RESULTS_TABLE}(${names.join(", ")}) AS NOT MATERIALIZED ` +
      `(SELECT ${plain} FROM main.${RESULTS_TABLE})`;
  }
}
