/**
 * The libraries of a builder's checkout, as its `deno.lock` fixes them, read as data.
 *
 * @module
 */

import * as v from "valibot";
import { ToolError } from "../errors.ts";
import { parseJson } from "../image/json.ts";
import type { SourceFolder } from "./source_folder.ts";

/** A name and perhaps a version: no URL, no file. */
const NameSchema = v.pipe(
  v.string(),
  v.regex(
    /^(?:[\w.-]+@npm:)?(?:@[\w.-]+\/)?[\w-][\w.-]*(?:@[\w.+@/-]+)?$/,
    "expected a library's name",
  ),
);
const NamesSchema = v.optional(v.array(NameSchema));

/** A library. What isn't here, as an address to download it from, is refused. */
const PackageSchema = v.strictObject({
  integrity: v.pipe(
    v.string(),
    v.regex(/^sha512-[A-Za-z0-9+/]{86}==$/, "expected the SHA-512 of the library"),
  ),
  dependencies: NamesSchema,
  optionalDependencies: NamesSchema,
  optionalPeers: v.optional(v.union([v.array(v.string()), v.record(v.string(), v.string())])),
  os: v.optional(v.array(v.string())),
  cpu: v.optional(v.array(v.string())),
  libc: v.optional(v.array(v.string())),
  deprecated: v.optional(v.boolean()),
  scripts: v.optional(v.boolean()),
  bin: v.optional(v.boolean()),
});

const LockSchema = v.looseObject({
  version: v.picklist(["4", "5"], "expected a lock file of version 4 or 5"),
  specifiers: v.optional(v.record(v.string(), v.string()), {}),
  npm: v.optional(v.record(NameSchema, PackageSchema), {}),
});

/** The libraries that a lock file fixes: their names with versions, and what the lock file says of them. */
export type Lock = Pick<v.InferOutput<typeof LockSchema>, "version" | "specifiers" | "npm">;

/**
 * Reads the libraries of npm; what else the lock file holds is left out.
 *
 * @throws {ToolError} There is no lock file, or a library that isn't fixed by its integrity alone.
 */
export function readLock(folder: SourceFolder): Lock {
  const text = folder.readSettings("deno.lock");
  if (text === undefined) {
    throw new ToolError(
      "The source has no deno.lock; expected the lock file that the job is built with",
    );
  }
  const read = parseJson(text, { schema: LockSchema, what: "The source's deno.lock" });
  const specifiers = Object.entries(read.specifiers).filter(([name]) => name.startsWith("npm:"));
  return { version: read.version, specifiers: Object.fromEntries(specifiers), npm: read.npm };
}

/** The library that a specifier is about, as a lock file names it: `npm:NAME@VERSION`, without a path. */
export function libraryOf(specifier: string): string {
  return specifier.replace(/^npm:\/?((?:@[^/]+\/)?[^/]+).*$/, "npm:$1");
}
