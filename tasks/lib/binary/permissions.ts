/**
 * What a worker may do: as this checkout asks for it, and as a compiled binary says.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { ROOT } from "../project.ts";

/** A kind of permission: all of it, none of it, or just what is listed. */
export type Grant = boolean | string[];

/** A permission set of deno.json. */
export interface Permissions {
  /** Files and folders that may be read. */
  read?: Grant;
  /** Files and folders that may be written. */
  write?: Grant;
  /** Hosts that may be connected to. */
  net?: Grant;
  /** What may be asked of the operating system. */
  sys?: Grant;
  /** Environment variables that may be read. */
  env?: Grant;
  /** Programs that may be started. */
  run?: Grant;
  /** Native libraries that may be loaded. */
  ffi?: Grant;
}

const KINDS = ["read", "write", "net", "sys", "env", "run", "ffi"] as const;

/** The permission set `worker` of this checkout's deno.json. */
export function workerPermissions(): Permissions {
  return JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))).permissions.worker;
}

/** Says what is allowed, and what is not, on one line: `read, write, sys=statfs; no run, no ffi`. */
export function describePermissions(permissions: Permissions): string {
  const allowed = KINDS.flatMap((kind) => {
    const grant = permissions[kind];
    if (!isGranted(grant)) return [];
    return Array.isArray(grant) ? [`${kind}=${grant.join(",")}`] : [kind];
  });
  const refused = KINDS.filter((kind) => !isGranted(permissions[kind])).map((kind) => `no ${kind}`);
  return [allowed.length === 0 ? ["nothing"] : allowed, refused]
    .filter((part) => part.length > 0).map((part) => part.join(", ")).join("; ");
}

function isGranted(grant: Grant | undefined): boolean {
  return Array.isArray(grant) ? grant.length > 0 : grant === true;
}

/** Whether two sets allow the same. */
export function samePermissions(a: Permissions, b: Permissions): boolean {
  return describePermissions(normalize(a)) === describePermissions(normalize(b));
}

function normalize(permissions: Permissions): Permissions {
  return Object.fromEntries(
    Object.entries(permissions).map(([kind, grant]) => [
      kind,
      Array.isArray(grant) ? [...grant].sort() : grant,
    ]),
  );
}

/** What `deno compile` calls a grant: absent for none, an empty list for all. */
const Allowed = v.nullish(v.array(v.string()));

const Metadata = v.object({
  permissions: v.object({
    allow_read: Allowed,
    allow_write: Allowed,
    allow_net: Allowed,
    allow_sys: Allowed,
    allow_env: Allowed,
    allow_run: Allowed,
    allow_ffi: Allowed,
  }),
});

const MAGIC = "d3n0l4nd";
const LENGTH_BYTES = 8;
const LONGEST_METADATA = 1 << 20;

/**
 * Reads the permissions baked into a program that Deno 2.6 compiled: behind its ELF image come a
 * magic word, a length, and the metadata as JSON.
 *
 * @param elfEnd Where the program's ELF image ends, in bytes.
 * @returns `undefined` if there is no such metadata.
 */
export function readBakedPermissions(program: string, elfEnd: number): Permissions | undefined {
  using file = Deno.openSync(program);
  file.seekSync(elfEnd, Deno.SeekMode.Start);
  const head = read(file, MAGIC.length + LENGTH_BYTES);
  if (new TextDecoder().decode(head.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
  if (head.length < MAGIC.length + LENGTH_BYTES) return undefined;
  const length = new DataView(head.buffer).getBigUint64(MAGIC.length, true);
  if (length > LONGEST_METADATA) return undefined;
  const text = new TextDecoder().decode(read(file, Number(length)));
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Metadata), text);
  if (!result.success) return undefined;
  const baked = result.output.permissions;
  return Object.fromEntries(KINDS.flatMap((kind) => {
    const allowed = baked[`allow_${kind}`];
    return allowed ? [[kind, allowed.length === 0 ? true : allowed]] : [];
  }));
}

function read(file: Deno.FsFile, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return bytes.subarray(0, at);
}
