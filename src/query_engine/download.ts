/**
 * Downloads one file over a network that may fail at any byte: cut transfers are resumed, and what
 * is handed over is whole.
 *
 * @module
 */

import { retry } from "./retry.ts";
import { Transfer, type TransferOptions, UrlExpired } from "./transfer.ts";
import { QueryEngineError } from "../errors.ts";
import { formatBytes } from "../format_bytes.ts";

/** Attempts in a row that bring no new byte, after which a download has failed. */
const IDLE_ATTEMPTS = 5;

/** Longer than this a job can't wait for a server. */
const LONGEST_PAUSE_MS = 60_000;

/** Options of {@linkcode download}. */
export interface DownloadOptions extends TransferOptions {
  /** Asks for a fresh URL when this one is refused. */
  renewUrl(): Promise<URL>;
}

/**
 * Downloads a file.
 *
 * Its time is bounded by `stallSeconds` without a byte and by five attempts in a row that bring no
 * byte beyond those already had, not by the file's size. A refused URL is renewed, and again after a
 * renewed one has brought something.
 *
 * @returns The file's length in bytes.
 * @throws {QueryEngineError} No server gave the whole file, or there is no room for it.
 * @throws The signal's reason, when stopped.
 */
export async function download(options: DownloadOptions): Promise<number> {
  const { log, signal, names } = options;
  const transfer = new Transfer(options);
  let renewedAt = -1;
  async function attempt(): Promise<number> {
    for (;;) {
      try {
        return await transfer.attempt();
      } catch (error) {
        if (!(error instanceof UrlExpired)) throw error;
        if (transfer.furthest === renewedAt) {
          throw new QueryEngineError(`${error.message}, and the fresh URL was refused too`);
        }
        renewedAt = transfer.furthest;
        log.warn(`${error.message}; asking ${names.source} for a fresh URL`);
        transfer.url = await options.renewUrl();
      }
    }
  }
  return await retry(attempt, {
    attempts: IDLE_ATTEMPTS,
    longestPauseMs: LONGEST_PAUSE_MS,
    progress: () => transfer.furthest,
    signal,
    onRetry: ({ message }, pauseMs) =>
      log.warn(
        `Download interrupted at ${formatBytes(transfer.written)}: ${message}; trying again in ${
          (pauseMs / 1000).toFixed(1)
        } s`,
        { bytes: transfer.written },
      ),
    giveUp({ message, retryAfterMs = 0, limit }, reason) {
      const tries = Math.min(IDLE_ATTEMPTS, limit);
      const why = reason === "pause"
        ? `${message} and asks to wait ${Math.ceil(retryAfterMs / 1000)} s, longer than a job has`
        : `${tries} attempts in a row brought nothing new; the last one: ${message}`;
      return new QueryEngineError(`The download of ${names.file} failed: ${why}`);
    },
  });
}
