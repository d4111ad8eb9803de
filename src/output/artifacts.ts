/**
 * The output directory: what a job writes appears there whole at its end, or not at all.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type CsvValue, formatCsvLine } from "./csv.ts";
import { ArtifactError, messageOf } from "../errors.ts";
import { exists, removeLeftovers, temporaryName } from "../files.ts";
import { formatBytes } from "../format_bytes.ts";
import { freeBytes } from "../free_bytes.ts";
import { prepareDirectory, tryToWrite } from "../host/mounts.ts";
import { SIDECARS } from "../results/database_file.ts";
import { RESULTS_FILE } from "../results/results.ts";
import { type Column, takeBatches } from "../results/rows.ts";

/** Where a run stages its files, inside the output so that a rename can publish them. */
const STAGING_PREFIX = ".relay-staging-";

/** Text is handed to the kernel in pieces of about this many characters. */
const CSV_PIECE_CHARACTERS = 128 * 1024;

/** A copy of more bytes than this may take long enough to be noticed. */
const LARGE_BYTES = 1024 * 1024;

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
export class Artifacts {
  /** The output directory, absolute. */
  readonly directory: string;
  readonly #staging: string;
  /** Staged names, and whether each is complete. */
  readonly #staged = new Map<string, { complete: boolean }>();
  #source?: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#staging = join(directory, temporaryName(STAGING_PREFIX));
    Deno.mkdirSync(join(this.#staging, "files"), { recursive: true, mode: 0o755 });
    Deno.mkdirSync(this.scratch, { mode: 0o700 });
  }

  /**
   * Opens an output directory: makes it if it is missing, clears what a killed run staged in it, and
   * starts a staging area.
   *
   * @param directory The output directory, absolute.
   * @throws {ParameterError} It isn't a directory or can't be written to.
   */
  static open(directory: string): Artifacts {
    prepareDirectory(directory, "OUTPUT_PATH");
    return tryToWrite(directory, "OUTPUT_PATH", () => {
      removeLeftovers(directory, STAGING_PREFIX);
      return new Artifacts(directory);
    });
  }

  /** A private folder on the output's filesystem that lasts as long as the run. */
  get scratch(): string {
    return join(this.#staging, "scratch");
  }

  /** The names that {@linkcode Artifacts.commit} will publish. */
  get names(): string[] {
    return [...this.#staged.keys()];
  }

  /** Says which file {@linkcode Artifacts.copyResults} copies. */
  useResults(path: string): void {
    this.#source = path;
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
    const source = this.#source;
    if (source === undefined) throw new ArtifactError("There is no results database to copy yet");
    const { size } = Deno.statSync(source);
    const free = freeBytes(this.directory);
    if (free !== undefined && free < size) {
      throw new ArtifactError(
        `No room for ${name} in ${this.directory}: it needs ${formatBytes(size)}, and ` +
          `${formatBytes(free)} are free; mount a larger OUTPUT_PATH`,
      );
    }
    // A large copy goes on beside the event loop, so that a signal needn't wait for it.
    await this.#write(name, async (path) => {
      if (size < LARGE_BYTES) Deno.copyFileSync(source, path);
      else await Deno.copyFile(source, path);
    });
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

  /**
   * Publishes all that was staged: every check first, then the renames back to back.
   *
   * @throws {ArtifactError} Something staged is incomplete, or its place in the output is taken by
   * what can't be replaced; then nothing was published.
   */
  commit(): void {
    for (const [name, { complete }] of this.#staged) {
      this.#checkPlace(name);
      const path = this.#pathOf(name);
      if (!complete) {
        throw new ArtifactError(`${name} was begun and not finished: close its stream`);
      }
      const sidecar = SIDECARS.find((suffix) => exists(path + suffix));
      if (sidecar !== undefined) {
        throw new ArtifactError(`${name} is a database still open (${name}${sidecar}): close it`);
      }
      this.#explained(name, () => {
        if (!Deno.lstatSync(path).isFile) throw new ArtifactError(`${name} is not a regular file`);
        Deno.chmodSync(path, 0o644);
      });
    }
    for (const name of this.#staged.keys()) {
      this.#explained(name, () => {
        Deno.mkdirSync(dirname(join(this.directory, name)), { recursive: true, mode: 0o755 });
      });
    }
    for (const name of this.#staged.keys()) {
      this.#explained(name, () => Deno.renameSync(this.#pathOf(name), join(this.directory, name)));
    }
    this.discard();
  }

  /** Removes the staging area with all that was not published. */
  discard(): void {
    this.#staged.clear();
    try {
      Deno.removeSync(this.#staging, { recursive: true });
    } catch {
      // Gone already, or for the next run to clear.
    }
  }

  #pathOf(name: string): string {
    return join(this.#staging, "files", name);
  }

  /** Takes a name, after all checks that need no content. */
  #stage(name: string): string {
    checkName(name);
    this.#checkPlace(name);
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

  /** Refuses a name whose place in the output is a link, or leads through one, or is a directory. */
  #checkPlace(name: string): void {
    const parts = name.split("/");
    let path = this.directory;
    for (const [at, part] of parts.entries()) {
      path = join(path, part);
      let info: Deno.FileInfo;
      try {
        info = Deno.lstatSync(path);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return;
        throw explain(name, error);
      }
      const last = at === parts.length - 1;
      if (info.isSymlink) {
        throw new ArtifactError(
          `${name}: ${path} is a symbolic link, which the output may not hold; remove it`,
        );
      }
      if (last ? !info.isFile : !info.isDirectory) {
        throw new ArtifactError(
          `${name}: ${path} is ${info.isDirectory ? "a directory" : "not a directory"} already; ` +
            "remove it or choose another name",
        );
      }
    }
  }
}

/** The names of the columns of rows that come from a database. */
function columnNamesOf(rows: object): string[] | undefined {
  return (rows as { columns?: readonly Column[] }).columns?.map(({ name }) => name);
}

/** Refuses a name that isn't a plain relative path. */
function checkName(name: string): void {
  const refused = (problem: string) =>
    new ArtifactError(
      `The artifact name ${
        JSON.stringify(name)
      } ${problem}; expected a plain relative path such as ` +
        '"report.json" or "by_day/1.csv"',
    );
  if (name === "") throw refused("is empty");
  if (name.startsWith("/")) throw refused("is an absolute path");
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f\\]/.test(name) || !name.isWellFormed()) {
    throw refused("holds a control character, a backslash or half a character");
  }
  for (const part of name.split("/")) {
    if (part === "" || part === "." || part === "..") {
      throw refused(`has the part ${JSON.stringify(part)}`);
    }
    if (part.startsWith(STAGING_PREFIX)) throw refused(`begins with ${STAGING_PREFIX}`);
    if (new TextEncoder().encode(part).length > 255) throw refused("has a part of over 255 bytes");
  }
}

function explain(name: string, error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const code = (error as { code?: string } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ArtifactError(`No room left for ${name}; mount a larger OUTPUT_PATH`);
  }
  return new ArtifactError(`Can't write ${name}: ${messageOf(error)}`);
}
