/**
 * The queries of the local engine: each runs in a process of its own and leaves a database.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Address } from "viem";
import { messageOf } from "../../../src/errors.ts";
import { exists, removeIfThere } from "../../../src/files.ts";
import { killChild } from "../process/command.ts";
import { keylessEnvironment } from "../process/keyless_environment.ts";
import { DENO_PROJECT_ARGS } from "../project.ts";

const RUNNER = fileURLToPath(new URL("./query_runner.ts", import.meta.url));

/** One query. */
export interface Query {
  /** What it is asked for by. */
  id: string;
  /** When it may succeed, on the clock of `performance.now()`. */
  readyAt: number;
  /** Its SQL. */
  sql: string;
  /** The account that signed it. */
  signer: Address;
  /** How it ended; absent while it runs. */
  outcome?: QueryOutcome;
  /** The path of its answer. */
  answer: string;
  /** When its answer is removed, on the clock of `performance.now()`; absent while it runs. */
  expiresAt?: number;
  /** The results URL works with this only, as a pre-signed one does. */
  token: string;
}

/** How a query ended. */
export interface QueryOutcome {
  /** Why it failed; `null` if it succeeded. */
  error: string | null;
  /** The character of the SQL at which it can't be compiled, if that is why. */
  index?: number;
  /** The rows of its answer. */
  rows: number;
  /** The length of its answer in bytes. */
  bytes: number;
  /** How long it ran. */
  seconds: number;
}

/** What is asked. */
export type QueryOrder = Pick<Query, "sql" | "signer"> & QueryTerms & {
  /** The values of its placeholders. */
  params: unknown[];
};

/** On what terms a query runs. */
export interface QueryTerms {
  /**
   * The SQLite file that it runs on.
   *
   * @default the engine's
   */
  database?: string;
  /**
   * Called when it has succeeded, before that is said; what it throws fails the query. There it is paid for.
   *
   * @default nothing
   */
  settle?: () => Promise<void>;
}

/** Options of {@linkcode Queries}. */
export interface QueriesOptions {
  /**
   * The SQLite file that queries run on; as a function it is called for each query, and what it throws
   * fails that query.
   */
  database: string | (() => string);
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
  /**
   * Seconds after which an answer is gone.
   *
   * @default it stays
   */
  expirySeconds?: number;
  /**
   * Whether all values of an answer are text, and NULL is `None`.
   *
   * @default false
   */
  asText?: boolean;
  /** Called when a query has ended. */
  onQueryEnd?(query: Query, outcome: QueryOutcome): void;
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
  start({ sql, params, signer, ...terms }: QueryOrder): Query {
    const id = crypto.randomUUID();
    const query: Query = {
      id,
      sql,
      signer,
      readyAt: performance.now() + (this.#options.delaySeconds ?? 0) * 1000,
      answer: join(this.#options.folder, `${id}.db`),
      token: crypto.randomUUID(),
    };
    this.#queries.set(id, query);
    const running = this.#run(query, params, terms).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return query;
  }

  /** The query of an id. */
  get(id: string): Query | undefined {
    const query = this.#queries.get(id);
    if (query !== undefined && isExpired(query)) removeIfThere(query.answer);
    return query;
  }

  /** Stops those that run. */
  async close(): Promise<void> {
    for (const runner of this.#runners) killChild(runner, "SIGKILL");
    await Promise.all(this.#running);
  }

  async #run(query: Query, params: unknown[], { settle, ...terms }: QueryTerms): Promise<void> {
    const { database: given, expirySeconds = Infinity, onQueryEnd } = this.#options;
    const database = terms.database ?? given;
    const started = performance.now();
    let answer: Pick<QueryOutcome, "error" | "index" | "rows">;
    try {
      answer = await this.#ask(
        query,
        typeof database === "string" ? database : database(),
        params,
      );
      if (answer.error === null) await settle?.();
    } catch (error) {
      answer = { error: messageOf(error), rows: 0 };
    }
    const bytes = exists(query.answer) ? Deno.statSync(query.answer).size : 0;
    if (answer.error !== null) removeIfThere(query.answer);
    query.expiresAt = performance.now() + expirySeconds * 1000;
    query.outcome = { ...answer, bytes, seconds: (performance.now() - started) / 1000 };
    onQueryEnd?.(query, query.outcome);
  }

  /** Runs a query in a process of its own. */
  async #ask(
    { answer, sql }: Query,
    database: string,
    params: unknown[],
  ): Promise<Pick<QueryOutcome, "error" | "index" | "rows">> {
    const { folder, queryTimeoutSeconds = 60, asText = false } = this.#options;
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
      clearEnv: true,
      env: keylessEnvironment(),
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
    try {
      const [output] = await Promise.all([
        runner.output(),
        new Blob([JSON.stringify({ database, answer, sql, params, asText })]).stream()
          .pipeTo(runner.stdin),
      ]);
      return JSON.parse(new TextDecoder().decode(output.stdout));
    } catch {
      throw new Error(
        late
          ? `The query was stopped after ${queryTimeoutSeconds} s`
          : "The query's process ended before its answer",
      );
    } finally {
      clearTimeout(timer);
      this.#runners.delete(runner);
    }
  }
}

/** Whether a query's answer is ready. */
export function isReady(query: Query): boolean {
  const { outcome, readyAt } = query;
  return outcome?.error === null && performance.now() >= readyAt && !isExpired(query);
}

/** Whether a query's answer is gone. */
export function isExpired({ expiresAt }: Query): boolean {
  return expiresAt !== undefined && performance.now() >= expiresAt;
}
