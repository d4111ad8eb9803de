/**
 * The libraries in a builder's program, held against the lock file.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { parseJson } from "../image/json.ts";
import { libraryOf, type Lock } from "./lock.ts";

/** What the registry says of a library's versions, as Deno keeps it. */
const RecordSchema = v.looseObject({
  versions: v.record(
    v.string(),
    v.looseObject({ dist: v.optional(v.looseObject({ integrity: v.optional(v.string()) })) }),
  ),
});

/** The libraries that a lock file fixes. */
export class LockedLibraries {
  /** Those that a program was found to hold, as `NAME@VERSION`. */
  readonly found: Set<string> = new Set();
  readonly #lock: Lock;

  /** @param lock The lock file. */
  constructor(lock: Lock) {
    this.#lock = lock;
  }

  /**
   * Expects libraries that are imported to be in the lock file.
   *
   * @param imported Their specifiers: `npm:NAME@VERSION/PATH`.
   * @throws {ToolError} One isn't.
   */
  expect(imported: Iterable<string>): void {
    const { specifiers, npm } = this.#lock;
    for (const specifier of imported) {
      const library = libraryOf(specifier);
      const name = library.replace(/^npm:(.[^@]*).*$/, "$1");
      if (npm[`${name}@${specifiers[library]}`] !== undefined) continue;
      throw new ToolError(
        `The source imports the library ${
          printable(specifier)
        }, which its deno.lock doesn't fix; ` +
          "expected its version and SHA-512 there",
      );
    }
  }

  /**
   * Looks at a file in a program. Deno compares a library with the lock file only when it downloads it, so
   * one in its cache is compared here.
   *
   * @param path The file's place on this machine.
   * @param name Its name in the program; `npm:NAME@VERSION/PATH` for a library's.
   * @throws {ToolError} It is of a library that the lock file doesn't fix.
   */
  check(path: string, name: string): void {
    const [, library, file] = /^npm:((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(name) ?? [];
    if (library === undefined || this.found.has(library)) return;
    // A version's folder has a number at the end where there are several with different peers.
    const [, id, version] = /^(.+@(.+?))(?:_\d+)?$/.exec(library) ?? [];
    const folder = path.slice(0, -`/${library.replace(/^.+@/, "")}/${file}`.length);
    const cached = cachedIntegrity(folder, version!);
    const isFixed = Object.entries(this.#lock.npm).some(([locked, { integrity }]) =>
      locked.replace(/_.*$/, "") === id && integrity === cached
    );
    if (!isFixed) {
      throw new ToolError(
        `The library ${
          printable(library)
        } isn't the one that the source's deno.lock fixes: it has another ` +
          "integrity at the registry",
      );
    }
    this.found.add(library);
  }
}

function cachedIntegrity(folder: string, version: string): string | undefined {
  const path = join(folder, "registry.json");
  const what = "Deno's record of a library";
  try {
    const record = parseJson(Deno.readTextFileSync(path), { schema: RecordSchema, what });
    return record.versions[version]?.dist?.integrity;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
