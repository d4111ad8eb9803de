/**
 * Write compute jobs for Vana's data network.
 *
 * A job gets the answer to the job owner's SQL as a SQLite database and makes artifacts of it. All around
 * it (parameters, the Query Engine, whole files or none, exit codes) is done by the host, and the job runs
 * in an isolate that can read its results, write its artifacts, and do nothing else.
 *
 * @example A job of your own, as main.ts
 * ```ts
 * import { defineJob } from "./mod.ts";
 *
 * export default defineJob({
 *   name: "count-by-locale",
 *   async process({ results, artifacts }) {
 *     const rows = results.query("SELECT locale, count(*) AS users FROM results GROUP BY locale");
 *     await artifacts.writeCsv("users_by_locale.csv", rows);
 *   },
 * });
 * ```
 *
 * @module
 */

export type { Artifacts, CsvOptions } from "./src/output/artifacts.ts";
export type { CsvValue } from "./src/output/csv.ts";
export { ArtifactError, RelayError, ResultsError, SqlError } from "./src/errors.ts";
export {
  defineJob,
  type Job,
  type JobContext,
  type JobNetwork,
  type JobParameters,
  type QueryParam,
} from "./src/job/define_job.ts";
export type { Log } from "./src/log.ts";
export { relay } from "./src/relay.ts";
export type { JobResults } from "./src/results/results.ts";
export type { Column, Row, Rows, RowsOptions, SqlValue } from "./src/results/rows.ts";
