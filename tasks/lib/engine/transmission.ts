/**
 * Sends answers, whole and in order or with the faults that are asked for.
 *
 * @module
 */

import { gzipSync } from "node:zlib";
import type { SendOptions } from "./fault.ts";
import type { Exchange } from "./wire.ts";

/** What a sound engine answers to one request. */
export interface Answer {
  /** The status of a whole answer. */
  status: number;
  /** Its content type. */
  type: string;
  /** Its body; a file is closed when it has been sent. */
  body: Uint8Array | Deno.FsFile;
  /** Identifies the file; such an answer offers ranges. */
  tag?: string;
}

const PIECE_BYTES = 256 * 1024;

/** An answer in JSON. */
export function json(status: number, value: unknown): Answer {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, type: "application/json", body };
}

/** The length of an answer's body. */
export function lengthOf({ body }: Answer): number {
  return body instanceof Uint8Array ? body.length : body.statSync().size;
}

/**
 * Sends an answer as a sound server would, but for what the options say.
 */
export async function transmit(
  exchange: Exchange,
  answer: Answer,
  options: SendOptions,
): Promise<void> {
  using source = openSource(answer.body);
  const { headers, method } = exchange.request;
  const length = Math.floor(source.size * (options.share ?? 1));
  const fields: Record<string, string> = { "content-type": answer.type };
  let first = 0;
  if (answer.tag !== undefined) {
    const etag = `"${answer.tag}${options.changed ? "-changed" : ""}"`;
    const range = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "");
    const sameFile = (headers.get("if-range") ?? etag) === etag;
    if (range !== null && sameFile && !options.noRanges) first = Number(range[1]);
    fields["etag"] = etag;
    fields["accept-ranges"] = options.noRanges ? "none" : "bytes";
  }
  if (first > 0 && first >= length) {
    return await exchange.respond(416, { "content-range": `bytes */${length}` });
  }
  const off = options.rangeOff ?? 0;
  if (first > 0) {
    fields["content-range"] = `bytes ${first + off}-${length - 1 + off}/${length}`;
  }
  const status = first > 0 ? 206 : answer.status;
  if (options.gzip) {
    const packed = gzipSync(source.read(0, length));
    return await exchange.respond(status, { ...fields, "content-encoding": "gzip" }, packed);
  }
  const count = length - first;
  if (options.chunked) fields["transfer-encoding"] = "chunked";
  else fields["content-length"] = String(count + (options.lengthOff ?? 0));
  await exchange.head(status, fields, options.headPauseMs);
  if (method === "HEAD") return;
  const end = first + Math.min(options.cutAt?.(count) ?? count, count);
  for (let at = first; at < end && !exchange.closed;) {
    const piece = source.read(at, Math.min(end, at + PIECE_BYTES));
    // Another version of the file differs in its user version, bytes 60 to 63.
    if (options.changed && answer.tag !== undefined && at <= 63 && at + piece.length > 63) {
      piece[63 - at] = 7;
    }
    at += piece.length;
    if (options.pauseMs !== undefined) {
      await new Promise((done) => setTimeout(done, options.pauseMs));
    }
    if (options.chunked) await exchange.write(`${piece.length.toString(16)}\r\n`);
    await exchange.write(piece);
    if (options.chunked) await exchange.write("\r\n");
  }
  if (options.extra !== undefined) await exchange.write(options.extra);
  if (options.cutAt !== undefined && options.stall) return await new Promise(() => {});
  if (options.cutAt !== undefined || options.lengthOff !== undefined) return exchange.close();
  if (options.chunked) await exchange.write("0\r\n\r\n");
}

/** An answer's bytes, wherever they are. */
interface Source extends Disposable {
  size: number;
  /** The bytes from `from` to before `to`. */
  read(from: number, to: number): Uint8Array;
}

function openSource(body: Answer["body"]): Source {
  if (body instanceof Uint8Array) {
    return {
      size: body.length,
      read: (from, to) => body.slice(from, to),
      [Symbol.dispose]() {},
    };
  }
  return {
    size: body.statSync().size,
    read(from, to) {
      const bytes = new Uint8Array(to - from);
      body.seekSync(from, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += body.readSync(bytes.subarray(at)) ?? Infinity;
      return bytes;
    },
    [Symbol.dispose]: () => body.close(),
  };
}
