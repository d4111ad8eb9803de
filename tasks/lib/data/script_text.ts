/**
 * Reads the text of an SQL script, in the encodings that editors and shells write.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import { ToolError } from "../errors.ts";

/** Bytes that are examined for UTF-16 without a byte order mark. */
const SAMPLE_BYTES = 512;
const LINE_FEED = 0x0a;

/**
 * Reads a script in UTF-8 or UTF-16 (which PowerShell's `>` writes), with or without a byte order mark.
 *
 * @throws {ToolError} The file can't be read, is in another encoding, or holds a NUL character; the
 * line is named.
 */
export function readScript(path: string): string {
  const bytes = readBytes(path);
  const encoding = encodingOf(bytes);
  const text = decode(bytes, encoding) ?? failOnEncoding(path, bytes, encoding);
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  throw new ToolError(
    `${path}:${lineAt(text, nul)}: there is a NUL character, at which SQLite would stop reading; ` +
      "remove it. For a NUL in a value, write a BLOB: x'00'",
  );
}

/** The number of the line, counted from 1, that holds a character of a text. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

function readBytes(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    throw new ToolError(
      error instanceof Deno.errors.NotFound
        ? `${path} doesn't exist; expected an SQL script that makes the table "${RESULTS_TABLE}"`
        : `Can't read ${path}: ${messageOf(error)}`,
    );
  }
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** SQL is mostly ASCII, so in UTF-16 most of every second byte is zero. */
function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  const pairs = Math.min(bytes.length, SAMPLE_BYTES) >> 1;
  let high = 0;
  let low = 0;
  for (let pair = 0; pair < pairs; pair++) {
    if (bytes[2 * pair] === 0) high++;
    if (bytes[2 * pair + 1] === 0) low++;
  }
  if (low * 2 > pairs && high === 0) return "utf-16le";
  if (high * 2 > pairs && low === 0) return "utf-16be";
  return "utf-8";
}

function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function failOnEncoding(path: string, bytes: Uint8Array, encoding: Encoding): never {
  if (encoding !== "utf-8") {
    throw new ToolError(`${path} looks like ${encoding.toUpperCase()} but isn't; save it as UTF-8`);
  }
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    if (decode(bytes.subarray(start, end), encoding) === undefined) break;
    start = end + 1;
  }
  throw new ToolError(
    `${path}:${line}: the text isn't UTF-8; it may be Latin-1 or Windows-1252. Save the file as ` +
      `UTF-8, or convert it: iconv -f WINDOWS-1252 -t UTF-8`,
  );
}
