/**
 * A client for Vana's Query Engine: submit a signed query, wait for it, and download its answer as a
 * SQLite database.
 *
 * It is for other programs. A job doesn't need it: its results are in place before it starts.
 *
 * @example Ask a query
 * ```ts
 * import { QueryEngineClient } from "./query_engine.ts";
 *
 * async function ask(query: string, signature: string): Promise<string> {
 *   const client = new QueryEngineClient({ timeoutSeconds: 60 });
 *   const { path } = await client.fetchResults({ query, signature }, "/tmp/answer");
 *   return path;
 * }
 * ```
 *
 * @module
 */

export { QueryEngineError, type QueryEngineRemedy, ResultsError } from "./src/errors.ts";
export type { JsonValue } from "./src/json_value.ts";
export type { Log } from "./src/log.ts";
export {
  type CallOptions,
  type FetchedResults,
  type FetchResultsOptions,
  QueryEngineClient,
  type QueryEngineOptions,
} from "./src/query_engine/client.ts";
export type { QueryParams, SqlParam } from "./src/results/placeholders.ts";
export { type JobResults, type QueryOptions, Results } from "./src/results/results.ts";
export type { Column, Row, Rows, RowsOptions, SqlValue } from "./src/results/rows.ts";
export type { QueryRequest } from "./src/query_engine/protocol.ts";
export type { Progress } from "./src/query_engine/transfer.ts";
