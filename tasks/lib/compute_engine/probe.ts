/**
 * Whether a Compute Engine can be reached at all.
 *
 * @module
 */

import { type Connect, request } from "../../../src/query_engine/request.ts";
import { EngineUnreachableError } from "./errors.ts";
import { explain } from "./exchange.ts";
import { JobText } from "./job_text.ts";

const TIMEOUT_MS = 15_000;

/**
 * Asks an engine something that needs no signature. Any answer is a good one.
 *
 * @throws {EngineUnreachableError} There is none.
 * @throws {ToolError} Its URL leads to an address that may not be asked.
 */
export async function probeEngine(base: URL, connect: Connect): Promise<void> {
  const it = `The Compute Engine ${base.origin}`;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await request(new URL("job/stats/concurrency", base), {
      connect,
      signal,
      headersFor: () => new Headers(),
      hostName: ({ host }) => host,
      redirects: 0,
      tooManyRedirects: () => new EngineUnreachableError(`${it} redirects`),
    });
    await response.body?.cancel();
  } catch (error) {
    if (signal.aborted) {
      throw new EngineUnreachableError(`${it} didn't answer within ${TIMEOUT_MS / 1000} s`);
    }
    throw explain(error, it, new JobText([]));
  }
}
