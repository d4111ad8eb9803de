/**
 * A progress bar for what takes longer than a second; on a terminal only.
 *
 * @module
 */

import { progress } from "@clack/prompts";
import process from "node:process";
import { formatBytes } from "../../src/format_bytes.ts";

const PATIENCE_MS = 1000;
const STEPS = 100;

/** Shows how far some work is. */
export class ProgressBar implements Disposable {
  readonly #title: string;
  readonly #format: (amount: number) => string;
  readonly #started = performance.now();
  #bar?: ReturnType<typeof progress>;
  #shown = 0;

  /**
   * Prepares it; nothing is shown in the first second.
   *
   * @param format How an amount of work reads: as bytes, unless it is something else.
   */
  constructor(title: string, format: (amount: number) => string = formatBytes) {
    this.#title = title;
    this.#format = format;
  }

  /** Says how much of the work is done. */
  update(done: number, total: number): void {
    if (!process.stderr.isTTY || performance.now() - this.#started < PATIENCE_MS) return;
    if (this.#bar === undefined) {
      this.#bar = progress({ max: STEPS, output: process.stderr });
      this.#bar.start(this.#title);
      // It would take Ctrl-C as a key and exit with 0; as a signal, it reaches who has to clean up.
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
    }
    const steps = Math.floor(STEPS * Math.min(1, done / Math.max(total, 1)));
    if (steps === this.#shown) return;
    this.#bar.advance(
      steps - this.#shown,
      `${this.#title}: ${this.#format(done)} of ${this.#format(total)}`,
    );
    this.#shown = steps;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#bar?.stop(this.#title);
  }
}
