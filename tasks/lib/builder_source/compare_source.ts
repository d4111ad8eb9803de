/**
 * Makes a job's program again from its builder's source, and compares it with the one in an archive.
 *
 * The source is data: nothing in it is run. Of its settings only the names of libraries and the lock file
 * count; the SDK, the configuration and the registry are the auditor's own.
 *
 * @module
 */

import { dirname, join, normalize, relative } from "node:path";
import { printable } from "../../../src/printable.ts";
import { bundleJob, codeOf } from "../binary/job_program.ts";
import { ToolError } from "../errors.ts";
import { hiddenCharacters } from "../hidden_characters.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { BuilderImports } from "./import_map.ts";
import { downloadLibraries } from "./download_libraries.ts";
import { libraryIn, lockFor } from "./libraries.ts";
import { readLock } from "./lock.ts";
import { diffPrograms } from "./program_diff.ts";
import { collectSource } from "./source_files.ts";
import { SourceFolder } from "./source_folder.ts";
import { isSdkFile, type ProjectParts, writeProject } from "./trusted_project.ts";

/** The builder's source. */
export interface BuilderSource {
  /** The checkout's folder. */
  dir: string;
  /**
   * The path of the job's module in it.
   *
   * @default "main.ts"
   */
  entry?: string;
}

/** What a comparison with the source found. */
export interface SourceComparison {
  /** Whether the source makes the same program, byte for byte. */
  same: boolean;
  /** The job's own files that the program is made of, by their paths in the source. */
  files: string[];
  /** The libraries in the program, as `NAME@VERSION`. */
  libraries: string[];
  /**
   * Which of the files can look like another text to their reader. The program doesn't show it: a bundler
   * drops comments, and writes other characters as escapes.
   */
  notes: string[];
  /** A unified diff if it isn't the same: `-` only the archive has, `+` only the source. */
  diff: string[];
}

/**
 * Compares the program in an archive with the one that the source makes.
 *
 * @param program The job's program in the archive; none where it is the stock relay.
 * @throws {ToolError} The program can't be made of the source: there is no such file, or it needs something
 * that isn't read from a source. The message says what.
 */
export async function compareSource(
  { dir, entry: named = "main.ts" }: BuilderSource,
  program: Uint8Array | undefined,
): Promise<SourceComparison> {
  const entry = normalize(named);
  const folder = new SourceFolder(dir);
  const imports = new BuilderImports(folder);
  const all = readLock(folder);
  const { files, libraries } = await collectSource(folder, { entry, imports, isSdk: isSdkFile });
  const made = await bundleSource({ entry, files, imports, lock: lockFor(libraries, all) });
  const found = {
    files: [...files.keys()].sort(),
    libraries: made.libraries,
    notes: [...files].flatMap(([path, bytes]) => hiddenCharacters(bytes, path) ?? []),
  };
  if (program === undefined) {
    const stock = new Map([[entry, stockJob(entry)]]);
    const relay = await bundleSource({ entry, files: stock, imports, lock: lockFor([], all) });
    const same = codeOf(made.text) === codeOf(relay.text);
    return { same, ...found, diff: same ? [] : diffPrograms(relay.text, made.text) };
  }
  const same = isEqual(new TextEncoder().encode(made.text), program);
  const archived = new TextDecoder().decode(program);
  return { same, ...found, diff: same ? [] : diffPrograms(archived, made.text) };
}

/** Bundles a job in a folder of its own. */
async function bundleSource(
  { entry, ...parts }: ProjectParts & { entry: string },
): Promise<{ text: string; libraries: string[] }> {
  using temporary = new TemporaryFolder({ prefix: "source-" });
  const project = await writeProject(Deno.realPathSync(temporary.path), parts);
  await downloadLibraries(project, parts.lock);
  const cache = join(project.env.DENO_DIR, "npm/");
  const libraries = new Set<string>();
  const checkFile = (path: string, name = "npm:") => {
    const library = path.startsWith(cache) ? libraryIn(name, parts.lock) : undefined;
    if (library !== undefined) libraries.add(library);
    else if (name.startsWith("npm:")) {
      throw new ToolError(`The program includes ${printable(path)}, which isn't in the source`);
    }
  };
  const text = await bundleJob(join(project.root, entry), { ...project, checkFile });
  return { text, libraries: [...libraries].sort() };
}

/** The stock relay is the host's own code: its archive holds no program to compare with. */
function stockJob(entry: string): Uint8Array<ArrayBuffer> {
  const path = relative(dirname(entry), "mod.ts");
  const sdk = JSON.stringify(path.startsWith(".") ? path : `./${path}`);
  return new TextEncoder().encode(`import { relay } from ${sdk};\nexport default relay;\n`);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
