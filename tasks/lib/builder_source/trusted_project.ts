/**
 * A folder in which a builder's job is bundled: the job's own files as they are, and all else from the
 * auditor's checkout.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDirectory, isFile } from "../../../src/files.ts";
import type { JobProject } from "../binary/job_program.ts";
import { runDeno } from "../process/deno.ts";
import { ROOT } from "../project.ts";
import type { BuilderImports } from "./import_map.ts";
import { libraryOf, type Lock } from "./lock.ts";
import type { SourceFiles } from "./source_files.ts";

/** The files of the SDK in a checkout. */
const SDK = ["mod.ts", "testing.ts", "query_engine.ts", "src"];

/** The settings of the auditor's checkout that change what a bundle is made of. */
const BUNDLE_SETTINGS = ["compilerOptions", "unstable", "nodeModulesDir", "lock"];

/** What bundling a stranger's job may take; it may download libraries. */
const BOUNDS = { timeMs: 120_000, outputBytes: 1 << 20, memoryBytes: 2 ** 31 };

/** Whether a path in a checkout is a file of the SDK. */
export function isSdkFile(path: string): boolean {
  return SDK.includes(path.split("/")[0]!) && isFile(join(ROOT, path));
}

/**
 * Gives a cache of Deno's the bundler that is in the auditor's own cache: it is Deno's, and large.
 *
 * @param denoDir The cache, which isn't there yet.
 */
async function shareBundler(denoDir: string): Promise<void> {
  Deno.mkdirSync(denoDir);
  const { stdout } = await runDeno(["info", "--json", "--no-config"], { cwd: denoDir });
  const programs = join(JSON.parse(stdout).denoDir, "dl");
  if (isDirectory(programs)) Deno.symlinkSync(programs, join(denoDir, "dl"));
}

type Names = Record<string, string>;

/** An import map. */
interface ImportMap {
  imports: Names;
  scopes: Record<string, Names>;
}

/** A project that was written. */
export interface TrustedProject extends JobProject {
  /** What its `deno` gets: a cache of its own, so that each library is downloaded and compared anew. */
  env: { DENO_DIR: string };
}

/** What a project is made of. */
export interface ProjectParts extends Pick<SourceFiles, "files"> {
  /** The names that the files import by. */
  imports: BuilderImports;
  /** The libraries that they may import. */
  lock: Lock;
}

/**
 * Writes a project.
 *
 * @param folder An empty folder, without links in its path.
 * @returns How a job in it is bundled.
 */
export async function writeProject(
  folder: string,
  { files, imports, lock }: ProjectParts,
): Promise<TrustedProject> {
  const root = join(folder, "source");
  Deno.mkdirSync(root);
  for (const path of SDK) copyTree(join(ROOT, path), join(root, path));
  for (const [path, bytes] of files) {
    Deno.mkdirSync(dirname(join(root, path)), { recursive: true });
    Deno.writeFileSync(join(root, path), bytes, { createNew: true });
  }
  const config = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const settings = Object.fromEntries(BUNDLE_SETTINGS.map((name) => [name, config[name]]));
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(join(folder, name), JSON.stringify(value));
  const own = JSON.parse(Deno.readTextFileSync(join(ROOT, config.importMap))).imports;
  const map = closedImportMap(folder, { root, lock, imports, own });
  write("deno.json", { ...settings, importMap: "./import_map.json" });
  write("import_map.json", map);
  write("deno.lock", { ...lock, workspace: { dependencies: dependencies(map) } });
  // The registry is the auditor's own.
  const npmrc = join(ROOT, ".npmrc");
  if (isFile(npmrc)) Deno.copyFileSync(npmrc, join(folder, ".npmrc"));
  const denoDir = join(folder, "deno");
  await shareBundler(denoDir);
  return {
    root,
    temporary: folder,
    denoArgs: [
      `--config=${join(folder, "deno.json")}`,
      `--lock=${join(folder, "deno.lock")}`,
      "--frozen",
      "--no-remote",
    ],
    env: { DENO_DIR: denoDir },
    bounds: BOUNDS,
  };
}

/** Makes an import map without which an import could lead to any file of the disk. */
function closedImportMap(
  folder: string,
  { root, lock, imports, own }: {
    root: string;
    lock: Lock;
    imports: BuilderImports;
    /** The names of the auditor's checkout. */
    own: Names;
  },
): ImportMap {
  const urlOf = (path: string) => pathToFileURL(path).href;
  const names: Names = {};
  for (const [name, target] of imports.names) {
    if (target.kind === "library") names[name] = target.specifier;
    if (target.kind === "file") {
      names[name] = `${urlOf(join(root, target.path))}${name.endsWith("/") ? "/" : ""}`;
    }
  }
  const refused = `${urlOf(join(folder, "refused"))}/`;
  // A name that were left out would be the builder's to define, also in the SDK's own modules.
  const none = Object.keys(own).map((name) => [name, `${refused}${name}`]);
  const sdkNames = { ...Object.fromEntries(none), ...lockedOnly(own, lock) };
  return {
    imports: {
      ...lockedOnly(names, lock),
      "file:///": refused,
      [`${urlOf(folder)}/`]: `${urlOf(folder)}/`,
    },
    scopes: Object.fromEntries(SDK.map((path) => [
      `${urlOf(join(root, path))}${isDirectory(join(ROOT, path)) ? "/" : ""}`,
      sdkNames,
    ])),
  };
}

/** Names of libraries that aren't in the lock file are left out. */
function lockedOnly(names: Names, { specifiers }: Lock): Names {
  return Object.fromEntries(
    Object.entries(names).filter(([, target]) =>
      !target.startsWith("npm:") || Object.hasOwn(specifiers, libraryOf(target))
    ),
  );
}

/** What Deno expects a lock file to say of the import map beside it. */
function dependencies({ imports, scopes }: ImportMap): string[] {
  const targets = [imports, ...Object.values(scopes)].flatMap((names) => Object.values(names));
  const libraries = targets.filter((target) => target.startsWith("npm:")).map(libraryOf);
  return [...new Set(libraries)].sort();
}

function copyTree(from: string, to: string): void {
  if (!isDirectory(from)) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copyTree(join(from, name), join(to, name));
}
