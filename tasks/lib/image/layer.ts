/**
 * One layer of an image: a tar of what it adds to the layers below.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 * @module
 */

import { readFile, saveStream } from "../hash_stream.ts";
import { gunzip } from "./gzip/gzip.ts";
import { writeTar } from "./tar.ts";

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
