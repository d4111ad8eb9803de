/**
 * The attempts to transfer one file: each goes on where the last one ended, if the file is the same.
 *
 * @module
 */

import { parseExactly } from "./exact_json.ts";
import { type Connect, request } from "./request.ts";
import { isTransient, retryAfterMs, Transient } from "./retry.ts";
import { QueryEngineError, ResultsError } from "../errors.ts";
import { writeAll } from "../files.ts";
import { formatBytes } from "../format_bytes.ts";
import { freeBytes } from "../free_bytes.ts";
import type { Log } from "../log.ts";
import { networkReason } from "../network_reason.ts";

const CHUNK_BYTES = 1024 * 1024;
const MAX_REDIRECTS = 5;

/** Statuses by which a server says that this URL is no longer good, such as a pre-signed one. */
const EXPIRED_STATUSES: readonly number[] = [401, 403, 404, 410];

/** What of a refusal is read to see whether the URL has expired. */
const LONGEST_REFUSAL_BYTES = 64 * 1024;

/** Content codings that change nothing, or that servers name though they change nothing. */
const PLAIN_CODING = /^(|identity|none|binary|utf-?8)$/i;

/** How far a download is. */
export interface Progress {
  /** Bytes in place. */
  bytes: number;
  /** Bytes expected, where the server said. */
  total?: number;
}

/** What messages call a file, and how it is recognized. */
export interface FileNames {
  /** The file: `the results`. */
  file: string;
  /** Its URL: `results URL`. */
  url: string;
  /** What is expected: `a SQLite database`. */
  kind: string;
  /** Who gives its URL: `the Query Engine`. */
  source: string;
  /**
   * The bytes with which every file of the kind begins.
   *
   * @default any
   */
  magic?: Uint8Array;
}

/** Shows the servers' text. */
export interface ServerText {
  /** The text, safe to show, behind a few words of ours; nothing if it is empty or must not be shown. */
  show(text: string, prefix?: string, longest?: number): string;
  /** The server's own explanation of an error, behind a colon. */
  detail(answer: unknown): string;
}

/** Options of {@linkcode Transfer}. */
export interface TransferOptions {
  /** Where the file is. */
  url: URL;
  /** The headers a URL may get; the signature goes to trusted origins only. */
  headersFor(url: URL): Headers;
  /** A new file, open for writing; nothing else writes to it. */
  file: Deno.FsFile;
  /** The directory the file is in, to check its room. */
  directory: string;
  /** Seconds without a byte after which an attempt is cut. */
  stallSeconds: number;
  /** What messages call the file. */
  names: FileNames;
  /**
   * Checks whether a file of unannounced length is whole, and throws what is wrong with it.
   *
   * @param headers The answer's headers.
   */
  checkWhole(headers: Headers): void;
  /**
   * Makes the client of each request, redirects included; throws if it may not be made.
   *
   * @default one for any URL
   */
  connect?: Connect;
  /** Called for every chunk. */
  onProgress?(progress: Progress): void;
  /** Stops the download. */
  signal?: AbortSignal;
  /** Names the proxy that a request to a URL goes through. */
  proxyFor?(url: URL): string | undefined;
  /** Shows the servers' text. */
  text: ServerText;
  /** Where to log. */
  log: Log;
}

/** The server refused the URL itself. */
export class UrlExpired extends Error {}

/** One file, over several attempts. */
export class Transfer {
  url: URL;
  /** Bytes in the file. */
  written = 0;
  /** The most bytes any attempt has had. */
  furthest = 0;
  /** The file's length, where a server announced it. */
  #total?: number;
  /** The headers of the newest answer. */
  #headers: Headers = new Headers();
  /** A content coding the server names. */
  #coding?: string;
  /** Proves on resuming that the file is still the same; absent if it can't be resumed. */
  #validator?: string;
  readonly #options: TransferOptions;
  readonly #buffer = { bytes: new ArrayBuffer(CHUNK_BYTES) };

  constructor(options: TransferOptions) {
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
      try {
        await this.#begin(response);
        lastByte = performance.now();
        await this.#receive(response, () => lastByte = performance.now());
      } finally {
        // Of an answer that was read there is nothing left to cancel.
        await response.body?.cancel().catch(() => {});
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (stalled.signal.aborted) {
        throw new Transient(`no byte came for ${stallSeconds} s`);
      }
      throw error;
    } finally {
      clearInterval(watch);
    }
    return this.#end();
  }

