/**
 * The results database: a SQLite file whose table (or view) `results` holds the query's answer.
 *
 * @module
 */

import { join } from "node:path";
import { backup, DatabaseSync, type StatementSync, type SupportedValueType } from "node:sqlite";
import { messageOf, ResultsError, SqlError } from "./errors.ts";

/** The name of the results database in the input and output mounts. */
export const RESULTS_FILE = "query_results.db";

/** The table or view that holds the query's answer. */
export const RESULTS_TABLE = "results";

/** A value SQLite can store. Integers are `bigint` with `{ integers: "bigint" }` only. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** A row by column name. It inherits nothing, so no column name is special. */
export type Row = Record<string, SqlValue>;

/** A column of a result. */
export interface Column {
  /** Its name. */
  readonly name: string;
  /** Its declared type, such as `TEXT`; empty for an expression or a column without one. */
  readonly type: string;
}

/** Options of {@linkcode Results.rows} and {@linkcode Results.query}. */
export interface RowsOptions {
  /**
   * How integers come: `number` throws on one that a number can't hold exactly (beyond 2^53 - 1),
   * `bigint` holds them all.
   *
   * @default "number"
   */
  integers?: "number" | "bigint";
}

/** Rows one after another, in constant memory, and what their columns are. */
export interface Rows<T extends object = Row> extends IterableIterator<T> {
  /** The columns, in order; known before the first row. */
  readonly columns: readonly Column[];
}

/** What a SQLite file's header says of it. */
export interface DatabaseHeader {
  /** Bytes a page. */
  pageSize: number;
  /** Pages the file should have, or `undefined` where the header doesn't say reliably. */
  pageCount?: number;
  /** In write-ahead-log mode: latest rows may be in the `-wal` file, and opening needs a writable folder. */
  wal: boolean;
}

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";

/** Rows fetched at once. Larger is no faster, and a batch of large rows must fit in memory. */
const BATCH_ROWS = 512;

/** A batch shrinks so that it stays below about this many bytes of text and blobs. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Reads and checks a SQLite file's header and length, without opening the database.
 *
 * @param path The file.
 * @param name What messages call it.
 * @throws {ResultsError} The file is missing, empty, of another kind, or not as long as its header says.
 */
