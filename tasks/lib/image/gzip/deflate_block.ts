/**
 * Compresses a block for a deflate stream of many.
 *
 * @module
 */

import { Deflate } from "pako";

/** A fifth less work than the usual 6, for one per cent more bytes. */
const LEVEL = 4;

// https://www.zlib.net/manual.html#Constants
const Z_FULL_FLUSH = 3;
const Z_FINISH = 4;

/** A block of bytes to be compressed. */
export interface Block {
  /** The bytes. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Nothing follows it. */
  last: boolean;
}

/**
 * Compresses a block on its own, as raw deflate (RFC 1951): its bytes depend on no other block, and end
 * on a whole byte, so that the blocks one after another are one stream, which the last one ends.
 */
export function deflateBlock({ bytes, last }: Block): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const deflate = new Deflate({ raw: true, level: LEVEL });
  deflate.onData = (part) => parts.push(part as Uint8Array);
  deflate.push(bytes, last ? Z_FINISH : Z_FULL_FLUSH);
  if (deflate.err !== 0) throw new Error(`The compressor failed: ${deflate.msg}`);
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
