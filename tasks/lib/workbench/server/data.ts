/**
 * The data of the job, and of the refiner that its query is written for.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../../src/errors.ts";
import { isFile } from "../../../../src/files.ts";
import { RESULTS_FILE, RESULTS_TABLE } from "../../../../src/results/results.ts";
import { readScript } from "../../data/script_text.ts";
import { hashFile } from "../../hash.ts";
import type { SqlProcess } from "../sql/sql_process.ts";
import type { TableInfo } from "../wire.ts";
import { findJobQuery } from "./job_query.ts";
import type { Sources } from "./sources.ts";
import type { Store } from "./store.ts";
import { shownText } from "./shown_text.ts";

/** What {@linkcode Data} works with. */
export interface DataOptions {
  /** The input mount, absolute. */
  input: string;
  /** The script, absolute. */
  script: string;
  /** A folder for databases. */
  folder: string;
  /** Makes databases. */
  writer: SqlProcess;
  /** Reads databases. */
  reader: SqlProcess;
  /** Where databases get their names. */
  sources: Sources;
  /** Where it is shown. */
  store: Store;
}

/** Seconds that a script may run. */
const SCRIPT_SECONDS = 120;

/** The job's data. */
export class Data {
  readonly #options: DataOptions;
  #refinerOf?: string;
  #version = 0;

  /** Nothing is made yet. */
  constructor(options: DataOptions) {
    this.#options = options;
  }

  /**
   * Makes the job's input, if its script has changed, and returns the mount that the job is run with.
   *
   * @throws {ToolError} The script fails.
   */
  async prepare(signal: AbortSignal): Promise<string> {
    const { input, script, writer, sources, store } = this.#options;
    const jobQuery = queryIn(script);
    if (jobQuery !== store.state.jobQuery) store.change({ jobQuery });
    try {
      const { mount, description } = await writer.call<{ mount: string; description: string }>(
        "prepareInput",
        { mount: input, script },
        { seconds: SCRIPT_SECONDS, signal },
      );
      const path = join(mount, RESULTS_FILE);
      const { mtime, size, ino } = Deno.statSync(path);
      sources.set("input", { path, version: `${ino} ${size} ${mtime?.getTime()}` });
      store.change({
        data: { ...store.state.data, description: shownText(description), error: undefined },
      });
      return mount;
    } catch (error) {
      if (!signal.aborted) {
        const message = shownText(messageOf(error));
        store.change({ data: { ...store.state.data, input: undefined, error: message } });
        await this.#listRefiner(signal).catch(() => {});
      }
      throw error;
    }
  }

  /** Lists the tables of the refiner and of the input, where they may have changed. */
  async list(signal: AbortSignal): Promise<void> {
    try {
      await this.#listRefiner(signal);
      const { reader, sources, store } = this.#options;
      const tables = await reader.call<TableInfo[]>("listTables", sources.get("input"), { signal });
      const input = tables.find(({ name }) => name.toLowerCase() === RESULTS_TABLE);
      store.change({ data: { ...store.state.data, input, version: ++this.#version } });
    } catch (error) {
      if (signal.aborted) return;
      const message = shownText(messageOf(error));
      const { store } = this.#options;
      store.change({ data: { ...store.state.data, error: message } });
    }
  }

  async #listRefiner(signal: AbortSignal): Promise<void> {
    const { script, folder, writer, reader, sources, store } = this.#options;
    if (!isFile(script)) return;
    const version = hashFile(script);
    if (version === this.#refinerOf) return;
    const path = join(folder, `refiner-${version.slice(0, 8)}.db`);
    await writer.call("makeRefiner", { script, to: path }, { seconds: SCRIPT_SECONDS, signal });
    const refiner = await reader.call<TableInfo[]>("listTables", { path, version }, { signal });
    this.#refinerOf = version;
    sources.set("refiner", { path, version });
    store.change({ data: { ...store.state.data, refiner, version: ++this.#version } });
  }
}

function queryIn(script: string): string | undefined {
  try {
    return findJobQuery(readScript(script));
  } catch {
    // What is wrong with it shows when it is run.
    return undefined;
  }
}
