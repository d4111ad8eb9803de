/**
 * The threads of this process: they show whether an isolate has really ended.
 *
 * @module
 */

import { pause } from "../pause.ts";

const TURN_MS = 2;

/**
 * The threads that are running, or `undefined` where the kernel doesn't list them.
 *
 * Listing a folder below `/proc` needs no more than the right to read (proc(5)).
 */
export function listThreads(): ReadonlySet<string> | undefined {
  try {
    return new Set([...Deno.readDirSync("/proc/self/task")].map(({ name }) => name));
  } catch {
    return undefined;
  }
}

/**
 * Waits until every thread that was started since has ended. An isolate's own thread ends within
 * milliseconds; a worker that the isolate has started goes on for two seconds, and longer in native code.
 *
 * @param known The threads that may run, from {@linkcode listThreads}; `undefined` ends the wait at once.
 * @param patienceMs Milliseconds after which it gives up.
 * @returns Whether they have ended.
 */
export async function othersEnded(
  known: ReadonlySet<string> | undefined,
  patienceMs: number,
): Promise<boolean> {
  if (known === undefined) return true;
  const start = performance.now();
  for (;;) {
    const running = listThreads() ?? known;
    if ([...running].every((thread) => known.has(thread))) return true;
    if (performance.now() - start > patienceMs) return false;
    await pause(TURN_MS);
  }
}
