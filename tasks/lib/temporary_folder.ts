/**
 * A folder for what a task needs only while it runs.
 *
 * @module
 */

import { join } from "node:path";

/** The exit codes of a process that these signals ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof SIGNALS;

/** A folder that goes away at the end of the `using` block, and when the task is stopped. */
export class TemporaryFolder implements Disposable {
  /** Its path, absolute. */
  readonly path: string;
  readonly #listeners: [Signal, () => void][];

  /** Makes the folder, in the system's place for such, or in `dir`. */
  constructor({ prefix, dir }: { prefix: string; dir?: string }) {
    this.path = Deno.makeTempDirSync({ prefix, dir });
    this.#listeners = (Object.keys(SIGNALS) as Signal[]).map((signal) => [signal, () => {
      this.#remove();
      Deno.exit(SIGNALS[signal]);
    }]);
    for (const [signal, listener] of this.#listeners) Deno.addSignalListener(signal, listener);
  }

  /** The path of something in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#remove();
  }

  #remove(): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
