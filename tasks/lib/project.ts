/**
 * Where things are in the checkout, and how the worker is run from it.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

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

/** Where `compile` and `export` put what they make. */
export const DIST: string = join(ROOT, "dist");

/**
 * Arguments by which `deno` runs a job from its source: the host under just the permissions that the
 * binary's host has, and the job in its isolate. `-q` keeps Deno 2.6 from warning that permission sets
 * are experimental.
 */
export function workerArgs(entry: string): string[] {
  return ["run", "-q", "--no-prompt", "-P=worker", ...DENO_PROJECT_ARGS]
    .concat([join(ROOT, "src/host/from_source.ts")])
    .concat([pathToFileURL(resolve(entry)).href, pathToFileURL(`${ROOT}/`).href]);
}
