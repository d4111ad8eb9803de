/**
 * Bundles a job into the program that runs in its isolate, with the same bytes from every checkout.
 *
 * @module
 */

import { basename, dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isFile } from "../../../src/files.ts";
import { isolateEntry } from "../../../src/job/isolate_entry.ts";
import { type Bounds, runBounded } from "../process/bounded_command.ts";
import { denoCommand, runDeno } from "../process/deno.ts";
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

/** The checkout that a job is bundled in. */
export interface JobProject {
  /** Its folder, without links in its path. */
  root: string;
  /** Arguments by which `deno` finds its configuration and locked dependencies. */
  denoArgs: readonly string[];
  /**
   * The folder for temporary files.
   *
   * @default the system's
   */
  temporary?: string;
  /**
   * Variables of the bundler besides those that every `deno` gets.
   *
   * @default {}
   */
  env?: Record<string, string>;
  /**
   * What the bundler may take.
   *
   * @default no bounds
   */
  bounds?: Bounds;
  /**
   * Looks at every file that a program is made of.
   *
   * @param name Its name in the program; none for a file that is neither in the project nor of a library.
   * @throws {ToolError} It may not be in a program.
   */
  checkFile?(path: string, name: string | undefined): void;
}

const OWN_PROJECT: JobProject = { root: ROOT, denoArgs: DENO_PROJECT_ARGS };

/**
 * Bundles a job with the SDK it imports. The text is readable, names its modules by their paths in the
 * checkout, and maps places in it to the job's own source.
 *
 * @param entry The job's module, absolute.
 * @param project The checkout that it is in: this one, if none is given.
 * @returns The program's text.
 * @throws {ToolError} It can't be bundled.
 */
export async function bundleJob(
  entry: string,
  project: JobProject = OWN_PROJECT,
): Promise<string> {
  const { root, denoArgs, temporary, env, bounds, checkFile } = project;
  using folder = new TemporaryFolder({ prefix: "bundle-", dir: temporary });
  const source = folder.join("isolate_entry.ts");
  const output = folder.join("job.js");
  const sdk = `${pathToFileURL(join(root, "src/job")).href}/`;
  // The job is named at one remove, so no place in the entry depends on the length of its path.
  Deno.writeTextFileSync(source, isolateEntry("./job.ts", sdk));
  Deno.writeTextFileSync(
    folder.join("job.ts"),
    `export { default } from ${JSON.stringify(pathToFileURL(entry).href)};\n`,
  );
  const args = ["bundle", "-q", "--platform=deno", "--sourcemap=inline", ...denoArgs]
    .concat(["-o", output, source]);
  const { exceeded, stderr } = bounds === undefined
    ? { ...await runDeno(args, { cwd: root, env }), exceeded: undefined }
    : await runBounded(denoCommand(args, { cwd: root, env }), bounds);
  if (exceeded !== undefined) throw new ToolError(`The job can't be bundled: it takes ${exceeded}`);
  if (!isFile(output)) throw new ToolError(`The job can't be bundled:\n\n${stderr}`);
  const places = [root, folder.path, dirname(entry)];
  return withoutMachinePaths(Deno.readTextFileSync(output), { root, folder: folder.path, nameOf });

  function nameOf(path: string): string {
    const name = libraryName(path) ??
      places.map((place) => relative(place, path)).find((name) => !name.startsWith(".."));
    checkFile?.(path, name);
    return name ?? basename(path);
  }
}

/** A program without its source map. */
export function codeOf(program: string): string {
  return splitMap(program).code;
}

function splitMap(program: string): { code: string; map: SourceMap } {
  const at = program.lastIndexOf(MAP_COMMENT);
  const json = Uint8Array.fromBase64(program.slice(at + MAP_COMMENT.length).trim());
  return { code: program.slice(0, at), map: JSON.parse(new TextDecoder().decode(json)) };
}

/** Names every module by its place in the checkout, in the program's comments and in its source map. */
function withoutMachinePaths(
  text: string,
  { root, folder, nameOf }: { root: string; folder: string; nameOf: (path: string) => string },
): string {
  const { code, map } = splitMap(text);
  const names = new Map<string, string>();
  const sources = map.sources.map((source) => {
    const path = resolve(folder, source);
    const name = nameOf(path);
    names.set(relative(root, path), name);
    return name;
  });
  const program = code.split("\n").map((line) => renamed(line, names)).join("\n");
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

/** A library's file, by its place in Deno's cache. */
function libraryName(path: string): string | undefined {
  const [, name, version, file] = /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/([^/]+)\/(.*)$/.exec(path) ??
    [];
  return name === undefined ? undefined : `npm:${name}@${version}/${file}`;
}
