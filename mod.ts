/**
 * Write compute jobs for Vana's data network.
 *
 * A job gets the answer of the job owner's SQL as a SQLite database and makes artifacts of it. All
 * around it (parameters, the Query Engine, whole files or none, exit codes) is done by
 * {@linkcode runJob}.
 *
 * @example A job of one's own, as main.ts
 * ```ts
 * import { defineJob, runJob } from "./mod.ts";
 *
 * const job = defineJob({
 *   name: "count-by-locale",
 *   async process({ results, artifacts }) {
 *     const rows = results.query("SELECT locale, count(*) AS users FROM results GROUP BY locale");
 *     await artifacts.writeCsv("users_by_locale.csv", rows);
 *   },
 * });
 *
 * if (import.meta.main) await runJob(job);
 * ```
 *
 * @module
 */

export { Artifacts, type CsvOptions } from "./src/output/artifacts.ts";
export type { CsvValue } from "./src/output/csv.ts";
export {
  ArtifactError,
  ExitCode,
  ParameterError,
  RelayError,
  ResultsError,
  SqlError,
} from "./src/errors.ts";
export { defineJob, type Job, type JobContext, runJob } from "./src/host/run_job.ts";
export type { Log, LogFormat, LogLevel } from "./src/logging.ts";
export type { JobParameters } from "./src/host/parameters.ts";
export type { JsonValue } from "./src/json_value.ts";
export { relay } from "./src/relay.ts";
export { Results } from "./src/results/results.ts";
export {
  type Column,
  type Row,
  type Rows,
  type RowsOptions,
  type SqlValue,
} from "./src/results/rows.ts";
