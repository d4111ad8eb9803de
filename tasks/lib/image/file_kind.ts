/**
 * Says what a file is that isn't what was expected.
 *
 * @module
 */

/** The first bytes of kinds of files, one character a byte. */
const SIGNATURES: readonly [string, string][] = [
  ["version https://git-lfs", "a Git LFS pointer"],
  ["PK\x03\x04", "a ZIP archive"],
  ["\x1f\x8b", "gzip data"],
  ["\x28\xb5\x2f\xfd", "Zstandard data"],
  ["\xfd7zXZ", "XZ data"],
  ["BZh", "bzip2 data"],
  ["\x7fELF", "a Linux program"],
];

/** How documents begin. */
const DOCUMENTS: readonly [RegExp, string][] = [
  [/^\s*<(!doctype\s+html|html|head|body)/i, "an HTML page"],
  [/^\s*<\?xml/i, "an XML document"],
  [/^\s*[{[]\s*["{[\]}]/, "a JSON document"],
];

/**
 * Says what a file is, by how it begins.
 *
 * @param head The first bytes; a hundred or so are enough.
 * @returns `"an HTML page"`, for instance.
 */
export function describeKind(head: Uint8Array): string {
  if (head.length === 0) return "an empty file";
  const text = String.fromCharCode(...head.subarray(0, 256));
  const signature = SIGNATURES.find(([start]) => text.startsWith(start));
  if (signature !== undefined) return signature[1];
  const document = DOCUMENTS.find(([start]) => start.test(text));
  if (document !== undefined) return document[1];
  return /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(text) ? "a text file" : "unknown data";
}
