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
import { TemporaryFolder } from "../temporary_folder.ts";
import { BuilderImports } from "./import_map.ts";
import { LockedLibraries } from "./libraries.ts";
import { readLock } from "./lock.ts";
import { diffPrograms } from "./program_diff.ts";
import { collectSource, type SourceFiles } from "./source_files.ts";
import { SourceFolder } from "./source_folder.ts";
import { isSdkFile, writeProject } from "./trusted_project.ts";

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
  const lock = readLock(folder);
  const { files, libraries } = await collectSource(folder, { entry, imports, isSdk: isSdkFile });
  const locked = new LockedLibraries(lock);
  locked.expect(libraries);
  const bundle = async (files: SourceFiles["files"]) => {
    using temporary = new TemporaryFolder({ prefix: "source-" });
    const project = writeProject(Deno.realPathSync(temporary.path), { files, imports, lock });
    return await bundleJob(join(project.root, entry), {
      ...project,
      checkFile(path, name) {
        if (name === undefined) {
          throw new ToolError(`The program takes in ${printable(path)}, which isn't in the source`);
        }
        locked.check(path, name);
      },
    });
  };
  const made = await bundle(files);
  const found = { files: [...files.keys()].sort(), libraries: [...locked.found].sort() };
  if (program === undefined) {
    const stock = await bundle(new Map([[entry, stockJob(entry)]]));
    const same = codeOf(made) === codeOf(stock);
    return { same, ...found, diff: same ? [] : diffPrograms({ archive: stock, source: made }) };
  }
  const archived = new TextDecoder().decode(program);
  const same = isEqual(new TextEncoder().encode(made), program);
  return { same, ...found, diff: same ? [] : diffPrograms({ archive: archived, source: made }) };
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
