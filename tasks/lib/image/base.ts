/**
 * The image that the binary is added to: from a registry or from a file.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { saveStream } from "../hash_stream.ts";
import type { OnProgress } from "../screen/progress.ts";
import { ARCHIVE_LIMITS, checkBlobs, unpackArchive } from "./archive.ts";
import { readImage } from "./archived_image.ts";
import type { ImageConfig } from "./config.ts";
import { isGzipFile } from "./gzip/gzip.ts";
import { type Layer, LAYER_LIMITS, openLayer } from "./layer.ts";
import { DOCKER_HUB, type ImageReference, parseReference } from "./reference.ts";
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
  /** Called while the base is pulled from a registry. */
  onProgress?: OnProgress;
}

/** Thrown where a base can't be used. */
export class NoBaseError extends ToolError {}

/**
 * Gets a base image and checks every layer.
 *
 * @param base A file (`docker save` output or an OCI layout), or a name with a digest.
 * @throws {NoBaseError} It isn't available, isn't pinned, isn't for linux/amd64, or doesn't match its
 * digests.
 */
export async function openBase(base: string, options: BaseOptions): Promise<BaseImage> {
  try {
    return await open(base, options);
  } catch (error) {
    throw error instanceof ToolError ? new NoBaseError(error.message) : error;
  }
}

async function open(base: string, options: BaseOptions): Promise<BaseImage> {
  const image = isFile(base) ? await openFile(base, options) : await openRemote(base, options);
  const { os, architecture } = image.config;
  if (os !== "linux" || architecture !== "amd64") {
    throw new ToolError(`The base ${base} is for ${os}/${architecture}; expected linux/amd64`);
  }
  return image;
}

async function openFile(base: string, { folder }: BaseOptions): Promise<BaseImage> {
  const files = await unpackArchive(base, { folder, links: true });
  checkBlobs(files);
  const { config, layers } = readImage(files);
  const checked: Layer[] = [];
  for (const layer of layers) checked.push(await plain(layer, folder));
  return { config, layers: checked };
}

async function openRemote(base: string, { folder, onProgress }: BaseOptions): Promise<BaseImage> {
  const { client, image } = await describe(base, folder);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0);
  const diffIds = image.config.rootfs.diff_ids;
  if (diffIds.length !== image.layers.length || diffIds.length > ARCHIVE_LIMITS.layers) {
    throw new ToolError(
      `The base ${base} has ${image.layers.length} layers, but its config lists ${diffIds.length}`,
    );
  }
  let done = 0;
  const layers: Layer[] = [];
  for (const [at, { digest, size }] of image.layers.entries()) {
    const path = await client.pull(digest, {
      limit: LAYER_LIMITS.bytes,
      onBytes: (bytes) => onProgress?.({ what: "Pulling the base", done: done += bytes, total }),
    });
    const layer = { digest, diffId: diffIds[at]!, size, path, gzipped: isGzipFile(path) };
    layers.push(await plain(layer, folder));
  }
  return { config: image.config, layers };
}

async function describe(base: string, folder: string) {
  const reference = parseReference(base);
  if (reference.digest === undefined && isImplicitHub(base, reference)) {
    // A mistyped path must not become the name of an image on Docker Hub.
    throw new ToolError(
      `The base ${base} is neither a file nor a pinned image; expected a path, or NAME@sha256:HEX`,
    );
  }
  const client = new RegistryClient(reference, folder);
  if (reference.digest === undefined) {
    const digest = await client.resolveTag();
    throw new ToolError(
      `The base ${base} isn't pinned, so it may be another image tomorrow. Give its digest: ` +
        `${base}@${digest ?? "sha256:HEX"}`,
    );
  }
  return { client, image: await client.describe(reference.digest) };
}

/** Whether a name is on Docker Hub only for want of a registry. */
function isImplicitHub(base: string, { registry }: ImageReference): boolean {
  return registry.host === DOCKER_HUB && !base.startsWith("docker.io/");
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
        `The base's layer ${digest} doesn't match its config: expected ${diffId}, got sha256:` +
          sha256 + (gzipped ? "" : " (the only compression supported is gzip)"),
      );
    }
  }
  return { digest: diffId, diffId, size: Deno.statSync(path).size, path, gzipped: false };
}
