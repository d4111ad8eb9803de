/**
 * SHA-256 of files, without holding them in memory.
 *
 * @module
 */

import { createHash } from "node:crypto";

const CHUNK_BYTES = 1 << 20;

/**
 * The SHA-256 of a file, or of its first `length` bytes, in lower-case hexadecimal.
 *
 * @throws The file can't be read.
 */
export function hashFile(path: string, length: number = Infinity): string {
  using file = Deno.openSync(path);
  const hash = createHash("sha256");
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let left = length; left > 0;) {
    const read = file.readSync(buffer.subarray(0, Math.min(left, CHUNK_BYTES)));
    if (read === null) break;
    hash.update(buffer.subarray(0, read));
    left -= read;
  }
  return hash.digest("hex");
}

/** The SHA-256 of bytes or text, in lower-case hexadecimal. */
export function hashBytes(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
