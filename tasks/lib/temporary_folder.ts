/**
 * A folder for what a task needs only while it runs.
 *
 * @module
 */

import { join } from "node:path";

/** The exit codes of a process that these signals ended. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];

/** The folders that are there now. */
const folders = new Set<TemporaryFolder>();

const listeners = SIGNALS.map((signal) => () => {
  for (const folder of folders) folder[Symbol.dispose]();
  Deno.exit(EXIT_CODES[signal]);
});

/** A folder that goes away at the end of the `using` block, and when the task is stopped. */
export class TemporaryFolder implements Disposable {
  /** Its path, absolute. */
  readonly path: string;

  /** Makes the folder, in the system's place for such, or in `dir`. */
  constructor({ prefix, dir }: { prefix: string; dir?: string }) {
    this.path = Deno.makeTempDirSync({ prefix, dir });
    folders.add(this);
    if (folders.size > 1) return;
    SIGNALS.forEach((signal, at) => Deno.addSignalListener(signal, listeners[at]!));
  }

  /** The path of something in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    folders.delete(this);
    if (folders.size === 0) {
      SIGNALS.forEach((signal, at) => Deno.removeSignalListener(signal, listeners[at]!));
    }
    Deno.removeSync(this.path, { recursive: true });
  }
}
