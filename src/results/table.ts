/**
 * A table with rowids, in batches.
 *
 * `StatementSync.iterate()` ends on an error as if the rows were at their end; `all()` on a range of
 * rowids throws, and is faster too.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { messageOf, ResultsError } from "../errors.ts";
import {
  anyNul,
  countReplacements,
  failIfAnyNul,
  nulError,
  sumReplacements,
  utf8Error,
} from "./faithful_text.ts";
import type { Batches, Column, Integers, SqlValue } from "./rows.ts";
import { prepareArrays, quoteName } from "./select.ts";

/** Rows fetched at once. Larger is no faster, and a batch of large rows must fit in memory. */
const BATCH_ROWS = 512;

/** A batch shrinks so that it stays below about this many bytes of text and blobs. */
const BATCH_BYTES = 8 * 1024 * 1024;

const FIRST_BATCH_ROWS = 16;
const LEAST_ROWID = -(2n ** 63n);

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
  let largest = 1;
  for (let rows = 0;;) {
    const end = reader.endOf(from, limit, rows);
    if (end === undefined) return;
    const batch = reader.read(from, end.rowid, rows);
    for (let at = 0; at < batch.length; at += 16) largest = Math.max(largest, bytesIn(batch[at]!));
    rows += batch.length;
    yield batch;
    if (end.last) return;
    from = end.rowid + 1n;
    limit = Math.max(1, Math.min(limit * 2, BATCH_ROWS, Math.floor(BATCH_BYTES / largest)));
  }
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
  readonly #last: ReturnType<typeof prepareArrays>;

  constructor(db: DatabaseSync, options: Table) {
    const { table, rowid, columns } = options;
    this.#db = db;
    this.#options = options;
    this.#names = columns.map(({ name }) => quoteName(name));
    this.#guarded = columns.map(({ type }) => !isNumeric(type));
    this.#fast = this.#prepareFast();
    this.#exact = prepareArrays(db, this.#range("*"));
    this.#end = prepareArrays(
      db,
      `SELECT ${rowid} FROM ${table} WHERE ${rowid} >= ? ORDER BY ${rowid} LIMIT 1 OFFSET ?`,
    );
    this.#last = prepareArrays(db, `SELECT max(${rowid}) FROM ${table}`);
  }

  /** The last rowid of a batch, and whether it is the table's; `undefined` when there is no row more. */
  endOf(
    from: bigint,
    limit: number,
    before: number,
  ): { rowid: bigint; last: boolean } | undefined {
    return this.#explained(before, () => {
      const end = this.#end.get(from, limit - 1) as unknown as [bigint] | undefined;
      if (end !== undefined) return { rowid: end[0], last: false };
      const [last] = this.#last.get() as unknown as [bigint | null];
      return last === null || last < from ? undefined : { rowid: last, last: true };
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
    if (written[0] !== BigInt(count)) throw utf8Error(before + at + 1);
  }

  #prepareFast(): ReturnType<typeof prepareArrays> {
    const guard = failIfAnyNul(this.#names.filter((_, at) => this.#guarded[at]));
    const bigints = this.#options.integers.exact;
    return prepareArrays(this.#db, this.#range("*", guard), { bigints });
  }

  #range(what: string, guard = "1"): string {
    const { table, rowid } = this.#options;
    return `SELECT ${what} FROM ${table} WHERE ${rowid} BETWEEN ? AND ? AND ${guard} ORDER BY ${rowid}`;
  }

  #explained<T>(before: number, act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof ResultsError) throw error;
      throw new ResultsError(
        `Can't read ${this.#options.name} after row ${before}: ${messageOf(error)}`,
      );
    }
  }
}

/** Whether a declared type gives its column INTEGER or REAL affinity (sqlite.org/datatype3.html, 3.1). */
function isNumeric(type: string): boolean {
  return /int/i.test(type) || (/real|floa|doub/i.test(type) && !/char|clob|text|blob/i.test(type));
}

function bytesIn(row: SqlValue[]): number {
  let bytes = 0;
  for (const value of row) {
    if (typeof value === "string") bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.byteLength;
  }
  return bytes;
}
