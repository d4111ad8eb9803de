/**
 * What a job writes its output with.
 *
 * @module
 */

/** Options of {@linkcode Artifacts.writeCsv}. */
export interface CsvOptions {
  /**
   * The columns to write, in order.
   *
   * @default The rows' own columns (those of `results.rows()`), or the first row's keys
   */
  columns?: readonly string[];
  /**
   * Begin with a byte order mark, by which spreadsheets know UTF-8.
   *
   * @default false
   */
  bom?: boolean;
  /**
   * Put an apostrophe before text that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, which
   * a spreadsheet would run as a formula. Numbers stay as they are.
   *
   * @default false
   */
  safeFormulas?: boolean;
}

/**
 * Writes a job's output. A name is a plain relative path, such as `report.json` or `by_day/1.csv`, and
 * is written once a run. All files appear in the output when the job has succeeded, each of them whole;
 * none of them if it failed. A write that fails leaves no file.
 */
export interface Artifacts {
  /**
   * Writes a text file, as UTF-8.
   *
   * @throws {ArtifactError} The name is refused, the text holds half of a surrogate pair, or it can't be
   * written.
   */
  writeText(name: string, text: string): Promise<void>;

  /**
   * Writes a value as JSON, with a newline at its end.
   *
   * An array, or anything else to iterate over (`results.rows()`, a generator, a Set, a stream), is an
   * array with a line for each item, written in constant memory. Any other value is indented.
   *
   * A bigint becomes a string of digits, since JSON's readers would round it, and so does every integer
   * of rows read with `integers: "bigint"`. A BLOB (`Uint8Array`) is written in hexadecimal, a date as
   * ISO 8601; a Set becomes an array, a Map with strings as keys an object; `toJSON` is called. As
   * always in JSON, members that are undefined are left out.
   *
   * @throws {ArtifactError} The name is refused, the file can't be written, or the value holds what JSON
   * can't: NaN, an infinity, an invalid date, a function, a symbol, undefined in an array, an object
   * of another built-in class, something to iterate over below the top, a cycle. The message says where.
   * What iterating throws passes through.
   */
  writeJson(name: string, value: unknown): Promise<void>;

  /**
   * Writes JSON Lines, a value and a newline for each item, in constant memory. Values are as in
   * {@linkcode writeJson}.
   *
   * @throws {ArtifactError} As {@linkcode writeJson}.
   */
  writeJsonLines(name: string, items: Iterable<unknown> | AsyncIterable<unknown>): Promise<void>;

  /**
   * Writes rows as CSV (RFC 4180: header line, CRLF, UTF-8), in constant memory.
   *
   * NULL and undefined are an empty field, an empty string is `""`. A BLOB (`Uint8Array`) is written in
   * hexadecimal, a date as ISO 8601, an infinity as `Infinity` or `-Infinity`. All rows have the keys
   * of the first one; with `columns` they may have others as well.
   *
   * @param rows Objects by column name, such as `results.rows()`.
   * @throws {ArtifactError} The name is refused, the file can't be written, a row lacks a column or has
   * one that the first row lacks, or a value is NaN, an invalid date, an object, a function, a symbol, or
   * text with half of a surrogate pair. The message says which row and column. What iterating the rows
   * throws passes through.
   */
  writeCsv(
    name: string,
    rows: Iterable<object> | AsyncIterable<object>,
    options?: CsvOptions,
  ): Promise<void>;

  /**
   * Writes bytes, or a stream of them.
   *
   * @throws {ArtifactError} The name is refused, or the file can't be written. What reading the stream
   * throws passes through.
   */
  write(
    name: string,
    content:
      | Uint8Array
      | ReadableStream<Uint8Array>
      | Iterable<Uint8Array>
      | AsyncIterable<Uint8Array>,
  ): Promise<void>;

  /**
   * A stream into a new file. Close it before the job ends: a job with an open stream fails. An aborted
   * stream drops its file.
   *
   * @throws {ArtifactError} The name is refused, or the file can't be made.
   */
  writable(name: string): WritableStream<Uint8Array>;

  /**
   * A path at which to make a file by other means, as SQLite does with a database. Make and close it
   * before the job ends.
   *
   * @returns An absolute path where nothing is yet.
   * @throws {ArtifactError} The name is refused.
   */
  pathFor(name: string): string;

  /**
   * Copies the results database, byte for byte, in the kernel. Only where rows still stood in a `-wal`
   * file beside it is it SQLite's own backup instead.
   *
   * @param name The copy's name; `query_results.db` unless another is given.
   * @throws {ArtifactError} The name is refused, or there is no room for it.
   */
  copyResults(name?: string): Promise<void>;
}
