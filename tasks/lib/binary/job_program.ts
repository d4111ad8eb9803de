/**
 * Bundles a job into the program that runs in its isolate, with the same bytes from every checkout.
 *
 * @module
 */

import { dirname, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isolateEntry } from "../../../src/job/isolate_entry.ts";
import { runDeno } from "../deno.ts";
import { ToolError } from "../errors.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

const MAP_COMMENT = "//# sourceMappingURL=data:application/json;base64,";

/** What a source map holds, as far as it is used here. */
interface SourceMap {
  version: number;
  sources: string[];
  mappings: string;
  names: string[];
}

/**
 * Bundles a job with the SDK it imports. The text is readable, names its modules by their paths in the
 * checkout, and maps places in it to the job's own source.
 *
 * @param entry The job's module, absolute.
 * @returns The program's text.
 * @throws {ToolError} It can't be bundled.
 */
export async function bundleJob(entry: string): Promise<string> {
  using folder = new TemporaryFolder({ prefix: "bundle-" });
  const source = folder.join("isolate_entry.ts");
  const output = folder.join("job.js");
  // The job is named at one remove, so no place in the entry depends on the length of its path.
  Deno.writeTextFileSync(source, isolateEntry("./job.ts"));
  Deno.writeTextFileSync(
    folder.join("job.ts"),
    `export { default } from ${JSON.stringify(pathToFileURL(entry).href)};\n`,
  );
  const { success, stderr } = await runDeno(
    ["bundle", "-q", "--platform=deno", "--sourcemap=inline", ...DENO_PROJECT_ARGS]
      .concat(["-o", output, source]),
    { cwd: ROOT },
  );
  if (!success) throw new ToolError(`The job can't be bundled:\n\n${stderr}`);
  return withoutMachinePaths(Deno.readTextFileSync(output), { folder: folder.path, entry });
}

/** Names every module by its place in the checkout, in the program's comments and in its source map. */
function withoutMachinePaths(
  text: string,
  { folder, entry }: { folder: string; entry: string },
): string {
  const at = text.lastIndexOf(MAP_COMMENT);
  const map: SourceMap = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(text.slice(at + MAP_COMMENT.length).trim())),
  );
  const names = new Map<string, string>();
  const sources = map.sources.map((source) => {
    const path = resolve(folder, source);
    const name = nameOf(path, { folder, entry });
    names.set(relative(ROOT, path), name);
    return name;
  });
  const program = text.slice(0, at).split("\n").map((line) => renamed(line, names)).join("\n");
  const { version, mappings, names: symbols } = map;
  const clean = JSON.stringify({ version, sources, names: symbols, mappings });
  return `${program}${MAP_COMMENT}${new TextEncoder().encode(clean).toBase64()}\n`;
}

/** A line on which the bundler names a module: a comment before it, or the key of a wrapper. */
function renamed(line: string, names: ReadonlyMap<string, string>): string {
  const [, start, path, end] = /^(\/\/ | {2}")(.+?)(|"\(.*)$/.exec(line) ?? [];
  const name = path === undefined ? undefined : names.get(path);
  return name === undefined ? line : `${start}${name}${end}`;
}

function nameOf(path: string, { folder, entry }: { folder: string; entry: string }): string {
  const npm = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/([^/]+)\/(.*)$/.exec(path);
  if (npm !== null) return `npm:${npm[1]}@${npm[2]}/${npm[3]}`;
  for (const root of [ROOT, folder, dirname(entry)]) {
    const name = relative(root, path);
    if (!name.startsWith("..")) return name;
  }
  return path.split("/").at(-1)!;
}
