/**
 * IPFS content identifiers: where a URL holds one, and whether bytes are what one names.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { CID } from "multiformats/cid";

/** A content identifier, and the path below it. */
export interface Content {
  /** The identifier. */
  cid: CID;
  /** The path below it, with a slash before each name; empty if there is none. */
  path: string;
}

/** Finds the identifier in `ipfs://CID`, `https://host/ipfs/CID`, `https://CID.ipfs.host` or `CID`. */
export function findContent(url: string): Content | undefined {
  const [, found, rest = ""] = /^(?:ipfs:\/\/(?:ipfs\/)?)?(\w+)(\/[^?#]*)?$/i.exec(url) ??
    /^https?:\/\/[^?#]*?\/ipfs\/(\w+)(\/[^?#]*)?/i.exec(url) ??
    /^https?:\/\/(\w+)\.ipfs\.[^/?#]+(\/[^?#]*)?/i.exec(url) ?? [];
  if (found === undefined) return undefined;
  try {
    return { cid: CID.parse(found), path: rest === "/" ? "" : rest };
  } catch {
    return undefined;
  }
}

/** The codes of https://github.com/multiformats/multicodec */
const SHA_256 = 0x12;
const RAW = 0x55;
const DAG_PB = 0x70;

/**
 * Whether bytes are the ones an identifier names: `undefined` where that can't be told, as the identifier
 * names a directory, or a tree of blocks that could have been cut in many ways.
 */
export function isContent({ cid, path }: Content, bytes: Uint8Array): boolean | undefined {
  if (path !== "" || cid.multihash.code !== SHA_256) return undefined;
  if (cid.code === RAW) return isHash(cid, bytes);
  if (cid.code !== DAG_PB) return undefined;
  return isHash(cid, oneBlock(bytes)) || undefined;
}

function isHash({ multihash: { digest } }: CID, bytes: Uint8Array): boolean {
  return createHash("sha256").update(bytes).digest().equals(digest);
}

/**
 * A small file as IPFS puts it into one block: https://specs.ipfs.tech/unixfs/. The fields are
 * Type = File, Data and filesize, inside a node's field Data.
 */
function oneBlock(bytes: Uint8Array): Uint8Array {
  const size = varint(bytes.length);
  const file = [0x08, 0x02, 0x12, ...size];
  const length = file.length + bytes.length + 1 + size.length;
  return Uint8Array.from([0x0a, ...varint(length), ...file, ...bytes, 0x18, ...size]);
}

function varint(number: number): number[] {
  const bytes: number[] = [];
  for (; number > 0x7f; number >>>= 7) bytes.push((number & 0x7f) | 0x80);
  return [...bytes, number];
}
