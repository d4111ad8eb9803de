/**
 * Shows the progress of work that takes longer than a second: as a bar on a terminal, elsewhere as a
 * plain line now and then.
 *
 * @module
 */

import { progress } from "@clack/prompts";
import process from "node:process";
import { writeAll } from "../../../src/files.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { screenOf } from "./screen.ts";

const PATIENCE_MS = 1000;
/** Milliseconds between plain lines. */
const LINE_MS = 10_000;
const STEPS = 100;

/** Shows on standard error how far some work has come. */
export class ProgressBar implements Disposable {
  readonly #title: string;
  readonly #format: (amount: number) => string;
  readonly #rich: boolean = screenOf(Deno.stderr).rich;
  readonly #started = performance.now();
  #bar?: ReturnType<typeof progress>;
  #shown = 0;
  #lastLine = this.#started;

  /**
   * Prepares it; nothing is shown in the first second.
   *
   * @param title What the work is.
   * @param format Formats an amount of work, bytes by default.
   */
  constructor(title: string, format: (amount: number) => string = formatBytes) {
    this.#title = title;
    this.#format = format;
  }

  /** Shows how much of the work is done; a `total` of 0 isn't known. */
  update(done: number, total: number): void {
    const now = performance.now();
    if (now - this.#started < PATIENCE_MS) return;
    const amount = total > 0
      ? `${this.#format(done)} of ${this.#format(total)}`
      : this.#format(done);
    const text = `${this.#title}: ${amount}`;
    if (this.#rich) return this.#advance(total > 0 ? done / total : 0, text);
    if (now - this.#lastLine < LINE_MS) return;
    this.#lastLine = now;
    writeAll(Deno.stderr, new TextEncoder().encode(`${text}\n`));
  }

  #advance(share: number, text: string): void {
    if (this.#bar === undefined) {
      this.#bar = progress({ max: STEPS, output: process.stderr });
      this.#bar.start(this.#title);
      // In raw mode the bar would take Ctrl-C as a key and exit with 0, and nothing would be removed.
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
    }
    const steps = Math.floor(STEPS * Math.min(1, share));
    if (steps === this.#shown) return;
    this.#bar.advance(steps - this.#shown, text);
    this.#shown = steps;
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#bar?.stop(this.#title);
  }
}
