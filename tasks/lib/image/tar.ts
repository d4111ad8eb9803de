/**
 * Reads tar archives from outside, and writes ones that are the same each time.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createTarDecoder, createTarPacker, type TarHeader } from "modern-tar";
import { messageOf } from "../../../src/errors.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { describeKind } from "./file_kind.ts";

export type { TarHeader };

/** One entry of an archive. Its body must be read, or cancelled, before the next entry comes. */
export interface TarEntry {
  /** Its name, kind, size and owner. */
  header: TarHeader;
  /** Its bytes. */
  body: ReadableStream<Uint8Array>;
}

/** The most that is read of an archive. */
export interface TarLimits {
  /** Entries. */
  entries: number;
  /** Bytes of all entries together, as their headers announce them. */
  bytes: number;
}

/**
 * Reads an archive entry by entry.
 *
 * @param what What the archive is, for messages.
 * @throws {ToolError} It isn't a whole, well-formed tar, exceeds the limits, has a name twice, or has a
 * name that leads out of the folder it would be unpacked in.
 */
export async function* readTar(
  source: ReadableStream<Uint8Array>,
  { what, limits }: { what: string; limits: TarLimits },
): AsyncGenerator<TarEntry> {
  const decoder = createTarDecoder({ strict: true });
  // The reader reports what ends the pipe early.
  const piped = expectTar(source, what).pipeTo(decoder.writable).catch(() => {});
  const reader = decoder.readable.getReader();
  const names = new Set<string>();
  let entries = 0;
  let bytes = 0;
  try {
    for (;;) {
      const { done, value } = await explain(reader.read(), what);
      if (done) return;
      const { header } = value;
      const name = cleanName(header.name, what);
      // Builders may write a folder twice; of a file that is there twice, tools take different ones.
      if (names.has(name) && header.type !== "directory") {
        throw new ToolError(`${what} has the entry ${show(name)} twice`);
      }
      names.add(name);
      if (++entries > limits.entries) {
        throw new ToolError(
          `${what} has more than ${limits.entries} entries, too many for an image`,
        );
      }
      bytes += header.size;
      if (!Number.isSafeInteger(header.size) || header.size < 0 || bytes > limits.bytes) {
        throw new ToolError(
          `${what} would unpack to more than ${limits.bytes} bytes, the limit (at ${show(name)})`,
        );
      }
      yield { header: { ...header, name }, body: explainBody(value.body, what) };
    }
  } finally {
    await reader.cancel().catch(() => {});
    // The caller may remove the source next, so wait until it is closed.
    await piped;
  }
}

const BLOCK_BYTES = 512;

/** Passes a stream on if it begins as a tar does. */
function expectTar(source: ReadableStream<Uint8Array>, what: string): ReadableStream<Uint8Array> {
  async function* check(): AsyncGenerator<Uint8Array> {
    let head: Uint8Array = new Uint8Array();
    let checked = false;
    for await (const chunk of source) {
      if (checked) {
        yield chunk;
        continue;
      }
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < BLOCK_BYTES) continue;
      checkHead(head, what);
      checked = true;
      yield head;
    }
    if (!checked) checkHead(head, what);
  }
  return ReadableStream.from(check());
}

function checkHead(head: Uint8Array, what: string): void {
  // Tars from before 1988 have no "ustar", but a checksum; an empty tar is zeros.
  const isTar = head.length >= BLOCK_BYTES &&
    (new TextDecoder().decode(head.subarray(257, 262)) === "ustar" || hasChecksum(head) ||
      head.subarray(0, BLOCK_BYTES).every((byte) => byte === 0));
  if (isTar) return;
  throw new ToolError(`${what} can't be read as a tar: it is ${describeKind(head)}`);
}

function hasChecksum(head: Uint8Array): boolean {
  const stored = /^ *([0-7]+)/.exec(new TextDecoder().decode(head.subarray(148, 156)))?.[1];
  const sum = head.subarray(0, BLOCK_BYTES).reduce((sum, byte, at) =>
    sum + (at >= 148 && at < 156 ? 0x20 : byte)
  );
  return stored !== undefined && parseInt(stored, 8) === sum;
}

function explainBody(
  body: ReadableStream<Uint8Array>,
  what: string,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await explain(reader.read(), what);
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: () => reader.cancel(),
  });
}

/** Waits for the decoder, and says of which archive its complaint is. */
async function explain<T>(step: Promise<T>, what: string): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`${what} can't be read as a tar: ${messageOf(error)}`);
  }
}

/** A name as a path from the archive's root, without `./` before it and `/` behind it. */
function cleanName(name: string, what: string): string {
  const path = name.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
  const parts = path.split("/");
  if (name.startsWith("/") || parts.includes("..")) {
    throw new ToolError(`${what} has an entry named ${show(name)}, which leads out of it`);
  }
  if (printable(name) !== name) {
    throw new ToolError(`${what} has an entry named ${show(name)}, with invisible characters`);
  }
  return parts.filter((part) => part !== "." && part !== "").join("/");
}

function show(name: string): string {
  return `"${printable(name.length > 80 ? `${name.slice(0, 80)}...` : name)}"`;
}

/** A file to be put into an archive. */
export interface TarFile {
  /** Its path from the archive's root. */
  name: string;
  /** Its length in bytes. */
  size: number;
  /** Its permission bits. */
  mode: number;
  /** Its bytes: `size` of them. */
  open(): ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>;
}

/**
 * Writes files into a tar in the order given, owned by root and with no time: the same files make
 * the same bytes.
 */
export function writeTar(files: readonly TarFile[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const write = async () => {
    for (const { name, size, mode, open } of files) {
      const entry = controller.add({
        name,
        size,
        mode,
        type: "file",
        mtime: new Date(0),
        uid: 0,
        gid: 0,
      });
      await (await open()).pipeTo(entry);
    }
    controller.finalize();
  };
  write().catch((error) => controller.error(error));
  return readable;
}