export function readDatabaseHeader(path: string, name: string = path): DatabaseHeader {
  const bytes = new Uint8Array(HEADER_BYTES);
  let length = 0;
  let size: number;
  try {
    using file = Deno.openSync(path);
    const info = file.statSync();
    if (!info.isFile) throw new ResultsError(`${name} is not a file; expected a SQLite database`);
    size = info.size;
    while (length < HEADER_BYTES) {
      const read = file.readSync(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
  } catch (error) {
    if (error instanceof ResultsError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new ResultsError(`${name} doesn't exist; expected a SQLite database`);
    }
    throw new ResultsError(`Can't read ${name}: ${messageOf(error)}`);
  }
  if (length === 0) {
    throw new ResultsError(`${name} is empty (0 bytes); expected a SQLite database`, {
      truncated: true,
    });
  }
  const head = bytes.subarray(0, length);
  if (new TextDecoder("latin1").decode(head.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new ResultsError(`${name} is ${guessKind(head)}; expected a SQLite database`);
  }
  if (length < HEADER_BYTES) {
    throw new ResultsError(
      `${name} is truncated: expected at least ${HEADER_BYTES} bytes, got ${length}`,
      { truncated: true },
    );
  }
  // Offsets: https://www.sqlite.org/fileformat2.html#the_database_header
  const view = new DataView(bytes.buffer);
  const pageSize = view.getUint16(16) === 1 ? 65536 : view.getUint16(16);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
    throw new ResultsError(
      `${name} is damaged: its header gives a page size of ${pageSize} bytes; expected a power of ` +
        "two from 512 to 65536",
    );
  }
  const wal = view.getUint8(18) === 2 || view.getUint8(19) === 2;
  // The count holds only if the last writer knew of it (offset 92), and outside WAL mode.
  const counted = view.getUint32(24) === view.getUint32(92) && view.getUint32(28) > 0;
  const pageCount = counted && !wal ? view.getUint32(28) : undefined;
  const expected = pageCount === undefined
    ? Math.ceil(size / pageSize) * pageSize
    : pageCount * pageSize;
  if (size < expected) {
    throw new ResultsError(`${name} is truncated: expected ${expected} bytes, got ${size}`, {
      truncated: true,
    });
  }
  if (size > expected) {
    throw new ResultsError(
      `${name} has bytes after its end: expected ${expected} bytes, got ${size}`,
    );
  }
  return { pageSize, pageCount, wal };
}

/** Names what a file that isn't SQLite seems to be. */
function guessKind(head: Uint8Array): string {
  const text = new TextDecoder().decode(head).replace(/^\uFEFF/, "").trimStart().toLowerCase();
  if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head")) {
    return "an HTML page";
  }
  if (text.startsWith("<?xml") || text.startsWith("<error")) return "an XML document";
  if (text.startsWith("{") || text.startsWith("[")) return "a JSON document";
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip-compressed data";
  if (MAGIC.startsWith(new TextDecoder("latin1").decode(head))) return "truncated";
  return "encrypted or not a database";
}

/**
 * The results database, open for reading only.
 *
 * @example
 * ```ts
 * import { Results } from "../mod.ts";
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
    const shape = this.#shape<T>(this.columns, options);
    const rows = this.#rowid === undefined
      ? shaped(streamRows(this.#db, `SELECT * FROM ${RESULTS_TABLE}`, []), shape)
      : this.#batched(this.#rowid, shape, options.integers === "bigint");
    return Object.assign(rows, { columns: this.columns });
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
    const rows = shaped(streamRows(this.#db, select, params), this.#shape<T>(columns, options));
    return Object.assign(rows, { columns });
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** Closes the database, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Reads the table in batches by rowid. `StatementSync.iterate()` ends on an error as if the rows were
   * at their end; `all()` throws, and is faster too.
   *
   * @param exact Read every integer as a `bigint`. Otherwise only batches that need it are.
   */
  *#batched<T>(rowid: string, shape: Shape<T>, exact: boolean): Generator<T> {
    const db = this.#db;
    const names = this.columns.map(({ name }) => quoteName(name));
    const width = names.length;
    const range = (guard: string) =>
      `SELECT *, ${rowid} FROM ${RESULTS_TABLE} WHERE ${rowid} >= ? AND ${guard} ` +
      `ORDER BY ${rowid} LIMIT ?`;
    // A number column seldom holds text, so its text is looked at row by row, until there is some.
    const guarded = this.columns.map(({ type }) => !isNumeric(type));
    const guard = () => failIfAnyNul(names.filter((_, at) => guarded[at]));
    let batches = prepareArrays(db, range(guard()), { bigints: exact });
    const exactBatches = prepareArrays(db, range("1"));
    const nulIn = prepareArrays(db, range(`(${anyNul(names)})`));
    const replacementsIn = prepareArrays(
      db,
      `SELECT ${sumReplacements(names)} FROM ${RESULTS_TABLE} WHERE ${rowid} = ?`,
    );
    const readBatch = (from: bigint, limit: number): SqlValue[][] => {
      try {
        return batches.all(from, limit) as unknown as SqlValue[][];
      } catch {
        // An integer too large for a number, text with a NUL, or damage: the plain statement and the
        // checks below tell which.
        return exactBatches.all(from, limit) as unknown as SqlValue[][];
      }
    };
    const checkRow = (id: bigint, number: number): void => {
      const nul = nulIn.get(id, 1) as unknown as SqlValue[] | undefined;
      if (nul?.[width] === id) throw nulError(number);
    };
    let from = -(2n ** 63n);
    let limit = 16;
    let largest = 1;
    for (let number = 0;;) {
      let batch: SqlValue[][];
      let unguarded = false;
      try {
        batch = readBatch(from, limit);
      } catch (error) {
        throw new ResultsError(`Can't read ${this.path} after row ${number}: ${messageOf(error)}`);
      }
      if (batch.length === 0) return;
      // The rowid tells in which way the batch was read.
      const suspect = typeof batch[0]![width] === "bigint" && !exact;
      for (let row of batch) {
        number++;
        const id = row[width]!;
        for (let at = 0; at < width; at++) {
          const value = row[at]!;
          if (typeof value === "string") {
            if (suspect || !guarded[at]) {
              checkRow(BigInt(id as bigint), number);
              unguarded ||= !guarded[at];
              guarded[at] = true;
            }
            if (value.includes("\uFFFD")) {
              const written = replacementsIn.get(id as bigint) as unknown as SqlValue[];
              if (written[0] !== BigInt(countReplacements(row))) throw utf8Error(number);
            }
          } else if (value === LEAST_INTEGER) {
            // The one integer that comes rounded without an error.
            row = (exactBatches.all(id as bigint, 1) as unknown as SqlValue[][])[0]!;
          }
        }
        if ((number & 15) === 0) largest = Math.max(largest, bytesIn(row));
        yield shape(row, number);
      }
      if (batch.length < limit) return;
      const last = BigInt(batch.at(-1)![width] as bigint);
      if (last === 2n ** 63n - 1n) return;
      from = last + 1n;
      if (unguarded) batches = prepareArrays(db, range(guard()), { bigints: exact });
      limit = Math.max(1, Math.min(limit * 2, BATCH_ROWS, Math.floor(BATCH_BYTES / largest)));
    }
  }

  /** Makes the function that turns the values of a row into an object. */
  #shape<T>(columns: readonly Column[], { integers = "number" }: RowsOptions): Shape<T> {
    const names = columns.map(({ name }) => name);
    const exact = integers === "bigint";
    const { path } = this;
    // Its prototype has no members, so that a column may have any name; a `null` prototype itself
    // would make each object a slow dictionary.
    const RowObject = function () {} as unknown as new () => Row;
    RowObject.prototype = Object.freeze(Object.create(null));
    return (values, number) => {
      const row = new RowObject();
      for (let at = 0; at < names.length; at++) {
        const name = names[at]!;
        let value = values[at]!;
        if (typeof value === "bigint" && !exact) {
          const short = Number(value);
          if (!Number.isSafeInteger(short)) {
            throw new ResultsError(
              `Column ${
                JSON.stringify(name)
              } of row ${number} in ${path} holds the integer ${value}, ` +
                'which a number can\'t hold exactly; read the rows with { integers: "bigint" }',
            );
          }
          value = short;
        }
        row[name] = value;
      }
      return row as T;
    };
  }
}

