/**
 * Reads tar archives from anyone, and writes ones that are the same each time.
 *
 * @module
 */

import { createTarDecoder, createTarPacker, type TarHeader } from "modern-tar";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";

export type { TarHeader };

/** One entry of an archive. Its body must be read, or cancelled, before the next entry comes. */
export interface TarEntry {
  /** Its name, kind, size and owner. */
  header: TarHeader;
  /** Its bytes. */
  body: ReadableStream<Uint8Array>;
}

/** The most that is read of an archive from anyone. */
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
 * @throws {ToolError} It isn't a whole, well-formed tar, goes over the limits, names an entry twice, or
 * an entry's name leads out of the folder it would be unpacked in.
 */
export async function* readTar(
  source: ReadableStream<Uint8Array>,
  { what, limits }: { what: string; limits: TarLimits },
): AsyncGenerator<TarEntry> {
  const decoder = createTarDecoder({ strict: true });
  // What ends the pipe early is told by the reader.
  const piped = source.pipeTo(decoder.writable).catch(() => {});
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
      // Builders may write a folder twice; a file written twice would be one thing to one tool, another
      // to another.
      if (names.has(name) && header.type !== "directory") {
        throw new ToolError(`${what} has the entry ${show(name)} twice`);
      }
      names.add(name);
      if (++entries > limits.entries) {
        throw new ToolError(`${what} has more than ${limits.entries} entries; that is no image`);
      }
      bytes += header.size;
      if (!Number.isSafeInteger(header.size) || header.size < 0 || bytes > limits.bytes) {
        throw new ToolError(
          `${what} would unpack to more than ${limits.bytes} bytes (at ${
            show(name)
          }), which is the ` +
            "most that is read",
        );
      }
      yield { header: { ...header, name }, body: explainBody(value.body, what) };
    }
  } finally {
    await reader.cancel().catch(() => {});
    // The source is let go of before the caller goes on, and perhaps removes it.
    await piped;
  }
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
  // deno-lint-ignore no-control-regex
  if (name.startsWith("/") || parts.includes("..") || /[\x00-\x1f\x7f]/.test(name)) {
    throw new ToolError(
      `${what} has an entry named ${show(name)}, which leads out of it or hides what it is`,
    );
  }
  return parts.filter((part) => part !== "." && part !== "").join("/");
}

function show(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
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
 * Writes files into a tar in the order given, owned by root and with no time, so that the same files
 * make the same bytes.
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
