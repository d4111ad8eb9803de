/**
 * The files in the output, and what a run did to them.
 *
 * @module
 */

import { join } from "node:path";
import { type OutputSnapshot, snapshotOutput } from "../../data/describe_output.ts";
import { isDatabase } from "../../data/preview_database.ts";
import { hashFile } from "../../hash.ts";
import { readBytesAt } from "../../http/read_bytes.ts";
import type { ArtifactInfo, ArtifactKind } from "../wire.ts";

/** Larger files that were written again count as changed. */
const MOST_HASHED_BYTES = 32 * 1024 * 1024;

const SAMPLE_BYTES = 4096;

const KINDS: Readonly<Record<string, ArtifactKind>> = {
  csv: "csv",
  json: "json",
  jsonl: "json-lines",
  ndjson: "json-lines",
  html: "html",
  htm: "html",
  ...Object.fromEntries(
    ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg"].map((end) => [end, "image"]),
  ),
};

/** What is known about a file's content. */
interface Known {
  bytes: number;
  sha256?: string;
}

/** The artifacts of an output mount. */
export class Artifacts {
  readonly #output: string;
  #stamps: OutputSnapshot = new Map();
  #known = new Map<string, Known>();

  /** @param output The output mount, absolute. */
  constructor(output: string) {
    this.#output = output;
    this.list();
  }

  /** Lists the files, and what happened to each since the last list. */
  list(): ArtifactInfo[] {
    const before = this.#stamps;
    const known = this.#known;
    this.#stamps = snapshotOutput(this.#output);
    this.#known = new Map();
    const files: ArtifactInfo[] = [];
    for (const [name, stamp] of this.#stamps) {
      const path = join(this.#output, name);
      const info = Deno.lstatSync(path);
      if (!info.isFile) continue;
      const earlier = known.get(name);
      const written = before.get(name) !== stamp;
      const now = written || earlier === undefined ? contentOf(path, info.size) : earlier;
      this.#known.set(name, now);
      const common = { name, bytes: info.size, kind: kindOf(path, name), stamp };
      if (!written) files.push({ ...common, status: "earlier" });
      else if (earlier === undefined) files.push({ ...common, status: "new" });
      else if (now.sha256 !== undefined && now.sha256 === earlier.sha256) {
        files.push({ ...common, status: "same" });
      } else files.push({ ...common, status: "changed", bytesBefore: earlier.bytes });
    }
    return files;
  }

  /** The path of an artifact; `undefined` unless it is one of the files that were listed. */
  pathOf(name: string): string | undefined {
    const path = join(this.#output, name);
    return this.#stamps.has(name) && Deno.lstatSync(path).isFile ? path : undefined;
  }
}

function contentOf(path: string, bytes: number): Known {
  return { bytes, sha256: bytes <= MOST_HASHED_BYTES ? hashFile(path) : undefined };
}

function kindOf(path: string, name: string): ArtifactKind {
  const sample = beginningOf(path);
  if (isDatabase(sample)) return "database";
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  if (Object.hasOwn(KINDS, ending)) return KINDS[ending]!;
  return isText(sample) ? "text" : "other";
}

function beginningOf(path: string): Uint8Array {
  using file = Deno.openSync(path);
  return readBytesAt(file, 0, SAMPLE_BYTES);
}

function isText(sample: Uint8Array): boolean {
  if (sample.includes(0)) return false;
  try {
    // The sample may end within a character.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch {
    return false;
  }
}
