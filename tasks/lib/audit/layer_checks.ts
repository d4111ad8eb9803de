/**
 * Checks an image's layers: all by their digests, the job's by what is in it.
 *
 * @module
 */

import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashThrough, saveStream } from "../hash_stream.ts";
import { baseDiffIds } from "../image/base.ts";
import { type Layer, LAYER_LIMITS, openLayer } from "../image/layer.ts";
import type { TarHeader } from "../image/tar.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { fail, type Finding, list, ok, warn } from "./checks.ts";
import { readLayer } from "./layer_entries.ts";

/**
 * Checks that each layer matches what the config calls it.
 *
 * @throws {ToolError} One doesn't, or they have more bytes than the limit.
 */
export async function checkDigests(layers: readonly Layer[]): Promise<void> {
  let left: number = LAYER_LIMITS.bytes;
  for (const layer of layers) {
    const { digest, diffId, gzipped } = layer;
    let actual = digest;
    if (gzipped) {
      const { stream, tally } = hashThrough(await openLayer(layer, left));
      for await (const chunk of stream) left -= chunk.length;
      actual = `sha256:${tally.sha256()}`;
    }
    if (actual !== diffId) {
      throw new ToolError(`The layer ${diffId} doesn't match its digest: its tar is ${actual}`);
    }
  }
}

/** What a comparison with the base found. */
export interface BaseComparison {
  /** The check. */
  finding: Finding;
  /** How many of the layers, from the lowest, are taken for the base's. */
  count: number;
}

/**
 * Compares the layers under the job's with the base that is expected. The base's digest vouches for what
 * is in its layers, so they aren't read.
 */
export async function compareBase(
  layers: readonly Layer[],
  base: string,
): Promise<BaseComparison> {
  const below = Math.max(0, layers.length - 1);
  const described = `${countLayers(below)} below the job's`;
  let known: string[];
  try {
    using folder = new TemporaryFolder({ prefix: "verify-base-" });
    known = await baseDiffIds(base, folder.path);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const seen = `${described}; can't tell whether they are ${base} (${error.message})`;
    return { finding: warn(seen), count: below };
  }
  if (known.length < layers.length && known.every((id, at) => id === layers[at]!.diffId)) {
    return { finding: ok(`${base}, ${countLayers(known.length)}`), count: known.length };
  }
  return { finding: fail(`${described} are not ${base}`), count: below };
}

function countLayers(count: number): string {
  return `${count} ${count === 1 ? "layer" : "layers"}`;
}

/**
 * Reads the job's layers, and keeps the program that the image starts.
 *
 * @param name The program's name in the root folder.
 * @param binary Where it goes.
 * @returns What the layers hold.
 * @throws {ToolError} A layer isn't a whole tar, or exceeds the limits.
 */
export async function readJobLayers(
  layers: readonly Layer[],
  { name, binary }: { name: string; binary: string },
): Promise<TarHeader[]> {
  const headers: TarHeader[] = [];
  let { entries, bytes } = LAYER_LIMITS as { entries: number; bytes: number };
  for (const layer of layers) {
    const before = headers.length;
    const read = await readLayer(layer, { entries, bytes }, (header) => {
      headers.push(header);
      if (header.name !== name || header.type !== "file") return undefined;
      // A layer above replaces what one below has.
      return async (body) => {
        if (isFile(binary)) Deno.removeSync(binary);
        await saveStream(body, binary);
      };
    });
    entries -= headers.length - before;
    bytes -= read;
  }
  return headers;
}

/** The job's layers may add one file: the program, executable, owned by root, and nothing special. */
export function checkFiles(headers: readonly TarHeader[], name: string): Finding {
  const [only, ...more] = headers;
  if (only === undefined || more.length > 0 || only.name !== name) {
    const names = headers.map(({ name, type }) => type === "file" ? name : `${name} (${type})`);
    return fail(`expected just ${name || "the entrypoint"}, got ${list(names) || "nothing"}`);
  }
  const { type, mode = 0, uid, gid, pax = {} } = only;
  const seen = `${name}, ${type}, mode ${mode.toString(8)}, owner ${uid}:${gid}`;
  const attributes = Object.keys(pax).filter((key) => key.startsWith("SCHILY."));
  if (attributes.length > 0) return fail(`${seen}, with ${list(attributes)}`);
  return type === "file" && (mode & 0o7777) === 0o755 && uid === 0 && gid === 0
    ? ok(`${seen}, and nothing else`)
    : fail(`${seen}; expected a file, mode 755, owner 0:0`);
}
