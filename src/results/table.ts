/**
 * A table with rowids in a database that stores text as UTF-8, in batches.
 *
 * `StatementSync.iterate()` ends on an error as if the rows were at their end; `all()` on a range of
 * rowids throws, and is faster too.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { ResultsError } from "../errors.ts";
import {
  anyNul,
  countReplacements,
  failIfAnyNul,
  invalidTextError,
  joined,
  nulError,
  sumReplacements,
} from "./faithful_text.ts";
import type { Integers } from "./integers.ts";
import type { Batches, Column, SqlValue } from "./rows.ts";
import { prepareArrays, quoteName } from "./select.ts";
import { sqlReason } from "./untrusted_database.ts";

/** Rows fetched at once. Larger is no faster, and a batch of large rows must fit in memory. */
const BATCH_ROWS = 512;

/** A batch has at most about this many bytes of text and blobs, or one row. */
const BATCH_BYTES = 8 * 1024 * 1024;

const FIRST_BATCH_ROWS = 16;

/** Rows after which it pays to look whether the table has large rows at all. */
const ROWS_BEFORE_LOOK = 4096;

/** The range of rowids. */
const LEAST_ROWID = -(2n ** 63n);
const GREATEST_ROWID = 2n ** 63n - 1n;

/** The one integer that comes rounded without an error when integers are read as numbers. */
const LEAST_INTEGER = -(2 ** 63);

/** A table and how to read it. */
export interface Table {
  /** Its name. */
  table: string;
  /** A name under which its rowid can be read. */
  rowid: string;
  /** Its columns, in order. */
  columns: readonly Column[];
  /** How integers come. */
  integers: Integers;
  /** What messages call the database. */
  name: string;
}

/**
 * Reads a table in the order of its rowids: every row as it is, or it throws.
 *
 * @throws {ResultsError} The database is damaged, an integer doesn't fit a number, or text doesn't fit
 * a string.
 */
export function* readTable(db: DatabaseSync, options: Table): Batches {
  const reader = new TableReader(db, options);
  let from = LEAST_ROWID;
  let limit = FIRST_BATCH_ROWS;
  // How many rows can't exceed a batch's bytes, once that is known.
  let harmless: number | undefined;
  for (let rows = 0;;) {
    if (harmless === undefined && rows >= ROWS_BEFORE_LOOK) harmless = reader.countHarmless();
    const end = harmless
      ? reader.endByRows(from, Math.min(limit, harmless), rows)
      : reader.endByBytes(from, limit, rows);
    if (end === undefined) return;
    const batch = reader.read(from, end.rowid, rows);
    rows += batch.length;
    yield batch;
    if (end.last || end.rowid === GREATEST_ROWID) return;
    from = end.rowid + 1n;
    limit = Math.min(limit * 2, BATCH_ROWS);
  }
}

/** Where a batch ends. */
interface End {
  /** The last rowid of the batch. */
  rowid: bigint;
  /** Whether it is the table's last as well. */
  last: boolean;
}

class TableReader {
  readonly #db: DatabaseSync;
  readonly #options: Table;
  readonly #names: readonly string[];
  /**
   * The columns whose text the statement itself looks at for NULs. A number's column seldom holds
   * text, so it is among them only once it has.
   */
  readonly #guarded: boolean[];
  #fast: ReturnType<typeof prepareArrays>;
  readonly #exact: ReturnType<typeof prepareArrays>;
  readonly #end: ReturnType<typeof prepareArrays>;
  readonly #sizes: ReturnType<typeof prepareArrays>;
  readonly #last: ReturnType<typeof prepareArrays>;

  constructor(db: DatabaseSync, options: Table) {
    const { table, rowid, columns } = options;
    this.#db = db;
    this.#options = options;
    this.#names = columns.map(({ name }) => quoteName(name));
    this.#guarded = columns.map(({ type }) => !isNumeric(type));
    this.#fast = this.#prepareFast();
    this.#exact = prepareArrays(db, this.#range("*"));
    const from = `FROM ${quoteName(table)} WHERE ${rowid} >= ? ORDER BY ${rowid}`;
    const sizes = this.#names.map((name) => `ifnull(octet_length(${name}), 0)`);
    this.#end = prepareArrays(db, `SELECT ${rowid} ${from} LIMIT 1 OFFSET ?`);
    this.#sizes = prepareArrays(db, `SELECT ${rowid}, ${joined(sizes, "+")} ${from} LIMIT ?`);
    this.#last = prepareArrays(db, `SELECT max(${rowid}) FROM ${quoteName(table)}`);
  }

