/**
 * Runs a query as the local Query Engine does, so that it gives what production gives.
 *
 * @module
 */

import { pause } from "../../../../src/pause.ts";
import { printable } from "../../../../src/printable.ts";
import { removeIfThere } from "../../../../src/files.ts";
import { RESULTS_TABLE } from "../../../../src/results/results.ts";
import { Queries } from "../../engine/queries.ts";
import { ToolError } from "../../errors.ts";
import type { TextRange } from "../sql/error_place.ts";
import type { SqlProcess } from "../sql/sql_process.ts";
import type { QueryAnswer, TableInfo } from "../wire.ts";
import type { Sources } from "./sources.ts";

/** Seconds a query may run. */
const QUERY_SECONDS = 60;
const POLL_MS = 5;

/** Answers that are kept. */
const MOST_ANSWERS = 10;

/** What {@linkcode QueryRunner} works with. */
export interface QueryRunnerOptions {
  /** A folder for answers. */
  folder: string;
  /** Reads databases. */
  reader: SqlProcess;
  /** Where answers get their names. */
  sources: Sources;
}

/** Runs queries, and keeps the last answers. */
export class QueryRunner {
  readonly #options: QueryRunnerOptions;
  #answers: { id: string; path: string }[] = [];

  /** There are no answers yet. */
  constructor(options: QueryRunnerOptions) {
    this.#options = options;
  }

  /**
   * Runs a query on the refiner's tables.
   *
   * @param params The values of its placeholders.
   * @param signal Kills it.
   * @throws {ToolError} There are no tables to query.
   */
  async run(sql: string, params: unknown[], signal: AbortSignal): Promise<QueryAnswer> {
    const { folder, sources } = this.#options;
    const refiner = sources.get("refiner");
    if (refiner === undefined) {
      throw new ToolError("There are no tables to query yet; see the Data view for the reason");
    }
    const started = performance.now();
    const elapsed = () => (performance.now() - started) / 1000;
    const queries = new Queries({
      database: refiner.path,
      folder,
      queryTimeoutSeconds: QUERY_SECONDS,
    });
    try {
      const query = queries.start(sql, params);
      while (query.outcome === undefined) await pause(POLL_MS, signal);
      const { error } = query.outcome;
      const seconds = elapsed();
      if (error !== null) return await this.#failure(sql, error, seconds);
      return { ...await this.#keep(query.id, query.answer), seconds };
    } finally {
      await queries.close();
    }
  }

  async #keep(id: string, path: string): Promise<Omit<QueryAnswer & { ok: true }, "seconds">> {
    const { reader, sources } = this.#options;
    const file = { path, version: id };
    const tables = await reader.call<TableInfo[]>("listTables", file);
    const { columns, rows } = tables.find(({ name }) => name === RESULTS_TABLE)!;
    this.#answers.push({ id, path });
    sources.set(`answer:${id}`, file);
    for (const { id, path } of this.#answers.splice(0, this.#answers.length - MOST_ANSWERS)) {
      sources.delete(`answer:${id}`);
      removeIfThere(path);
    }
    return { ok: true, id, columns, count: rows };
  }

  async #failure(sql: string, error: string, seconds: number): Promise<QueryAnswer> {
    const { reader, sources } = this.#options;
    const place = sql.includes("\0") ? undefined : await reader.call<TextRange | null>(
      "findErrorPlace",
      { ...sources.get("refiner"), sql },
    ).catch(() => undefined);
    return { ok: false, message: printable(error, "\n\t"), seconds, ...place ?? {} };
  }
}
