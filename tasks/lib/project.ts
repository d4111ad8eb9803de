/**
 * Where things are in the checkout, and how the worker is run from it.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The checkout's folder. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The job of this checkout. */
export const MAIN: string = join(ROOT, "main.ts");

/** The script that makes the dummy database. */
export const DUMMY_DATA: string = "dummy_data.sql";

/** The input mount of runs on this machine. */
export const INPUT: string = join(ROOT, "input");
/** The output mount of runs on this machine. */
export const OUTPUT: string = join(ROOT, "output");

/** The lock file: the checksums of all libraries. */
export const LOCK: string = join(ROOT, "deno.lock");

/** Arguments by which `deno` finds this checkout's configuration and locked dependencies. */
export const DENO_PROJECT_ARGS: readonly string[] = [
  `--config=${join(ROOT, "deno.json")}`,
  `--lock=${LOCK}`,
  "--frozen",
];

/** Downloads that tasks keep; it may be removed. */
export const CACHE: string = join(ROOT, ".cache");

/** The name of the image and of its archive. */
export const JOB_NAME = "my-compute-job";

/** Where `compile` puts the binary, from the checkout's folder: the Dockerfile copies it from there. */
export const BINARY_IN_CONTEXT = "dist/relay";

/** @see {@linkcode BINARY_IN_CONTEXT} */
export const BINARY: string = join(ROOT, BINARY_IN_CONTEXT);

/** Where `export` puts the archive. */
export const ARCHIVE: string = join(ROOT, "dist", `${JOB_NAME}.tar.gz`);

/**
 * Arguments by which `deno` runs a job from its source: the host under just the permissions that the
 * binary's host has, and the job in its isolate. `-q` keeps Deno 2.6 from warning that permission sets
 * are experimental.
 */
export function workerArgs(entry: string): string[] {
  const path = resolve(entry);
  const root = path.startsWith(`${ROOT}/`) ? ROOT : dirname(path);
  return ["run", "-q", "--no-prompt", "-P=worker", ...DENO_PROJECT_ARGS]
    .concat([join(ROOT, "src/host/from_source.ts")])
    .concat([pathToFileURL(path).href, pathToFileURL(`${root}/`).href]);
}
