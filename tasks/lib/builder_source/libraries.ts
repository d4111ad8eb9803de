/**
 * The libraries of a builder's job, as the lock file fixes them.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { libraryOf, type Lock } from "./lock.ts";

/**
 * The part of a lock file that libraries need: these and all that they depend on.
 *
 * @param imported The libraries' specifiers: `npm:NAME@VERSION/PATH`.
 * @throws {ToolError} One of them isn't in the lock file.
 */
export function lockFor(imported: Iterable<string>, { version, specifiers, npm }: Lock): Lock {
  const needed: Lock = { version, specifiers: {}, npm: {} };
  const left: string[] = [];
  for (const specifier of imported) {
    const library = libraryOf(specifier);
    const resolved = specifiers[library];
    const id = `${nameOf(library.slice("npm:".length))}@${resolved}`;
    if (resolved === undefined || npm[id] === undefined) {
      throw new ToolError(
        `The source imports the library ${
          printable(specifier)
        }, which its deno.lock doesn't fix; ` +
          "expected its version and SHA-512 there",
      );
    }
    needed.specifiers[library] = resolved;
    left.push(id);
  }
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const library = npm[id];
    if (library === undefined || needed.npm[id] !== undefined) continue;
    needed.npm[id] = library;
    for (const name of [library.dependencies, library.optionalDependencies].flat()) {
      if (name !== undefined) left.push(...idsOf(name, npm));
    }
  }
  return needed;
}

/** A dependency is named with its version only where the lock file has several. */
function idsOf(dependency: string, npm: Lock["npm"]): string[] {
  const library = dependency.replace(/^.*@npm:/, "");
  return Object.keys(npm).filter((id) => id === library || nameOf(id) === library);
}

/** The name of a library without its version. */
function nameOf(library: string): string {
  return library.replace(/(?<=.)@.*$/, "");
}

/**
 * The library that a file in a program is of, as `NAME@VERSION`.
 *
 * @param name The file's name in the program: `npm:NAME@VERSION/PATH`.
 * @returns `undefined` if it isn't a library's that the lock file fixes.
 */
export function libraryIn(name: string, { npm }: Lock): string | undefined {
  // A version's folder has a number at the end where there are several with different peers.
  const [, library] = /^npm:((?:@[^/]+\/)?[^/]+?)(?:_\d+)?\//.exec(name) ?? [];
  return Object.keys(npm).some((id) => id.replace(/_.*$/, "") === library) ? library : undefined;
}