/** Turns the values of the row of a number (counted from 1) into what a caller gets. */
type Shape<T> = (values: readonly SqlValue[], number: number) => T;

const LEAST_INTEGER = -(2 ** 63);

function* shaped<T>(rows: Iterable<SqlValue[]>, shape: Shape<T>): Generator<T> {
  let number = 0;
  for (const row of rows) yield shape(row, ++number);
}

/** Whether a declared type gives its column INTEGER or REAL affinity (sqlite.org/datatype3.html, 3.1). */
function isNumeric(type: string): boolean {
  return /int/i.test(type) || (/real|floa|doub/i.test(type) && !/char|clob|text|blob/i.test(type));
}

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

/** SQL that says whether any of some columns is text with a NUL character. */
function anyNul(names: readonly string[]): string {
  return names.map((name) =>
    `(typeof(${name}) = 'text' AND instr(CAST(${name} AS BLOB), x'00') > 0)`
  )
    .join(" OR ");
}

/** SQL that is true, or fails with an error if any of some columns is text with a NUL character. */
function failIfAnyNul(names: readonly string[]): string {
  if (names.length === 0) return "1";
  const found = names.map((name) =>
    `instr(CAST(${name} AS BLOB), x'00') > 0 AND typeof(${name}) = 'text'`
  );
  // abs() of the least integer is an error: https://www.sqlite.org/lang_corefunc.html#abs
  return `(NOT (${found.join(" OR ")}) OR abs(-9223372036854775807 - 1))`;
}