  /**
   * How many rows of the table are surely no more than a batch's bytes; 0 if rows may be of any size. A
   * row without overflow pages is smaller than a page.
   */
  countHarmless(): number {
    try {
      const overflow = this.#db.prepare(
        "SELECT 1 FROM dbstat WHERE name = ? AND pagetype = 'overflow' LIMIT 1",
      ).get(this.#options.table);
      if (overflow !== undefined) return 0;
      return Math.floor(
        BATCH_BYTES / Number(this.#db.prepare("PRAGMA page_size").get()?.page_size),
      );
    } catch {
      // A damaged page shows when its rows are read.
      return 0;
    }
  }

  /** The end of a batch of so many rows; `undefined` when there is no row more. */
  endByRows(from: bigint, limit: number, before: number): End | undefined {
    return this.#explained(before, () => {
      const end = this.#end.get(from, limit - 1) as unknown as [bigint] | undefined;
      if (end !== undefined) return { rowid: end[0], last: false };
      const [last] = this.#last.get() as unknown as [bigint | null];
      return last === null || last < from ? undefined : { rowid: last, last: true };
    });
  }

  /** The end of a batch of at most so many rows that is within a batch's bytes. */
  endByBytes(from: bigint, limit: number, before: number): End | undefined {
    return this.#explained(before, () => {
      const rows = this.#sizes.all(from, limit) as unknown as [bigint, bigint][];
      let bytes = 0;
      let taken = 0;
      for (const [, size] of rows) {
        bytes += Number(size);
        if (taken > 0 && bytes > BATCH_BYTES) break;
        taken++;
      }
      if (taken === 0) return undefined;
      return { rowid: rows[taken - 1]![0], last: taken === rows.length && taken < limit };
    });
  }

  /** The rows of a range of rowids; `before` is the number of rows before them, for messages. */
  read(from: bigint, to: bigint, before: number): SqlValue[][] {
    let batch: SqlValue[][];
    try {
      batch = this.#fast.all(from, to) as unknown as SqlValue[][];
    } catch {
      return this.#readExact(from, to, before);
    }
    let unguarded = false;
    let least = false;
    // Plain loops: this looks at every value there is.
    for (let at = 0; at < batch.length; at++) {
      const row = batch[at]!;
      for (let column = 0; column < row.length; column++) {
        const value = row[column];
        if (typeof value === "string") {
          if (value.includes("\uFFFD")) this.#checkReplacements(row, from, to, at, before);
          if (!this.#guarded[column]) {
            this.#guarded[column] = true;
            unguarded = true;
          }
        } else if (value === LEAST_INTEGER) least = true;
      }
    }
    if (unguarded) {
      this.#fast = this.#prepareFast();
      return this.read(from, to, before);
    }
    return least && !this.#options.integers.exact ? this.#readExact(from, to, before) : batch;
  }

  /**
   * Reads a range that the fast way can't: it holds text with a NUL, an integer too large for a number,
   * or damage.
   */
  #readExact(from: bigint, to: bigint, before: number): SqlValue[][] {
    return this.#explained(before, () => {
      const nuls = prepareArrays(this.#db, this.#range(anyNul(this.#names))).all(from, to);
      const nul = (nuls as unknown as [bigint][]).findIndex(([found]) => found === 1n);
      if (nul >= 0) throw nulError(before + nul + 1);
      const batch = this.#exact.all(from, to) as unknown as SqlValue[][];
      for (const [at, row] of batch.entries()) {
        this.#checkReplacements(row, from, to, at, before);
        this.#options.integers.convert(row, before + at + 1);
      }
      return batch;
    });
  }

  #checkReplacements(row: SqlValue[], from: bigint, to: bigint, at: number, before: number): void {
    const count = countReplacements(row);
    if (count === 0) return;
    const sql = `${this.#range(sumReplacements(this.#names))} LIMIT 1 OFFSET ?`;
    const written = this.#explained(
      before,
      () => prepareArrays(this.#db, sql).get(from, to, at) as unknown as [bigint],
    );
    if (written[0] !== BigInt(count)) throw invalidTextError(before + at + 1);
  }

  #prepareFast(): ReturnType<typeof prepareArrays> {
    const guard = failIfAnyNul(this.#names.filter((_, at) => this.#guarded[at]));
    const bigints = this.#options.integers.exact;
    return prepareArrays(this.#db, this.#range("*", guard), { bigints });
  }

  #range(what: string, guard = "1"): string {
    const { table, rowid } = this.#options;
    return `SELECT ${what} FROM ${
      quoteName(table)
    } WHERE ${rowid} BETWEEN ? AND ? AND ${guard} ORDER BY ${rowid}`;
  }

  #explained<T>(before: number, act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof ResultsError) throw error;
      throw new ResultsError(
        `Can't read ${this.#options.name} after row ${before}: ${sqlReason(error)}`,
      );
    }
  }
}

/** Whether a declared type gives its column INTEGER or REAL affinity (sqlite.org/datatype3.html, 3.1). */
function isNumeric(type: string): boolean {
  return /int/i.test(type) || (/real|floa|doub/i.test(type) && !/char|clob|text|blob/i.test(type));
}
