/**
 * The releases of this project: which version this checkout is, and which host belongs to which version.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";

/** The file that records every version's host. */
export const RELEASES_NAME = "releases.json";

const RELEASES: string = join(ROOT, RELEASES_NAME);

const Release = v.strictObject({
  deno: v.string(),
  host: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits")),
});

/** A version's record: the Deno that bundles its host, and the SHA-256 of `host.js`, in hexadecimal. */
export type Release = v.InferOutput<typeof Release>;

/** The records by version, the newest first. */
export type Releases = Record<string, Release>;

/** This checkout's version, from deno.json. */
export function thisVersion(): string {
  return JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json"))).version;
}

/**
 * Reads the records.
 *
 * @throws {ToolError} The file is missing or malformed.
 */
export function readReleases(): Releases {
  try {
    return v.parse(v.record(v.string(), Release), JSON.parse(Deno.readTextFileSync(RELEASES)));
  } catch (error) {
    throw new ToolError(`${RELEASES} can't be read: ${messageOf(error)}`);
  }
}

/** Writes the records. */
export function writeReleases(releases: Releases): void {
  Deno.writeTextFileSync(RELEASES, `${JSON.stringify(releases, null, 2)}\n`);
}

/**
 * The version whose host this is, by the records of this checkout.
 *
 * @param sha256 The SHA-256 of a `host.js`, in hexadecimal.
 * @returns `undefined` if it is none of theirs.
 * @throws {ToolError} The records can't be read.
 */
export function releaseOfHost(sha256: string): string | undefined {
  return Object.entries(readReleases()).find(([, { host }]) => host === sha256)?.[0];
}