/**
 * SQL that counts the characters U+FFFD that are really written in some columns of text. A string has
 * more of them if it was made of bytes that aren't UTF-8.
 */
function sumReplacements(names: readonly string[]): string {
  return names.map((name) =>
    `iif(typeof(${name}) = 'text' AND instr(CAST(${name} AS BLOB), x'efbfbd') > 0, ` +
    `(octet_length(${name}) - octet_length(replace(${name}, char(65533), ''))) / 3, 0)`
  ).join(" + ");
}

function countReplacements(row: readonly SqlValue[]): number {
  let count = 0;
  for (const value of row) {
    if (typeof value === "string" && value.includes("\uFFFD")) {
      count += value.split("\uFFFD").length - 1;
    }
  }
  return count;
}

const BYTES_HINT = "read its bytes, with CAST(column AS BLOB) in results.query()";

function nulError(number: number): ResultsError {
  return new ResultsError(
    `Row ${number} holds text with a NUL character, at which a string would be cut; ${BYTES_HINT}`,
  );
}

function utf8Error(number: number): ResultsError {
  return new ResultsError(
    `Row ${number} holds text that isn't UTF-8, which a string can't hold; ${BYTES_HINT}`,
  );
}

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
function prepareArrays(
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
function columnsOf(statement: { columns(): { name: string; type: string | null }[] }): Column[] {
  return statement.columns().map(({ name, type }) => ({ name, type: type ?? "" }));
}

/** A settled database, and whether it had to differ from the file it was made from. */
export interface SettledDatabase {
  /** The file to open. */
  path: string;
  /** The file that holds all the rows: the original, unless rows stood in a file beside it. */
  complete: string;
}

/**
 * Makes a database openable for reading only, wherever it lies. A database in WAL mode, or with a
 * journal left by a killed writer, is copied into `folder` by SQLite's own backup (so rows still in
 * the `-wal` file come along) and put into the default journal mode; any other is left where it is.
 *
 * @param path A SQLite file.
 * @param folder Where a copy may be made; it must exist.
 * @throws {ResultsError} As {@linkcode readDatabaseHeader}, or the database can't be copied.
 */
export async function settleDatabase(path: string, folder: string): Promise<SettledDatabase> {
  const { wal } = readDatabaseHeader(path);
  const sidecars = SIDECARS.filter((suffix) => suffix !== "-shm" && sizeOf(path + suffix) > 0);
  if (!wal && !sidecars.includes("-journal")) return { path, complete: path };
  const copy = join(folder, RESULTS_FILE);
  try {
    try {
      using source = new DatabaseSync(path, { readOnly: true });
      await backup(source, copy);
    } catch {
      // On a read-only mount SQLite can't open such a file at all: it works on a copy with its sidecars.
      await Deno.copyFile(path, copy);
      await Deno.chmod(copy, 0o600);
      for (const suffix of sidecars) await Deno.copyFile(path + suffix, copy + suffix);
    }
    using settled = new DatabaseSync(copy);
    settled.exec("PRAGMA journal_mode = DELETE");
  } catch (error) {
    throw new ResultsError(
      `${path} is in SQLite's WAL mode or has a journal, and can't be copied to be read: ${
        messageOf(error)
      }`,
    );
  }
  return { path: copy, complete: sidecars.length === 0 ? path : copy };
}

/** What SQLite puts beside a database; next to another database of that name they would damage it. */
export const SIDECARS: readonly string[] = ["-wal", "-shm", "-journal"];

/** A file's size in bytes; 0 when there is none. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** Where the first thing that isn't a space, a comment or a lone semicolon stands in SQL text. */
export function skipTrivia(sql: string): number {
  return /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/.exec(sql)![0].length;
}

function bytesIn(row: SqlValue[]): number {
  let bytes = 0;
  for (const value of row) {
    if (typeof value === "string") bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.byteLength;
  }
  return bytes;
}
