/**
 * The names by which a builder's modules import libraries and each other: the checkout's configuration, read
 * as data.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { parseJson } from "../image/json.ts";
import type { SourceFolder } from "./source_folder.ts";

const MapSchema = v.looseObject({
  imports: v.optional(v.record(v.string(), v.string())),
  scopes: v.optional(v.record(v.string(), v.unknown())),
});
const ConfigSchema = v.looseObject({ ...MapSchema.entries, importMap: v.optional(v.string()) });

/** A name that isn't a URL or a path: a map may not replace the SDK's own modules, or Deno's. */
const NAME = /^(?!\.{0,2}\/)[^:\\%]+$/;
/** A library: `npm:NAME@VERSION`, and perhaps a path in it. */
const LIBRARY = /^npm:\/?(?:@[\w.-]+\/)?[\w-][\w.-]*(?:@[\w.+~^*-]+)?(?:\/[\w./-]*)?$/;
/** What local modules' URLs begin with while they are resolved; it names no place on a disk. */
const BASE = "file:///source/";

/** What an import leads to: a file of the source, by its path; a library; a part of Deno. */
export type ImportTarget =
  | { kind: "file"; path: string }
  | { kind: "library"; specifier: string }
  | { kind: "builtin" };

/** The names that a builder's checkout defines. */
export class BuilderImports {
  /** What each name leads to; the longest name counts of those that end with `/`. */
  readonly names: ReadonlyMap<string, ImportTarget>;

  /**
   * Reads them.
   *
   * @throws {ToolError} There is a name for something other than a library of npm or a file of the source.
   */
  constructor(folder: SourceFolder) {
    const names = new Map<string, ImportTarget>();
    for (const [name, value] of Object.entries(readImports(folder))) {
      if (!NAME.test(name) || name.endsWith("/") !== value.endsWith("/")) {
        throw refusal(name, value, "expected a plain name");
      }
      const target = LIBRARY.test(value)
        ? { kind: "library", specifier: value } as const
        : /^\.\//.test(value)
        ? localTarget(value, "", value.endsWith("/"))
        : undefined;
      if (target === undefined) {
        throw refusal(name, value, "expected npm:NAME@VERSION, or a path inside the source");
      }
      names.set(name, target);
    }
    this.names = names;
  }

  /**
   * What an import leads to.
   *
   * @param importer The path of the importing module in the source.
   * @throws {ToolError} It leads out of the source, or to something other than a library of npm.
   */
  resolve(specifier: string, importer: string): ImportTarget {
    const target = this.#resolve(specifier, importer);
    if (target !== undefined) return target;
    throw new ToolError(
      `${importer} imports "${
        printable(specifier.slice(0, 200))
      }", which is refused: expected a file ` +
        "of the source, a library of npm that the import map names, or node:NAME",
    );
  }

  #resolve(specifier: string, importer: string): ImportTarget | undefined {
    if (/^\.{1,2}\//.test(specifier)) return localTarget(specifier, importer);
    if (/^node:[\w/]+$/.test(specifier)) return { kind: "builtin" };
    if (LIBRARY.test(specifier)) return { kind: "library", specifier };
    const exact = specifier.endsWith("/") ? undefined : this.names.get(specifier);
    if (exact !== undefined) return exact;
    const prefix = [...this.names.keys()]
      .filter((name) => name.endsWith("/") && specifier.startsWith(name))
      .sort((a, b) => b.length - a.length)[0];
    const folder = prefix === undefined ? undefined : this.names.get(prefix);
    if (prefix === undefined || folder?.kind !== "file") return folder;
    return localTarget(`./${specifier.slice(prefix.length)}`, `${folder.path}/`);
  }
}

function readImports(folder: SourceFolder): Record<string, string> {
  const text = folder.readSettings("deno.json");
  if (text === undefined) {
    throw new ToolError("The source has no deno.json; expected a checkout of this project");
  }
  const config = parseJson(text, { schema: ConfigSchema, what: "The source's deno.json" });
  if (config.imports !== undefined) return withFolders(withoutScopes(config));
  if (config.importMap === undefined) return {};
  const path = /^(?:\.\/)?([\w-][\w.-]*\.json)$/.exec(config.importMap)?.[1];
  const map = path === undefined ? undefined : folder.readSettings(path);
  if (map === undefined) {
    throw new ToolError(
      `The source's deno.json names the import map "${
        printable(config.importMap)
      }"; expected a file ` +
        "in the same folder",
    );
  }
  return withoutScopes(parseJson(map, { schema: MapSchema, what: "The source's import map" }));
}

function withoutScopes({ imports = {}, scopes = {} }: v.InferOutput<typeof MapSchema>) {
  if (Object.keys(scopes).length === 0) return imports;
  throw new ToolError(
    "The source's import map has scopes, which are refused; expected imports only",
  );
}

/** As Deno reads a configuration: a library's name stands for the modules in it too. */
function withFolders(imports: Record<string, string>): Record<string, string> {
  const folders = Object.entries(imports)
    .filter(([name, value]) => !name.endsWith("/") && value.startsWith("npm:"))
    .map(([name, value]) => [`${name}/`, `${value.replace(/^npm:\/?/, "npm:/")}/`]);
  return { ...Object.fromEntries(folders), ...imports };
}

/** A file of the source; `undefined` where a path leads out of it, or isn't written plainly. */
function localTarget(path: string, importer: string, isFolder = false): ImportTarget | undefined {
  const { href } = new URL(path, `${BASE}${importer}`);
  // An encoded slash, a query or a fragment has no place in a module's name.
  const local = href.startsWith(BASE) && !/[?#\\]|%(?:2f|5c|00)/i.test(href)
    ? decode(href.slice(BASE.length))
    : undefined;
  if (local === undefined || local === "" || local.endsWith("/") !== isFolder) return undefined;
  return { kind: "file", path: local.replace(/\/$/, "") };
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function refusal(name: string, value: string, expected: string): ToolError {
  return new ToolError(
    `The source's import map has "${printable(name.slice(0, 200))}": ` +
      `"${printable(value.slice(0, 200))}", which is refused: ${expected}`,
  );
}
