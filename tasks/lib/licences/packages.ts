/**
 * Reads the licences that npm packages carry.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { isDirectory, isFile } from "../../../src/files.ts";
import type { Lock } from "../builder_source/lock.ts";
import { ToolError } from "../errors.ts";
import { parseJson } from "../image/json.ts";
import { runDeno } from "../process/deno.ts";
import { ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;

const Manifest = v.looseObject({
  name: v.string(),
  version: v.string(),
  license: v.optional(v.string()),
});

/** A package and its licence. */
export interface LicensedPackage {
  /** Its name. */
  name: string;
  /** Its version. */
  version: string;
  /** The licence's short name, as its package.json has it. */
  licence: string;
  /** The text of its licence, and of its notice if it has one. */
  text: string;
}

/**
 * Reads the licences of packages, by name. Those that aren't in Deno's cache are downloaded.
 *
 * @param lock What a lock file says of them.
 * @throws {ToolError} One isn't available, or has no licence.
 */
export async function readPackages(lock: Lock): Promise<LicensedPackage[]> {
  using folder = new TemporaryFolder({ prefix: "licences-" });
  await install(lock, folder.path);
  return [...packageFolders(folder.join("node_modules/.deno"))].map(readPackage)
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Makes `node_modules` in a folder: where packages are in Deno's cache depends on the registry. */
async function install(lock: Lock, folder: string): Promise<void> {
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(join(folder, name), JSON.stringify(value));
  write("deno.json", { nodeModulesDir: "auto" });
  write("deno.lock", lock);
  const npmrc = join(ROOT, ".npmrc");
  if (isFile(npmrc)) Deno.copyFileSync(npmrc, join(folder, ".npmrc"));
  const { success, stderr } = await runDeno(
    ["cache", "-q", `--config=${join(folder, "deno.json")}`, `--lock=${join(folder, "deno.lock")}`]
      .concat(["--frozen", ...Object.keys(lock.specifiers)]),
    { cwd: folder },
  );
  if (!success) throw new ToolError(`The packages aren't available:\n\n${stderr}`);
}

/** The folders of all packages. A package's dependencies are links beside it. */
function* packageFolders(store: string): Generator<string> {
  for (const { name } of Deno.readDirSync(store)) {
    const modules = join(store, name, "node_modules");
    if (isDirectory(modules)) yield* foldersIn(modules);
  }
}

function* foldersIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (!isDirectory || name.startsWith(".")) continue;
    if (name.startsWith("@")) yield* foldersIn(join(folder, name));
    else yield join(folder, name);
  }
}

function readPackage(folder: string): LicensedPackage {
  const manifest = Deno.readTextFileSync(join(folder, "package.json"));
  const { name, version, license } = parseJson(manifest, {
    schema: Manifest,
    what: `The package.json of ${folder}`,
  });
  const texts = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((file) => LICENCE_FILE.test(file)).sort()
    .map((file) => plainText(Deno.readTextFileSync(join(folder, file))));
  if (license === undefined || texts.length === 0) {
    throw new ToolError(
      `The package ${name}@${version} has no licence; expected "license" in its package.json, and a file ` +
        "LICENSE beside it",
    );
  }
  return { name, version, licence: license, text: texts.join("\n\n") };
}

/** A text without what differs only by the editor it was written with. */
function plainText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[ \t]+$/gm, "").replace(/^\n+|\n+$/g, "");
}
