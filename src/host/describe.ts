/**
 * Learns what a job is, by loading it in an isolate without any right.
 *
 * @module
 */

import { type JobDescription, parseDescription } from "../job/description.ts";
import { startIsolate } from "./isolate.ts";
import type { HostedJob } from "./run.ts";

/** A job could not be loaded, or isn't one. */
export class DescribeError extends Error {
  /** Tells the class apart. */
  override readonly name = "DescribeError";
}

/**
 * Loads a job in an isolate without any right, and asks what it is.
 *
 * A job that ends its isolate shows only when the caller's event loop has nothing else to do; a caller
 * with other work needs a `signal`.
 *
 * @throws {DescribeError} It can't be loaded, exports no job, or describes itself as no job may.
 * @throws The signal's reason, when aborted.
 */
export async function describeJob(
  { entry, root }: Pick<HostedJob, "entry" | "root">,
  { signal }: { signal?: AbortSignal } = {},
): Promise<JobDescription> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onDrained = (event: Event) => {
    event.preventDefault();
    reject(new DescribeError("it ends its isolate while it is loaded, or never finishes loading"));
  };
  const onAbort = () => reject(signal?.reason);
  addEventListener("beforeunload", onDrained);
  signal?.addEventListener("abort", onAbort);
  const isolate = startIsolate({
    entry,
    rights: { read: [], write: [], network: [] },
    root,
    listener: {
      onDescribed: resolve,
      onFailed({ message, places }) {
        const where = places.length === 0 ? "" : ` (at ${places[0]})`;
        reject(new DescribeError(`${message}${where}`));
      },
    },
  });
  isolate.send({ type: "describe", root });
  try {
    return parseDescription(await promise);
  } catch (error) {
    throw error instanceof TypeError ? new DescribeError(error.message) : error;
  } finally {
    isolate.terminate();
    removeEventListener("beforeunload", onDrained);
    signal?.removeEventListener("abort", onAbort);
  }
}
