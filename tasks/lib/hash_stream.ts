/**
 * Hashes and counts the bytes of a stream.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { writeAll } from "../../src/files.ts";

/** The bytes that went through a stream; complete when the stream has ended. */
export interface StreamTally {
  /** Bytes so far. */
  bytes: number;
  /** The SHA-256 of all bytes so far, in lower-case hexadecimal. */
  sha256(): string;
}

/** Hashes a stream while it is read. */
export function hashThrough(
  source: ReadableStream<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): { stream: ReadableStream<Uint8Array>; tally: StreamTally } {
  const hash = createHash("sha256");
  const tally: StreamTally = { bytes: 0, sha256: () => hash.copy().digest("hex") };
  // A generator, not a transform: who cancels the stream can wait until the source is closed.
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      hash.update(chunk);
      tally.bytes += chunk.length;
      onBytes(chunk.length);
      yield chunk;
    }
  }
  return { stream: ReadableStream.from(pass()), tally };
}

/** Writes a stream into a new file, and hashes it. */
export async function saveStream(
  source: ReadableStream<Uint8Array>,
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<{ size: number; sha256: string }> {
  const file = await Deno.open(path, { write: true, createNew: true });
  const { stream, tally } = hashThrough(source, onBytes);
  try {
    for await (const chunk of stream) writeAll(file, chunk);
  } finally {
    file.close();
  }
  return { size: tally.bytes, sha256: tally.sha256() };
}

/** Reads a file as a stream. */
export async function readFile(path: string): Promise<ReadableStream<Uint8Array>> {
  return (await Deno.open(path)).readable;
}
