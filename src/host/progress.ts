/**
 * The progress of a long download: a log line every few seconds, or a bar on a terminal.
 *
 * @module
 */

import { drawFooter, type Log } from "../logging.ts";
import { formatBytes } from "../format_bytes.ts";

/** How far a transfer is. */
export interface Progress {
  /** Bytes in place. */
  bytes: number;
  /** Bytes expected, where the server said. */
  total?: number;
}

const LINE_EVERY_MS = 5_000;
const BAR_EVERY_MS = 100;
const BAR_CELLS = 24;

/** Options of {@linkcode ProgressReport}. */
export interface ProgressReportOptions {
  /** Where lines go. */
  log: Log;
  /** Draw a bar at the foot of the terminal instead of writing lines. */
  bar: boolean;
}

/** Reports one transfer. */
export class ProgressReport {
  readonly #log: Log;
  readonly #bar: boolean;
  readonly #started = performance.now();
  #last = performance.now();

  /** Starts the clock. */
  constructor({ log, bar }: ProgressReportOptions) {
    this.#log = log;
    this.#bar = bar;
  }

  /** Takes note of the progress, and reports it when the time has come. Cheap enough for each chunk. */
  update({ bytes, total }: Progress): void {
    const now = performance.now();
    if (now - this.#last < (this.#bar ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
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
    const text = parts.join(", ");
    if (!this.#bar) return this.#log.info(`Downloading: ${text}`, { bytes, total });
    const filled = total === undefined ? 0 : Math.floor(bytes / total * BAR_CELLS);
    drawFooter(`[${"#".repeat(filled).padEnd(BAR_CELLS)}] ${text}`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#bar) drawFooter("");
  }
}
