/**
 * Adds a library for jobs: to the import map, and with its checksum to deno.lock.
 *
 * @module
 */

import { LOCK } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { IMPORT_MAP, readImports, writeImports } from "./import_map.ts";
import { type LockedLibrary, lockLibraries, resolveLibrary } from "./lock.ts";

/** A library's name and, if one was asked for, its version or a range of versions. */
export interface LibraryRequest {
  /** The package's name on npm. */
  name: string;
  /** A version, a range of versions, or a tag. */
  range?: string;
}

/** A library that was added. */
export interface AddedLibrary extends LockedLibrary {
  /** The name that a job imports. */
  name: string;
}

/**
 * Adds a library of npm at one exact version; without a version asked for, that of the import map, or else
 * the newest.
 *
 * @throws {ToolError} It isn't available. Both files are then as they were.
 */
export async function addLibrary({ name, range }: LibraryRequest): Promise<AddedLibrary> {
  const imports = readImports();
  using folder = new TemporaryFolder({ prefix: "add-" });
  const wanted = range === undefined ? imports[name] ?? `npm:${name}` : `npm:${name}@${range}`;
  const library = await resolveLibrary(wanted, folder.path);
  const exact = `${name}@${library.version}`;
  const before = [IMPORT_MAP, LOCK].map((path) => ({ path, text: Deno.readTextFileSync(path) }));
  try {
    writeImports({ ...imports, [name]: `npm:${exact}`, [`${name}/`]: `npm:/${exact}/` });
    await lockLibraries();
  } catch (error) {
    for (const { path, text } of before) Deno.writeTextFileSync(path, text);
    throw error;
  }
  return { name, ...library };
}
