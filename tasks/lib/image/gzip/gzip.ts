/**
 * Compresses with the same bytes on every machine, and decompresses data from outside.
 *
 * @module
 */

import { once } from "node:events";
import { crc32, createGunzip, type Gunzip } from "node:zlib";
import { messageOf } from "../../../../src/errors.ts";
import { ToolError } from "../../errors.ts";
import { readFile } from "../../hash_stream.ts";
import { readBytesAt } from "../../http/read_bytes.ts";
import { type Block, deflateBlock } from "./deflate_block.ts";
import { DeflatePool } from "./deflate_pool.ts";

/** Blocks have a fixed length, so the result doesn't depend on how the bytes arrive. */
const BLOCK_BYTES = 4 << 20;
const CHUNK_BYTES = 1 << 18;

/** RFC 1952, 2.3: deflate, no flags, no time, no hint at the compressor, made on Unix. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);

/**
 * Compresses a stream. The compressor is JavaScript: native ones choose their instructions, and with
 * them the bytes, by the processor and by the Deno they are built into. Blocks are compressed side by
 * side; how many at once makes no difference to the bytes.
 *
 * @param workers How many at once.
 */
export function gzip(
  source: ReadableStream<Uint8Array>,
  { workers }: { workers?: number } = {},
): ReadableStream<Uint8Array> {
  async function* compress(): AsyncGenerator<Uint8Array> {
    using pool = new DeflatePool(workers);
    const underWay: Promise<Uint8Array>[] = [];
    let sum = 0;
    let length = 0;
    yield HEADER;
    for await (const block of blocksOf(source)) {
      sum = crc32(block.bytes, sum);
      length += block.bytes.length;
      if (block.last && length <= BLOCK_BYTES) {
        // A single block isn't worth a worker.
        yield deflateBlock(block);
        break;
      }
      underWay.push(pool.deflate(block));
      if (underWay.length > pool.size) yield await underWay.shift()!;
    }
    for (const block of underWay) yield await block;
    const trailer = new DataView(new ArrayBuffer(8));
    trailer.setUint32(0, sum, true);
    trailer.setUint32(4, length % 2 ** 32, true);
    yield new Uint8Array(trailer.buffer);
  }
  return ReadableStream.from(compress());
}

/** Cuts a stream into blocks; all but the last are of the fixed length. */
async function* blocksOf(source: ReadableStream<Uint8Array>): AsyncGenerator<Block> {
  let block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length;) {
      if (filled === BLOCK_BYTES) {
        yield { bytes: block, last: false };
        block = new Uint8Array(BLOCK_BYTES);
        filled = 0;
      }
      const part = chunk.subarray(at, at + BLOCK_BYTES - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
    }
  }
  yield { bytes: block.slice(0, filled), last: true };
}

/** Whether a file begins as gzip does. */
export function isGzipFile(path: string): boolean {
  using file = Deno.openSync(path);
  const [first, second] = readBytesAt(file, 0, 2);
  return first === 0x1f && second === 0x8b;
}

/**
 * Decompresses a stream.
 *
 * @param what What it is, for messages.
 * @throws {ToolError} In the stream: it isn't a whole gzip, or holds more than `limit` bytes.
 */
export function gunzip(
  source: ReadableStream<Uint8Array>,
  { what, limit }: { what: string; limit: number },
): ReadableStream<Uint8Array> {
  async function* decompress(): AsyncGenerator<Uint8Array> {
    const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
    const ended = new AbortController();
    const fed = feed(source, unzip, ended.signal);
    let bytes = 0;
    try {
      for await (const chunk of unzip) {
        bytes += chunk.length;
        if (bytes > limit) {
          throw new ToolError(
            `${what} decompresses to more than ${limit} bytes, which is the most that is read`,
          );
        }
        yield chunk;
      }
    } catch (error) {
      if (error instanceof ToolError) throw error;
      throw new ToolError(`${what} is damaged or cut short: ${messageOf(error)}`);
    } finally {
      unzip.destroy();
      ended.abort();
      // The caller may remove the source next, so wait until it is closed.
      await fed;
    }
  }
  return ReadableStream.from(decompress());
}

/**
 * Reads a file, decompressed if it is a gzip.
 *
 * @throws The file can't be read. In the stream, as {@linkcode gunzip}.
 */
export async function openUnzipped(
  path: string,
  options: { what: string; limit: number },
): Promise<ReadableStream<Uint8Array>> {
  const file = await readFile(path);
  return isGzipFile(path) ? gunzip(file, options) : file;
}

/** Writes a stream into a decompressor until either ends. */
async function feed(
  source: ReadableStream<Uint8Array>,
  unzip: Gunzip,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!unzip.write(chunk)) await once(unzip, "drain", { signal });
    }
    unzip.end();
  } catch (error) {
    unzip.destroy(error as Error);
  }
}
