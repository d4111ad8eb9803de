/**
 * The log of a job's container, as a Compute Engine streams it.
 *
 * @module
 */

import type { RemoteJob } from "./client.ts";
import { EngineRefusalError } from "./errors.ts";
import { explain, open } from "./exchange.ts";

/** Of a longer line only the start is kept. */
const LONGEST_LINE = 8000;

/**
 * Reads a job's log, until it ends.
 *
 * @param onLine Gets each line, safe to show.
 * @throws {EngineRefusalError} The engine has none.
 * @throws {EngineUnreachableError} The stream broke.
 * @throws The signal's reason, when stopped.
 */
export async function readLog(
  { access, id }: RemoteJob,
  { onLine, signal }: { onLine(line: string): void; signal: AbortSignal },
): Promise<void> {
  const it = `The Compute Engine ${access.base.origin}`;
  try {
    const response = await open(access, { path: `job/${id}/logs`, signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new EngineRefusalError(`${it} answered ${response.status}`, response.status);
    }
    for await (const line of linesOf(response.body)) {
      onLine(access.text.line(line));
    }
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, it, access.text);
  }
}

/** Lines of a stream, without their ends. */
async function* linesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body ?? []) {
    const [first = "", ...more] = decoder.decode(chunk, { stream: true }).split("\n");
    rest = (rest + first).slice(0, LONGEST_LINE);
    for (const next of more) {
      yield rest.replace(/\r$/, "");
      rest = next.slice(0, LONGEST_LINE);
    }
  }
  if (rest !== "") yield rest;
}
