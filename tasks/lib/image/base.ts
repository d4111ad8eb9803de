/**
 * The image that the binary is put on: from a registry or from a file.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { saveStream } from "../hash_stream.ts";
import { ARCHIVE_LIMITS, checkBlobs, readImage, unpackArchive } from "./archive.ts";
import type { ImageConfig } from "./config.ts";
import { isGzip } from "./gzip/gzip.ts";
import { type Layer, LAYER_LIMITS, openLayer } from "./layer.ts";
import { parseReference } from "./reference.ts";
import { RegistryClient } from "./registry_client.ts";

/** A base image, whole and checked. */
export interface BaseImage {
  /** Its config. */
  config: ImageConfig;
  /** Its layers, from the lowest, each in a file that holds a plain tar. */
  layers: Layer[];
}

/** Options of {@linkcode openBase}. */
export interface BaseOptions {
  /** Where files go that are needed until the base has been used. */
  folder: string;
  /** Told how much of how many bytes has been pulled from a registry. */
  onPull?: (done: number, total: number) => void;
}

/**
 * Gets a base image and checks every layer.
 *
 * @param base A file (`docker save` output or an OCI layout), or a name with a digest.
 * @throws {ToolError} It can't be had, isn't pinned, isn't for linux/amd64, or isn't what its digests say.
 */
export async function openBase(base: string, options: BaseOptions): Promise<BaseImage> {
  const image = isFile(base) ? await openFile(base, options) : await openRemote(base, options);
  const { os, architecture } = image.config;
  if (os !== "linux" || architecture !== "amd64") {
    throw new ToolError(`The base ${base} is for ${os}/${architecture}; expected linux/amd64`);
  }
  return image;
}

/**
 * The digests of a base's layers, as the base's config says: what there is to know without its layers.
 *
 * @throws {ToolError} It can't be had.
 */
export async function baseDiffIds(base: string, folder: string): Promise<string[]> {
  const { config } = isFile(base)
    ? readImage(await unpackArchive(base, { folder }))
    : (await describe(base)).image;
  return config.rootfs.diff_ids;
}

async function openFile(base: string, { folder }: BaseOptions): Promise<BaseImage> {
  const files = await unpackArchive(base, { folder });
  checkBlobs(files);
  const { config, layers } = readImage(files);
  const checked: Layer[] = [];
  for (const layer of layers) checked.push(await plain(layer, folder));
  return { config, layers: checked };
}

async function openRemote(base: string, { folder, onPull }: BaseOptions): Promise<BaseImage> {
  const { client, image } = await describe(base);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0);
  const diffIds = image.config.rootfs.diff_ids;
  if (diffIds.length !== image.layers.length || diffIds.length > ARCHIVE_LIMITS.layers) {
    throw new ToolError(
      `The base ${base} has ${image.layers.length} layers and ${diffIds.length} IDs`,
    );
  }
  let done = 0;
  const layers: Layer[] = [];
  for (const [at, { digest, size }] of image.layers.entries()) {
    const path = await client.pull(digest, {
      limit: LAYER_LIMITS.bytes,
      onBytes: (bytes) => onPull?.(done += bytes, total),
    });
    const layer = { digest, diffId: diffIds[at]!, size, path, gzipped: isGzip(headOf(path)) };
    layers.push(await plain(layer, folder));
  }
  return { config: image.config, layers };
}

async function describe(base: string) {
  const reference = parseReference(base);
  const client = new RegistryClient(reference);
  if (reference.digest === undefined) {
    const digest = await client.resolveTag();
    throw new ToolError(
      `The base ${base} isn't pinned, so it could be another one tomorrow; expected its digest: ` +
        `${base}@${digest ?? "sha256:HEX"}`,
    );
  }
  return { client, image: await client.describe(reference.digest) };
}

/** A layer as a plain tar, checked against what the config calls it. */
async function plain(layer: Layer, folder: string): Promise<Layer> {
  const { digest, diffId, gzipped } = layer;
  if (!gzipped && digest === diffId) return layer;
  const path = join(folder, `${diffId.replace("sha256:", "")}.tar`);
  // An image may have the same layer twice.
  if (!isFile(path)) {
    const { sha256 } = await saveStream(await openLayer(layer), path);
    if (`sha256:${sha256}` !== diffId) {
      throw new ToolError(
        `The base's layer ${digest} isn't what its config says: expected ${diffId}, got sha256:` +
          sha256 + (gzipped ? "" : " (only gzip is known as compression)"),
      );
    }
  }
  return { digest: diffId, diffId, size: Deno.statSync(path).size, path, gzipped: false };
}

function headOf(path: string): Uint8Array {
  using file = Deno.openSync(path);
  const head = new Uint8Array(2);
  file.readSync(head);
  return head;
}
