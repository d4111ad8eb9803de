/**
 * Reads bytes from a place in a file.
 *
 * @module
 */

/**
 * Reads `length` bytes from `offset` on; fewer where the file ends before.
 *
 * @throws The file can't be read.
 */
export function readBytesAt(
  file: Deno.FsFile,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  let at = 0;
  while (at < length) {
    const read = file.readSync(bytes.subarray(at));
    if (read === null) break;
    at += read;
  }
  return bytes.subarray(0, at);
}
