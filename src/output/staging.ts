/**
 * The output directory: what a job writes appears there whole at its end, or not at all.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type CsvValue, formatCsvLine } from "./csv.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { exists } from "../files.ts";
import { checkArtifactName } from "./artifact_name.ts";
import { SIDECARS } from "../results/database_file.ts";
import { RESULTS_FILE } from "../results/results.ts";
import { type Column, takeBatches } from "../results/rows.ts";

/** Text is handed to the kernel in pieces of about this many characters. */
const CSV_PIECE_CHARACTERS = 128 * 1024;

/** Options of {@linkcode Artifacts.writeCsv}. */
export interface CsvOptions {
  /**
   * The columns to write, in order, and their header line.
   *
   * @default The rows' own `columns` (those of `results.rows()`), or the first row's keys
   */
  columns?: readonly string[];
}

/**
 * Writes a job's output. A name is a plain relative path, such as `report.json` or `by_day/1.csv`.
 * Everything is staged, and published by {@linkcode Artifacts.commit} (which `runJob` calls): files
 * are renamed into place, so each is whole at every moment, old or new.
 *
 * One run at a time may use an output directory.
 */
class StagedArtifacts {
  readonly #staging: string;
  readonly #staged = new Map<string, { complete: boolean }>();
  readonly #source: string;

  constructor(directory: string, source: string) {
    this.#staging = directory;
    this.#source = source;
  }

  /**
   * Writes a text file, as UTF-8.
   *
   * @throws {ArtifactError} The name is refused, or the text can't be written.
   */
  async writeText(name: string, text: string): Promise<void> {
    await this.#write(name, (path) => Deno.writeTextFile(path, text));
  }

  /**
   * Writes a value as JSON, indented, with a newline at its end. A `bigint` becomes a string of
   * digits, since JSON's readers would round it.
   *
   * @throws {ArtifactError} The name is refused, the value can't be JSON, or it can't be written.
   */
  async writeJson(name: string, value: unknown): Promise<void> {
    let text: string | undefined;
    try {
      text = JSON.stringify(
        value,
        (_, item) => typeof item === "bigint" ? String(item) : item,
        2,
      );
    } catch (error) {
      throw new ArtifactError(`${name} can't be written as JSON: ${messageOf(error)}`);
    }
    if (text === undefined) {
      throw new ArtifactError(`${name} can't be written as JSON: got ${typeof value}`);
    }
    await this.writeText(name, text + "\n");
  }

  /**
   * Writes rows as CSV (RFC 4180: header line, CRLF, UTF-8), in constant memory. NULL is an empty
   * field and an empty string is `""`; a BLOB is written in hexadecimal, a date as ISO 8601.
   *
   * @param rows Objects with the same keys, such as `results.rows()`.
   * @throws {ArtifactError} The name is refused or the file can't be written. What iterating the rows
   * throws passes through.
   */
  async writeCsv(
    name: string,
    rows: Iterable<object> | AsyncIterable<object>,
    options: CsvOptions = {},
  ): Promise<void> {
    const stream = this.writable(name).getWriter();
    const encoder = new TextEncoder();
    let piece = "";
    const flush = async () => {
      await stream.write(encoder.encode(piece));
      piece = "";
    };
    try {
      let columns = options.columns ?? columnNamesOf(rows);
      if (columns !== undefined) piece = formatCsvLine(columns);
      const batches = options.columns === undefined ? takeBatches(rows) : undefined;
      if (batches !== undefined) {
        // Rows straight from the database need not become objects first.
        for (const batch of batches) {
          for (const values of batch) piece += formatCsvLine(values);
          if (piece.length >= CSV_PIECE_CHARACTERS) await flush();
        }
      } else {
        for await (const row of rows) {
          if (columns === undefined) {
            columns = Object.keys(row);
            piece = formatCsvLine(columns);
          }
          const record = row as Record<string, CsvValue>;
          piece += formatCsvLine(columns.map((column) => record[column]));
          if (piece.length >= CSV_PIECE_CHARACTERS) await flush();
        }
      }
      if (piece !== "") await flush();
      await stream.close();
    } catch (error) {
      await stream.abort(error).catch(() => {});
      throw error;
    }
  }

