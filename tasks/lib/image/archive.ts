/**
 * Reads an image archive from anyone: `docker save` output or an OCI layout, compressed or not.
 *
 * What it holds goes into a temporary folder under names of our own; nothing in the archive decides
 * where a byte is written.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { readFile, saveStream } from "../hash_stream.ts";
import { type ImageConfig, ImageConfigSchema } from "./config.ts";
import { gunzip, isGzip } from "./gzip/gzip.ts";
import type { Layer } from "./layer.ts";
import { blobName } from "./layout.ts";
import { readTar } from "./tar.ts";

/** The most that is read of an archive from anyone. */
export const ARCHIVE_LIMITS = {
  /** Bytes of the file itself. */
  fileBytes: 1 << 29,
  /** Bytes it decompresses to. */
  bytes: 1 << 30,
  /** Entries: the largest image has 127 layers, for each of which `docker save` writes up to 4. */
  entries: 1000,
  /** Layers, as Docker's own limit. */
  layers: 127,
  /** Bytes of one JSON document. */
  jsonBytes: 1 << 22,
} as const;

/** A file out of an archive. */
export interface ArchiveFile {
  /** Where its bytes are now. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal. */
  sha256: string;
}

/** An archive's files, by their names in it. */
export type ArchiveFiles = ReadonlyMap<string, ArchiveFile>;

/**
 * Takes an archive's files out into a folder.
 *
 * @throws {ToolError} It can't be read, isn't a whole tar, goes over the limits, or has entries that an
 * image archive doesn't have: links, devices, names that lead out of it, one name twice.
 */
export async function unpackArchive(
  path: string,
  { folder, what = path }: { folder: string; what?: string },
): Promise<ArchiveFiles> {
  const files = new Map<string, ArchiveFile>();
  const limits = { entries: ARCHIVE_LIMITS.entries, bytes: ARCHIVE_LIMITS.bytes };
  for await (const { header, body } of readTar(await open(path, what), { what, limits })) {
    if (header.type === "directory") {
      await body.cancel();
      continue;
    }
    if (header.type !== "file") {
      throw new ToolError(
        `${what} has a ${header.type} (${JSON.stringify(header.name)}); expected files only`,
      );
    }
    const place = join(folder, `file-${files.size}`);
    const { size, sha256 } = await saveStream(body, place);
    files.set(header.name, { path: place, size, sha256 });
  }
  return files;
}

async function open(path: string, what: string): Promise<ReadableStream<Uint8Array>> {
  const head = new Uint8Array(2);
  try {
    using file = Deno.openSync(path);
    file.readSync(head);
  } catch (error) {
    throw new ToolError(`Can't read ${what}: ${messageOf(error)}`);
  }
  const file = await readFile(path);
  return isGzip(head) ? gunzip(file, { what, limit: ARCHIVE_LIMITS.bytes }) : file;
}

/**
 * Checks the files whose names are their digests.
 *
 * @returns How many there are.
 * @throws {ToolError} One isn't what its name says.
 */
export function checkBlobs(files: ArchiveFiles): number {
  let count = 0;
  for (const [name, { sha256 }] of files) {
    const [, expected] = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name) ?? [];
    if (name.startsWith("blobs/") && expected === undefined) {
      throw new ToolError(`The blob ${JSON.stringify(name)} isn't named by a SHA-256`);
    }
    if (expected === undefined) continue;
    if (expected !== sha256) {
      throw new ToolError(`The blob ${name} isn't that: its SHA-256 is ${sha256}`);
    }
    count++;
  }
  return count;
}

/** An image out of an archive. */
export interface ArchivedImage {
  /** Its config. */
  config: ImageConfig;
  /** The config's digest, by which Docker knows the image. */
  imageId: string;
  /** Its layers, from the lowest. */
  layers: Layer[];
  /** Which descriptions the archive has of it. */
  formats: ("OCI" | "Docker")[];
  /** Files that belong to no description. */
  strays: string[];
}

/**
 * Finds the one image in an archive's files. Where there are two descriptions of it, OCI's and Docker's,
 * they must be of the same image: else one tool would run what another one checked.
 *
 * The layers' `diffId`s are what the config says; they are checked when a layer is read.
 *
 * @throws {ToolError} There is none, or more than one, or a description is wrong.
 */
export function readImage(files: ArchiveFiles): ArchivedImage {
  const used = new Set<string>();
  const described = [readOci(files, used), readDocker(files, used)].filter((one) => one !== null);
  const [first, second] = described;
  if (first === undefined) {
    throw new ToolError(
      "There is no image in the archive: neither an index.json (OCI) nor a manifest.json (Docker)",
    );
  }
  if (second !== undefined && identity(first) !== identity(second)) {
    throw new ToolError(
      "index.json and manifest.json describe two different images, so tools would differ in what " +
        "they run",
    );
  }
  const config = readJson(files, first.config, ImageConfigSchema);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== first.layers.length) {
    throw new ToolError(
      `The config names ${diffIds.length} layers, and the manifest ${first.layers.length}`,
    );
  }
  const layers = first.layers.map((name, at): Layer => {
    const { path, size, sha256 } = fileOf(files, name);
    const head = new Uint8Array(2);
    using file = Deno.openSync(path);
    file.readSync(head);
    return {
      digest: `sha256:${sha256}`,
      diffId: diffIds[at]!,
      size,
      path,
      gzipped: isGzip(head),
    };
  });
  return {
    config,
    imageId: `sha256:${fileOf(files, first.config).sha256}`,
    layers,
    formats: described.map(({ format }) => format),
    strays: [...files.keys()].filter((name) => !used.has(name) && !isLegacy(name)),
  };
}

