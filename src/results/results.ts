/**
 * The results database: a SQLite file whose table (or view) `results` holds the query's answer.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { readDatabaseHeader } from "./database_file.ts";
import { messageOf, ResultsError, SqlError } from "../errors.ts";
import {
  type Batches,
  type Column,
  Integers,
  type Row,
  type Rows,
  rowsFrom,
  type RowsOptions,
  type SqlValue,
} from "./rows.ts";
import { columnsOf, prepareArrays, prepareSelect, streamRows } from "./select.ts";
import { readTable } from "./table.ts";

/** The name of the results database in the input and output mounts. */
export const RESULTS_FILE = "query_results.db";

/** The table or view that holds the query's answer. */
export const RESULTS_TABLE = "results";

/**
 * The results database, open for reading only.
 *
 * @example
 * ```ts
 * import { Results } from "../../mod.ts";
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
export class Results implements Disposable {
  /** The file that is open. */
  readonly path: string;
  /** The columns of `results`, in order. */
  readonly columns: readonly Column[];
  readonly #db: DatabaseSync;
  /** A name under which the rowid can be read, if `results` has one. */
  readonly #rowid?: string;

  private constructor(path: string, name: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
    // A database from elsewhere: its views and schema may not call functions with side effects, and
    // nothing may write, even where the file could be.
    db.exec("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON");
    const table = db.prepare(
      "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) = ?",
    ).get(RESULTS_TABLE);
    if (table === undefined) {
      const others = db.prepare(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' " +
          "ESCAPE '\\' ORDER BY name LIMIT 20",
      ).all().map(({ name }) => JSON.stringify(name));
      throw new ResultsError(
        `${name} has no table or view "${RESULTS_TABLE}"; ` +
          (others.length === 0 ? "it has none at all" : `these are there: ${others.join(", ")}`),
      );
    }
    this.columns = columnsOf(db.prepare(`SELECT * FROM ${RESULTS_TABLE}`));
    if (table.type === "table" && table.wr === 0) {
      const taken = new Set(this.columns.map(({ name }) => name.toLowerCase()));
      this.#rowid = ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
    }
    // One row: a damaged first page or a view over a missing table shows here, not in the job.
    prepareArrays(db, `SELECT * FROM ${RESULTS_TABLE} LIMIT 1`).get();
  }

  /**
   * Checks and opens a results database.
   *
   * @param path A SQLite file with a table or view `results`. One in WAL mode needs a folder that
   * can be written to; `runJob` hands such a database over as a settled copy.
   * @param name What messages call it.
   * @throws {ResultsError} It is missing, empty, of another kind, truncated, encrypted, or holds no
   * readable `results`.
   */
  static open(path: string, name: string = path): Results {
    readDatabaseHeader(path, name);
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, { readOnly: true });
      return new Results(path, name, db);
    } catch (error) {
      db?.close();
      if (error instanceof ResultsError) throw error;
      throw new ResultsError(`${name} can't be read as a database: ${messageOf(error)}`);
    }
  }

  /**
   * Counts the rows of `results`. Scans the table: seconds on a gigabyte.
   *
   * @throws {ResultsError} The database is damaged.
   */
  count(): number {
    try {
      const row = this.#db.prepare(`SELECT count(*) AS n FROM ${RESULTS_TABLE}`).get();
      return Number(row?.n);
    } catch (error) {
      throw new ResultsError(`Can't count the rows of ${this.path}: ${messageOf(error)}`);
    }
  }

  /**
   * The rows of `results`, one after another.
   *
   * Either every row comes as it is or it throws: it never ends early in silence, and never alters a
   * value. Text with a NUL character or with bytes that aren't UTF-8 would not survive as a string, so
   * it is an error; `CAST(column AS BLOB)` in a {@linkcode query} gives its bytes.
   *
   * @typeParam T The row's shape, taken on trust.
   * @throws {ResultsError} While iterating: the database is damaged, an expression of the view
   * fails, an integer doesn't fit a number, or text doesn't fit a string.
   */
  rows<T extends object = Row>(options: RowsOptions = {}): Rows<T> {
    const { columns, path: name } = this;
    const integers = new Integers(options, columns, name);
    if (this.#rowid === undefined) {
      return rowsFrom(columns, this.#batches(`SELECT * FROM ${RESULTS_TABLE}`, [], integers));
    }
    const table = { table: RESULTS_TABLE, rowid: this.#rowid, columns, integers, name };
    return rowsFrom(columns, readTable(this.#db, table));
  }

  /**
   * The rows of a query on the database, one after another, as complete or loud as {@linkcode rows}.
   *
   * @typeParam T The row's shape, taken on trust.
   * @param sql One `SELECT` (or `WITH ... SELECT`, or `VALUES`); a statement that writes is refused.
   * @param params The values of its placeholders, in order.
   * @throws {SqlError} The SQL is wrong or writes, or two columns have one name.
   * @throws {ResultsError} While iterating, as {@linkcode rows}.
   */
  query<T extends object = Row>(
    sql: string,
    params: readonly SqlValue[] = [],
    options: RowsOptions = {},
  ): Rows<T> {
    const { select, columns } = prepareSelect(this.#db, sql);
    const names = columns.map(({ name }) => name);
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) {
      throw new SqlError(
        `The query gives two columns the name ${JSON.stringify(twice)}, so a row could hold only ` +
          "one of them; name them apart with AS",
      );
    }
    return rowsFrom(
      columns,
      this.#batches(select, params, new Integers(options, columns, this.path)),
    );
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
  *#batches(select: string, params: readonly SqlValue[], integers: Integers): Batches {
    let number = 0;
    for (const row of streamRows(this.#db, select, params)) yield [integers.convert(row, ++number)];
  }
}
export type JobResults<R extends object = Row> =
  & Pick<Results, "columns" | "count" | "rows" | "query">
  & { r?: R };