  /**
   * A stream into a new file. The file is published only if the stream was closed; an aborted stream
   * drops it.
   *
   * @throws {ArtifactError} The name is refused, or the file can't be made.
   */
  writable(name: string): WritableStream<Uint8Array> {
    const path = this.#stage(name);
    const entry = this.#staged.get(name)!;
    const file = this.#explained(
      name,
      () => Deno.openSync(path, { write: true, createNew: true, mode: 0o644 }),
    );
    return new WritableStream<Uint8Array>({
      write: (chunk) => {
        this.#explained(name, () => {
          for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
        });
      },
      close: () => {
        file.close();
        entry.complete = true;
      },
      abort: () => {
        file.close();
        this.#staged.delete(name);
        Deno.removeSync(path);
      },
    });
  }

  /**
   * Copies the results database, byte for byte, in the kernel. Only where rows still stood in a
   * `-wal` file beside it is it SQLite's own backup instead.
   *
   * @throws {ArtifactError} The name is refused, or there is no room for it.
   */
  async copyResults(name: string = RESULTS_FILE): Promise<void> {
    await this.#write(name, (path) => Deno.copyFile(this.#source, path));
  }

  /**
   * A path at which to make a file by other means, as SQLite does with a database. Close the file
   * before `process` ends.
   *
   * @returns An absolute path where nothing is yet.
   * @throws {ArtifactError} The name is refused.
   */
  pathFor(name: string): string {
    const path = this.#stage(name);
    this.#staged.get(name)!.complete = true;
    return path;
  }

  finish(): void {
    for (const [name, { complete }] of this.#staged) {
      const path = this.#pathOf(name);
      if (!complete) {
        throw new ArtifactError(`${name} was begun and not finished: close its stream`);
      }
      const sidecar = SIDECARS.find((suffix) => exists(path + suffix));
      if (sidecar !== undefined) {
        throw new ArtifactError(`${name} is a database still open (${name}${sidecar}): close it`);
      }
      if (!exists(path)) throw new ArtifactError(`Can't write ${name}: it was never made`);
    }
  }

  #pathOf(name: string): string {
    return join(this.#staging, name);
  }

  /** Takes a name, after all checks that need no content. */
  #stage(name: string): string {
    checkArtifactName(name);
    if (this.#staged.has(name)) {
      throw new ArtifactError(`${name} was written already; each artifact is written once a run`);
    }
    const path = this.#pathOf(name);
    this.#explained(name, () => {
      Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      if (exists(path)) throw new ArtifactError(`${name} is a directory of other artifacts`);
    });
    this.#staged.set(name, { complete: false });
    return path;
  }

  async #write(name: string, write: (path: string) => Promise<void>): Promise<void> {
    const path = this.#stage(name);
    try {
      await write(path);
      this.#staged.get(name)!.complete = true;
    } catch (error) {
      this.#staged.delete(name);
      if (exists(path)) Deno.removeSync(path);
      throw explain(name, error);
    }
  }

  #explained<T>(name: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw explain(name, error);
    }
  }
}

/** The names of the columns of rows that come from a database. */
function columnNamesOf(rows: object): string[] | undefined {
  return (rows as { columns?: readonly Column[] }).columns?.map(({ name }) => name);
}

function explain(name: string, error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const code = (error as { code?: string } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ArtifactError(`No room left for ${name}; mount a larger OUTPUT_PATH`);
  }
  return new ArtifactError(`Can't write ${name}: ${messageOf(error)}`);
}

export type Artifacts = Pick<
  StagedArtifacts,
  "writeText" | "writeJson" | "writeCsv" | "writable" | "copyResults" | "pathFor"
>;
export function openStaging(
  { directory, results }: { directory: string; results: string },
): { artifacts: Artifacts; finish(): void } {
  const artifacts = new StagedArtifacts(directory, results);
  return { artifacts, finish: () => artifacts.finish() };
}