/** What older versions of `docker save` add for still older versions of `docker load`. */
function isLegacy(name: string): boolean {
  return name === "repositories" || /^[0-9a-f]{64}\/(json|VERSION)$/.test(name);
}

/** One description of an image: the names of its parts in the archive. */
interface Description {
  format: "OCI" | "Docker";
  config: string;
  layers: string[];
  /** What the names stand for. */
  sha256s: string[];
}

function identity({ sha256s }: Description): string {
  return sha256s.join();
}

const Descriptor = v.looseObject({
  mediaType: v.nullish(v.string()),
  digest: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, "expected sha256:HEX")),
  size: v.pipe(v.number(), v.safeInteger()),
  platform: v.nullish(v.looseObject({ os: v.string(), architecture: v.string() })),
});

/** A list of manifests, of OCI or Docker. */
export const IndexSchema = v.looseObject({ manifests: v.array(Descriptor) });

/** One image, of OCI or Docker. */
export const ManifestSchema = v.looseObject({ config: Descriptor, layers: v.array(Descriptor) });

const IndexOrManifest = v.looseObject({
  manifests: v.optional(v.unknown()),
  layers: v.optional(v.unknown()),
});

const DockerManifest = v.array(
  v.looseObject({ Config: v.string(), Layers: v.array(v.string()) }),
);

/** An index may lead to another: as BuildKit writes them. */
const DEEPEST_INDEX = 3;

function readOci(files: ArchiveFiles, used: Set<string>): Description | null {
  if (!files.has("index.json")) return null;
  let name = "index.json";
  for (let depth = 0; depth < DEEPEST_INDEX; depth++) {
    used.add(name);
    const document = readJson(files, name, IndexOrManifest);
    if (document.manifests === undefined) {
      return describeOci(files, used, readJson(files, name, ManifestSchema));
    }
    if (document.layers !== undefined) {
      throw new ToolError(`${name} is a list of manifests and a manifest at once`);
    }
    const { manifests } = readJson(files, name, IndexSchema);
    name = blobName(pickPlatform(manifests, name).digest);
  }
  throw new ToolError(`index.json leads through more than ${DEEPEST_INDEX} lists of manifests`);
}

function describeOci(
  files: ArchiveFiles,
  used: Set<string>,
  { config, layers }: v.InferOutput<typeof ManifestSchema>,
): Description {
  if (files.has("oci-layout")) used.add("oci-layout");
  for (const { digest, size } of [config, ...layers]) {
    const file = fileOf(files, blobName(digest));
    if (file.size === size) continue;
    throw new ToolError(
      `The blob ${digest} has ${file.size} bytes, and the manifest says ${size}`,
    );
  }
  return describe(
    "OCI",
    files,
    used,
    blobName(config.digest),
    layers.map(({ digest }) => blobName(digest)),
  );
}

/**
 * Picks the image for linux/amd64 from a list of manifests.
 *
 * @throws {ToolError} There is none, or more than one.
 */
export function pickPlatform<
  T extends { platform?: { os: string; architecture: string } | null },
>(manifests: T[], where: string): T {
  const fitting = manifests.length === 1
    ? manifests
    : manifests.filter(({ platform }) =>
      platform?.os === "linux" && platform.architecture === "amd64"
    );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  throw new ToolError(`${where} names ${fitting.length} images for linux/amd64; expected one`);
}

function readDocker(files: ArchiveFiles, used: Set<string>): Description | null {
  if (!files.has("manifest.json")) return null;
  used.add("manifest.json");
  const images = readJson(files, "manifest.json", DockerManifest);
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new ToolError(`manifest.json names ${images.length} images; expected one`);
  }
  return describe("Docker", files, used, image.Config, image.Layers);
}

function describe(
  format: Description["format"],
  files: ArchiveFiles,
  used: Set<string>,
  config: string,
  layers: string[],
): Description {
  if (layers.length > ARCHIVE_LIMITS.layers) {
    throw new ToolError(
      `The image has ${layers.length} layers; the most that Docker takes is ${ARCHIVE_LIMITS.layers}`,
    );
  }
  const names = [config, ...layers];
  for (const name of names) used.add(name);
  return { format, config, layers, sha256s: names.map((name) => fileOf(files, name).sha256) };
}

function fileOf(files: ArchiveFiles, name: string): ArchiveFile {
  const file = files.get(name);
  if (file !== undefined) return file;
  throw new ToolError(`${JSON.stringify(name.slice(0, 100))} is named but not in the archive`);
}

function readJson<Schema extends v.GenericSchema>(
  files: ArchiveFiles,
  name: string,
  schema: Schema,
): v.InferOutput<Schema> {
  const { path, size } = fileOf(files, name);
  if (size > ARCHIVE_LIMITS.jsonBytes) {
    throw new ToolError(
      `${name} has ${size} bytes; the most that is read of a JSON file is ${ARCHIVE_LIMITS.jsonBytes}`,
    );
  }
  return parseJson(Deno.readTextFileSync(path), { schema, what: name });
}

/**
 * Reads a JSON document from anyone.
 *
 * @throws {ToolError} It isn't JSON, or not of the shape expected.
 */
export function parseJson<Schema extends v.GenericSchema>(
  text: string,
  { schema, what }: { schema: Schema; what: string },
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ToolError(`${what} isn't JSON`);
  }
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue);
  throw new ToolError(
    `${what} isn't what it should be${at === null ? "" : ` at ${at}`}: ${
      issue.message.slice(0, 200)
    }`,
  );
}
