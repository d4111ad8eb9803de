/**
 * Bundles the host into the program that a binary starts, with the same bytes from every checkout.
 *
 * @module
 */

import { join } from "node:path";
import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

/** The host's name in a binary. */
export const HOST_NAME = "host.js";

/**
 * Writes this checkout's host to a file.
 *
 * @throws {ToolError} It can't be bundled.
 */
export async function bundleHost(output: string): Promise<void> {
  // Without --minify, comments in the bundle hold the path to Deno's cache.
  const { success, stderr } = await runDeno(
    ["bundle", "-q", "--minify", "--platform=deno", ...DENO_PROJECT_ARGS, "-o", output]
      .concat([join(ROOT, "src/host/main.ts")]),
    { cwd: ROOT },
  );
  if (!success) throw new ToolError(`The host can't be bundled:\n\n${stderr}`);
}

/**
 * The SHA-256 of this checkout's host, in hexadecimal. It doesn't depend on the runtime that a binary is
 * made of.
 *
 * @throws {ToolError} The host can't be bundled.
 */
export async function hashHost(): Promise<string> {
  using folder = new TemporaryFolder({ prefix: "host-" });
  await bundleHost(folder.join(HOST_NAME));
  return hashFile(folder.join(HOST_NAME));
}
