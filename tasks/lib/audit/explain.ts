/**
 * Explains where an archive differs from the one that was made again. The explanation decides nothing: it
 * is for the person who must.
 *
 * @module
 */

import { ToolError } from "../errors.ts";
import { saveStream } from "../hash_stream.ts";
import { ARCHIVE_LIMITS, type ArchiveFiles, unpackArchive } from "../image/archive.ts";
import { type ArchivedImage, readImage } from "../image/archived_image.ts";
import { openUnzipped } from "../image/gzip/gzip.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { explainBinary } from "./explain_binary.ts";
import { compareJson } from "./explain_json.ts";
import { firstDifference, firstFileDifference } from "./first_difference.ts";
import { readLayer } from "./layer_entries.ts";
import { LAYER_LIMITS } from "../image/layer.ts";
import { describeTarOffset } from "./tar_places.ts";

const MOST_SHOWN = 10;
/** The gzip header's length; see RFC 1952. */
const GZIP_HEADER_BYTES = 10;

/**
 * Explains the differences of two archives whose bytes differ.
 *
 * @param theirs The archive in question.
 * @param ours The archive that was made again, which has the form that `export` gives it.
 * @returns Where they differ, one sentence each; at least one.
 */
export async function explainDifference(theirs: string, ours: string): Promise<string[]> {
  using folder = new TemporaryFolder({ prefix: "verify-compare-" });
  const differences: string[] = [];
  try {
    const [left, right] = [
      await openImage(theirs, "The archive", folder.join("theirs")),
      await openImage(ours, ours, folder.join("ours")),
    ];
    differences.push(...await compareImages(left, right, folder));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    differences.push(error.message);
  }
  if (differences.length === 0) differences.push(await comparePacking(theirs, ours));
  const more = differences.length - MOST_SHOWN;
  return more > 0 ? [...differences.slice(0, MOST_SHOWN), `and ${more} more`] : differences;
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
): Promise<string[]> {
  const parts = [
    ...compareBases(theirs.image, ours.image),
    ...await compareJobs(theirs.image, ours.image, folder),
    ...compareConfigs(theirs.image, ours.image),
  ];
  if (parts.length > 0) return parts;
  const strays = [...theirs.files.keys()].filter((name) => !ours.files.has(name));
  const documents = ["oci-layout", "index.json", "manifest.json"].flatMap((name) =>
    compareDocuments(name, theirs.files.get(name)?.path, ours.files.get(name)?.path)
  );
  return [...documents, ...strays.map((name) => `the archive also holds ${name}`)];
}

function compareBases(theirs: ArchivedImage, ours: ArchivedImage): string[] {
  const [a, b] = [theirs, ours].map(({ layers }) => layers.slice(0, -1).map((l) => l.diffId));
  return a!.join() === b!.join() ? [] : [
    `the base differs: ${a!.length} layers in the archive (${a!.join(", ")}), ${b!.length} here (${
      b!.join(", ")
    })`,
  ];
}

function compareConfigs(theirs: ArchivedImage, ours: ArchivedImage): string[] {
  if (theirs.imageId === ours.imageId) return [];
  // The layers are compared elsewhere.
  const [a, b] = [theirs, ours].map(({ config: { rootfs: _, ...rest } }) => rest);
  const differences = compareJson(a, b, "config");
  if (differences.length > 0 || theirs.layers.at(-1)?.diffId !== ours.layers.at(-1)?.diffId) {
    return differences;
  }
  return [
    "the config has the same values, but is written differently: other spaces or order, or keys twice",
  ];
}

function compareDocuments(name: string, theirs?: string, ours?: string): string[] {
  if (theirs === undefined) return [`the archive has no ${name}`];
  const [a, b] = [theirs, ours!].map((path) => Deno.readTextFileSync(path));
  if (a === b) return [];
  const differences = compareJson(JSON.parse(a!), JSON.parse(b!), name);
  return differences.length > 0
    ? differences
    : [`${name} has the same values, but is written differently`];
}

async function compareJobs(
  theirs: ArchivedImage,
  ours: ArchivedImage,
  folder: TemporaryFolder,
): Promise<string[]> {
  const [a, b] = [theirs.layers.at(-1)!, ours.layers.at(-1)!];
  if (a.digest === b.digest) return [];
  if (a.gzipped) return ["the job's layer is compressed; `export` writes it as a plain tar"];
  const differs = await firstFileDifference(a.path, b.path);
  const [left, right] = [folder.join("their-program"), folder.join("our-program")];
  try {
    const names = await Promise.all([takeProgram(theirs, left), takeProgram(ours, right)]);
    if (names[0] !== names[1]) {
      return [`the job's layer holds ${names[0]}; expected only ${names[1]}`];
    }
    const differences = await explainBinary(left, right);
    if (differences.length > 0) return differences;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return [error.message];
  }
  const place = await describeTarOffset(b.path, differs!);
  return [`the job's layer has the same program, but differs at byte ${differs}: ${place}`];
}

/** Takes the last file out of the job's layer. Returns what the layer holds. */
async function takeProgram({ layers }: ArchivedImage, path: string): Promise<string> {
  const entries: string[] = [];
  await readLayer(layers.at(-1)!, LAYER_LIMITS, ({ name, type }) => {
    entries.push(type === "file" ? name : `${name} (${type})`);
    if (type !== "file") return undefined;
    return async (body) => {
      Deno.writeFileSync(path, new Uint8Array());
      Deno.removeSync(path);
      await saveStream(body, path);
    };
  });
  return entries.slice(0, MOST_SHOWN).join(", ");
}

/** The parts are the same: what differs is how they are put together. */
async function comparePacking(theirs: string, ours: string): Promise<string> {
  const compressed = await firstFileDifference(theirs, ours) ?? 0;
  if (compressed < GZIP_HEADER_BYTES) {
    return `the same image, but the gzip header differs at byte ${compressed}`;
  }
  const limit = ARCHIVE_LIMITS.bytes;
  const unzip = (path: string) => openUnzipped(path, { what: "The archive", limit });
  const offset = await firstDifference(await unzip(theirs), await unzip(ours));
  if (offset === undefined) {
    return `the same tar, but compressed differently, or followed by something, from byte ${compressed} on`;
  }
  return `the same files, but their tar differs at byte ${offset}: ${await describeTarOffset(
    ours,
    offset,
  )}`;
}
