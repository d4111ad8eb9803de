/**
 * Waiting that can be stopped.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits.
 *
 * @param milliseconds How long.
 * @throws The signal's reason, as soon as it is aborted.
 */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    // Node's timers throw an error of their own.
    signal?.throwIfAborted();
    throw error;
  }
}
