/**
 * What a worker may do, as this checkout asks for it.
 *
 * @module
 */

import { join } from "node:path";
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
