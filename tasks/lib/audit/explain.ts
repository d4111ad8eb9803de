/**
 * Explains where an archive differs from the one that was made again. The explanation decides nothing: it
 * is for the person who must.
 *
 * @module
 */

import { removeIfThere } from "../../../src/files.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { saveStream } from "../hash_stream.ts";
import { ARCHIVE_LIMITS, type ArchiveFiles, unpackArchive } from "../image/archive.ts";
import { type ArchivedImage, readImage } from "../image/archived_image.ts";
import { type Layer, LAYER_LIMITS } from "../image/layer.ts";
import { blobName } from "../image/oci.ts";
import { VERSION_LABEL } from "../image/release_labels.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { type Difference, differencesIn } from "./difference.ts";
import { explainBinary } from "./explain_binary.ts";
import { compareValues, explainJson } from "./explain_json.ts";
import { explainTar } from "./explain_tar.ts";
import { firstFileDifference } from "./first_difference.ts";
import { readLayer } from "./layer_entries.ts";

const MOST_SHOWN = 10;
/** The gzip header's length; see RFC 1952. */
const GZIP_HEADER_BYTES = 10;

/**
 * Explains the differences of two archives whose bytes differ.
 *
 * @param theirs The archive in question.
 * @param ours The archive that was made again, which has the form that `export` gives it.
 * @returns Where they differ; at least one difference.
 */
