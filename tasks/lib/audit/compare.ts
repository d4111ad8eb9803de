/**
 * Says where two images differ.
 *
 * @module
 */

import { readElfHeader } from "../binary/elf.ts";
import { hashFile } from "../hash.ts";
import type { ArchivedImage } from "../image/archive.ts";

/** An image, and its program in a file. */
export interface ComparedImage {
  /** The image. */
  image: ArchivedImage;
  /** Its program. */
  binary: string;
}

const MOST_SHOWN = 10;

/**
 * Compares an archive's image with the one that this checkout makes.
 *
 * @returns Where they differ, one sentence each; never empty.
 */
export function compareImages(theirs: ComparedImage, ours: ComparedImage): string[] {
  const differences = [
    ...compareBases(theirs.image, ours.image),
    ...compareBinaries(theirs.binary, ours.binary),
    ...compareJson(theirs.image.config, ours.image.config, "config"),
  ];
  if (differences.length > MOST_SHOWN) {
    const more = differences.length - MOST_SHOWN;
    differences.splice(MOST_SHOWN, more, `and ${more} more differences`);
  }
  return differences.length > 0 ? differences : [
    "the image is the same; only its packing differs (order, tar headers or compression)",
  ];
}

function compareBases(theirs: ArchivedImage, ours: ArchivedImage): string[] {
  const [a, b] = [theirs, ours].map(({ layers }) => layers.slice(0, -1).map((l) => l.diffId));
  return a!.join() === b!.join() ? [] : [
    `the base differs: ${a!.length} layers in the archive (${a!.join(", ")}), ${b!.length} here (${
      b!.join(", ")
    })`,
  ];
}

function compareBinaries(theirs: string, ours: string): string[] {
  if (hashFile(theirs) === hashFile(ours)) return [];
  const [a, b] = [theirs, ours].map((path) => {
    const end = readElfHeader(path)?.end;
    return end === undefined ? "none" : hashFile(path, end);
  });
  return [
    a === b
      ? "the binary differs in the program, on the same runtime: the source is another one"
      : `the binary differs in its runtime: ${a} in the archive, ${b} here`,
  ];
}

/** Members whose values differ; the layers are compared elsewhere. */
function compareJson(theirs: unknown, ours: unknown, path: string): string[] {
  if (path === "config.rootfs" || Object.is(theirs, ours)) return [];
  if (!isObject(theirs) || !isObject(ours)) {
    return [`${path} is ${show(theirs)} in the archive, ${show(ours)} here`];
  }
  const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...keys].flatMap((key) => {
    const [a, b] = [theirs[key], ours[key]];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return compareJson(a, b, `${path}.${key}`);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
