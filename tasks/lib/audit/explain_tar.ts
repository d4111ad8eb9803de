/**
 * Explains where two tars differ, one of which `export` wrote.
 *
 * @module
 */

import { ARCHIVE_LIMITS } from "../image/archive.ts";
import { openUnzipped } from "../image/gzip/gzip.ts";
import { firstDifference } from "./first_difference.ts";

const BLOCK_BYTES = 512;

/** The fields of a header: where each begins. */
const FIELDS: readonly [number, string][] = [
  [0, "name"],
  [100, "mode"],
  [108, "owner"],
  [116, "group"],
  [124, "size"],
  [136, "time"],
  [148, "checksum"],
  [156, "type"],
  [157, "link name"],
  [257, "magic"],
  [263, "version"],
  [265, "owner's name"],
  [297, "group's name"],
  [329, "device numbers"],
  [345, "prefix"],
  [500, "unused bytes"],
];

/**
 * Compares two tars, compressed or not.
 *
 * @param ours The one of `export`: regular files with short names only.
 * @param roles What the entries are called, by their names; the name itself if it isn't there.
 * @returns `undefined` if they are the same.
 * @throws {ToolError} Theirs can't be decompressed.
 */
export async function explainTar(
  theirs: string,
  ours: string,
  roles: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const offset = await firstDifference(await open(theirs), await open(ours));
  if (offset === undefined) return undefined;
  for await (const { name, headerAt, size } of walk(await open(ours))) {
    const called = roles.get(name) ?? name;
    const bodyAt = headerAt + BLOCK_BYTES;
    if (offset < bodyAt) return describeHeaders(theirs, ours, headerAt, called);
    if (offset < bodyAt + size) return `${called} differs at byte ${offset - bodyAt}`;
    if (offset < headerAt + entryBytes(size)) return `there are bytes in the padding of ${called}`;
  }
  return "there is something at the end, or the end is missing";
}

async function open(path: string): Promise<ReadableStream<Uint8Array>> {
  return await openUnzipped(path, { what: "The archive", limit: ARCHIVE_LIMITS.bytes });
}

async function describeHeaders(
  theirs: string,
  ours: string,
  headerAt: number,
  called: string,
): Promise<string> {
  const [a, b] = [await readBlock(theirs, headerAt), await readBlock(ours, headerAt)];
  if (a.length < BLOCK_BYTES) return `it ends before ${called}`;
  const differing = FIELDS.filter(([start, field], at) => {
    const end = FIELDS[at + 1]?.[0] ?? BLOCK_BYTES;
    return field !== "checksum" && textAt(a, start, end) !== textAt(b, start, end);
  });
  const isOther = differing.some(([start]) => start === 0);
  if (isOther) {
    const [name, type] = [textAt(a, 0, 100), textAt(a, 156, 157)].map((text) =>
      text.split("\0")[0]
    );
    return `there is an entry "${name}" of type "${type}" in place of ${called}`;
  }
  const names = differing.map(([, field]) => field).join(", ") || "checksum";
  return `the header of ${called} differs in its ${names}`;
}

async function readBlock(path: string, offset: number): Promise<Uint8Array> {
  const block = new Uint8Array(BLOCK_BYTES);
  let at = 0;
  for await (const chunk of await open(path)) {
    const from = Math.max(0, offset - at);
    if (from < chunk.length) {
      const filled = Math.max(0, at - offset);
      block.set(chunk.subarray(from, from + BLOCK_BYTES - filled), filled);
    }
    at += chunk.length;
    if (at >= offset + BLOCK_BYTES) return block;
  }
  return block.subarray(0, Math.max(0, at - offset));
}

interface Place {
  name: string;
  headerAt: number;
  size: number;
}

/** Yields where the entries are. */
async function* walk(stream: ReadableStream<Uint8Array>): AsyncGenerator<Place> {
  const block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  let at = 0;
  let headerAt = 0;
  for await (let chunk of stream) {
    while (chunk.length > 0) {
      const skipped = Math.min(Math.max(0, headerAt - at), chunk.length);
      const part = chunk.subarray(skipped, skipped + BLOCK_BYTES - filled);
      block.set(part, filled);
      filled += part.length;
      at += skipped + part.length;
      chunk = chunk.subarray(skipped + part.length);
      if (filled < BLOCK_BYTES) continue;
      const [name = ""] = textAt(block, 0, 100).split("\0");
      if (name === "") return;
      const size = parseInt(textAt(block, 124, 136), 8);
      yield { name, headerAt, size };
      headerAt += entryBytes(size);
      filled = 0;
    }
  }
}

/** How much room an entry takes, with its header and padding. */
function entryBytes(size: number): number {
  return BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
}

function textAt(block: Uint8Array, start: number, end: number): string {
  return new TextDecoder("latin1").decode(block.subarray(start, end));
}
