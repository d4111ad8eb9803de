/**
 * Downloads one file over a network that may fail at any byte: cut transfers are resumed, and what
 * is handed over is whole.
 *
 * @module
 */

import { QueryEngineError, ResultsError } from "../errors.ts";
import type { Log } from "../log.ts";
import { formatBytes } from "../format_bytes.ts";
import { freeBytes } from "../files.ts";
import { unpooledClient } from "./http_client.ts";
import { networkReason } from "../network_reason.ts";
import { pause } from "../pause.ts";
import type { Progress } from "../host/progress.ts";
import { describeUrl } from "../redact.ts";

/** Attempts in a row that bring no new byte, after which a download has failed. */
export const IDLE_ATTEMPTS = 5;

const CHUNK_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Statuses after which the same request may succeed. */
export const RETRY_STATUSES: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Statuses by which a server says that this URL is no longer good, such as a pre-signed one. */
const EXPIRED_STATUSES: readonly number[] = [401, 403, 404, 410];

/** What {@linkcode download} needs to know. */
export interface DownloadOptions {
  /** Where the file is. */
  url: URL;
  /** The headers a URL may get; the signature goes to trusted origins only. */
  headersFor(url: URL): Headers;
  /** A new file, open for writing; nothing else writes to it. */
  file: Deno.FsFile;
  /** The directory the file lies in, for the check of its room. */
  directory: string;
  /** Seconds without a byte after which an attempt is cut. */
  stallSeconds: number;
  /** Asks for a fresh URL, once, when this one is refused. */
  renewUrl(): Promise<URL>;
  /** Says whether a file whose length no server told is whole; throws what is wrong with it if not. */
  checkWhole(): void;
  /** Told of every chunk. */
  onProgress?(progress: Progress): void;
  /** Stops the download. */
  signal?: AbortSignal;
  /** Where lines go. */
  log: Log;
}

/** A fault after which another attempt may succeed. */
class TransferFault extends Error {
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs?: number;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server refused the URL itself. */
class UrlExpired extends Error {}

/**
 * Downloads a file.
 *
 * Its time is bounded by `stallSeconds` without a byte and by {@linkcode IDLE_ATTEMPTS} attempts in a
 * row that bring no byte beyond those already had, not by the file's size.
 *
 * @returns The file's length in bytes.
 * @throws {QueryEngineError} No server gave the whole file, or there is no room for it.
 * @throws The signal's reason, when stopped.
 */
export async function download(options: DownloadOptions): Promise<number> {
  const transfer = new Transfer(options);
  let idle = 0;
  let renewed = false;
  for (;;) {
    const before = transfer.furthest;
    try {
      return await transfer.attempt();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof UrlExpired && !renewed) {
        renewed = true;
        options.log.warn(`${error.message}; asking the Query Engine for a fresh URL`);
        transfer.url = await options.renewUrl();
        continue;
      }
      if (error instanceof UrlExpired) {
        throw new QueryEngineError(`${error.message}, and the fresh URL was refused too`);
      }
      if (!(error instanceof TransferFault)) throw error;
      idle = transfer.furthest > before ? 0 : idle + 1;
      if (idle >= IDLE_ATTEMPTS) {
        throw new QueryEngineError(
          `The download of the results failed: ${IDLE_ATTEMPTS} attempts in a row brought nothing ` +
            `new; the last one: ${error.message}`,
        );
      }
      if (error.retryAfterMs !== undefined && error.retryAfterMs > LONGEST_RETRY_AFTER_MS) {
        throw new QueryEngineError(
          `The download of the results failed: ${error.message} and asks to wait ` +
            `${Math.ceil(error.retryAfterMs / 1000)} s, longer than a job has`,
        );
      }
      const backoff = Math.min(FIRST_RETRY_MS * 2 ** idle, LONGEST_RETRY_MS);
      const wait = error.retryAfterMs === undefined
        ? backoff * (0.5 + Math.random() / 2)
        : error.retryAfterMs;
      options.log.warn(
        `Download interrupted at ${
          formatBytes(transfer.written)
        }: ${error.message}; trying again in ` +
          `${(wait / 1000).toFixed(1)} s`,
        { bytes: transfer.written },
      );
      await pause(wait, options.signal);
    }
  }
}

