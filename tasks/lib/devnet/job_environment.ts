/**
 * What a job's process gets from its Compute Engine, and what its end means.
 *
 * @module
 */

import { RunFailure, type RunTask } from "./compute_engine/runs.ts";

/** The exit code of a job whose input isn't valid, most often as its query failed. */
const NO_INPUT = 2;

/** The variables of a job, but the places of its mounts. */
export function jobVariables(
  { id, input }: RunTask,
  queryEngineUrl: string,
): Record<string, string> {
  const { query, querySignature, params, refiner } = input;
  return {
    QUERY: query,
    QUERY_SIGNATURE: querySignature,
    QUERY_PARAMS: JSON.stringify(params),
    COMPUTE_JOB_ID: `${id}`,
    DATA_REFINER_ID: `${refiner}`,
    QUERY_ENGINE_URL: queryEngineUrl,
  };
}

/**
 * Waits for a job's process, and logs what it prints.
 *
 * @throws {RunFailure} It ended with another exit code than 0.
 */
export async function finishJob(child: Deno.ChildProcess, { log }: RunTask): Promise<void> {
  let last = "";
  const note = (line: string) => {
    last = line || last;
    log(line);
  };
  const [{ code }] = await Promise.all([
    child.status,
    eachLine(child.stdout, note),
    eachLine(child.stderr, note),
  ]);
  if (code === 0) return;
  const status = code === NO_INPUT ? "query_failed" : "failed";
  throw new RunFailure(
    `The job ended with exit code ${code}: ${last || "it said nothing"}`,
    status,
  );
}

async function eachLine(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}
