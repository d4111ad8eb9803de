/**
 * Where things are in the checkout, and how the worker is run from it.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's folder. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The script that makes the dummy database. */
export const DUMMY_DATA: string = "dummy_data.sql";

/** The two mounts, for local runs. */
export const INPUT: string = join(ROOT, "input");
/** @see {@linkcode INPUT} */
export const OUTPUT: string = join(ROOT, "output");

/** Arguments by which `deno` finds this checkout's configuration and locked dependencies. */
export const DENO_PROJECT_ARGS: readonly string[] = [
  `--config=${join(ROOT, "deno.json")}`,
  `--lock=${join(ROOT, "deno.lock")}`,
  "--frozen",
];

/** What tasks fetched and keep: removing it costs a download. */
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
 * Arguments by which `deno` runs a worker from its source, under just the permissions that the
 * compiled worker has. `-q` keeps Deno 2.6 from warning that permission sets are experimental.
 */
export function workerArgs(entry: string): string[] {
  return ["run", "-q", "--no-prompt", "-P=worker", ...DENO_PROJECT_ARGS, resolve(entry)];
}
