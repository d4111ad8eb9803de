/**
 * Records the checksums of libraries.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { ToolError } from "../errors.ts";
import { runDeno } from "../process/deno.ts";
import { LOCK, ROOT } from "../project.ts";
import { readImports } from "./import_map.ts";
import { ownLocks } from "./own_locks.ts";

/** What is read of a lock file. */
const LockFile = v.looseObject({
  specifiers: v.optional(v.record(v.string(), v.string()), {}),
  npm: v.optional(v.record(v.string(), v.looseObject({ integrity: v.string() })), {}),
});

/** A library as a lock file has it. */
export interface LockedLibrary {
  /** Its version. */
  version: string;
  /** Its package's checksum, as npm writes it. */
  integrity: string;
}

/**
 * Writes into deno.lock what the import map names, and drops what it no longer names; it needs no job that
 * imports them.
 *
 * @throws {ToolError} A library isn't available.
 */
export async function lockLibraries(): Promise<void> {
  // The others are folders of packages that have an entry of their own.
  await fetchInto(
    LOCK,
    Object.values(readImports()).filter((specifier) => !specifier.endsWith("/")),
  );
}

/**
 * Writes the lock files that single folders have of their own.
 *
 * @throws {ToolError} A library isn't available.
 */
export async function lockRooms(): Promise<void> {
  for (const { folder, lock, config } of ownLocks()) {
    await fetchInto(join(ROOT, lock), modulesOf(folder), join(ROOT, config));
  }
}

/**
 * Asks the registry which version a library's specifier stands for.
 *
 * @param specifier Like `npm:papaparse` or `npm:papaparse@^5`.
 * @param folder An empty folder.
 * @throws {ToolError} There is no such library.
 */
export async function resolveLibrary(specifier: string, folder: string): Promise<LockedLibrary> {
  const lock = join(folder, "deno.lock");
  await fetchInto(lock, [specifier]);
  const { specifiers, npm } = v.parse(LockFile, JSON.parse(Deno.readTextFileSync(lock)));
  const [name] = specifier.slice("npm:".length).split(/(?!^)@/);
  const [, found] = Object.entries(specifiers).find(([key]) => key.startsWith(`npm:${name}@`)) ??
    [];
  const integrity = npm[`${name}@${found}`]?.integrity;
  if (found === undefined || integrity === undefined) {
    throw new ToolError(`Deno didn't record which version ${specifier} stands for`);
  }
  // Behind the version may be those of its peers.
  return { version: found.split("_", 1)[0]!, integrity };
}

function modulesOf(room: string): string[] {
  return [...Deno.readDirSync(join(ROOT, room))]
    .filter(({ name }) => /\.tsx?$/.test(name))
    .map(({ name }) => `${room}/${name}`);
}

async function fetchInto(
  lock: string,
  specifiers: readonly string[],
  config: string = join(ROOT, "deno.json"),
): Promise<void> {
  const { success, stderr } = await runDeno(
    ["cache", "-q", `--config=${config}`, `--lock=${lock}`, "--frozen=false"]
      .concat(specifiers),
    { cwd: ROOT },
  );
  if (!success) throw new ToolError(stderr.replace(/^error: /, ""));
}
