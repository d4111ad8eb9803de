/**
 * The input by a query: asks the Query Engine as the environment says, and explains what fails in
 * terms of the environment.
 *
 * @module
 */

import {
  messageOf,
  type ParameterError,
  QueryEngineError,
  type QueryEngineRemedy,
} from "../errors.ts";
import type { Log } from "../log.ts";
import { exemptLoopbackFromProxies } from "../loopback.ts";
import { QueryEngineClient } from "../query_engine/client.ts";
import { unusableMount } from "./mounts.ts";
import type { RunParameters } from "./parameters.ts";
import { reportProgress } from "./progress.ts";
import { proxyFor } from "./proxy.ts";

/** What to change, in terms of the environment. */
const REMEDIES: Readonly<Record<Exclude<QueryEngineRemedy, "directory">, string>> = {
  url: "check QUERY_ENGINE_URL",
  origin: "if you trust it, set QUERY_ENGINE_URL to it or add it to QUERY_ENGINE_TRUSTED_ORIGINS",
  signature: "QUERY_SIGNATURE must be the job owner's signature of exactly this QUERY",
  time: "QUERY_TIMEOUT_SECONDS sets the limit",
  network: "check QUERY_ENGINE_URL, the network, and the proxy variables (HTTPS_PROXY, NO_PROXY)",
  certificate:
    "check QUERY_ENGINE_URL; a certificate authority of your own goes into a PEM file that " +
    "DENO_CERT names",
  room: "mount a larger directory at INPUT_PATH",
};

/**
 * Runs the query and downloads its answer into the input mount.
 *
 * @throws {QueryEngineError} The query or the download failed.
 * @throws {ResultsError} What came is not a whole results database.
 * @throws {ParameterError} The input mount can't be written to.
 * @throws The signal's reason, when stopped.
 */
export async function queryInput(
  parameters: RunParameters,
  { query, signature }: { query: string; signature: string },
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  exemptLoopbackFromProxies(Deno.env);
  const client = new QueryEngineClient({
    url: parameters.queryEngineUrl,
    timeoutSeconds: parameters.queryTimeoutSeconds,
    stallSeconds: parameters.downloadStallSeconds,
    trustedOrigins: parameters.trustedOrigins,
    proxyFor: (url) => proxyFor(url, (name) => Deno.env.get(name)),
    showDetail: parameters.queryEngineDetail,
    log,
  });
  const request = {
    query,
    signature,
    params: parameters.queryParamsJson,
    refinerId: parameters.dataRefinerId,
    jobId: parameters.computeJobId,
  };
  try {
    await client.fetchResults(request, parameters.inputPath, {
      signal,
      onProgress: reportProgress(log),
    });
  } catch (error) {
    throw error instanceof QueryEngineError ? explain(error, parameters.inputPath) : error;
  }
}

function explain(error: QueryEngineError, inputPath: string): QueryEngineError | ParameterError {
  const { message, remedy } = error;
  if (remedy === undefined) return error;
  if (remedy === "directory") {
    const problem = `can't be written to (${messageOf(error.cause)})`;
    return unusableMount(inputPath, "INPUT_PATH", problem);
  }
  return new QueryEngineError(`${message}; ${REMEDIES[remedy]}`);
}
