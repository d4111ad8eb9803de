/**
 * Write compute jobs for Vana's data network.
 *
 * A job gets the answer to an SQL query as a SQLite database, and makes files of it: its artifacts. The
 * host does the rest: parameters, the Query Engine, publication, exit codes. The job runs in an isolate
 * that may read the database, write artifacts, connect to the hosts that the job declares, and nothing
 * else; SECURITY.md has the exact terms.
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
export type { QueryParams, SqlParam } from "./src/results/placeholders.ts";
export type { JobResults, QueryOptions } from "./src/results/results.ts";
export type { Column, Row, Rows, RowsOptions, SqlValue } from "./src/results/rows.ts";
