/**
 * Finds the image in an archive, by OCI's description of it, Docker's, or both.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { ARCHIVE_LIMITS, type ArchiveFile, type ArchiveFiles } from "./archive.ts";
import { type ImageConfig, ImageConfigSchema } from "./config.ts";
import { isGzipFile } from "./gzip/gzip.ts";
import { parseJson } from "./json.ts";
import type { Layer } from "./layer.ts";
import {
  blobName,
  DEEPEST_INDEX,
  IndexOrManifestSchema,
  IndexSchema,
  ManifestSchema,
  pickPlatform,
} from "./oci.ts";

/** An image out of an archive. */
export interface ArchivedImage {
  /** Its config. */
  config: ImageConfig;
  /** The config's digest, by which Docker knows the image. */
  imageId: string;
  /** Its layers, from the lowest. */
  layers: Layer[];
  /** The name of OCI's manifest in the archive, if there is one. */
  manifest?: string;
  /** The name of its config in the archive. */
  configName: string;
  /** Which descriptions the archive has of it. */
  formats: ("OCI" | "Docker")[];
  /** Files that belong to no description. */
  strays: string[];
}

/**
 * Finds the one image in an archive's files. Where there are two descriptions of it, OCI's and Docker's,
 * they must be of the same image: otherwise one tool would check one image, and another run the other.
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
      "index.json and manifest.json describe two different images, so tools would run different ones",
    );
  }
  const config = readJson(files, first.config, ImageConfigSchema);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== first.layers.length) {
    throw new ToolError(
      `The config has ${diffIds.length} layers, but the manifest has ${first.layers.length}`,
    );
  }
  const layers = first.layers.map((name, at): Layer => {
    const { path, size, sha256 } = fileOf(files, name);
    return {
      digest: `sha256:${sha256}`,
      diffId: diffIds[at]!,
      size,
      path,
      gzipped: isGzipFile(path),
    };
  });
  return {
    config,
    imageId: `sha256:${fileOf(files, first.config).sha256}`,
    layers,
    manifest: described.find(({ manifest }) => manifest !== undefined)?.manifest,
    configName: first.config,
    formats: described.map(({ format }) => format),
    strays: [...files.keys()].filter((name) => !used.has(name) && !isLegacy(name)),
  };
}

/** Files that `docker save` adds for old versions of `docker load`. */
function isLegacy(name: string): boolean {
  return name === "repositories" || /^[0-9a-f]{64}\/(json|VERSION)$/.test(name);
}

/** One description of an image: the names of its parts in the archive. */
interface Description {
  format: "OCI" | "Docker";
  manifest?: string;
  config: string;
  layers: string[];
  /** What the names stand for. */
  sha256s: string[];
}

function identity({ sha256s }: Description): string {
  return sha256s.join();
}

const DockerManifest = v.array(
  v.looseObject({ Config: v.string(), Layers: v.array(v.string()) }),
);

function readOci(files: ArchiveFiles, used: Set<string>): Description | null {
  if (!files.has("index.json")) return null;
  let name = "index.json";
  for (let depth = 0; depth < DEEPEST_INDEX; depth++) {
    used.add(name);
    const document = readJson(files, name, IndexOrManifestSchema);
    if (document.manifests === undefined) {
      const manifest = readJson(files, name, ManifestSchema);
      return { ...describeOci(files, used, manifest), manifest: name };
    }
    if (document.layers !== undefined) {
      throw new ToolError(`${name} is both a list of manifests and a manifest`);
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
      `The blob ${digest} has ${file.size} bytes, but the manifest says ${size}`,
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

function readDocker(files: ArchiveFiles, used: Set<string>): Description | null {
  if (!files.has("manifest.json")) return null;
  used.add("manifest.json");
  const images = readJson(files, "manifest.json", DockerManifest);
  const [image] = images;
  // One image may be listed once for each of its tags.
  const count = new Set(images.map(({ Config, Layers }) => JSON.stringify([Config, Layers]))).size;
  if (image === undefined || count > 1) {
    throw new ToolError(`manifest.json describes ${count} images; expected one`);
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
  throw new ToolError(`"${printable(name.slice(0, 100))}" is missing from the archive`);
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
