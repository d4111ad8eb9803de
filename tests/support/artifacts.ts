/**
 * What many tests need and takes long to make: the compile runtime, the binary, the archive.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { basename, join } from "node:path";
import { isFile } from "../../src/files.ts";
import { compile } from "../../tasks/lib/binary/compile.ts";
import { TARGET } from "../../tasks/lib/binary/compile_program.ts";
import { fetchTestRuntime, findTestRuntime } from "../../tasks/lib/binary/denort.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { exportArchive } from "../../tasks/lib/image/export.ts";
import { CACHE, ROOT } from "../../tasks/lib/project.ts";
import { standInBase } from "./base_image.ts";
import { withLock } from "./lock.ts";

const SHARED = join(CACHE, "test");
const DENO_HOST = "https://dl.deno.land/";
const PATIENCE_MS = 5000;

/**
 * Whether this machine can compile a job, and run what that makes: a program for linux/amd64. Where neither
 * `DENORT_BIN` is set nor Deno's own host in reach, the runtime is fetched as by `deno task denort`.
 */
export const canCompile: boolean = await withLock("denort", async () => {
  if (Deno.build.target !== TARGET) return false;
  if (Deno.env.get("DENORT_BIN") || findTestRuntime() !== undefined) return true;
  try {
    await (await fetch(DENO_HOST, { signal: AbortSignal.timeout(PATIENCE_MS) })).body?.cancel();
    return true;
  } catch {
    return await fetchTestRuntime().then(() => true, () => false);
  }
});

/** What makes a checkout elsewhere compile on the same runtime as this one. */
export function runtimeEnv(): Record<string, string> {
  const runtime = Deno.env.get("DENORT_BIN") || findTestRuntime();
  return runtime === undefined ? {} : { DENORT_BIN: runtime };
}

/**
 * A compiled job, the relay unless another is named; made once for a state of the source.
 *
 * @param beside What the job imports beside the SDK, relative to the checkout.
 */
export async function sharedBinary(entry = "main.ts", ...beside: string[]): Promise<string> {
  const sources = [entry, ...beside, "mod.ts", "src", "deno.json", "import_map.json"];
  const path = join(SHARED, `${basename(entry, ".ts")}-${hashSources(sources)}`);
  await withLock(`shared-${basename(entry)}`, async () => {
    if (!isFile(path)) await compile({ entry: join(ROOT, entry), output: path });
  });
  return path;
}

/** An exported archive on the stand-in base, made once for a state of the source. */
export async function sharedArchive(): Promise<string> {
  const base = await standInBase();
  const binary = await sharedBinary();
  const key = createHash("sha256").update(
    hashSources(["tasks", "Dockerfile", "import_map.json", "deno.json"]),
  )
    .update(hashFile(binary)).update(hashFile(base)).digest("hex").slice(0, 16);
  const path = join(SHARED, key, "my-compute-job.tar.gz");
  await withLock("shared-archive", async () => {
    if (isFile(path)) return;
    await exportArchive({ output: path, base, binary: join(SHARED, key, "relay") });
  });
  return path;
}

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(join(folder, name)));
}

/** Whether the stand-in base can be made. */
export const canMakeBase: boolean = hasProgram("apt-get") && hasProgram("dpkg-deb");

function hashSources(names: string[]): string {
  const hash = createHash("sha256").update(Deno.version.deno);
  for (const path of names.flatMap((name) => filesOf(join(ROOT, name))).sort()) {
    hash.update(path).update(hashFile(path));
  }
  return hash.digest("hex").slice(0, 16);
}

function filesOf(path: string): string[] {
  if (Deno.statSync(path).isFile) return [path];
  return [...Deno.readDirSync(path)].flatMap(({ name }) => filesOf(join(path, name)));
}
