/**
 * Tells an archive of `export` from one of another tool.
 *
 * @module
 */

import { ToolError } from "../errors.ts";
import { ARCHIVE_LIMITS } from "../image/archive.ts";
import { openUnzipped } from "../image/gzip/gzip.ts";

const BLOCK_BYTES = 512;
/** The documents come first; other entries among them are small. */
const SEARCHED_BYTES = 1 << 18;

/**
 * Whether an archive has the form that `export` gives its archives: the file `oci-layout` comes before all
 * others. Other tools write it behind the blobs, or not at all.
 *
 * This reads headers with no regard for anything that a reader of tars might heed or pass over, so a
 * manipulated archive of `export` is still known as one.
 */
export async function hasExportForm(path: string): Promise<boolean> {
  const head = await readHead(path);
  const text = new TextDecoder("latin1").decode(head);
  for (let at = 0; at < text.length; at += BLOCK_BYTES) {
    if (text.startsWith("oci-layout\0", at)) return true;
    if (/^(?:blobs\/|index\.json\0|manifest\.json\0)/.test(text.slice(at, at + 20))) return false;
  }
  return false;
}

/** The first bytes of an archive, decompressed; fewer if it is damaged. */
async function readHead(path: string): Promise<Uint8Array> {
  const head = new Uint8Array(SEARCHED_BYTES);
  let filled = 0;
  const limit = ARCHIVE_LIMITS.bytes;
  try {
    for await (const chunk of await openUnzipped(path, { what: "The archive", limit })) {
      const part = chunk.subarray(0, SEARCHED_BYTES - filled);
      head.set(part, filled);
      filled += part.length;
      if (filled === SEARCHED_BYTES) break;
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
  }
  return head.subarray(0, filled);
}
