/**
 * Reads the header of an ELF file: what machine it is for, and where it ends.
 *
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 * @module
 */

import { readBytesAt } from "../http/read_bytes.ts";

/** What an ELF file's header says. */
export interface ElfHeader {
  /** The machine, as `uname -m` names it, or its number in the ELF standard. */
  machine: string;
  /** The ELF image's length in bytes. What follows it is not the linker's. */
  end: number;
}

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
const MACHINES: Record<number, string> = { 62: "x86_64", 183: "aarch64" };
/** A section that takes no room in the file. */
const NOBITS = 8;

/**
 * Reads a 64-bit little-endian ELF header.
 *
 * @returns `undefined` if the file is not such an ELF file.
 */
export function readElfHeader(path: string): ElfHeader | undefined {
  using file = Deno.openSync(path);
  const header = viewAt(file, 0, HEADER_BYTES);
  if (header === undefined) return undefined;
  const isElf64 = header.getUint32(0) === 0x7f454c46 && header.getUint16(4) === 0x0201;
  if (!isElf64 || header.getUint16(58, true) !== SECTION_BYTES) return undefined;
  const sectionsAt = Number(header.getBigUint64(40, true));
  const count = header.getUint16(60, true);
  const sections = viewAt(file, sectionsAt, count * SECTION_BYTES);
  if (sections === undefined) return undefined;
  let end = sectionsAt + count * SECTION_BYTES;
  for (let at = 0; at < count * SECTION_BYTES; at += SECTION_BYTES) {
    if (sections.getUint32(at + 4, true) === NOBITS) continue;
    const offset = sections.getBigUint64(at + 24, true) + sections.getBigUint64(at + 32, true);
    end = Math.max(end, Number(offset));
  }
  if (end > file.statSync().size) return undefined;
  const machine = header.getUint16(18, true);
  return { machine: MACHINES[machine] ?? `machine ${machine}`, end };
}

function viewAt(file: Deno.FsFile, offset: number, length: number): DataView | undefined {
  if (offset + length > file.statSync().size) return undefined;
  const bytes = readBytesAt(file, offset, length);
  return bytes.length === length ? new DataView(bytes.buffer) : undefined;
}
