/**
 * What a task does when a signal stops it.
 *
 * @module
 */

/** The exit codes of a process that one of these signals stops. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];

const cleanups = new Set<() => void>();

const listeners = SIGNALS.map((signal) => () => {
  for (const cleanup of cleanups) {
    try {
      cleanup();
    } catch {
      // The others are worth as much.
    }
  }
  Deno.exit(EXIT_CODES[signal]);
});

/**
 * Does something when a signal stops the task, before the process ends with the signal's exit code.
 *
 * @returns Takes it back.
 */
export function onStop(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  if (cleanups.size === 1) {
    SIGNALS.forEach((signal, at) => Deno.addSignalListener(signal, listeners[at]!));
  }
  return () => {
    if (!cleanups.delete(cleanup) || cleanups.size > 0) return;
    SIGNALS.forEach((signal, at) => Deno.removeSignalListener(signal, listeners[at]!));
  };
}
