/**
 * Shows a job's log while the job runs.
 *
 * @module
 */

import type { RemoteJob } from "../compute_engine/client.ts";
import { readLog } from "../compute_engine/logs.ts";
import { ToolError } from "../errors.ts";

/** What came after the job's end is waited for so long. */
const LAST_LINES_MS = 5000;

/** A job's log: each line is shown once. */
export class JobLog implements Disposable {
  readonly #remote: RemoteJob;
  readonly #show: (line: string) => void;
  readonly #stop = new AbortController();
  #shown = 0;
  #reading?: Promise<void>;

  /** Nothing is read yet. */
  constructor(remote: RemoteJob, show: (line: string) => void) {
    this.#remote = remote;
    this.#show = show;
  }

  /** Begins to show the log, unless it is being shown. */
  start(): void {
    this.#reading ??= this.#read().finally(() => this.#reading = undefined);
  }

  /** Shows the rest of it, after the job's end. */
  async finish(): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), LAST_LINES_MS);
    await this.#reading;
    // The stream may have broken before the job's end.
    await this.#read();
    clearTimeout(timer);
  }

  /** An engine that has no log, or breaks it off, doesn't stop anything. */
  async #read(): Promise<void> {
    let seen = 0;
    const { signal } = this.#stop;
    const onLine = (line: string) => {
      // Each stream begins with the log's first line.
      if (++seen <= this.#shown) return;
      this.#shown = seen;
      this.#show(line);
    };
    try {
      await readLog(this.#remote, { onLine, signal });
    } catch (error) {
      if (!(error instanceof ToolError) && !signal.aborted) throw error;
    }
  }

  /** Ends it. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }
}
