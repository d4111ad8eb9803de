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
  readonly #started = performance.now();
  #bar?: ReturnType<typeof progress>;
  #shown = 0;

  /** Prepares it; nothing is shown in the first second. */
  constructor(title: string) {
    this.#title = title;
  }

  /** Says how much of the work is done, in bytes. */
  update(done: number, total: number): void {
    if (!process.stderr.isTTY || performance.now() - this.#started < PATIENCE_MS) return;
    if (this.#bar === undefined) {
      this.#bar = progress({ max: STEPS, output: process.stderr });
      this.#bar.start(this.#title);
    }
    const steps = Math.floor(STEPS * Math.min(1, done / Math.max(total, 1)));
    if (steps === this.#shown) return;
    this.#bar.advance(
      steps - this.#shown,
      `${this.#title}: ${formatBytes(done)} of ${formatBytes(total)}`,
    );
    this.#shown = steps;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#bar?.stop(this.#title);
  }
}
