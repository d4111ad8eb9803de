/**
 * Compresses with the same bytes on every machine, and decompresses what came from anyone.
 *
 * @module
 */

import { Gzip } from "fflate";
import { once } from "node:events";
import { createGunzip, type Gunzip } from "node:zlib";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../cli.ts";

/** What is compressed at once: a fixed length, so that how the bytes arrive doesn't matter. */
const BLOCK_BYTES = 1 << 20;
const LEVEL = 6;
const CHUNK_BYTES = 1 << 18;

/**
 * Compresses a stream. The compressor is JavaScript: native ones choose their instructions, and with
 * them the bytes, by the processor and by the Deno they are built into.
 */
export function gzip(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  let compressor: Gzip;
  return source.pipeThrough(
    new TransformStream({
      start(controller) {
        compressor = new Gzip({ level: LEVEL, mtime: 0 }, (chunk) => {
          if (chunk.length > 0) controller.enqueue(chunk);
        });
      },
      transform(chunk) {
        for (let at = 0; at < chunk.length;) {
          const part = chunk.subarray(at, at + BLOCK_BYTES - filled);
          block.set(part, filled);
          filled += part.length;
          at += part.length;
          if (filled < BLOCK_BYTES) continue;
          compressor.push(block);
          filled = 0;
        }
      },
      flush() {
        compressor.push(block.subarray(0, filled), true);
      },
    }),
  );
}

/** Whether bytes begin as a gzip does. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
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
      // The source is let go of before the caller goes on, and perhaps removes it.
      await fed;
    }
  }
  return ReadableStream.from(decompress());
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
