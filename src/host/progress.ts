/**
 * The progress of a long download, as a log line every few seconds.
 *
 * @module
 */

import { formatBytes } from "../format_bytes.ts";
import type { Log } from "../logging.ts";
import type { Progress } from "../query_engine/transfer.ts";

const LINE_EVERY_MS = 5_000;

/**
 * Starts the report of one download.
 *
 * @returns Takes each state of the download, and logs one when it is time. Cheap enough for each
 * chunk.
 */
export function reportProgress(log: Log): (progress: Progress) => void {
  const started = performance.now();
  let last = started;
  return ({ bytes, total }) => {
    const now = performance.now();
    if (now - last < LINE_EVERY_MS) return;
    last = now;
    log.info(`Downloading: ${describe(bytes, total, (now - started) / 1000)}`, { bytes, total });
  };
}

function describe(bytes: number, total: number | undefined, seconds: number): string {
  const rate = bytes / seconds;
  const speed = `${formatBytes(Math.round(rate))}/s`;
  if (total === undefined) return `${formatBytes(bytes)}, ${speed}`;
  const share = `${formatBytes(bytes)} of ${formatBytes(total)}, ${
    Math.floor(bytes / total * 100)
  }%`;
  const left = rate > 0 ? `, ${Math.ceil((total - bytes) / rate)} s left` : "";
  return `${share}, ${speed}${left}`;
}
