/**
 * Gets the results database into the input mount, in one of three ways.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { ParameterError, ResultsError } from "../errors.ts";
import { exists } from "../files.ts";
import type { Log } from "../log.ts";
import { QueryEngineClient, removeCutDownloads } from "../query_engine/client.ts";
import { RESULTS_FILE } from "../results/results.ts";
import type { RunParameters } from "./parameters.ts";
import { ProgressReport } from "./progress.ts";

/** Options of {@linkcode placeInput}. */
export interface PlaceInputOptions {
  /** Where lines go. */
  log: Log;
  /** Stops it. */
  signal: AbortSignal;
}

/**
 * Gets the results database into the input mount: it is there in dev mode, a query brings it, or the
 * engine has put it there.
 *
 * @returns Its path.
 * @throws {ParameterError} None of the three ways is open.
 * @throws {ResultsError} There is no database in dev mode, or what came isn't one.
 * @throws {QueryEngineError} The query or the download failed.
 * @throws The signal's reason, when stopped.
 */
export async function placeInput(
  parameters: RunParameters,
  { log, signal }: PlaceInputOptions,
): Promise<string> {
  const { inputPath, query, querySignature } = parameters;
  const path = join(inputPath, RESULTS_FILE);
  if (query === undefined || parameters.devMode) clearInput(inputPath);
  if (parameters.devMode) {
    log.info(`Dev mode: using ${path}`);
    if (exists(path)) return path;
    throw new ResultsError(
      `${path} doesn't exist, and in DEV_MODE no query is sent. Make it with \`deno task seed\`, or put ` +
        "a database with a results table there",
    );
  }
  if (query === undefined || querySignature === undefined) {
    if (exists(path)) {
      log.info(`No query is set: using the ${RESULTS_FILE} already in ${inputPath}`);
      return path;
    }
    throw new ParameterError(
      "There is no input. Do one of three: set DEV_MODE=1 to use dummy data in INPUT_PATH; set QUERY " +
        `and QUERY_SIGNATURE to ask the Query Engine; or put a ${RESULTS_FILE} into INPUT_PATH ` +
        `(${inputPath})`,
    );
  }
  warnOfUnset(parameters, log);
  const sha256 = createHash("sha256").update(query).digest("hex").slice(0, 8);
  log.info(`Sending the query (${query.length} characters, SHA-256 ${sha256}...)`);
  await fetchInput({ ...parameters, query, querySignature }, { log, signal });
  return path;
}

async function fetchInput(
  parameters: RunParameters & { query: string; querySignature: string },
  { log, signal }: PlaceInputOptions,
): Promise<void> {
  const client = new QueryEngineClient({
    url: parameters.queryEngineUrl,
    timeoutSeconds: parameters.queryTimeoutSeconds,
    stallSeconds: parameters.downloadStallSeconds,
    trustedOrigins: parameters.trustedOrigins,
    log,
  });
  const progress = new ProgressReport(log);
  await client.fetchResults(
    {
      query: parameters.query,
      signature: parameters.querySignature,
      params: parameters.queryParams,
      refinerId: parameters.dataRefinerId,
      jobId: parameters.computeJobId,
    },
    parameters.inputPath,
    { signal, onProgress: (state) => progress.update(state) },
  );
}

function warnOfUnset({ computeJobId, dataRefinerId }: RunParameters, log: Log): void {
  const ids = { COMPUTE_JOB_ID: computeJobId, DATA_REFINER_ID: dataRefinerId };
  for (const [name, value] of Object.entries(ids)) {
    if (value === undefined) log.warn(`${name} is not set: the request goes without it`);
  }
}

/** Removes what a killed download left, where that works: an input of one's own may be read-only. */
function clearInput(inputPath: string): void {
  try {
    removeCutDownloads(inputPath);
  } catch {
    // It stays; nothing reads it.
  }
}