  /** Sends the request, with the signature to trusted origins only. */
  #request(signal: AbortSignal): Promise<Response> {
    if (this.#validator === undefined) this.#restart();
    const { headersFor, proxyFor, names, connect } = this.#options;
    return request(this.url, {
      signal,
      proxyFor,
      connect,
      headersFor: (url) => {
        const headers = headersFor(url);
        // Another coding would make lengths and ranges mean other bytes than the file's.
        headers.set("accept-encoding", "identity");
        if (this.written > 0 && this.#validator !== undefined) {
          headers.set("range", `bytes=${this.written}-`);
          headers.set("if-range", this.#validator);
        }
        return headers;
      },
      hostName: ({ host }) => this.#options.text.show(host) || `of the ${names.url}`,
      redirects: MAX_REDIRECTS,
      tooManyRedirects: () =>
        new QueryEngineError(`The ${names.url} redirected more than ${MAX_REDIRECTS} times`),
    });
  }

  /** Reads an answer's head: is it the file, from where on, and is there room for it? */
  async #begin(response: Response): Promise<void> {
    const { status, headers } = response;
    this.#headers = headers;
    const asked = this.written > 0;
    if (status !== 200 && status !== 206) throw await this.#refusalOf(response, asked);
    const length = headers.has("content-length")
      ? Number(headers.get("content-length"))
      : undefined;
    if (status === 206) this.#resume(headers, length);
    else {
      if (asked) this.#options.log.info("The server sends the file from its start again");
      this.#restart();
      this.#total = length;
    }
    this.#validator = validatorOf(headers, this.#total);
    const coding = headers.get("content-encoding") ?? "";
    this.#coding = PLAIN_CODING.test(coding) ? undefined : coding;
    const free = freeBytes(this.#options.directory);
    const missing = (this.#total ?? 0) - this.written;
    if (free !== undefined && missing > free) {
      throw new QueryEngineError(
        `No room for ${this.#options.names.file} in ${this.#options.directory}: ` +
          `${formatBytes(missing)} to come, ` +
          `${formatBytes(free)} free`,
        { remedy: "room" },
      );
    }
  }

  /** What an answer without the file means. */
  async #refusalOf(response: Response, asked: boolean): Promise<Error> {
    const { status, headers } = response;
    const { host } = new URL(response.url);
    const { text, names } = this.#options;
    const place = `The ${names.url}${text.show(host, " at ")}`;
    const answered = `${place} answered ${status}`;
    if (EXPIRED_STATUSES.includes(status)) {
      return new UrlExpired(answered + text.detail(parseExactly(await readStart(response))));
    }
    if (status === 416 && asked) {
      this.#restart();
      return new Transient(`${answered} to a range`);
    }
    if (isTransient(status) || status === 202) {
      return new Transient(answered, { retryAfterMs: retryAfterMs(headers) });
    }
    // Some stores answer 400 where others answer 403: ExpiredToken, RequestExpired, "has expired".
    if (status === 400 && /expired/i.test(await readStart(response))) {
      return new UrlExpired(`${answered} and says it has expired`);
    }
    return new QueryEngineError(`${answered}; expected 200 and ${names.kind}`);
  }

  /** Checks that a 206 continues just where the file ends, or is the whole file. */
  #resume(headers: Headers, length: number | undefined): void {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
    const [first, last = -1, total] = (range ?? []).slice(1).map(Number);
    const toTheEnd = total === undefined || Number.isNaN(total)
      ? this.written > 0 && (this.#total === undefined || last === this.#total - 1)
      : last === total - 1;
    const fitsLength = length === undefined || length === last - (first ?? 0) + 1;
    if (first === 0 && toTheEnd && fitsLength) this.#restart();
    const sameFile = this.#total === undefined || last === this.#total - 1;
    if (first !== this.written || !toTheEnd || !fitsLength || !sameFile) {
      this.#restart();
      throw new Transient("the server answered another range than was asked for");
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
        this.#checkCoding(value);
        if (this.#total !== undefined && this.written + value.byteLength > this.#total) {
          throw new Transient("more bytes came than were announced");
        }
        writeAll(file, value);
        this.written += value.byteLength;
        this.furthest = Math.max(this.furthest, this.written);
        onProgress?.({ bytes: this.written, total: this.#total });
      }
    } catch (error) {
      await reader.cancel().catch(() => {});
      if (error instanceof Transient || error instanceof QueryEngineError) throw error;
      if ((error as { code?: string } | null)?.code === "ENOSPC") {
        throw new QueryEngineError(
          `No room left for ${this.#options.names.file} in ${this.#options.directory} after ` +
            formatBytes(this.written),
          { remedy: "room" },
        );
      }
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new Transient(`the connection broke: ${networkReason(error)}`);
    } finally {
      // A read that failed took the buffer with it.
      if (this.#buffer.bytes.detached) this.#buffer.bytes = new ArrayBuffer(CHUNK_BYTES);
    }
  }

  /** Refuses a coded file by its first bytes: some servers name a coding though the file is plain. */
  #checkCoding(chunk: Uint8Array): void {
    if (this.#coding === undefined || this.written > 0) return;
    const { names: { file, magic }, text } = this.#options;
    if (magic?.every((byte, at) => at >= chunk.length || chunk[at] === byte)) return;
    const what = file.charAt(0).toUpperCase() + file.slice(1);
    throw new QueryEngineError(
      `${what} came in a content coding${text.show(this.#coding, ", ", 40)}, ` +
        "though none was asked for; expected the plain file",
    );
  }

  #end(): number {
    if (this.#total !== undefined) {
      if (this.written < this.#total) {
        throw new Transient(
          `the connection ended after ${this.written} of ${this.#total} bytes`,
        );
      }
      return this.written;
    }
    try {
      this.#options.checkWhole(this.#headers);
    } catch (error) {
      // Without an announced length, a cut can look like the end.
      if (!(error instanceof ResultsError && error.truncated)) throw error;
      throw new Transient(`the server announced no length, and the file is cut short`);
    }
    return this.written;
  }

  #restart(): void {
    // Not on a new file: after a truncate, ext4 writes all of it to the disk when it is closed, and the
    // next reader waits for that.
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

/** The start of an answer, as text. */
async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= LONGEST_REFUSAL_BYTES) break;
    }
  } catch {
    // What came until then may say enough.
  }
  return text;
}
