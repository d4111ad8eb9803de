/**
 * Collects the files that a builder's job is made of, as data.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import type { BuilderImports } from "./import_map.ts";
import { ImportParser } from "./import_parser.ts";
import type { SourceFolder } from "./source_folder.ts";

/** What a job is made of, besides the SDK. */
export interface SourceFiles {
  /** The job's own files by their paths. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** The libraries that they import, as `npm:NAME@VERSION`. */
  libraries: Set<string>;
}

/** Options of {@linkcode collectSource}. */
export interface CollectOptions {
  /** The path of the job's module. */
  entry: string;
  /** The names that the modules import by. */
  imports: BuilderImports;
  /** Whether a path is a file of the SDK: that comes from the auditor's own checkout. */
  isSdk(path: string): boolean;
}

/**
 * Follows a job's imports, from its entry on. What isn't imported isn't read.
 *
 * @throws {ToolError} A module is missing, can't be parsed, or imports what no job may be made of.
 */
export async function collectSource(
  folder: SourceFolder,
  { entry, imports, isSdk }: CollectOptions,
): Promise<SourceFiles> {
  using parser = new ImportParser();
  const files: SourceFiles["files"] = new Map();
  const libraries: SourceFiles["libraries"] = new Set();
  const left = [{ path: entry, importer: "--entry" }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, importer } = next;
    if (files.has(path) || isSdk(path)) continue;
    const bytes = folder.readModule(path);
    if (bytes === undefined) {
      throw new ToolError(`${printable(path)} isn't in the source; ${importer} names it`);
    }
    files.set(path, bytes);
    if (path.endsWith(".json")) continue;
    const text = new TextDecoder().decode(bytes);
    for (const specifier of await parser.importsOf({ text, path })) {
      const target = imports.resolve(specifier, path);
      if (target.kind === "file") left.push({ path: target.path, importer: path });
      if (target.kind === "library") libraries.add(target.specifier);
    }
  }
  return { files, libraries };
}
