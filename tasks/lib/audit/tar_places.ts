/**
 * Names a place in a tar that `export` wrote.
 *
 * @module
 */

import { ARCHIVE_LIMITS } from "../image/archive.ts";
import { openUnzipped } from "../image/gzip/gzip.ts";

const BLOCK_BYTES = 512;

/**
 * Says what is at an offset: an entry's header, its bytes, or what fills the space behind it.
 *
 * @param path A tar of regular files with short names, compressed or not.
 */
export async function describeTarOffset(path: string, offset: number): Promise<string> {
  const stream = await openUnzipped(path, { what: path, limit: ARCHIVE_LIMITS.bytes });
  for await (const { name, headerAt, bodyAt, size } of walk(stream)) {
    const next = bodyAt + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (offset >= next) continue;
    if (offset < bodyAt) return `byte ${offset - headerAt} of the header of ${name}`;
    if (offset < bodyAt + size) return `byte ${offset - bodyAt} of ${name}`;
    return `the padding behind ${name}`;
  }
  return "the end of the tar";
}

interface Place {
  name: string;
  headerAt: number;
  bodyAt: number;
  size: number;
}

/** Yields where the entries are. */
async function* walk(stream: ReadableStream<Uint8Array>): AsyncGenerator<Place> {
  let block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  let at = 0;
  let headerAt = 0;
  for await (let chunk of stream) {
    while (chunk.length > 0) {
      if (at < headerAt) {
        const skipped = Math.min(headerAt - at, chunk.length);
        at += skipped;
        chunk = chunk.subarray(skipped);
        continue;
      }
      const part = chunk.subarray(0, BLOCK_BYTES - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      chunk = chunk.subarray(part.length);
      if (filled < BLOCK_BYTES) continue;
      const name = textAt(block, 0, 100);
      if (name === "") return;
      const size = parseInt(textAt(block, 124, 12), 8);
      yield { name, headerAt, bodyAt: at, size };
      headerAt = at + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
      block = new Uint8Array(BLOCK_BYTES);
      filled = 0;
    }
  }
}

function textAt(block: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(block.subarray(at, at + length)).split("\0", 1)[0]!;
}
