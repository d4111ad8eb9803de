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
  /** Its group. */
  gid?: number;
  /** Its time in seconds since 1970, which may be negative. */
  mtime?: number;
  /** Where a link leads. */
  linkname?: string;
  /** What is between the entry's bytes and the next header; zeros if it isn't given. */
  padding?: number;
  /** Changes the header before its checksum is made. */
  edit?(header: Uint8Array): void;
}

const BLOCK = 512;

/**
 * A tar of these entries, in this order.
 *
 * @param end How many zeros end it; the standard wants at least 1024.
 */
export function rawTar(
  entries: readonly RawEntry[],
  { end = 2 * BLOCK }: { end?: number } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const data = typeof entry.data === "string"
      ? new TextEncoder().encode(entry.data)
      : entry.data ?? new Uint8Array();
    parts.push(
      header(entry, data.length),
      data,
      new Uint8Array((BLOCK - data.length % BLOCK) % BLOCK).fill(entry.padding ?? 0),
    );
  }
  parts.push(new Uint8Array(end));
  const tar = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    tar.set(part, at);
    at += part.length;
  }
  return tar;
}

/** A pax header (`x` for the next entry, `g` for all that follow) with these records. */
export function paxEntry(records: Record<string, string>, type: "x" | "g" = "x"): RawEntry {
  const data = Object.entries(records).map(([key, value]) => {
    const body = ` ${key}=${value}\n`;
    let length = body.length + 1;
    while (`${length}`.length + body.length !== length) length++;
    return `${length}${body}`;
  }).join("");
  return { name: "pax", type, data };
}

function header(entry: RawEntry, length: number): Uint8Array {
  const { name, size = length, type = "0", mode = 0o644, uid = 0, gid = 0, mtime = 0 } = entry;
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => block.set(new TextEncoder().encode(text), at);
  const octal = (at: number, digits: number, value: number) =>
    put(at, value.toString(8).padStart(digits, "0"));
  put(0, name);
  octal(100, 7, mode);
  octal(108, 7, uid);
  octal(116, 7, gid);
  octal(124, 11, size);
  if (mtime >= 0) octal(136, 11, mtime);
  else {
    // GNU's form of a negative number: two's complement over all twelve bytes.
    block.fill(0xff, 136, 148);
    new DataView(block.buffer).setInt32(144, mtime);
  }
  put(148, " ".repeat(8));
  put(156, type);
  put(157, entry.linkname ?? "");
  put(257, "ustar\x0000");
  entry.edit?.(block);
  octal(148, 6, block.reduce((sum, byte) => sum + byte, 0));
  block[154] = 0;
  return block;
}
