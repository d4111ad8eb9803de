/**
 * Records, in a file beside a database, which script made it.
 *
 * @module
 */

import { basename, dirname, isAbsolute, join, relative } from "node:path";
import * as v from "valibot";
import { hashFile } from "../hash.ts";
import { ROOT } from "../project.ts";

/** The script that made a database. */
export interface Provenance {
  /** The script's path, absolute. */
  script: string;
  /** The SHA-256 that the script had then, in hexadecimal. */
  scriptSha256: string;
}

const Stored = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ script: v.string(), scriptSha256: v.string(), databaseSha256: v.string() }),
);

/** Records that a script made a database, with the SHA-256 of both. */
export function rememberScript(database: string, script: string): void {
  const inRoot = relative(ROOT, script);
  const stored: v.InferOutput<typeof Stored> = {
    // Relative, to stay valid when the checkout is moved.
    script: inRoot.startsWith("..") || isAbsolute(inRoot) ? script : inRoot,
    scriptSha256: hashFile(script),
    databaseSha256: hashFile(database),
  };
  Deno.writeTextFileSync(fileBeside(database), JSON.stringify(stored, null, 2) + "\n");
}

/** The script that made a database; `undefined` if none did, or the database was changed since. */
export function scriptOf(database: string): Provenance | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(fileBeside(database));
  } catch {
    return undefined;
  }
  const stored = v.safeParse(Stored, text);
  if (!stored.success || stored.output.databaseSha256 !== hashFile(database)) return undefined;
  const { script, scriptSha256 } = stored.output;
  return { script: join(isAbsolute(script) ? "" : ROOT, script), scriptSha256 };
}

function fileBeside(database: string): string {
  return join(dirname(database), `.${basename(database)}.source.json`);
}
