/**
 * Takes an archive of `export` apart and puts it together again, with changes at any depth: digests and
 * sizes that depend on a change are made to fit, as an attacker would.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { hashBytes } from "../../tasks/lib/hash.ts";
import { gzip } from "../../tasks/lib/image/gzip/gzip.ts";
import { type BinaryParts, makeBinary, takeBinaryApart } from "./compiled_binary.ts";
import { type RawEntry, rawTar } from "./hostile_tar.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Changes, from the innermost to the outermost. Each gets what the good archive has there. */
export interface ArchiveChanges {
  /** The parts of the binary. */
  binary?(parts: BinaryParts): Partial<BinaryParts>;
  /** All of the binary. */
  binaryBytes?(bytes: Bytes): Uint8Array;
  /** The entries of the job's layer. */
  jobEntries?(entries: RawEntry[]): RawEntry[];
  /** The tars of the layers, from the lowest. */
  layers?(tars: Bytes[]): Uint8Array[];
  /** The config, as text. */
  config?(text: string): string | Uint8Array;
  /** OCI's manifest, as text. */
  manifest?(text: string): string | Uint8Array;
  /** The text of a file that isn't named for its digest, by its name. */
  documents?: Record<string, (text: string) => string | Uint8Array>;
  /** The archive's entries. */
  entries?(entries: RawEntry[]): RawEntry[];
  /** The archive's tar. */
  tar?(bytes: Bytes): Uint8Array;
  /** The archive's gzip. */
  gzip?(bytes: Bytes): Uint8Array;
  /** Compresses the archive's tar, if not as `export` does. */
  compress?(tar: Bytes): Uint8Array;
}

/** Writes an archive with changes into a new file. */
export async function changeArchive(
  from: string,
  to: string,
  changes: ArchiveChanges,
): Promise<void> {
  let tar = plain(rebuild(readTarEntries(gunzipSync(Deno.readFileSync(from))), changes));
  tar = plain(changes.tar?.(tar) ?? tar);
  const compressed = plain(changes.compress?.(tar) ?? await gzipOf(tar));
  Deno.writeFileSync(to, changes.gzip?.(compressed) ?? compressed);
}

/** The entries of a tar of plain files. */
export function readTarEntries(tar: Uint8Array): RawEntry[] {
  const entries: RawEntry[] = [];
  for (let at = 0; tar[at] !== 0 && at < tar.length;) {
    const text = (from: number, length: number) =>
      new TextDecoder().decode(tar.subarray(at + from, at + from + length)).split("\0", 1)[0]!;
    const size = parseInt(text(124, 12), 8);
    const data = tar.slice(at + 512, at + 512 + size);
    entries.push({ name: text(0, 100), mode: parseInt(text(100, 8), 8), data });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
}

function rebuild(entries: RawEntry[], changes: ArchiveChanges): Bytes {
  const files = new Map(entries.map(({ name, data }) => [name, data as Uint8Array]));
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  const index = JSON.parse(text("index.json"));
  const manifestName = blobName(index.manifests[0].digest);
  const manifest = JSON.parse(text(manifestName));
  const configName = blobName(manifest.config.digest);
  const oldLayers: Bytes[] = manifest.layers.map(({ digest }: { digest: string }) =>
    plain(files.get(blobName(digest))!)
  );
  const newLayers = changeLayers(oldLayers, changes);
  const isSame = newLayers.length === oldLayers.length;
  const pairs = isSame ? newLayers.map((layer, at) => [oldLayers[at]!, layer] as const) : [];
  let configText = replaceAll(text(configName), pairs);
  let manifestText = replaceAll(text(manifestName), pairs);
  if (!isSame) {
    configText = edit(configText, (config) => {
      config.rootfs.diff_ids = newLayers.map(digestOf);
    });
    manifestText = edit(manifestText, (manifest) => {
      const [{ mediaType }] = manifest.layers;
      manifest.layers = newLayers.map((layer) => ({ mediaType, ...descriptor(layer) }));
    });
  }
  const newConfig = toBytes(changes.config?.(configText) ?? configText);
  const configPair = [files.get(configName)!, newConfig] as const;
  manifestText = replaceAll(manifestText, [configPair]);
  const newManifest = toBytes(changes.manifest?.(manifestText) ?? manifestText);
  const allPairs = [...pairs, configPair, [files.get(manifestName)!, newManifest] as const];
  const document = (name: string): RawEntry => {
    let changed = replaceAll(text(name), allPairs);
    if (name === "manifest.json" && !isSame) {
      changed = edit(changed, ([image]) => {
        image.Layers = newLayers.map((layer) => blobName(digestOf(layer)));
      });
    }
    return { name, data: toBytes(changes.documents?.[name]?.(changed) ?? changed) };
  };
  const blobs = [newManifest, newConfig, ...newLayers];
  const made: RawEntry[] = [
    ...["oci-layout", "index.json", "manifest.json"].map(document),
    ...new Map(blobs.map((data) => [digestOf(data), data])).entries().map(([digest, data]) => ({
      name: blobName(digest),
      data,
    })),
  ];
  return rawTar(changes.entries?.(made) ?? made);
}

function changeLayers(layers: Bytes[], changes: ArchiveChanges): Uint8Array[] {
  const entries = readTarEntries(layers.at(-1)!);
  const [program] = entries;
  let binary = plain(program!.data as Uint8Array);
  if (changes.binary !== undefined) {
    const parts = takeBinaryApart(binary);
    binary = makeBinary({ ...parts, ...changes.binary(parts) });
  }
  binary = plain(changes.binaryBytes?.(binary) ?? binary);
  const changed = [{ ...program!, data: binary }];
  const job = rawTar(changes.jobEntries?.(changed) ?? changed);
  const all = [...layers.slice(0, -1), job];
  return changes.layers?.(all) ?? all;
}

/** Replaces the digests and sizes of what was changed, in JSON as `export` writes it. */
function replaceAll(text: string, pairs: readonly (readonly [Uint8Array, Uint8Array])[]): string {
  for (const [before, after] of pairs) {
    const [from, to] = [hashBytes(before), hashBytes(after)];
    text = text
      .replaceAll(`${from}","size":${before.length}`, `${to}","size":${after.length}`)
      .replaceAll(from, to);
  }
  return text;
}

/** Changes JSON by its value. */
export function edit(
  text: string,
  change: (value: ReturnType<typeof JSON.parse>) => void,
): string {
  const value = JSON.parse(text);
  change(value);
  return JSON.stringify(value);
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${hashBytes(bytes)}`;
}

function descriptor(bytes: Uint8Array) {
  return { digest: digestOf(bytes), size: bytes.length };
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? Buffer.from(text) : text;
}

function plain(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer && bytes.constructor === Uint8Array
    ? bytes as Bytes
    : new Uint8Array(bytes);
}

async function gzipOf(tar: Bytes): Promise<Bytes> {
  return await new Response(gzip(new Blob([tar]).stream())).bytes();
}
