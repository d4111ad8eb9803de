/**
 * Reads the files of an embedded program: an index in JSON, and their bytes one after another.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** A file of an embedded program. */
export interface EmbeddedFile {
  /** Its path from the program's root, with `/` between folders. */
  name: string;
  /** Its bytes, as they were given to `deno compile`. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What Deno runs instead, if it transpiled the file. */
  transpiled?: Uint8Array<ArrayBuffer>;
  /** The time of its last change, in milliseconds since 1970. */
  mtime?: number;
}

const MOST_FILES = 1000;
const DEEPEST_FOLDER = 16;

const Range = v.tuple([
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
]);

/** A file: `n` its name, `o` its bytes, `m` what runs instead, `t` its time, `u` whether it is UTF-8. */
const FileEntry = v.strictObject({
  File: v.strictObject({
    n: v.string(),
    o: Range,
    u: v.optional(v.boolean()),
    m: v.optional(Range),
    t: v.optional(v.pipe(v.number(), v.safeInteger())),
  }),
});

/** A folder: `n` its name, `e` its entries. */
const FolderEntry = v.strictObject({
  Dir: v.strictObject({ n: v.string(), e: v.array(v.unknown()) }),
});

/**
 * Reads an index and takes the files' bytes.
 *
 * @throws {ToolError} It isn't as Deno writes it for files of bundles: it has links, names out of order or
 * twice, or files that overlap or leave bytes over.
 */
export function readFileIndex(index: unknown, data: Uint8Array<ArrayBuffer>): EmbeddedFile[] {
  const reader = new IndexReader(data);
  reader.readFolder(index, "", 0);
  reader.expectAllUsed();
  return reader.files;
}

type ByteRange = v.InferOutput<typeof Range>;

class IndexReader {
  readonly files: EmbeddedFile[] = [];
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #ranges: ByteRange[] = [];

  constructor(data: Uint8Array<ArrayBuffer>) {
    this.#data = data;
  }

  readFolder(entries: unknown, prefix: string, depth: number): void {
    if (!Array.isArray(entries)) throw new ToolError("The program's file index isn't a list");
    if (depth > DEEPEST_FOLDER) {
      throw new ToolError(`The program has folders more than ${DEEPEST_FOLDER} levels deep`);
    }
    let previous = "";
    for (const entry of entries) {
      const name = this.#readEntry(entry, prefix, depth);
      // Of two equal names Deno runs the second.
      if (name <= previous) {
        throw new ToolError(
          `The program's file ${show(prefix + name)} is out of order, or there twice`,
        );
      }
      previous = name;
    }
  }

  #readEntry(entry: unknown, prefix: string, depth: number): string {
    if (v.is(FolderEntry, entry)) {
      const { n: name, e: entries } = entry.Dir;
      this.readFolder(entries, `${prefix}${checkName(name)}/`, depth + 1);
      return name;
    }
    const read = v.safeParse(FileEntry, entry);
    if (!read.success) {
      const shown = printable(JSON.stringify(entry)?.slice(0, 100) ?? "nothing");
      throw new ToolError(`The program's file index has an unexpected entry: ${shown}`);
    }
    const { n: name, o: original, m: transpiled, t: mtime } = read.output.File;
    if (this.files.length === MOST_FILES) {
      throw new ToolError(`The program has more than ${MOST_FILES} files`);
    }
    this.files.push({
      name: prefix + checkName(name),
      bytes: this.#take(original, name),
      ...transpiled === undefined ? {} : { transpiled: this.#take(transpiled, name) },
      ...mtime === undefined ? {} : { mtime },
    });
    return name;
  }

  #take(range: ByteRange, name: string): Uint8Array<ArrayBuffer> {
    const [offset, length] = range;
    if (offset + length > this.#data.length) {
      throw new ToolError(`The program's file ${show(name)} lies outside the file data`);
    }
    this.#ranges.push(range);
    return this.#data.subarray(offset, offset + length);
  }

  /** Equal files share their bytes; apart from that, each byte belongs to one file. */
  expectAllUsed(): void {
    let end = 0;
    let last: ByteRange = [0, 0];
    for (const range of this.#ranges.sort(([a, l], [b, m]) => a - b || l - m)) {
      const [offset, length] = range;
      if (length === 0 || (offset === last[0] && length === last[1])) continue;
      if (offset < end) throw new ToolError("The program's files overlap in the file data");
      if (offset > end) throw unused(offset - end);
      end = offset + length;
      last = range;
    }
    if (end < this.#data.length) throw unused(this.#data.length - end);
  }
}

function unused(bytes: number): ToolError {
  return new ToolError(`${bytes} bytes of the program's file data belong to no file`);
}

function checkName(name: string): string {
  if (name !== "" && name !== "." && name !== ".." && !/[/\\]/.test(name)) return name;
  throw new ToolError(`The program has a file with the name ${show(name)}`);
}

function show(name: string): string {
  return `"${printable(name.slice(0, 100))}"`;
}
