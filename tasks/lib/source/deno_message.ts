/**
 * What `deno` says is wrong with a job's source, in the form that the tasks show.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { shortPath } from "../person_path.ts";

const UNPARSED =
  /^(?:error: )?The module's source code could not be parsed: ([^]*?) at (file:\S+:\d+:\d+)(?=\n|$)/;

const UNKNOWN_IMPORT =
  /(Import "([^"\n]+)" not a dependency and not in import map from "[^"\n]*")(?:\n\s*hint:[^\n]*)?/g;

/**
 * Rewrites a message of `deno`: files as the person would type them, a syntax error with its place
 * first, and without the lines that are about Deno itself.
 */
export function explainDeno(message: string): string {
  if (/^error: The lockfile is out of date/.test(message)) return explainLock(message);
  return message
    .replace(UNKNOWN_IMPORT, (_, problem, specifier) => explainImport(specifier) ?? problem)
    .replace(UNPARSED, (_, reason, place) => `${place}: ${reason}`)
    // With RUST_BACKTRACE set, Deno adds its own stack.
    .replace(/\n+Stack backtrace:\n[^]*$/, "")
    .replace(/\n+error: Type checking failed\.\s*$/, "")
    .replaceAll(/file:\/\/\/[^\s"']+/g, showFile)
    .trim();
}

/** Says how to add the libraries that Deno would write into the lock file. */
function explainLock(message: string): string {
  const lines = (sign: string) =>
    [...message.matchAll(new RegExp(`\\| ${sign} +"npm:([^"]+)": `, "g"))].map(([, name]) => name!);
  const known = lines("-");
  const [library] = lines("\\+").filter((name) => !known.includes(name));
  const name = libraryName(library ?? "");
  if (library === undefined || name === undefined) {
    return "deno.lock isn't up to date with import_map.json: run `deno task lock`";
  }
  const specifier = `npm:${library.replace(/@\*$/, "")}`;
  return `deno.lock has no ${specifier}, which the job imports. Run \`deno task add ${specifier}\`, ` +
    `and import it as "${name}"`;
}

function explainImport(specifier: string): string | undefined {
  const name = libraryName(specifier);
  if (name === undefined) return undefined;
  return `import_map.json has no library "${name}": add it by \`deno task add npm:${name}\``;
}

/** The name of a package on npm that something begins with. */
function libraryName(specifier: string): string | undefined {
  return /^(?:@[\w.~-]+\/)?[a-z\d][\w.~-]*/i.exec(specifier)?.[0];
}

function showFile(url: string): string {
  const [, file, rest] = /^(.*?)((?::\d+:\d+)?:?\.?)$/.exec(url)!;
  return `${shortPath(fileURLToPath(file!))}${rest}`;
}
