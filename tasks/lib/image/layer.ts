/**
 * One layer of an image: a tar of what it adds to the layers below.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 * @module
 */

import { ToolError } from "../errors.ts";
import { hashThrough, readFile, saveStream } from "../hash_stream.ts";
import { gunzip } from "./gzip/gzip.ts";
import { readTar, type TarHeader, writeTar } from "./tar.ts";

/** A layer in a file. */
export interface Layer {
  /** The digest of the file as it is: `sha256:HEX`. */
  digest: string;
  /** The digest of the layer's tar: that of the file, unless the file is compressed. */
  diffId: string;
  /** The file's length in bytes. */
  size: number;
  /** The file. */
  path: string;
  /** Whether the file is compressed with gzip. */
  gzipped: boolean;
}

/** The most that is read of one layer, or of all layers of one image. */
export const LAYER_LIMITS = { entries: 100_000, bytes: 1 << 30 } as const;

/** Makes the layer that puts the binary into the root folder, owned by root and executable. */
export async function makeLayer(
  { binary, name, path }: { binary: string; name: string; path: string },
): Promise<Layer> {
  const { size: length } = Deno.statSync(binary);
  const tar = writeTar([{ name, size: length, mode: 0o755, open: () => readFile(binary) }]);
  const { size, sha256 } = await saveStream(tar, path);
  const digest = `sha256:${sha256}`;
  return { digest, diffId: digest, size, path, gzipped: false };
}

/** Reads a layer's tar, decompressed; at most `limit` bytes of it. */
export async function openLayer(
  layer: Layer,
  limit: number = LAYER_LIMITS.bytes,
): Promise<ReadableStream<Uint8Array>> {
  const file = await readFile(layer.path);
  return layer.gzipped ? gunzip(file, { what: `The layer ${layer.digest}`, limit }) : file;
}

/** Takes a file's bytes, or is `undefined` to pass them by. */
export type TakeBody = ((body: ReadableStream<Uint8Array>) => Promise<void>) | undefined;

/**
 * Reads a layer entry by entry, and checks its digest at the end.
 *
 * @param limits The most that is read.
 * @param onEntry Told of each entry.
 * @returns How many bytes its tar has.
 * @throws {ToolError} The layer isn't a whole tar, goes over the limits, or isn't what its digest says.
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
    throw new ToolError(`${what} isn't that: its tar's SHA-256 is ${tally.sha256()}`);
  }
  return tally.bytes;
}
