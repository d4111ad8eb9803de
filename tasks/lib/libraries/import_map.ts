/**
 * The import map: which version of which library a bare name stands for, in jobs and in this project.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";

/** The import map's file. */
export const IMPORT_MAP: string = join(ROOT, "import_map.json");

/** Specifiers by the names that modules import. */
export type Imports = Record<string, string>;

const ImportMap = v.strictObject({ imports: v.record(v.string(), v.string()) });

/**
 * Reads the import map.
 *
 * @throws {ToolError} It is missing, or holds anything but imports.
 */
export function readImports(): Imports {
  try {
    return v.parse(ImportMap, JSON.parse(Deno.readTextFileSync(IMPORT_MAP))).imports;
  } catch (error) {
    throw new ToolError(`${IMPORT_MAP} can't be read: ${messageOf(error)}`);
  }
}

/** Writes the import map, sorted by name. */
export function writeImports(imports: Imports): void {
  const sorted = Object.entries(imports).sort(([a], [b]) => a < b ? -1 : 1);
  const text = JSON.stringify({ imports: Object.fromEntries(sorted) }, null, 2);
  Deno.writeTextFileSync(IMPORT_MAP, `${text}\n`);
}
