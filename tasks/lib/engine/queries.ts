/**
 * The queries of the local engine: each runs in a process of its own and leaves a database.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killChild } from "../command.ts";
import { DENO_PROJECT_ARGS } from "../project.ts";

const RUNNER = fileURLToPath(new URL("./query_runner.ts", import.meta.url));

/** One query. */
export interface Query {
  /** What it is asked for by. */
  id: string;
  /** When it may succeed, on the clock of `performance.now()`. */
  readyAt: number;
  /** How it ended; absent while it runs. */
  outcome?: { error: string | null };
  /** The path of its answer. */
  answer: string;
  /** The results URL works with this only, as a pre-signed one does. */
  token: string;
}

/** Options of {@linkcode Queries}. */
export interface QueriesOptions {
  /** The SQLite file that queries run on. */
  database: string;
  /** A folder for the answers. */
  folder: string;
  /**
   * Seconds a query stays pending at least.
   *
   * @default 0
   */
  delaySeconds?: number;
  /**
   * Seconds a query may run.
   *
   * @default 60
   */
  queryTimeoutSeconds?: number;
}

/** All queries of one engine. */
export class Queries {
  readonly #options: QueriesOptions;
  readonly #queries = new Map<string, Query>();
  readonly #runners = new Set<Deno.ChildProcess>();
  readonly #running = new Set<Promise<void>>();

  /** There are none yet. */
  constructor(options: QueriesOptions) {
    this.#options = options;
  }

  /** Starts a query. */
  start(sql: string, params: unknown[]): Query {
    const id = crypto.randomUUID();
    const query: Query = {
      id,
      readyAt: performance.now() + (this.#options.delaySeconds ?? 0) * 1000,
      answer: join(this.#options.folder, `${id}.db`),
      token: crypto.randomUUID(),
    };
    this.#queries.set(id, query);
    const running = this.#run(query, sql, params).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return query;
  }

  /** The query of an id. */
  get(id: string): Query | undefined {
    return this.#queries.get(id);
  }

  /** Stops those that run. */
  async close(): Promise<void> {
    for (const runner of this.#runners) killChild(runner, "SIGKILL");
    await Promise.all(this.#running);
  }

  async #run(query: Query, sql: string, params: unknown[]): Promise<void> {
    const { database, folder, queryTimeoutSeconds = 60 } = this.#options;
    const runner = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-prompt",
        `--allow-read=${database},${folder}`,
        `--allow-write=${folder}`,
        ...DENO_PROJECT_ARGS,
        RUNNER,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#runners.add(runner);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killChild(runner, "SIGKILL");
    }, queryTimeoutSeconds * 1000);
    const order = { database, answer: query.answer, sql, params };
    try {
      const [output] = await Promise.all([
        runner.output(),
        new Blob([JSON.stringify(order)]).stream().pipeTo(runner.stdin),
      ]);
      query.outcome = JSON.parse(new TextDecoder().decode(output.stdout));
    } catch {
      query.outcome = {
        error: late
          ? `The query was stopped after ${queryTimeoutSeconds} s`
          : "The query's process ended before its answer",
      };
    } finally {
      clearTimeout(timer);
      this.#runners.delete(runner);
    }
  }
}

/** Whether a query's answer may be had. */
export function isReady({ outcome, readyAt }: Query): boolean {
  return outcome?.error === null && performance.now() >= readyAt;
}
