/** Changes of the binary: its runtime, how the program is run, and its files. */

import { Buffer } from "node:buffer";
import { type ArchiveChanges, edit } from "../archive_parts.ts";
import { type BinaryParts, makeBinary, uint32 } from "../compiled_binary.ts";

type Edit = Parameters<typeof edit>[1];

/** Settings by which a program would be run otherwise. */
const METADATA: Record<string, Edit> = {
  "arguments": (metadata) => metadata.argv = ["--evil"],
  "a seed": (metadata) => metadata.seed = 1,
  "a code cache": (metadata) => metadata.code_cache_key = 1,
  "a right to run programs": (metadata) => metadata.permissions.allow_run = [],
  "a right to load libraries": (metadata) => metadata.permissions.allow_ffi = [],
  "a right to all variables": (metadata) => metadata.permissions.allow_env = [],
  "a right to import": (metadata) => metadata.permissions.allow_import = [],
  "a prompt for rights": (metadata) => metadata.permissions.prompt = true,
  "an exception to a refusal": (metadata) => metadata.permissions.deny_net = [],
  "a location": (metadata) => metadata.location = "https://evil.example/",
  "flags of V8": (metadata) => metadata.v8_flags = ["--allow-natives-syntax"],
  "another log level": (metadata) => metadata.log_level = "DEBUG",
  "certificate stores": (metadata) => metadata.ca_stores = ["system"],
  "a certificate": (metadata) => metadata.ca_data = [1, 2, 3],
  "certificates that aren't checked": (metadata) =>
    metadata.unsafely_ignore_certificate_errors = ["query.vana.org"],
  "a variable": (metadata) =>
    metadata.env_vars_from_env_file = { QUERY_ENGINE_URL: "https://evil.example" },
  "an import map": (metadata) =>
    metadata.workspace_resolver = {
      import_map: { specifier: "file:///", json: '{"imports":{"node:fs":"./evil.js"}}' },
    },
  "another entry": (metadata) => metadata.entrypoint_key = "evil.js",
  "a preloaded module": (metadata) => metadata.preload_modules = ["evil.js"],
  "a required module": (metadata) => metadata.require_modules = ["evil.js"],
  "node_modules": (metadata) => metadata.node_modules = { Managed: { node_modules_dir: null } },
  "unstable features": (metadata) => metadata.unstable_config = { features: ["ffi"] },
  "telemetry": (metadata) => metadata.otel_config = { tracing_enabled: true },
  "case-insensitive names": (metadata) => metadata.vfs_case_sensitivity = "i",
  "an unknown member": (metadata) => metadata.evil = true,
};

/** Changes of the index and the files, by value. */
const FILES: Record<
  string,
  (index: ReturnType<typeof JSON.parse>, data: Buffer) => Uint8Array | void
> = {
  "a file's time": (index) => {
    index[0].File.t = 1;
  },
  "no time": (index) => {
    delete index[0].File.t;
  },
  "code that runs in place of a file's": (index, data) => {
    index[0].File.m = [data.length, 4];
    return Buffer.concat([data, Buffer.from("evil")]);
  },
  "a file's own code as what runs": (index) => {
    index[0].File.m = index[0].File.o;
  },
  "a CommonJS analysis": (index) => {
    index[0].File.c = index[0].File.o;
  },
  "a source map": (index) => {
    index[0].File.s = index[0].File.o;
  },
  "another hint about UTF-8": (index) => {
    index[0].File.u = !index[0].File.u;
  },
  "one more file": (index, data) => {
    index.push({ File: { n: "zzz.js", o: [data.length, 4], u: true, t: 0 } });
    return Buffer.concat([data, Buffer.from("evil")]);
  },
  "an empty file": (index) => {
    index.push({ File: { n: "zzz.js", o: [0, 0], u: true, t: 0 } });
  },
  "the first file twice": (index) => {
    index.unshift(index[0]);
  },
  "another file of the first one's name": (index, data) => {
    index.splice(1, 0, { File: { ...index[0].File, o: [data.length, 4] } });
    return Buffer.concat([data, Buffer.from("evil")]);
  },
  "a symlink": (index) => {
    index.push({ Symlink: { n: "zzz", p: ["etc", "passwd"] } });
  },
  "an empty folder": (index) => {
    index.push({ Dir: { n: "zzz", e: [] } });
  },
  "data that belongs to no file": (_, data) => Buffer.concat([data, Buffer.from("evil")]),
  "data before its files": (index, data) => {
    for (const { File } of index) File.o[0] += 4;
    return Buffer.concat([Buffer.from("evil"), data]);
  },
  "one byte of its entry changed": (index, data) => {
    const [offset] = index[0].File.o;
    return data.fill(data[offset]! ^ 1, offset, offset + 1);
  },
  "code behind its entry": (index, data) => {
    const [{ File: { o } }, ...rest] = index;
    const evil = Buffer.from("evil");
    o[1] += evil.length;
    for (const { File } of rest) File.o[0] += evil.length;
    const end = o[0] + o[1] - evil.length;
    return Buffer.concat([data.subarray(0, end), evil, data.subarray(end)]);
  },
};

