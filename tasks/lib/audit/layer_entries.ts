/**
 * Reads a layer entry by entry.
 *
 * @module
 */

import { ToolError } from "../errors.ts";
import { hashThrough } from "../hash_stream.ts";
import { type Layer, openLayer } from "../image/layer.ts";
import { readTar, type TarHeader } from "../image/tar.ts";

/** Takes a file's bytes, or is `undefined` to pass them by. */
export type TakeBody = ((body: ReadableStream<Uint8Array>) => Promise<void>) | undefined;

/**
 * Reads a layer entry by entry, and checks its digest at the end.
 *
 * @param limits The most that is read.
 * @param onEntry Told of each entry.
 * @returns How many bytes its tar has.
 * @throws {ToolError} The layer isn't a whole tar, exceeds the limits, or doesn't match its digest.
 */
export async function readLayer(
  layer: Layer,
  limits: { entries: number; bytes: number },
  onEntry: (header: TarHeader) => TakeBody,
): Promise<number> {
  const { stream, tally } = hashThrough(await openLayer(layer, limits.bytes));
  const what = `The layer ${layer.diffId}`;
  for await (const { header, body } of readTar(stream, { what, limits })) {
    const take = onEntry(header);
    if (take === undefined) await body.cancel();
    else await take(body);
  }
  if (`sha256:${tally.sha256()}` !== layer.diffId) {
    throw new ToolError(`${what} doesn't match its digest: its tar's SHA-256 is ${tally.sha256()}`);
  }
  return tally.bytes;
}
