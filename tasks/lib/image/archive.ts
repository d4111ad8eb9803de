/**
 * Unpacks an image archive: `docker save` output or an OCI layout, compressed or not.
 *
 * Its files go into a temporary folder under names of our own; nothing in the archive decides where a
 * byte is written.
 *
 * @module
 */

import { join, posix } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { saveStream } from "../hash_stream.ts";
import { openUnzipped } from "./gzip/gzip.ts";
import { readTar } from "./tar.ts";

/** The most that is read of an archive. */
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

/** Options of {@linkcode unpackArchive}. */
export interface UnpackOptions {
  /** Where the files go. */
  folder: string;
  /**
   * What the archive is, for messages.
   *
   * @default its path
   */
  what?: string;
  /**
   * Accept symbolic and hard links to files of the archive itself, as Docker before 25, podman and skopeo
   * write them for layers. Each is a file of the same content under another name.
   *
   * @default false
   */
  links?: boolean;
}

/**
 * Takes an archive's files out into a folder.
 *
 * @throws {ToolError} It can't be read, isn't a whole tar, exceeds the limits, or has entries that an
 * image archive doesn't have: devices, links, a name that leads out of it, a name twice.
 */
export async function unpackArchive(
  path: string,
  { folder, what = path, links = false }: UnpackOptions,
): Promise<ArchiveFiles> {
  const files = new Map<string, ArchiveFile>();
  const targets = new Map<string, string>();
  const limits = { entries: ARCHIVE_LIMITS.entries, bytes: ARCHIVE_LIMITS.bytes };
  for await (const { header, body } of readTar(await open(path, what), { what, limits })) {
    const { name, type } = header;
    if (type === "file") {
      const { size, sha256 } = await saveStream(body, join(folder, `file-${files.size}`));
      files.set(name, { path: join(folder, `file-${files.size}`), size, sha256 });
      continue;
    }
    await body.cancel();
    if (type === "directory") continue;
    if (!links || (type !== "symlink" && type !== "link")) {
      throw new ToolError(`${what} has a ${type} (${JSON.stringify(name)}); expected only files`);
    }
    const { linkname = "" } = header;
    targets.set(name, type === "link" ? linkname : posix.join(posix.dirname(name), linkname));
  }
  for (const name of targets.keys()) {
    const file = follow(name, files, targets);
    if (file !== undefined) files.set(name, file);
  }
  return files;
}

/** The file that a link leads to, by way of other links perhaps; `undefined` if there is none. */
function follow(
  name: string,
  files: ArchiveFiles,
  targets: ReadonlyMap<string, string>,
): ArchiveFile | undefined {
  let at: string | undefined = name;
  // A chain longer than there are links is a circle.
  for (let steps = 0; at !== undefined && steps <= targets.size; steps++) {
    const file = files.get(at);
    if (file !== undefined) return file;
    const target = targets.get(at);
    at = target === undefined ? undefined : posix.normalize(target).replace(/\/+$/, "");
  }
  return undefined;
}

async function open(path: string, what: string): Promise<ReadableStream<Uint8Array>> {
  try {
    return await openUnzipped(path, { what, limit: ARCHIVE_LIMITS.bytes });
  } catch (error) {
    throw new ToolError(`Can't read ${what}: ${messageOf(error)}`);
  }
}

/**
 * Checks the files whose names are their digests.
 *
 * @returns How many there are.
 * @throws {ToolError} One doesn't match its digest.
 */
export function checkBlobs(files: ArchiveFiles): number {
  let count = 0;
  for (const [name, { sha256 }] of files) {
    const [, expected] = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name) ?? [];
    if (name.startsWith("blobs/") && expected === undefined) {
      throw new ToolError(`The blob ${JSON.stringify(name)} isn't named for its SHA-256`);
    }
    if (expected === undefined) continue;
    if (expected !== sha256) {
      throw new ToolError(`${name} doesn't match its digest: its SHA-256 is ${sha256}`);
    }
    count++;
  }
  return count;
}
