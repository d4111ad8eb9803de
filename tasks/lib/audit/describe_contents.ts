/**
 * Describes what an archive of any tool holds: a report, and no judgement.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { hashThrough } from "../hash_stream.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { checkBlobs, unpackArchive } from "../image/archive.ts";
import { type ArchivedImage, readImage } from "../image/archived_image.ts";
import type { ImageConfig } from "../image/config.ts";
import { type Layer, LAYER_LIMITS, openLayer } from "../image/layer.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Fact } from "./proof.ts";

const LONGEST_FACT = 1000;
const MOST_OF_A_KIND = 50;

/** Describes what an archive holds, as far as it can be read. */
export async function describeContents(path: string): Promise<Fact[]> {
  using folder = new TemporaryFolder({ prefix: "verify-contents-" });
  const facts: Fact[] = [];
  try {
    const files = await unpackArchive(path, {
      folder: folder.path,
      what: "The archive",
      links: true,
    });
    const image = readImage(files);
    facts.push(...describeImage(image), ...describeConfig(image.config));
    // All layers together may take what one may.
    let left: number = LAYER_LIMITS.bytes;
    for (const layer of image.layers) {
      const { digest, bytes } = await digestOf(layer, left);
      left -= bytes;
      facts.push(describeLayer(layer, digest));
    }
    checkBlobs(files);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    facts.push({ name: "fault", seen: error.message });
  }
  return facts.map(({ name, seen }) => ({ name, seen: cut(printable(seen)) }));
}

function describeImage({ imageId, formats, strays }: ArchivedImage): Fact[] {
  return [
    { name: "image", seen: `${imageId}, described for ${formats.join(" and ")}` },
    ...several("stray file", strays),
  ];
}

function describeConfig({ os, architecture, config }: ImageConfig): Fact[] {
  const { Entrypoint, Cmd, User, WorkingDir, Env, Labels, ...others } = config ?? {};
  const settings = Object.entries(others).filter(([, value]) => value !== null);
  return [
    { name: "platform", seen: `${os}/${architecture}` },
    { name: "starts", seen: JSON.stringify([...Entrypoint ?? [], ...Cmd ?? []]) },
    { name: "user", seen: User || "root, as none is named" },
    { name: "folder", seen: WorkingDir || "/" },
    ...several("variable", Env ?? []),
    ...several("label", Object.entries(Labels ?? {}).map(([name, text]) => `${name}=${text}`)),
    ...several("setting", settings.map(([name, value]) => `${name}: ${JSON.stringify(value)}`)),
  ];
}

function several(name: string, texts: readonly string[]): Fact[] {
  const facts = texts.slice(0, MOST_OF_A_KIND).map((seen) => ({ name, seen }));
  const more = texts.length - facts.length;
  return more > 0 ? [...facts, { name, seen: `and ${more} more` }] : facts;
}

/** The digest of a layer's tar, and how many bytes were decompressed to know it. */
async function digestOf(
  layer: Layer,
  limit: number,
): Promise<{ digest: string; bytes: number }> {
  if (!layer.gzipped) return { digest: layer.digest, bytes: 0 };
  const { stream, tally } = hashThrough(await openLayer(layer, limit));
  for await (const _ of stream);
  return { digest: `sha256:${tally.sha256()}`, bytes: tally.bytes };
}

function describeLayer({ diffId, size }: Layer, digest: string): Fact {
  const seen = `${diffId}, ${formatBytes(size)}`;
  return { name: "layer", seen: digest === diffId ? seen : `${seen}, but its tar is ${digest}` };
}

function cut(text: string): string {
  return text.length > LONGEST_FACT ? `${text.slice(0, LONGEST_FACT)}...` : text;
}
