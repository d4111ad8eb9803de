/**
 * Writes THIRD_PARTY_NOTICES: the licences of what is bundled into the binary and the workbench's page.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { libraryOf, type Lock } from "../builder_source/lock.ts";
import { lockFor } from "../builder_source/libraries.ts";
import { ToolError } from "../errors.ts";
import { parseJson } from "../image/json.ts";
import { runDeno } from "../process/deno.ts";
import { DENO_PROJECT_ARGS, LOCK, ROOT } from "../project.ts";
import { type LicensedPackage, readPackages } from "./packages.ts";

/** The file's name in the checkout. */
export const NOTICES_NAME = "THIRD_PARTY_NOTICES";

/** What the binary's programs are bundled from, apart from the job. */
const BINARY_ENTRIES = ["src/host/main.ts", "src/job/isolate.ts", "mod.ts"];

const PAGE_LOCK = join(ROOT, "tasks/lib/workbench/page/deno.lock");

const ModuleGraph = v.looseObject({
  modules: v.array(v.looseObject({ kind: v.optional(v.string()), specifier: v.string() })),
});

/**
 * The file's text. It depends on the lock files and the packages alone.
 *
 * @throws {ToolError} A package isn't available, or has no licence.
 */
export async function makeNotices(): Promise<string> {
  const binary = await readPackages(lockFor(await importedByBinary(), readOwnLock(LOCK)));
  const page = await readPackages(readOwnLock(PAGE_LOCK));
  return `Third-party notices

This file is written by \`deno task notices\`. The licence texts are at its end.


IN THE BINARY

A compiled job, and the archive and image that hold it, include code of these
npm packages:

${listed(binary)}

They also include work whose licences aren't repeated here:

- The runtime of Deno ${Deno.version.deno}, under the MIT licence:
  https://github.com/denoland/deno/blob/v${Deno.version.deno}/LICENSE.md
  It is built from V8 and the Rust crates in Cargo.lock, in the same folder.
- In the archive and the image: the base that the Dockerfile names.
- The npm libraries that a job imports. They are bundled into the job's program,
  and their notices are up to the job's author.


IN THE WORKBENCH'S PAGE

The page is bundled, on the machine that shows it, from parts of these npm
packages:

${listed(page)}


LICENCE TEXTS

${textsOf([...binary, ...page])}`;
}

/** Reads one of this checkout's lock files. */
function readOwnLock(path: string): Lock {
  const { version, specifiers, npm } = JSON.parse(Deno.readTextFileSync(path));
  return { version, specifiers, npm };
}

/** Finds the packages that the binary's own programs import. */
async function importedByBinary(): Promise<string[]> {
  const found = new Set<string>();
  for (const entry of BINARY_ENTRIES) {
    const { success, stdout, stderr } = await runDeno(
      ["info", "--json", ...DENO_PROJECT_ARGS, join(ROOT, entry)],
      { cwd: ROOT },
    );
    if (!success) throw new ToolError(`The imports of ${entry} can't be read:\n\n${stderr}`);
    const { modules } = parseJson(stdout, { schema: ModuleGraph, what: `deno info of ${entry}` });
    for (const { kind, specifier } of modules) {
      if (kind === "npm") found.add(libraryOf(specifier));
    }
  }
  return [...found];
}

function listed(packages: readonly LicensedPackage[]): string {
  return packages.map((one) => `- ${nameOf(one)} (${one.licence})`).join("\n");
}

function nameOf({ name, version }: LicensedPackage): string {
  return `${name} ${version}`;
}

/** Every text once, below the names of the packages that it is of. */
function textsOf(packages: readonly LicensedPackage[]): string {
  const byText = Map.groupBy(packages, ({ text }) => text);
  return [...byText].map(([text, of]) => {
    const names = [...new Set(of.map(nameOf))].join("\n");
    return `${"-".repeat(80)}\n${names}\n\n${text}\n`;
  }).join("\n");
}
