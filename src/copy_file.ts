/**
 * Copies files, in the kernel where it can.
 *
 * @module
 */

import { removeIfThere, writeAll } from "./files.ts";

/** A copy of more bytes than this may take long enough to be noticed. */
const LARGE_BYTES = 1024 * 1024;

const CHUNK_BYTES = 256 * 1024;

/**
 * Copies a file.
 *
 * @param to The new file; an existing one is overwritten.
 * @throws It can't be copied. A part of the copy may be left.
 */
export async function copyFile(from: string, to: string): Promise<void> {
  try {
    // A large copy goes on beside the event loop, so that a signal needn't wait for it.
    if (Deno.statSync(from).size < LARGE_BYTES) Deno.copyFileSync(from, to);
    else await Deno.copyFile(from, to);
  } catch (error) {
    // The kernel's copy has the original's mode, which mounts of network shares refuse to set.
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    await copyContent(from, to);
  }
}

async function copyContent(from: string, to: string): Promise<void> {
  using source = Deno.openSync(from);
  removeIfThere(to);
  using target = Deno.openSync(to, { write: true, createNew: true, mode: 0o644 });
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let read = await source.read(chunk); read !== null; read = await source.read(chunk)) {
    writeAll(target, chunk.subarray(0, read));
  }
}
