/**
 * What a job is, and what it is given.
 *
 * @module
 */

import type { Log } from "../log.ts";
import type { Artifacts } from "../output/artifacts.ts";
import type { Row } from "../results/rows.ts";
import type { JobResults } from "../results/results.ts";

/** A value that SQL can bind, as `QUERY_PARAMS` holds it. */
export type QueryParam = string | number | boolean | null;

/** What the environment says about a run, as far as a job has a use for it. */
export interface JobParameters {
  /** Whether the run is on dummy data. */
  readonly devMode: boolean;
  /** The SQL whose answer the job gets; absent when the input was there already. */
  readonly query?: string;
  /** The values bound to the query's placeholders. */
  readonly queryParams: readonly QueryParam[];
  /** The compute job's id on the network. */
  readonly computeJobId?: number;
  /** The refiner whose schema the query is written for. */
  readonly dataRefinerId?: number;
}

/**
 * What a job is given to work with.
 *
 * @typeParam R The shape of a row of `results`, taken on trust.
 */
export interface JobContext<R extends object = Row> {
  /** The query's answer. */
  readonly results: JobResults<R>;
  /** Writes the output. */
  readonly artifacts: Artifacts;
  /** What the environment says. */
  readonly parameters: JobParameters;
  /** Writes log lines. */
  readonly log: Log;
  /** Aborted when the job is told to stop (SIGTERM, SIGINT); the process ends half a second later. */
  readonly signal: AbortSignal;
}

/**
 * The hosts a job may connect to: `NAME:PORT` each, or `"all"`.
 *
 * A name is a DNS name in lower case. Addresses and wildcards are refused: an auditor must be able to
 * read who is behind it.
 */
export type JobNetwork = readonly string[] | "all";

/**
 * A job: what becomes of the query's answer.
 *
 * @typeParam R The shape of a row of `results`, taken on trust.
 */
export interface Job<R extends object = Row> {
  /** Its name, for logs: at most 100 characters, without control characters. */
  readonly name: string;
  /**
   * Makes artifacts of the results. They are published if it succeeds; if it throws, the output stays
   * as it was.
   */
  process(context: JobContext<R>): void | Promise<void>;
  /**
   * The hosts that the job may connect to. They are logged at every run and shown by `verify`.
   *
   * @default none
   */
  readonly network?: JobNetwork;
}

/**
 * Defines a job. Make it the default export of its module.
 *
 * It returns the definition unchanged; its use is to have the types checked where the job is written.
 *
 * @typeParam R The shape of a row of `results`, taken on trust.
 *
 * @example
 * ```ts
 * import { defineJob } from "../../mod.ts";
 *
 * export default defineJob({
 *   name: "count-rows",
 *   process: ({ results, artifacts }) => artifacts.writeJson("count.json", { rows: results.count() }),
 * });
 * ```
 */
export function defineJob<R extends object = Row>(job: Job<R>): Job<R> {
  return job;
}