/** Changes of how a binary is put together. */
const PARTS: Record<string, (parts: BinaryParts) => Partial<BinaryParts>> = {
  "one byte of its runtime changed": ({ runtime }) => ({
    runtime: runtime.with(runtime.length >> 1, runtime[runtime.length >> 1]! ^ 1),
  }),
  "one byte of its ELF header changed": ({ runtime }) => ({ runtime: runtime.with(15, 1) }),
  "a runtime for another machine": ({ runtime }) => ({ runtime: runtime.with(18, 183) }),
  "bytes between runtime and payload": () => ({ between: Buffer.from("evil") }),
  "a decoy before its payload": (parts) => ({
    between: makeBinary({ ...parts, runtime: new Uint8Array() }),
  }),
  "a payload behind its payload": (parts) => ({
    behind: makeBinary({ ...parts, runtime: new Uint8Array() }).slice(0, -16),
  }),
  "bytes behind its payload": () => ({ behind: Buffer.from("evil") }),
  "another first magic": () => ({ firstMagic: "D3n0l4nd" }),
  "another last magic": () => ({ lastMagic: "D3n0l4nd" }),
  "another version's trailer": ({ trailer: [first, second] }) => ({
    trailer: [first, second + 1],
  }),
  "a trailer that is too long by one": () => ({ lengthOff: 1 }),
  "a trailer that is too short by one": () => ({ lengthOff: -1 }),
  "an npm snapshot": () => ({ npm: Buffer.from("evil") }),
  "a specifier": () => ({ specifiers: uint32(1) }),
  "a redirect": () => ({ redirects: uint32(1) }),
  "a remote module": () => ({ remote: uint32(1) }),
  "a key twice": ({ metadata }) => ({
    metadata: metadata.replace('"argv":', '"argv":["--evil"],"argv":'),
  }),
  "a key in another case": ({ metadata }) => ({
    metadata: metadata.replace('"argv":', '"ARGV":["--evil"],"argv":'),
  }),
  "an escaped key": ({ metadata }) => ({ metadata: metadata.replace('"argv":', '"\\u0061rgv":') }),
  "spaces": ({ metadata }) => ({ metadata: metadata.replace(":", ": ") }),
  "spaces in its index": ({ index }) => ({ index: index.replace(":", ": ") }),
  "a key twice in its index": ({ index }) => ({
    index: index.replace('"o":', '"o":[0,0],"o":'),
  }),
};

/** Changes of the job's binary. */
export const HOSTILE_BINARY: Record<string, ArchiveChanges> = {
  ...Object.fromEntries(
    Object.entries(METADATA).map(([what, change]) => [what, {
      binary: ({ metadata }: BinaryParts) => ({ metadata: edit(metadata, change) }),
    }]),
  ),
  ...Object.fromEntries(
    Object.entries(FILES).map(([what, change]) => [what, {
      binary({ index, data }: BinaryParts) {
        const entries = JSON.parse(index);
        const changed = change(entries, Buffer.from(data));
        return { index: JSON.stringify(entries), data: changed ?? data };
      },
    }]),
  ),
  ...Object.fromEntries(Object.entries(PARTS).map(([what, binary]) => [what, { binary }])),
  "bytes behind its trailer": {
    binaryBytes: (bytes) => Buffer.concat([bytes, Buffer.from("evil")]),
  },
  "a second program behind it": {
    binaryBytes: (bytes) => Buffer.concat([bytes, makeBinary({ runtime: new Uint8Array() })]),
  },
  "no payload": {
    binary: ({ runtime }) => ({ runtime, metadata: "{}", index: "[]", data: new Uint8Array() }),
  },
  "a script in its place": { binaryBytes: () => Buffer.from("#!/bin/sh\nexec /evil\n") },
  "nothing in its place": { binaryBytes: () => new Uint8Array() },
};
