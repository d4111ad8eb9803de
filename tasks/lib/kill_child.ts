/**
 * Ends a child process.
 *
 * @module
 */

/** Sends a signal to a child process, if it hasn't ended by itself. */
export function killChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended by itself.
  }
}
