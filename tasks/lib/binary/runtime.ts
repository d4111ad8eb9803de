/**
 * The runtime that a binary is made on.
 *
 * @module
 */

import { resolve } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { compileProgram } from "./compile_program.ts";
import { readElfHeader } from "./elf.ts";
import { stockRelay } from "./describe_job.ts";

/**
 * The runtime that `DENORT_BIN` names, if it is set; its path is absolute.
 *
 * @throws {ToolError} There is no such file.
 */
export function givenRuntime(): string | undefined {
  const path = Deno.env.get("DENORT_BIN") || undefined;
  if (path === undefined) return undefined;
  // Deno runs in another folder when it compiles.
  if (isFile(path)) return resolve(path);
  throw new ToolError(
    `DENORT_BIN names ${path}, which doesn't exist; expected the runtime (denort) of Deno ` +
      Deno.version.deno,
  );
}

/**
 * The SHA-256 of the runtime that Deno downloads for this version, in hexadecimal.
 *
 * @throws {NoRuntimeError} It isn't available.
 */
export async function hashOwnRuntime(): Promise<string> {
  using folder = new TemporaryFolder({ prefix: "runtime-" });
  const output = folder.join("binary");
  await compileProgram(stockRelay(), { output });
  return hashFile(output, readElfHeader(output)?.end);
}
