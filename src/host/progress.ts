/**
 * The progress of a long download.
 *
 * @module
 */

import { formatBytes } from "../format_bytes.ts";
import type { Log } from "../log.ts";

/** How far a transfer is. */
export interface Progress {
  /** Bytes in place. */
  bytes: number;
  /** Bytes expected, where the server said. */
  total?: number;
}

const LINE_EVERY_MS = 5_000;

/** Logs the progress of one transfer every few seconds. */
export class ProgressReport {
  readonly #log: Log;
  readonly #started = performance.now();
  #last = performance.now();

  /** Starts the clock. */
  constructor(log: Log) {
    this.#log = log;
  }

  /** Takes note of the progress, and logs it when the time has come. Cheap enough for each chunk. */
  update({ bytes, total }: Progress): void {
    const now = performance.now();
    if (now - this.#last < LINE_EVERY_MS) return;
    this.#last = now;
    const rate = bytes / ((now - this.#started) / 1000);
    const parts = [
      total === undefined ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`,
    ];
    if (total !== undefined && total > 0) parts.push(`${Math.floor(bytes / total * 100)}%`);
    parts.push(`${formatBytes(Math.round(rate))}/s`);
    if (total !== undefined && rate > 0) {
      parts.push(`${Math.ceil((total - bytes) / rate)} s left`);
    }
    this.#log.info(`Downloading: ${parts.join(", ")}`, { bytes, total });
  }
}
