/**
 * Runs a query as the local Query Engine does, with the answer that production would give.
 *
 * @module
 */

import { removeIfThere } from "../../../../src/files.ts";
import { RESULTS_TABLE } from "../../../../src/results/results.ts";
import { Queries, type Query, type QueryOutcome } from "../../engine/queries.ts";
import { ToolError } from "../../errors.ts";
import type { SqlProcess } from "../sql/sql_process.ts";
import type { QueryAnswer, TableInfo } from "../wire.ts";
import type { Sources } from "./sources.ts";
import { shownText } from "./shown_text.ts";

/** Seconds a query may run. */
const QUERY_SECONDS = 60;

/** A query on this page isn't signed. */
const NO_SIGNER = "0x0000000000000000000000000000000000000000";

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
    const ended = Promise.withResolvers<{ query: Query; outcome: QueryOutcome }>();
    // One for each query, as closing it kills that query alone.
    const queries = new Queries({
      database: refiner.path,
      folder,
      queryTimeoutSeconds: QUERY_SECONDS,
      onQueryEnd: (query, outcome) => ended.resolve({ query, outcome }),
    });
    const onAbort = () => ended.reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    try {
      queries.start({ sql, params, signer: NO_SIGNER });
      const { query, outcome: { error, index, seconds } } = await ended.promise;
      if (error === null) return { ...await this.#keep(query.id, query.answer), seconds };
      const place = findMistake(sql, error, index);
      return { ok: false, message: shownText(error), seconds, ...place };
    } finally {
      signal.removeEventListener("abort", onAbort);
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
}

/** The part of a query that an error is about: what stands at its place, or the name that it holds. */
function findMistake(
  sql: string,
  error: string,
  index: number | undefined,
): { from: number; to: number } | undefined {
  if (index !== undefined && index < sql.length) {
    const [word] = /^(?:[\w.]+|"[^"]*"|'[^']*'|[^])/.exec(sql.slice(index))!;
    return { from: index, to: index + word.length };
  }
  if (/incomplete input/.test(error)) return { from: sql.trimEnd().length - 1, to: sql.length };
  const [, name] = /no such (?:table|column|function): (\S+)/.exec(error) ?? [];
  const bare = name?.split(".").at(-1);
  const found = bare === undefined
    ? null
    : new RegExp(`(?<![\\w$])${RegExp.escape(bare)}(?![\\w$])`, "i").exec(sql);
  return found === null ? undefined : { from: found.index, to: found.index + found[0].length };
}
