/**
 * Reads the program that `deno compile` of Deno 2.6 put behind its runtime.
 *
 * The reader is strict: it accepts what `compile` of this project writes, and nothing else that Deno would
 * run or ignore. What it returns is data; none of it is evaluated.
 *
 * @see https://github.com/denoland/deno/blob/v2.6.8/cli/standalone/binary.rs
 * @module
 */

import { formatBytes } from "../../../src/format_bytes.ts";
import { ToolError } from "../errors.ts";
import { readBytesAt } from "../http/read_bytes.ts";
import { readElfHeader } from "./elf.ts";
import { type EmbeddedFile, readFileIndex } from "./embedded_files.ts";

/** The most that is read of a program: host, job and their libraries are far smaller. */
const LARGEST_PAYLOAD_BYTES = 1 << 26;

const MAGIC = "d3n0l4nd";
const TRAILER_BYTES = 16;
/** The first eight bytes of the trailer, as two little-endian numbers. */
const TRAILER = [0x501e, 679] as const;

/** A part of a payload, as a person would name it. */
export interface PayloadSection {
  /** Its name: `metadata`, `data`. */
  name: string;
  /** Where it begins in the binary, in bytes. */
  offset: number;
  /** Its length in bytes. */
  length: number;
}

/** A program embedded in a binary. */
export interface EmbeddedProgram {
  /** The length of the runtime below it, in bytes. */
  runtimeBytes: number;
  /** How Deno runs the program: arguments, permissions, variables, flags, the entry's name. */
  metadata: Record<string, unknown>;
  /** Its files, in the order in which they are listed. */
  files: EmbeddedFile[];
  /** The parts of the binary behind the runtime, in their order and without gaps. */
  sections: PayloadSection[];
}

/**
 * Reads the program embedded in a binary.
 *
 * @throws {ToolError} The file isn't an ELF program, or what follows the ELF image isn't exactly one payload
 * as `compile` writes it. The message says what is unexpected.
 */
export function readEmbeddedProgram(path: string): EmbeddedProgram {
  const elf = readElfHeader(path);
  if (elf === undefined) throw new ToolError("The binary isn't a 64-bit ELF program");
  using file = Deno.openSync(path);
  const { size } = file.statSync();
  const trailer = readBytesAt(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
  const length = readTrailer(trailer);
  if (length > LARGEST_PAYLOAD_BYTES) {
    throw new ToolError(`The program's payload has ${length} bytes; the limit is 64 MiB`);
  }
  if (length > size) {
    throw new ToolError(`The program's payload has ${length} bytes, but the binary only ${size}`);
  }
  const start = size - length;
  if (start !== elf.end) {
    // Deno looks for the payload from the file's end, so there may be something else before it.
    throw new ToolError(
      `The program's payload begins at byte ${start}, but the ELF image ends at byte ${elf.end}`,
    );
  }
  const payload = readBytesAt(file, start, length - TRAILER_BYTES);
  return { runtimeBytes: start, ...parsePayload(payload, start) };
}

/** The length of the payload and its trailer. */
function readTrailer(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isTrailer = bytes.length === TRAILER_BYTES &&
    TRAILER.every((expected, at) => view.getUint32(at * 4, true) === expected);
  if (!isTrailer) throw new ToolError("The binary doesn't end as one compiled by Deno 2.6");
  return Number(view.getBigUint64(8, true));
}

function parsePayload(
  payload: Uint8Array<ArrayBuffer>,
  offset: number,
): Omit<EmbeddedProgram, "runtimeBytes"> {
  const cursor = new Cursor(payload, offset);
  cursor.magic("first magic");
  const metadata = cursor.json("metadata");
  if (typeof metadata !== "object" || metadata === null || Array.isArray(metadata)) {
    throw new ToolError("The program's metadata isn't a JSON object");
  }
  // The host and the job are bundles, so there is nothing that Deno would have to look up.
  cursor.empty("npm snapshot", "bigUint64");
  cursor.empty("specifiers", "uint32");
  cursor.empty("redirects", "uint32");
  cursor.empty("remote modules", "uint32");
  const index = cursor.json("file index");
  const data = cursor.bytes("file data");
  cursor.magic("last magic");
  if (cursor.left > 0) {
    const left = formatBytes(cursor.left);
    throw new ToolError(`The program has ${left} behind its payload's last magic`);
  }
  return {
    metadata: metadata as Record<string, unknown>,
    files: readFileIndex(index, data),
    sections: [...cursor.sections, {
      name: "trailer",
      offset: offset + payload.length,
      length: TRAILER_BYTES,
    }],
  };
}

/** Reads a payload part by part. */
class Cursor {
  readonly sections: PayloadSection[] = [];
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #offset: number;
  #at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  magic(name: string): void {
    const start = this.#at;
    const word = new TextDecoder("latin1").decode(this.#take(MAGIC.length, name));
    if (word !== MAGIC) throw new ToolError(`The program's payload has no ${name} (${MAGIC})`);
    this.#close(name, start);
  }

  /** A part that is a length and that many bytes. */
  bytes(name: string): Uint8Array<ArrayBuffer> {
    const start = this.#at;
    const bytes = this.#take(this.#number("bigUint64", name), name);
    this.#close(name, start);
    return bytes;
  }

  /** A part that is a length and that much JSON, written as JavaScript would write it. */
  json(name: string): unknown {
    const bytes = this.bytes(name);
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      const value: unknown = JSON.parse(text);
      // Duplicate keys and spaces would be gone: readers may differ about them.
      if (JSON.stringify(value) === text) return value;
    } catch {
      throw new ToolError(`The program's ${name} isn't JSON`);
    }
    throw new ToolError(
      `The program's ${name} isn't written as Deno writes it: keys twice, or spaces`,
    );
  }

  /** A part whose count or length must be zero. */
  empty(name: string, type: "bigUint64" | "uint32"): void {
    const start = this.#at;
    const count = this.#number(type, name);
    if (count !== 0) throw new ToolError(`The program has ${name} (${count}); expected none`);
    this.#close(name, start);
  }

  #number(type: "bigUint64" | "uint32", name: string): number {
    const bytes = this.#take(type === "uint32" ? 4 : 8, name);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return type === "uint32" ? view.getUint32(0, true) : Number(view.getBigUint64(0, true));
  }

  #take(length: number, name: string): Uint8Array<ArrayBuffer> {
    if (length > this.left) {
      throw new ToolError(
        `The program's payload ends in its ${name}: ${length} bytes are announced, ${this.left} left`,
      );
    }
    return this.#bytes.subarray(this.#at, this.#at += length);
  }

  #close(name: string, start: number): void {
    this.sections.push({ name, offset: this.#offset + start, length: this.#at - start });
  }
}
