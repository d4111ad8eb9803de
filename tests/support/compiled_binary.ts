/**
 * Small binaries in the form that `deno compile` gives them, to be tampered with. They don't run.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** The parts of a binary, in their order. */
export interface BinaryParts {
  /** The runtime: an ELF image. */
  runtime: Uint8Array;
  /** What is between the runtime and the payload. */
  between: Uint8Array;
  /** The word that a payload begins with. */
  firstMagic: string;
  /** How the program is run, as JSON. */
  metadata: string;
  /** The npm snapshot. */
  npm: Uint8Array;
  /** How many specifiers there are, and the specifiers. */
  specifiers: Uint8Array;
  /** How many redirects there are, and the redirects. */
  redirects: Uint8Array;
  /** How many remote modules there are, and the modules. */
  remote: Uint8Array;
  /** The index of files, as JSON. */
  index: string;
  /** The files' bytes. */
  data: Uint8Array;
  /** The word that a payload ends with. */
  lastMagic: string;
  /** What is between the payload and the trailer. */
  behind: Uint8Array;
  /** The trailer's first two numbers. */
  trailer: [number, number];
  /** What the trailer's length is more than the payload's. */
  lengthOff: number;
}

const NONE = new Uint8Array();

/** An ELF image for a machine (62 is x86_64) that is its header alone. */
export function elfImage(machine = 62): Uint8Array<ArrayBuffer> {
  const elf = new DataView(new ArrayBuffer(64));
  elf.setUint32(0, 0x7f454c46);
  elf.setUint16(4, 0x0201);
  elf.setUint16(18, machine, true);
  elf.setBigUint64(40, 64n, true);
  elf.setUint16(58, 64, true);
  return new Uint8Array(elf.buffer);
}

/** An embedded program's files, as index and data. */
export function embedFiles(files: Record<string, string>): Pick<BinaryParts, "index" | "data"> {
  let offset = 0;
  const parts = Object.entries(files).sort(([a], [b]) => a < b ? -1 : 1).map(([name, text]) => {
    const bytes = Buffer.from(text);
    const file = { n: name, o: [offset, bytes.length], u: true, t: 0 };
    offset += bytes.length;
    return { bytes, entry: { File: file } };
  });
  return {
    index: JSON.stringify(parts.map(({ entry }) => entry)),
    data: Buffer.concat(parts.map(({ bytes }) => bytes)),
  };
}

/** The parts of a good binary. */
export function binaryParts(): BinaryParts {
  return {
    runtime: elfImage(),
    between: NONE,
    firstMagic: "d3n0l4nd",
    metadata: JSON.stringify({
      argv: [],
      seed: null,
      permissions: { allow_env: ["QUERY"], allow_net: [], allow_run: null, prompt: false },
      v8_flags: [],
      env_vars_from_env_file: {},
      entrypoint_key: "host.js",
      unstable_config: { features: [] },
    }),
    npm: NONE,
    specifiers: uint32(0),
    redirects: uint32(0),
    remote: uint32(0),
    ...embedFiles({ "host.js": "host();", "job.bundle": "job();" }),
    lastMagic: "d3n0l4nd",
    behind: NONE,
    trailer: [0x501e, 679],
    lengthOff: 0,
  };
}

/** Puts a binary together. */
export function makeBinary(change: Partial<BinaryParts> = {}): Uint8Array<ArrayBuffer> {
  const parts = { ...binaryParts(), ...change };
  const payload = Buffer.concat([
    Buffer.from(parts.firstMagic),
    sized(Buffer.from(parts.metadata)),
    sized(parts.npm),
    parts.specifiers,
    parts.redirects,
    parts.remote,
    sized(Buffer.from(parts.index)),
    sized(parts.data),
    Buffer.from(parts.lastMagic),
    parts.behind,
  ]);
  const [first, second] = parts.trailer;
  return new Uint8Array(Buffer.concat([
    parts.runtime,
    parts.between,
    payload,
    uint32(first),
    uint32(second),
    uint64(payload.length + 16 + parts.lengthOff),
  ]));
}

/** Takes a binary apart that {@linkcode makeBinary} or `compile` made. */
export function takeBinaryApart(bytes: Uint8Array): BinaryParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 16;
  let at = bytes.length - Number(view.getBigUint64(bytes.length - 8, true));
  const take = (length: number) => bytes.slice(at, at += length);
  const takeSized = () => take(Number(new DataView(take(8).buffer).getBigUint64(0, true)));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    runtime: bytes.slice(0, at),
    between: NONE,
    firstMagic: text(take(8)),
    metadata: text(takeSized()),
    npm: takeSized(),
    specifiers: take(4),
    redirects: take(4),
    remote: take(4),
    index: text(takeSized()),
    data: takeSized(),
    lastMagic: text(take(8)),
    behind: bytes.slice(at, end),
    trailer: [view.getUint32(end, true), view.getUint32(end + 4, true)],
    lengthOff: 0,
  };
}

/** A number in four bytes. */
export function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([uint64(bytes.length), bytes]);
}
