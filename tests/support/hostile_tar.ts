/**
 * Writes tars that a proper library would refuse to write.
 *
 * @module
 */

/** An entry, true or lying. */
export interface RawEntry {
  /** Its name, as it will be in the header. */
  name: string;
  /** Its bytes. */
  data?: Uint8Array | string;
  /** The length that the header announces, if not that of the bytes. */
  size?: number;
  /** Its type flag: "0" is a file, "2" a symlink, "3" a device, "5" a folder. */
  type?: string;
  /** Its permission bits. */
  mode?: number;
  /** Its owner. */
  uid?: number;
  /** Where a link leads. */
  linkname?: string;
}

const BLOCK = 512;

/** A tar of these entries, in this order. */
export function rawTar(entries: readonly RawEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const data = typeof entry.data === "string"
      ? new TextEncoder().encode(entry.data)
      : entry.data ?? new Uint8Array();
    parts.push(
      header(entry, data.length),
      data,
      new Uint8Array((BLOCK - data.length % BLOCK) % BLOCK),
    );
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const tar = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    tar.set(part, at);
    at += part.length;
  }
  return tar;
}

function header(
  { name, size, type = "0", mode = 0o644, uid = 0, linkname = "" }: RawEntry,
  length: number,
): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, digits: number, value: number) =>
    put(at, value.toString(8).padStart(digits, "0"));
  put(0, name);
  octal(100, 7, mode);
  octal(108, 7, uid);
  octal(116, 7, 0);
  octal(124, 11, size ?? length);
  octal(136, 11, 0);
  put(148, " ".repeat(8));
  put(156, type);
  put(157, linkname);
  put(257, "ustar\x0000");
  octal(148, 6, block.reduce((sum, byte) => sum + byte, 0));
  block[154] = 0;
  return block;
}