export async function explainDifference(theirs: string, ours: string): Promise<Difference[]> {
  using folder = new TemporaryFolder({ prefix: "verify-compare-" });
  const differences: Difference[] = [];
  try {
    const right = await openImage(ours, ours, folder.join("ours"));
    const left = await openImage(theirs, "The archive", folder.join("theirs"));
    differences.push(...await compareImages(left, right, folder));
    if (differences.length === 0) {
      differences.push({ part: "packing", seen: await comparePacking(theirs, ours, right.image) });
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    differences.push({ part: "packing", seen: error.message });
  }
  return differences.slice(0, MOST_SHOWN).map(({ part, seen }) => ({
    part,
    seen: printable(seen),
  }));
}

interface OpenImage {
  files: ArchiveFiles;
  image: ArchivedImage;
}

async function openImage(path: string, what: string, folder: string): Promise<OpenImage> {
  Deno.mkdirSync(folder);
  const files = await unpackArchive(path, { folder, what });
  return { files, image: readImage(files) };
}

async function compareImages(
  theirs: OpenImage,
  ours: OpenImage,
  folder: TemporaryFolder,
): Promise<Difference[]> {
  const parts = [
    ...await compareJobs(theirs.image, ours.image, folder),
    ...differencesIn("base", compareBases(theirs.image, ours.image)),
    ...differencesIn("config", compareConfigs(theirs, ours)),
  ];
  if (parts.length > 0) return parts;
  return differencesIn("packing", [
    ...["oci-layout", "manifest.json"].flatMap((name) => compareDocuments(theirs, ours, name)),
    ...compareIndexes(theirs, ours),
    ...compareNames(theirs, ours),
  ]);
}

function compareBases(theirs: ArchivedImage, ours: ArchivedImage): string[] {
  const [a, b] = [theirs, ours].map(({ layers }) => layers.slice(0, -1).map((l) => l.diffId));
  return a!.join() === b!.join() ? [] : [
    `the base differs: its layers are ${a!.join(", ") || "none"} in the archive, ${
      b!.join(", ")
    } here`,
  ];
}

function compareConfigs(theirs: OpenImage, ours: OpenImage): string[] {
  const [a, b] = [theirs, ours].map(({ files, image }) => textOf(files, image.configName));
  const digests = ({ layers }: ArchivedImage) => layers.map(({ diffId }) => diffId).join();
  // Other layers are told already, and make another list of them.
  return digests(theirs.image) === digests(ours.image)
    ? explainJson(a!, b!, "config")
    : compareValues(withoutLayers(a!), withoutLayers(b!), "config");
}

function withoutLayers(config: string): unknown {
  const { rootfs: _, history: __, ...rest } = JSON.parse(config);
  return rest;
}

function compareIndexes(theirs: OpenImage, ours: OpenImage): string[] {
  const [a, b] = [theirs, ours].map(({ files, image: { manifest = "" } }) => [
    textOf(files, manifest),
    textOf(files, "index.json"),
  ]);
  const manifests = explainJson(a![0]!, b![0]!, "OCI's manifest");
  // The index holds the manifest's digest, so it differs too.
  return manifests.length > 0 ? manifests : explainJson(a![1]!, b![1]!, "index.json");
}

function compareDocuments(theirs: OpenImage, ours: OpenImage, name: string): string[] {
  if (!theirs.files.has(name)) return [`the archive has no ${name}`];
  return explainJson(textOf(theirs.files, name), textOf(ours.files, name), name);
}

function compareNames(theirs: OpenImage, ours: OpenImage): string[] {
  return [...theirs.files.keys()]
    .filter((name) => !ours.files.has(name) && name !== theirs.image.manifest)
    .map((name) => `the archive also holds ${name}`);
}

/** A document, which the reader of images has found to be of a bounded size. */
function textOf(files: ArchiveFiles, name: string): string {
  const { path, size } = files.get(name)!;
  if (size > ARCHIVE_LIMITS.jsonBytes) throw new ToolError(`${name} has ${size} bytes`);
  return Deno.readTextFileSync(path);
}

async function compareJobs(
  theirs: ArchivedImage,
  ours: ArchivedImage,
  folder: TemporaryFolder,
): Promise<Difference[]> {
  const [a, b] = [theirs.layers.at(-1)!, ours.layers.at(-1)!];
  if (a.digest === b.digest) return [];
  const packing = (seen: string) => differencesIn("packing", [seen]);
  if (a.gzipped) return packing("the job's layer is compressed; `export` writes it as a plain tar");
  const [left, right] = [folder.join("their-program"), folder.join("our-program")];
  try {
    const [entries, expected] = [await takeProgram(a, left), await takeProgram(b, right)];
    if (entries !== expected) {
      return packing(`the job's layer holds ${entries}; expected only ${expected}`);
    }
    const differences = await explainBinary(
      left,
      right,
      theirs.config.config?.Labels?.[VERSION_LABEL],
    );
    if (differences.length > 0) return differences;
    const tar = await explainTar(a.path, b.path, new Map([[expected, "the program"]]));
    return packing(`the job's layer has the same program, but ${tar}`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return packing(error.message);
  }
}

/** Takes the last file out of the job's layer. Returns what the layer holds. */
async function takeProgram(layer: Layer, path: string): Promise<string> {
  const entries: string[] = [];
  await readLayer(layer, LAYER_LIMITS, ({ name, type }) => {
    entries.push(type === "file" ? name : `${name} (${type})`);
    if (type !== "file") return undefined;
    return async (body) => {
      removeIfThere(path);
      await saveStream(body, path);
    };
  });
  return entries.slice(0, MOST_SHOWN).join(", ");
}

/** The parts are the same: what differs is how they are put together. */
async function comparePacking(theirs: string, ours: string, image: ArchivedImage): Promise<string> {
  const compressed = await firstFileDifference(theirs, ours) ?? 0;
  if (compressed < GZIP_HEADER_BYTES) {
    return `the same image, but the gzip header differs at byte ${compressed}`;
  }
  const tar = await explainTar(theirs, ours, rolesOf(image));
  return tar === undefined
    ? `the same tar, but compressed differently, or followed by something, from byte ${compressed} on`
    : `the same files, but ${tar}`;
}

/** What a person calls the blobs. */
function rolesOf({ layers, manifest = "", configName }: ArchivedImage): Map<string, string> {
  return new Map([
    ...layers.map(({ digest }, at): [string, string] => [
      blobName(digest),
      at === layers.length - 1 ? "the job's layer" : `layer ${at + 1} of the base`,
    ]),
    [manifest, "OCI's manifest"],
    [configName, "the config"],
  ]);
}