/** A download over several attempts. */
class Transfer {
  url: URL;
  /** Bytes in the file. */
  written = 0;
  /** The most bytes any attempt has had. */
  furthest = 0;
  /** The file's length, where a server told it. */
  #total?: number;
  /** Proves on resuming that the file is still the same; absent if it can't be resumed. */
  #validator?: string;
  readonly #options: DownloadOptions;
  readonly #buffer = { bytes: new ArrayBuffer(CHUNK_BYTES) };

  constructor(options: DownloadOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /** Tries to get what is missing. */
  async attempt(): Promise<number> {
    const stalled = new AbortController();
    const { signal, stallSeconds } = this.#options;
    let lastByte = performance.now();
    const watch = setInterval(() => {
      if (performance.now() - lastByte >= stallSeconds * 1000) stalled.abort();
    }, Math.min(1000, stallSeconds * 250));
    const either = signal === undefined
      ? stalled.signal
      : AbortSignal.any([signal, stalled.signal]);
    try {
      const response = await this.#request(either);
      this.#begin(response);
      await this.#receive(response, () => lastByte = performance.now());
    } catch (error) {
      signal?.throwIfAborted();
      if (stalled.signal.aborted) {
        throw new TransferFault(`no byte came for ${stallSeconds} s`);
      }
      throw error;
    } finally {
      clearInterval(watch);
    }
    return this.#end();
  }

  /** Sends the request and follows redirects, with the signature at trusted origins only. */
  async #request(signal: AbortSignal): Promise<Response> {
    if (this.#validator === undefined) this.#restart();
    let url = this.url;
    for (let redirects = 0;; redirects++) {
      const headers = this.#options.headersFor(url);
      // Another coding would make lengths and ranges mean other bytes than the file's.
      headers.set("accept-encoding", "identity");
      if (this.written > 0 && this.#validator !== undefined) {
        headers.set("range", `bytes=${this.written}-`);
        headers.set("if-range", this.#validator);
      }
      let response: Response;
      try {
        response = await fetch(url, {
          headers,
          redirect: "manual",
          signal,
          client: unpooledClient(),
        });
      } catch (error) {
        throw new TransferFault(`no answer from ${url.host}: ${networkReason(error)}`);
      }
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) return response;
      await response.body?.cancel();
      if (redirects === MAX_REDIRECTS) {
        throw new QueryEngineError(`The results URL redirected more than ${MAX_REDIRECTS} times`);
      }
      url = parseHttpUrl(location, url);
    }
  }

  /** Reads an answer's head: is it the file, from where on, and is there room for it? */
  #begin(response: Response): void {
    const { status, headers } = response;
    const place = describeUrl(new URL(response.url));
    const asked = this.written > 0;
    if (status !== 200 && status !== 206) {
      void response.body?.cancel().catch(() => {});
      const text = `${place} answered ${status}`;
      if (EXPIRED_STATUSES.includes(status)) throw new UrlExpired(`The results URL ${text}`);
      if (status === 416 && asked) {
        this.#restart();
        throw new TransferFault(`${text} to a range`);
      }
      if (RETRY_STATUSES.includes(status)) throw new TransferFault(text, retryAfterMs(headers));
      throw new QueryEngineError(`The results URL ${text}; expected 200 and a SQLite database`);
    }
    const coding = headers.get("content-encoding") ?? "identity";
    if (coding !== "identity") {
      void response.body?.cancel().catch(() => {});
      throw new QueryEngineError(
        `The results came with the content coding ${
          JSON.stringify(coding)
        }, though none was asked ` +
          "for; expected the plain file",
      );
    }
    const length = headers.has("content-length")
      ? Number(headers.get("content-length"))
      : undefined;
    if (status === 206) this.#resume(headers, length, asked);
    else {
      if (asked) this.#options.log.info("The server sends the file from its start again");
      this.#restart();
      this.#total = length;
    }
    this.#validator = validatorOf(headers, this.#total);
    const free = freeBytes(this.#options.directory);
    const missing = (this.#total ?? 0) - this.written;
    if (free !== undefined && missing > free) {
      void response.body?.cancel().catch(() => {});
      throw new QueryEngineError(
        `No room for the results in ${this.#options.directory}: ${formatBytes(missing)} to come, ` +
          `${formatBytes(free)} free; mount a larger INPUT_PATH`,
      );
    }
  }

  /** Checks that a 206 continues just where the file ends. */
  #resume(headers: Headers, length: number | undefined, asked: boolean): void {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const [first, last, total] = (range ?? []).slice(1).map(Number);
    const fits = asked && first === this.written && last !== undefined &&
      (total === undefined || Number.isNaN(total) || (last === total - 1)) &&
      (this.#total === undefined || last === this.#total - 1) &&
      (length === undefined || length === last - first + 1);
    if (!fits) {
      this.#restart();
      throw new TransferFault("the server answered another range than was asked for");
    }
    this.#total ??= last + 1;
  }

  async #receive(response: Response, onByte: () => void): Promise<void> {
    const { file, onProgress } = this.#options;
    if (response.body === null) return;
    const reader = response.body.getReader({ mode: "byob" });
    try {
      for (;;) {
        const { value, done } = await reader.read(new Uint8Array(this.#buffer.bytes));
        if (value !== undefined) this.#buffer.bytes = value.buffer;
        if (done) return;
        onByte();
        if (this.#total !== undefined && this.written + value.byteLength > this.#total) {
          throw new TransferFault("more bytes came than were announced");
        }
        for (let at = 0; at < value.byteLength;) at += file.writeSync(value.subarray(at));
        this.written += value.byteLength;
        this.furthest = Math.max(this.furthest, this.written);
        onProgress?.({ bytes: this.written, total: this.#total });
      }
    } catch (error) {
      void reader.cancel().catch(() => {});
      if (error instanceof TransferFault) throw error;
      if ((error as { code?: string } | null)?.code === "ENOSPC") {
        throw new QueryEngineError(
          `No room left for the results in ${this.#options.directory} after ` +
            `${formatBytes(this.written)}; mount a larger INPUT_PATH`,
        );
      }
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new TransferFault(`the connection broke: ${networkReason(error)}`);
    } finally {
      // A read that failed took the buffer with it.
      if (this.#buffer.bytes.detached) this.#buffer.bytes = new ArrayBuffer(CHUNK_BYTES);
    }
  }

  #end(): number {
    if (this.#total !== undefined) {
      if (this.written < this.#total) {
        throw new TransferFault(
          `the connection ended after ${this.written} of ${this.#total} bytes`,
        );
      }
      return this.written;
    }
    try {
      this.#options.checkWhole();
    } catch (error) {
      // Without an announced length, a cut can look like the end.
      if (!(error instanceof ResultsError && error.truncated)) throw error;
      throw new TransferFault(`the server told no length, and the file is cut short`);
    }
    return this.written;
  }

  #restart(): void {
    // Not on a file that is new: after a truncate, ext4 writes all of it to the disk when it is closed,
    // and whoever reads it next waits for that.
    if (this.written > 0) {
      this.#options.file.truncateSync(0);
      this.#options.file.seekSync(0, Deno.SeekMode.Start);
    }
    this.written = 0;
    this.#total = undefined;
    this.#validator = undefined;
  }
}

/**
 * What proves on resuming that a file hasn't changed: a strong ETag, or a modification time old
 * enough to be one (RFC 9110, 8.8.2.2). A file of unknown length isn't resumed: its coding may be
 * hidden, and a range would mean other bytes.
 */
function validatorOf(headers: Headers, total: number | undefined): string | undefined {
  if (total === undefined || headers.get("accept-ranges") === "none") return undefined;
  const etag = headers.get("etag");
  if (etag !== null) return etag.startsWith("W/") ? undefined : etag;
  const modified = headers.get("last-modified");
  const age = Date.parse(headers.get("date") ?? "") - Date.parse(modified ?? "");
  return modified !== null && age >= 1000 ? modified : undefined;
}

/** Milliseconds that a `Retry-After` header asks to wait, as seconds or as a date. */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/**
 * Parses a URL that a server gave.
 *
 * @throws {QueryEngineError} It isn't an http or https URL.
 */
export function parseHttpUrl(text: string, base: URL): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new QueryEngineError(
      "The Query Engine named a results URL that isn't http or https; expected one to download from",
    );
  }
  // fetch refuses credentials in a URL, and nothing here has a use for them.
  url.username = "";
  url.password = "";
  return url;
}
