/**
 * Writes an image as an archive that every tool reads: an OCI layout that also has Docker's manifest.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @module
 */

import { hashBytes } from "../hash.ts";
import { readFile, saveStream } from "../hash_stream.ts";
import { JOB_NAME } from "../project.ts";
import type { ImageConfig } from "./config.ts";
import { gzip } from "./gzip/gzip.ts";
import type { Layer } from "./layer.ts";
import { blobName, MediaType } from "./oci.ts";
import { type TarFile, writeTar } from "./tar.ts";

/** The name that `docker load` gives the image. */
const IMAGE_NAME = `${JOB_NAME}:latest`;

/** A written archive. */
export interface WrittenImage {
  /** The archive's length in bytes. */
  size: number;
  /** The archive's SHA-256, in hexadecimal. */
  sha256: string;
  /** The config's digest, by which Docker knows the image. */
  imageId: string;
  /** The layers' length in bytes, as unpacked. */
  unpackedSize: number;
}

/**
 * Writes an image into a new file. The layers' files must hold plain tars.
 *
 * @param onBytes Told how many bytes were taken in, before compression, each time there are more.
 */
export async function writeImage(
  { config, layers, path, onBytes }: {
    config: ImageConfig;
    layers: readonly Layer[];
    path: string;
    onBytes?: (bytes: number) => void;
  },
): Promise<WrittenImage> {
  const configFile = jsonFile(config);
  const manifest = jsonFile({
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: { mediaType: MediaType.config, ...configFile.descriptor },
    layers: layers.map(({ digest, size }) => ({ mediaType: MediaType.layer, digest, size })),
  });
  const files = new Map<string, TarFile>();
  const add = (file: TarFile) => files.set(file.name, file);
  add(named("oci-layout", jsonFile({ imageLayoutVersion: "1.0.0" })));
  add(named(
    "index.json",
    jsonFile({
      schemaVersion: 2,
      mediaType: MediaType.index,
      manifests: [{
        mediaType: MediaType.manifest,
        ...manifest.descriptor,
        platform: { architecture: config.architecture, os: config.os },
        annotations: {
          "io.containerd.image.name": `docker.io/library/${IMAGE_NAME}`,
          "org.opencontainers.image.ref.name": "latest",
        },
      }],
    }),
  ));
  add(named(
    "manifest.json",
    jsonFile([{
      Config: blobName(configFile.descriptor.digest),
      RepoTags: [IMAGE_NAME],
      Layers: layers.map(({ digest }) => blobName(digest)),
    }]),
  ));
  for (const file of [manifest, configFile]) add(named(blobName(file.descriptor.digest), file));
  for (const { digest, size, path } of layers) {
    add({ name: blobName(digest), size, mode: 0o644, open: () => readFile(path) });
  }
  const tar = writeTar([...files.values()]);
  const counted = onBytes === undefined ? tar : tar.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        onBytes(chunk.length);
        controller.enqueue(chunk);
      },
    }),
  );
  const { size, sha256 } = await saveStream(gzip(counted), path);
  return {
    size,
    sha256,
    imageId: configFile.descriptor.digest,
    unpackedSize: layers.reduce((sum, layer) => sum + layer.size, 0),
  };
}

interface JsonFile {
  bytes: Uint8Array<ArrayBuffer>;
  descriptor: { digest: string; size: number };
}

function jsonFile(value: unknown): JsonFile {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { bytes, descriptor: { digest: `sha256:${hashBytes(bytes)}`, size: bytes.length } };
}

function named(name: string, { bytes }: JsonFile): TarFile {
  return { name, size: bytes.length, mode: 0o644, open: () => new Blob([bytes]).stream() };
}
