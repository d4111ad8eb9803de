/**
 * Bytes in text formats.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ArtifactError } from "../errors.ts";
import { formatBytes } from "../format_bytes.ts";

/** Each byte is two characters, and a string has at most 2^29 - 24. */
const MOST_BYTES = 2 ** 28 - 12;

/**
 * Bytes as text formats have them here: two lower-case hexadecimal digits each.
 *
 * @throws {ArtifactError} They are more than a string can hold.
 */
export function toHexadecimal(bytes: Uint8Array): string {
  if (bytes.byteLength > MOST_BYTES) {
    throw new ArtifactError(
      `A BLOB of ${formatBytes(bytes.byteLength)} is too large to be written as text; ` +
        `expected at most ${formatBytes(MOST_BYTES)}`,
    );
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}
