/**
 * The folder into which a job writes: what its {@linkcode Artifacts} do. Nothing here knows where the
 * files go afterwards, or has a right to more than to read the results and to write to this folder.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ArtifactError } from "../errors.ts";
import { copyFile } from "../copy_file.ts";
import { exists, isDirectory, setMode } from "../files.ts";
import { SIDECARS } from "../results/database_file.ts";
import { RESULTS_FILE } from "../results/results.ts";
import { checkArtifactName } from "./artifact_name.ts";
import type { Artifacts, CsvOptions } from "./artifacts.ts";
import { writeCsv } from "./csv.ts";
import { writeJson, writeJsonLines } from "./json.ts";
import { StagedFile } from "./staged_file.ts";
import { explained, writeError } from "./write_error.ts";

/** What a job's output is staged in and made of. */
export interface StagingOptions {
  /** An empty folder, absolute. */
  directory: string;
  /** The database that {@linkcode Artifacts.copyResults} copies. */
  results: string;
}

/** A job's output, as it is made. */
export interface Staging {
  /** What the job writes with. */
  readonly artifacts: Artifacts;
  /**
   * Ends the writing: checks that all that was begun is finished. After it the artifacts refuse to
   * write.
   *
   * @throws {ArtifactError} A stream wasn't closed, a file of `pathFor` wasn't made, or a database is
   * still open.
   */
  finish(): void;
}

/** Opens a folder for a job's output. */
export function openStaging(options: StagingOptions): Staging {
  const folder = new StagingFolder(options);
  // A job gets the methods of the interface, and no way to the rest.
  const artifacts: Artifacts = Object.freeze({
    writeText: (name: string, text: string) => folder.writeText(name, text),
    writeJson: (name: string, value: unknown) =>
      folder.writeFile(name, (write) => writeJson(write, value, name)),
    writeJsonLines: (name: string, items: Iterable<unknown> | AsyncIterable<unknown>) =>
      folder.writeFile(name, (write) => writeJsonLines(write, items, name)),
    writeCsv: (
      name: string,
      rows: Iterable<object> | AsyncIterable<object>,
      options: CsvOptions = {},
    ) => folder.writeFile(name, (write) => writeCsv(write, rows, options, name)),
    write: (name: string, content: Content) => folder.writeBytes(name, content),
    writable: (name: string) => folder.writable(name),
    pathFor: (name: string) => folder.pathFor(name),
    copyResults: (name: string = RESULTS_FILE) => folder.copyResults(name),
  });
  return { artifacts, finish: () => folder.finish() };
}

type Content =
  | Uint8Array
  | ReadableStream<Uint8Array>
  | Iterable<Uint8Array>
  | AsyncIterable<Uint8Array>;

class StagingFolder {
  readonly #directory: string;
  readonly #results: string;
  /** Staged names, and whether each is complete. */
  readonly #staged = new Map<string, { complete: boolean }>();
  #finished = false;

  constructor({ directory, results }: StagingOptions) {
    this.#directory = directory;
    this.#results = results;
  }

  async writeText(name: string, text: string): Promise<void> {
    await this.writeFile(name, (write) => {
      if (typeof text !== "string") {
        throw new ArtifactError(`${name} takes text, not ${typeof text}; bytes are for write`);
      }
      if (!text.isWellFormed()) {
        throw new ArtifactError(
          `The text of ${name} holds half of a surrogate pair, which UTF-8 can't store`,
        );
      }
      write(text);
    });
  }

  /** Makes a file of the text that comes, or none. */
  async writeFile(
    name: string,
    make: (write: (text: string) => void) => void | Promise<void>,
  ): Promise<void> {
    await this.#fill(name, (file) => make((text) => file.writeText(text)));
  }

  async writeBytes(name: string, content: Content): Promise<void> {
    await this.#fill(name, async (file) => {
      if (content instanceof Uint8Array) return file.write(content);
      for await (const bytes of content) file.write(bytes);
    });
  }

  writable(name: string): WritableStream<Uint8Array> {
    const { file, entry } = this.#create(name);
    return new WritableStream<Uint8Array>({
      write: (bytes) => file.write(bytes),
      close: () => {
        file.close();
        entry.complete = true;
      },
      abort: () => {
        this.#staged.delete(name);
        file.remove();
      },
    });
  }

  pathFor(name: string): string {
    const { path, entry } = this.#stage(name);
    entry.complete = true;
    return path;
  }

  async copyResults(name: string): Promise<void> {
    const { path, entry } = this.#stage(name);
    try {
      await copyFile(this.#results, path);
      entry.complete = true;
    } catch (error) {
      this.#staged.delete(name);
      // What was copied of it stays behind when the disk is full.
      if (exists(path)) Deno.removeSync(path);
      throw writeError(name, error);
    }
  }

  finish(): void {
    for (const [name, { complete }] of this.#staged) {
      if (!complete) {
        throw new ArtifactError(`${name} was begun and not finished: close its stream`);
      }
      const path = join(this.#directory, name);
      const sidecar = SIDECARS.find((suffix) => exists(path + suffix));
      if (sidecar !== undefined) {
        throw new ArtifactError(`${name} is a database still open (${name}${sidecar}): close it`);
      }
      if (!exists(path)) {
        throw new ArtifactError(
          `${name} is missing: a path from pathFor must have its file when the job ends`,
        );
      }
      if (!Deno.lstatSync(path).isFile) throw new ArtifactError(`${name} is not a regular file`);
      setMode(path, 0o644);
    }
    this.#finished = true;
  }

  async #fill(name: string, fill: (file: StagedFile) => void | Promise<void>): Promise<void> {
    const { file, entry } = this.#create(name);
    try {
      await fill(file);
      file.close();
      entry.complete = true;
    } catch (error) {
      this.#staged.delete(name);
      file.remove();
      throw error;
    }
  }

  #create(name: string): { file: StagedFile; entry: { complete: boolean } } {
    const { path, entry } = this.#stage(name);
    try {
      return { file: new StagedFile(name, path), entry };
    } catch (error) {
      this.#staged.delete(name);
      throw error;
    }
  }

  /** Takes a name, and makes the folders it is in. */
  #stage(name: string): { path: string; entry: { complete: boolean } } {
    if (this.#finished) throw new ArtifactError(`${name} comes too late: the job has ended`);
    checkArtifactName(name);
    if (this.#staged.has(name)) {
      throw new ArtifactError(`${name} was written already; each artifact is written once a run`);
    }
    const path = join(this.#directory, name);
    explained(name, () => {
      this.#makeFolders(dirname(name));
      if (exists(path)) throw new ArtifactError(`${name} is a directory of other artifacts`);
    });
    const entry = { complete: false };
    this.#staged.set(name, entry);
    return { path, entry };
  }

  #makeFolders(name: string): void {
    const parts = name.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      const path = join(this.#directory, folder);
      if (!exists(path)) {
        Deno.mkdirSync(path);
        setMode(path, 0o755);
      } else if (!isDirectory(path)) {
        throw new ArtifactError(`${folder} is a file already, and can't be a folder as well`);
      }
    }
  }
}
